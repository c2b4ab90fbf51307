"""The exchange's side."""
