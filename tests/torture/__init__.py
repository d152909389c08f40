"""Killing what writes, and breaking what it wrote to: whether every promise holds all the same."""
