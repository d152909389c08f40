"""The documentation, and what the package builds on."""
