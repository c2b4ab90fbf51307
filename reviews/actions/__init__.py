"""One function for each thing that a person of the exchange does. Keyword-only; ``by`` and ``at`` are given."""
