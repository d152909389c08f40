"""Keeping a timeline: verifying, copying, moving, redacting, deriving anew."""

from .moving import backup as backup, export as export, import_log as import_log
from .pushing import Carried as Carried, carried as carried
from .redacting import Redaction as Redaction, redact as redact
from .report import Report as Report
from .verifying import verify as verify
