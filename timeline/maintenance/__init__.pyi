"""Keeping a timeline: verifying, copying, moving, redacting, deriving anew."""

from .copying import backup as backup
from .moving import export as export, import_log as import_log
from .redacting import Redaction as Redaction, redact as redact
from .report import Report as Report
from .verifying import verify as verify
