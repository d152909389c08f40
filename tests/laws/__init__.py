"""The laws of time, one test or several a law."""
