"""Dates, spans of time, money, names, sources, zones, the basis of a question, and what can go wrong."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
