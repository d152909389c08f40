"""Whether a log is as it was written, and all that is derived from it as it follows."""
