"""The firm's side, and the case itself."""
