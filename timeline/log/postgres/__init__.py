"""A log in PostgreSQL, which many machines append to and follow."""

from timeline.log.postgres.server import PostgresLog as PostgresLog
