"""Serving the explorer: on this machine alone, unless a token is asked for."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from typing import Final

from timeline.values import MissingExtra, NotAllowed

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names by which a machine asks itself alone."""
_MOST: Final = 65_535
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""What stands for all addresses of a machine, and the one that it has for itself."""
_GRACE: Final = 1
"""For how many seconds what is being answered may go on when it is interrupted."""


def serve(
    path: str | os.PathLike[str],
    *,
    catalogue: str | None = None,
    host: str = "127.0.0.1",
    port: int = 8765,
    token: str | None = None,
    allow_write: bool = False,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the pages of a timeline until interrupted; `ready` is told the address once they are there.

    Each page opens the file for itself, to be read only, so that others can write to it meanwhile. With
    `allow_write`, what is supposed on a page can be written from there. On another
    address than one of this machine alone, `token` is to be in the address of the first page asked for.

    Raises:
        MissingExtra: if what serves is not installed.
        NotAllowed: if the port is none or taken, the token is none, or others could ask without one.
    """
    try:
        import uvicorn

        from timeline.web.app import application
    except ImportError:
        raise MissingExtra("What serves pages (Starlette, Jinja, uvicorn)", "web") from None
    if isinstance(port, bool) or not 0 <= port <= _MOST:
        raise NotAllowed(f"port={port!r}: it is a number up to {_MOST}")
    if token is not None and not _TOKEN.fullmatch(token):
        raise NotAllowed("a token is made of letters, digits and -._~")
    if host not in LOOPBACK and not token:
        raise NotAllowed(f"host={host!r} can be reached from elsewhere, and needs token=")
    app = application(path, catalogue=catalogue, host=host, token=token, allow_write=allow_write)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as problem:
        why = (problem.strerror or str(problem)).lower()
        raise NotAllowed(f"nothing can be served at {host}, port {port}: {why}") from None
    name, number = listening.getsockname()[:2]

    class Server(uvicorn.Server):
        """A server that says when it can be asked."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and ready is not None:
                here = _ANYWHERE.get(name, name)
                ready(f"http://{f'[{here}]' if ':' in here else here}:{number}/")

    with listening:
        config = uvicorn.Config(
            app, log_level="critical", server_header=False, timeout_graceful_shutdown=_GRACE
        )
        Server(config).run(sockets=[listening])
