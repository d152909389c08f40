"""A PostgreSQL server of one's own, on loopback and a socket, in a folder that is gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`; None if there is no PostgreSQL on this machine."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: -float(one.parent.name))
    found = shutil.which("initdb")
    places += [Path(os.path.realpath(found)).parent] if found else []
    return next((one for one in places if (one / "initdb").exists()), None)


class Server:
    """Such a server; as root it runs as the user `postgres`, since it refuses to run as root."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self._programs = folder, programs
        self._user = "postgres" if os.getuid() == 0 else None
        if self._user is not None:
            there = pwd.getpwnam(self._user)
            os.chown(folder, there.pw_uid, there.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        made = self._run(
            "initdb",
            "-D",
            str(folder / "data"),
            "-U",
            "owner",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        assert made.wait() == 0

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "server.log").open("ab")
        dropped: dict[str, Any] = (
            {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        )
        with log:
            return subprocess.Popen(
                [str(self._programs / program), *arguments],
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
                stdout=log,
                stderr=log,
                **dropped,
            )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        said = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        options = [part for name, value in said.items() for part in ("-c", f"{name}={value}")]
        self._process = self._run("postgres", "-D", str(self.folder / "data"), *options)
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.address()).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: at once, or with SIGQUIT as if it had crashed."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def address(self, user: str = "owner", database: str = "postgres") -> str:
        """The address of a database of it, for a user."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def new_database(self, name: str) -> str:
        """A new database; its address for the owner."""
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.address(database=name)


@contextmanager
def running() -> Iterator[Server]:
    """A server that runs as long as it is needed."""
    where = programs()
    assert where is not None
    folder = Path(tempfile.mkdtemp(prefix="timeline-"))
    folder.chmod(0o755)
    server = Server(folder, where)
    try:
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)
