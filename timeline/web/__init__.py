"""The timeline in a browser: pages, each one question, with the same as JSON at the same address."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
