"""Copies of a timeline, its log as a text to move, and what the law wants forgotten."""
