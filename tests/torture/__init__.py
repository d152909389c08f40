"""Killing what writes, breaking what it wrote to, many at once: whether every promise holds all the same."""
