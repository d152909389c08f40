"""The command line: the same verbs as in Python, answers on standard output, messages on standard error."""

from timeline.cli.exit_codes import code, main, run
from timeline.cli.verbs import GROUPS, app

__all__ = ["GROUPS", "app", "code", "main", "run"]
