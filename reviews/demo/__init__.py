"""Fictional firms, people and cases, for ``make demo`` and the tests. Nothing of the portal imports this."""
