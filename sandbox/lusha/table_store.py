"""The account's tables: lists of people or companies, each of an owner."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.lusha.companies import Document

__all__ = ["COLUMNS", "Table", "Tables"]

COLUMNS = {
    "contacts": ("First Name", "Last Name", "Job Title", "Company Name", "Company Domain", "LinkedIn URL"),
    "companies": ("Company Name", "Company Domain", "Company Industry"),
}
"""What every table has, by its kind."""


@dataclass(slots=True)
class Table:
    """One table.

    Attributes:
        rows: The ids of its entities, in the order in which they were added.
        columns: Those beside the columns that every table has, by id.
    """

    table_id: str
    name: str
    kind: str
    owner: str
    visibility: str = "private"
    status: str = "active"
    rows: dict[str, None] = field(default_factory=dict)
    columns: dict[str, Document] = field(default_factory=dict)
    _run: dict[str, set[str]] = field(default_factory=dict)

    def is_seen_by(self, owner: str) -> bool:
        """Whether it is theirs, or everybody's."""
        return self.owner == owner or self.visibility == "shared"

    def shown(self) -> Document:
        """The table as lists tell it."""
        return {
            "tableId": self.table_id,
            "name": self.name,
            "entityType": self.kind,
            "visibility": self.visibility,
            "status": self.status,
            "owner": {"id": 1, "email": self.owner, "name": self.owner.split("@")[0]},
            "createdBy": {"surface": "api", "createdByUserId": 1},
            "workspaceUrl": f"https://dashboard.lusha.com/tables/{self.table_id}",
        }

    def whole(self, now: str) -> Document:
        """The table as reading it tells it."""
        columns = [*map(self._default, COLUMNS[self.kind]), *self.columns.values()]
        dates = {"addedAt": now, "updatedAt": now}
        told = [{**dates, **column, **self._counts(column)} for column in columns]
        return {**self.shown(), "entityCount": len(self.rows), "isProcessing": False, "columns": told}

    def column(self, column_id: str) -> Document | None:
        """A column by id, None where there is none."""
        default = next((one for one in COLUMNS[self.kind] if _column_id(one) == column_id), None)
        return self._default(default) if default else self.columns.get(column_id)

    def fill(self, column_id: str, rows: list[str]) -> bool:
        """Run a column for some rows, and whether it is a new one."""
        self._run.setdefault(column_id, set()).update(rows)
        if self.column(column_id) is not None:
            return False
        kind = "signal" if column_id == "signals" else "lusha"
        shown = {"columnId": column_id, "name": column_id.title(), "type": kind, "key": column_id}
        self.columns[column_id] = {**shown, "isDefault": False}
        return True

    def not_run(self, column_id: str) -> list[str]:
        """The rows for which a column was not run."""
        done = self._run.get(column_id, set())
        return [row for row in self.rows if row not in done]

    def drop(self, column_id: str) -> None:
        """Remove a column and what it holds."""
        del self.columns[column_id]
        del self._run[column_id]

    @staticmethod
    def _default(name: str) -> Document:
        return {"columnId": _column_id(name), "name": name, "type": "lusha", "key": name, "isDefault": True}

    def _counts(self, column: Document) -> dict[str, int]:
        waiting = 0 if column["isDefault"] else len(self.not_run(column["columnId"]))
        return {
            "rowsNotRun": waiting,
            "rowsProcessing": 0,
            "rowsSuccess": len(self.rows) - waiting,
            "rowsNoData": 0,
            "rowsFailed": 0,
        }


def _column_id(name: str) -> str:
    return name.lower().replace(" ", "_")


class Tables:
    """All tables by id; ids are numbers written as text."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}
        self._next = 482_910

    def add(self, name: str, kind: str, owner: str, visibility: str = "private") -> Table:
        """A new, empty table."""
        table = Table(str(self._next), name, kind, owner, visibility)
        self._next += 1
        self._tables[table.table_id] = table
        return table

    def find(self, table_id: str, kind: str, owner: str) -> Table | None:
        """A table that its owner, or everybody where it is shared, may see."""
        table = self._tables.get(table_id)
        if table is None or table.kind != kind or table.status == "deleted":
            return None
        return table if table.is_seen_by(owner) else None

    def any(self, table_id: str, kind: str) -> Table | None:
        """A table of the account, whoever owns it."""
        table = self._tables.get(table_id)
        return table if table is not None and table.kind == kind and table.status != "deleted" else None

    def of(self, kind: str) -> list[Table]:
        """All tables of a kind."""
        return [table for table in self._tables.values() if table.kind == kind]

    def all(self) -> list[Table]:
        """All tables."""
        return list(self._tables.values())

    def named(self, name: str, kind: str, owner: str) -> Table | None:
        """A table by its name."""
        return next((one for one in self.of(kind) if (one.name, one.owner) == (name, owner)), None)
