"""The tests, as a package so that they can share a vocabulary, strategies and an oracle."""
