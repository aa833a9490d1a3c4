"""Records of a plan that is being made, kept aside on disk: one that comes again is merged with its first.

SQLite keeps a database without a name in memory while it is small, and then in a file that nobody else sees.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any
from weakref import finalize

import orjson


class RecordStore:
    """JSON by record id; for one thread at a time."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")  # nothing of it outlives the process
        # By an index: kept in the order of their ids, records would be moved again and again.
        self._database.execute("CREATE TABLE records (id TEXT PRIMARY KEY, kept BLOB NOT NULL)")
        finalize(self, self._database.close)

    def put(self, found: Iterable[tuple[str, Any]]) -> None:
        """Keep what is known of records, in place of what was kept under their ids."""
        self._database.execute("BEGIN")
        told = ((id_, orjson.dumps(kept)) for id_, kept in found)
        self._database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?)", told)
        self._database.execute("COMMIT")

    def get(self, id_: str) -> Any:
        """What is kept of a record.

        Raises:
            KeyError: Nothing is.
        """
        row = self._database.execute("SELECT kept FROM records WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise KeyError(id_)
        return orjson.loads(row[0])
