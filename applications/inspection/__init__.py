"""The inspection pack: one case as a ZIP that proves itself offline. docs/inspection-pack.md says what is in it."""
