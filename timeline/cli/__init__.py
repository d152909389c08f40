"""The command line: the same verbs as in Python, answers on standard output, messages on standard error."""

from timeline.cli.verbs import GROUPS, app, code, main, run

__all__ = ["GROUPS", "app", "code", "main", "run"]
