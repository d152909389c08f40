"""Finding what does not add up: every rule as one statement over the whole log."""
