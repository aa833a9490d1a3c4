"""A person's own query of the hub's database: one SELECT, on a connection of its own that can do no more.

What bounds it is the database itself: SQLite by a file that is opened to be read and an authorizer that is
asked about every table and function (``sqlite.py``); PostgreSQL by a transaction that may only read, and by
the rights of a role of its own, or else by what the server itself says that the query reaches (``reach.py``).
"""

from __future__ import annotations

from typing import Any, Protocol

from tasks.core.errors import BadConfigurationError
from tasks.hub.engine import Hub
from tasks.hub.query import postgresql, sqlite
from tasks.hub.query.bounds import Patience, refused

__all__ = ["Answer", "Patience", "ask"]


class Answer(Protocol):
    """A query that is being answered. Whoever asked closes it."""

    names: tuple[str, ...]
    """Of its columns."""

    def fetch(self, size: int) -> list[tuple[Any, ...]]:
        """The next rows; fewer than ``size`` at the end.

        Raises:
            BadConfigurationError: The query failed, or took too long.
            HubUnavailableError: The database failed.
        """

    def interrupt(self) -> None:
        """Make another thread's ``fetch`` fail soon."""

    def close(self) -> None:
        """Leave nothing open."""


def ask(hub: Hub, sql: str, patience: Patience, *, url: str = "", only_check: bool = False) -> Answer:
    """Ask the hub's database.

    Args:
        url: Of the hub's PostgreSQL database, by a role for queries.
        only_check: Make sure that it could be asked, and ask for no rows.

    Raises:
        BadConfigurationError: It is not one SELECT, or would do or see what it may not.
        HubUnavailableError: The database failed.
    """
    if "\0" in sql or any("\ud800" <= letter <= "\udfff" for letter in sql):
        raise refused("it has a character that no database takes")
    if not hub.is_sqlite:
        answer: Answer = postgresql.PostgresqlAnswer(hub, sql, patience, url)
    elif url:
        raise BadConfigurationError(
            "LUSHA_CONNECT_QUERY_URL is set, and the hub is a SQLite file.",
            remedy="Leave it empty: it is for a role of a PostgreSQL hub.",
        )
    else:
        answer = sqlite.SqliteAnswer(hub, sql, patience, only_check=only_check)
    try:
        _require_columns(answer.names)
    except BaseException:
        answer.close()
        raise
    return answer


def _require_columns(names: tuple[str, ...]) -> None:
    if not names:
        raise refused("it is not a SELECT of anything")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise refused(f"two of its columns are called {twice}", remedy="Name each with AS, or leave one out.")
