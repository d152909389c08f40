"""Tests of the room `maintenance`."""
