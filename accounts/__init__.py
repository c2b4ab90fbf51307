"""People, firms and who is what."""
