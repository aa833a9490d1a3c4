"""PostgreSQL databases for tests: each new, and each a copy of one that was filled once."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from tasks.hub import schema
from tasks.hub.engine import Hub

HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "'64MB'"}
"""Without what only helps when the machine fails (a client or a server that is killed loses nothing for it),
and with a log that stays small."""

MEMORY, ROOM = Path("/dev/shm"), 1 << 30
"""A folder that is no disk, and how many bytes must be free there to be used."""


def quick_folder() -> str | None:
    """Where files that nobody keeps are best; None for wherever temporary files are."""
    with suppress(OSError):
        if shutil.disk_usage(MEMORY).free >= ROOM and os.access(MEMORY, os.W_OK):
            return str(MEMORY)
    return None


def new_file(file: Path) -> str:
    """URL of a SQLite database with nothing in it; where no file is, a run makes no hub."""
    file.touch()
    return f"sqlite:///{file}"


class Databases:
    """The databases of one server.

    Args:
        server: URL of one that is there, from which the others are made.
    """

    def __init__(self, server: str) -> None:
        self._url = sa.make_url(server).set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._template = ""

    def make_hasty(self) -> None:
        """Let the server not wait for its disk."""
        settings = (f"ALTER SYSTEM SET {name} = {value}" for name, value in HASTY.items())
        self._do(*settings, "SELECT pg_reload_conf()")

    @contextmanager
    def empty(self) -> Iterator[str]:
        """URL of a new database with nothing in it, for as long as the ``with`` body lasts."""
        with self._made(self._new_name()) as url:
            yield url

    @contextmanager
    def hub(self) -> Iterator[str]:
        """URL of a new hub with its schema, for as long as the ``with`` body lasts."""
        if not self._template:
            self._template = self.template(_migrate)
        with self.copy(self._template) as url:
            yield url

    def template(self, fill: Callable[[str], None]) -> str:
        """Name of a database that is filled now, to be copied; it lasts as long as the server."""
        name = self._new_name()
        self._do(f"CREATE DATABASE {name}")
        fill(self._named(name))
        self._do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        return name

    @contextmanager
    def copy(self, template: str, name: str = "") -> Iterator[str]:
        """URL of a copy, for as long as the ``with`` body lasts."""
        # Whole files are copied: twice as quick as the default, by way of the log, for what is small.
        with self._made(name or self._new_name(), f"TEMPLATE {template} STRATEGY file_copy") as url:
            yield url

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _made(self, name: str, how: str = "") -> Iterator[str]:
        self._do(f"CREATE DATABASE {name} {how}")
        try:
            yield self._named(name)
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    @staticmethod
    def _new_name() -> str:
        return f"hub_{uuid.uuid4().hex[:12]}"

    def _named(self, name: str) -> str:
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def _do(self, *statements: str) -> None:
        with self._engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))


def _migrate(url: str) -> None:
    hub = Hub(url)
    schema.upgrade(hub)
    hub.close()
