"""A case as one file: written out, and read in as a draft (docs/draft-format.md)."""
