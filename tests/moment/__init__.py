"""Tests of the room `moment`."""
