"""What the announcement says: plain Python and TOML, no Django."""
