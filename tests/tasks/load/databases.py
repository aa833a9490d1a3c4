"""PostgreSQL databases as copies of one that is filled already: quicker than filling each."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

TEMPLATE, COPY = "mirrored", "used"


class Copies:
    """One copy at a time.

    Args:
        maintenance_url: Of a database of the server, by which others are made.
        fill: Fills the database of a URL, once.
    """

    def __init__(self, maintenance_url: str, fill: Callable[[str], None]) -> None:
        self._url = sa.make_url(maintenance_url).set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._do(f"CREATE DATABASE {TEMPLATE}")
        fill(self._named(TEMPLATE))
        self._end_connections(TEMPLATE)

    def fresh(self) -> str:
        """URL of a new copy; the one before is no more."""
        self._drop(COPY)
        self._do(f"CREATE DATABASE {COPY} TEMPLATE {TEMPLATE}")
        return self._named(COPY)

    def close(self) -> None:
        for name in (COPY, TEMPLATE):
            self._drop(name)
        self._engine.dispose()

    def _drop(self, name: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _named(self, name: str) -> str:
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def _end_connections(self, name: str) -> None:
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        with self._engine.connect() as connection:
            connection.execute(sa.text(ending), {"name": name})

    def _do(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(sa.text(statement))
