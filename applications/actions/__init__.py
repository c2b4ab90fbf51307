"""One function for each thing that a person of a firm does. Keyword-only; ``by`` and ``at`` are given."""
