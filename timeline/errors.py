"""Everything that can go wrong, each with a message that names the thing and what would work."""

from timeline.values.errors import *  # noqa: F403
from timeline.values.errors import __all__ as __all__  # noqa: PLC0414
