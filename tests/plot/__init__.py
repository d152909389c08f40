"""Tests of the room `plot`."""
