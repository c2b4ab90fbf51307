"""Every address × every role × both languages, as HTTP and in Chromium."""
