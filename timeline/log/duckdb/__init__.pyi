"""The log in a DuckDB file, and what is derived from it there."""

from . import schema as schema
