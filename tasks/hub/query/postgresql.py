"""A person's query of a hub on PostgreSQL.

It is the query of a cursor, which PostgreSQL declares for one SELECT alone, in a transaction that may only
read. By a role of its own the role's rights decide what it sees; such a role must not have too many. By the
hub's own role, to which everything belongs, it is first found out what the query reaches (``reach.py``).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg.rows import TupleRow
from sqlalchemy.exc import ArgumentError

from tasks.core.errors import BadConfigurationError, HubUnavailableError, LushaConnectError
from tasks.hub.engine import Hub
from tasks.hub.query import reach
from tasks.hub.query.bounds import Patience, place

CONNECT_SECONDS = 10
CANCEL_SECONDS = 5

_HUBS_FAILURES = ("08", "25P", "53", "57P", "58", "XX")
"""Beginnings of SQLSTATE that are not the query's fault: connection, time-out of a session, resources,
shutdown, system, bugs."""

Connection = psycopg.Connection[TupleRow]


class PostgresqlAnswer:
    """A query that PostgreSQL answers.

    Args:
        url: By a role for queries; empty for the hub's own.
    """

    def __init__(self, hub: Hub, sql: str, patience: Patience, url: str) -> None:
        self._place = "at LUSHA_CONNECT_QUERY_URL" if url else hub.place
        self._sql, self._patience = sql, patience
        self._skipped = 0  # characters before the query in what the server is sent
        try:
            self._connection = _connect(hub, url)
        except psycopg.Error as error:
            raise self._told(error) from None
        self._rows = self._connection.cursor("lusha_connect_query", scrollable=False)
        try:
            self._check(restricted=bool(url))
            self._declare()
        except psycopg.Error as error:
            self.close()
            raise self._told(error) from None
        except BaseException:
            self.close()
            raise
        self.names = tuple(column.name for column in self._rows.description or ())

    def fetch(self, size: int) -> list[tuple[Any, ...]]:
        """The next rows."""
        try:
            return self._patience.collect(size, self._some)
        except psycopg.Error as error:
            raise self._told(error) from None

    def interrupt(self) -> None:
        """Ask the server to give the statement up."""
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=CANCEL_SECONDS)

    def close(self) -> None:
        """Close the connection, and with it cursor and transaction."""
        self._connection.close()
        self._rows.close()

    def _check(self, *, restricted: bool) -> None:
        """Make sure that the query cannot reach what it must not."""
        with self._patience.working(), self._connection.transaction(force_rollback=True):
            self._limit_time()
            if restricted:
                reach.require_few_rights(self._connection)
            else:
                self._skipped = len(reach.PREFIX)
                reach.require_harmless(self._connection, self._sql)

    def _declare(self) -> None:
        self._connection.read_only = True
        with self._patience.working():
            self._limit_time()
            # All rows are wanted, so the plan is to be the one that is quickest for all.
            self._connection.execute("SET LOCAL cursor_tuple_fraction = 1")
            self._skipped = len('DECLARE "lusha_connect_query" NO SCROLL CURSOR FOR ')
            self._rows.execute(self._sql)

    def _some(self, size: int) -> list[tuple[Any, ...]]:
        self._limit_time()
        return self._rows.fetchmany(size)

    def _limit_time(self) -> None:
        """Let the server give up what takes too long, and a transaction whose process is frozen."""
        if self._patience.over:
            raise self._patience.ended()
        milliseconds = max(1, int(self._patience.left * 1000))
        self._connection.execute(f"SET LOCAL statement_timeout = {milliseconds}")
        self._connection.execute("SET LOCAL idle_in_transaction_session_timeout = '15min'")

    def _told(self, error: psycopg.Error) -> LushaConnectError:
        """What an error of PostgreSQL's means."""
        state = error.sqlstate or ""
        lines = str(error.diag.message_primary or error).strip().splitlines() or ["no reason given"]
        if isinstance(error, psycopg.errors.QueryCanceled):
            return self._patience.ended()
        lost = not state and isinstance(error, psycopg.OperationalError)
        if lost or state.startswith(_HUBS_FAILURES):
            return HubUnavailableError(
                f"Hub {self._place}: {lines[0]}", remedy="Look after the database server, then run it again."
            )
        return self._patience.failed(f"{lines[0]}{self._where(error)}")

    def _where(self, error: psycopg.Error) -> str:
        offset = int(error.diag.statement_position or 0) - 1 - self._skipped
        return f" ({place(self._sql, offset)})" if offset >= 0 else ""


def _connect(hub: Hub, url: str) -> Connection:
    """A connection that is not from the hub's pool."""
    try:
        parsed = sa.make_url(url) if url else hub.engine.url
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise BadConfigurationError(
            "LUSHA_CONNECT_QUERY_URL is not the URL of a PostgreSQL database.",
            remedy="Use postgresql://role:password@host:5432/database, the database being the hub's.",
        )
    _, options = hub.engine.dialect.create_connect_args(parsed)
    options.pop("context", None)  # SQLAlchemy's own conversions
    return cast(
        "Connection",
        psycopg.connect(**{"connect_timeout": CONNECT_SECONDS, **options, "client_encoding": "utf8"}),
    )
