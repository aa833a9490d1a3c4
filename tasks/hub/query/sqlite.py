"""A person's query of a hub that is a SQLite file.

The file is opened to be read only, and SQLite asks an authorizer about every table, column and function that
a statement names, its views' included, before it does anything. It refuses what is not known to be harmless.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from tasks.core.errors import HubUnavailableError, LushaConnectError
from tasks.hub.engine import BUSY_SECONDS, Hub
from tasks.hub.query.bounds import HIDDEN, Patience, place, refused

STEPS = 5000
"""Steps of SQLite's machine, some tens of microseconds, after which it looks at the clock."""

HARMLESS = frozenset({"sqlite_master", "sqlite_schema", "json_each", "json_tree", "jsonb_each", "jsonb_tree"})
"""What a query may read that nobody made. Others show the file's bytes, or samples of hidden tables."""

DENIED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})

READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE})

OPENING = frozenset(
    {
        (sqlite3.SQLITE_UPDATE, "sqlite_master"),
        (sqlite3.SQLITE_PRAGMA, "data_version"),
    }
)
"""What SQLite asks for when a virtual table (json_each, a full-text index) is used first; nothing is written,
and a statement that wanted to change sqlite_master is refused by SQLite itself."""

_HUBS_FAILURES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
    }
)


class SqliteAnswer:
    """A query that SQLite answers.

    Args:
        only_check: Let SQLite look at the statement without doing what it says.
    """

    def __init__(self, hub: Hub, sql: str, patience: Patience, *, only_check: bool) -> None:
        self._place, self._sql, self._patience = hub.place, sql, patience
        self._guard = _Guard()
        path = hub.engine.url.database
        if not path or path == ":memory:":
            raise refused("the hub is in memory, where no second connection reaches it")
        try:
            self._connection = _open(Path(path))
        except sqlite3.Error as error:
            raise self._told(error) from None
        try:
            self._rows = self._begin(only_check=only_check)
        except BaseException:
            self.close()
            raise
        self.names = tuple(column[0] for column in self._rows.description or ())

    def fetch(self, size: int) -> list[tuple[Any, ...]]:
        """The next rows."""
        try:
            return self._patience.collect(size, self._rows.fetchmany)
        except sqlite3.Error as error:
            raise self._told(error) from None

    def interrupt(self) -> None:
        """Let SQLite stop at its next step."""
        with suppress(sqlite3.ProgrammingError):  # it was closed already
            self._connection.interrupt()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _begin(self, *, only_check: bool) -> sqlite3.Cursor:
        try:
            with self._patience.working():
                self._connection.execute("BEGIN")
                named = self._connection.execute(
                    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
                )
                self._guard.own = {name.lower() for (name,) in named if not name.startswith("sqlite_")}
                self._connection.set_progress_handler(lambda: self._patience.over, STEPS)
                self._connection.set_authorizer(self._guard)
                return self._connection.execute(f"EXPLAIN {self._sql}" if only_check else self._sql)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise self._told(error) from None

    def _told(self, error: Exception) -> LushaConnectError:
        """What an error of SQLite's means."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if self._guard.why:
            return refused(self._guard.why)
        if code == sqlite3.SQLITE_INTERRUPT:
            return self._patience.ended()
        if code in _HUBS_FAILURES:
            return HubUnavailableError(f"Hub {self._place}: {error}", remedy="Run it again.")
        return self._patience.failed(f"{error}{self._where(str(error))}".removesuffix("."))

    def _where(self, message: str) -> str:
        """The place of the word that SQLite stumbles over, where the query has it once."""
        word = re.search(r'near "(.+)": syntax error|no such \w+: (\S+)', message, re.DOTALL)
        found = re.escape(next(filter(None, word.groups()))) if word else ""
        at = [one.start() for one in re.finditer(rf"(?<!\w){found}(?!\w)", self._sql)] if found else []
        return f" ({place(self._sql, at[0])})" if len(at) == 1 else ""


class _Guard:
    """SQLite's authorizer.

    Attributes:
        own: The file's tables and views, in small letters.
        why: What it refused first; empty where it refused nothing.
    """

    def __init__(self) -> None:
        self.own: set[str] = set()
        self.why = ""

    def __call__(
        self, action: int, first: str | None, second: str | None, _schema: str | None, _by: str | None
    ) -> int:
        why = self._wrong(action, first or "", second or "")
        self.why = self.why or why
        return sqlite3.SQLITE_DENY if why else sqlite3.SQLITE_OK

    def _wrong(self, action: int, first: str, second: str) -> str:
        if action == sqlite3.SQLITE_READ:
            return "" if self._readable(first.lower(), second) else f"it may not read {first}"
        if action == sqlite3.SQLITE_FUNCTION:
            return f"it may not call {second}" if second.lower() in DENIED_FUNCTIONS else ""
        return "" if action in READING or (action, first) in OPENING else "it does more than read"

    def _readable(self, table: str, column: str) -> bool:
        # Without a column it only counts rows, perhaps of a WITH of that name.
        return table not in HIDDEN and (not column or table in self.own or table in HARMLESS)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # BEGIN is ours
        check_same_thread=False,  # one thread at a time
        cached_statements=0,
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return connection
