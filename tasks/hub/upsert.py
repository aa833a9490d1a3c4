"""Bulk upsert that leaves unchanged rows untouched.

Each row carries a fingerprint. The fingerprints the table holds are read first, so that an unchanged
row costs one index look-up and no write at all, and so that created, updated and unchanged can be told
apart exactly. The write itself is ``INSERT … ON CONFLICT DO UPDATE``: two processes that race end with
one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.batch import Row

CHUNK = 5_000
"""Ids per look-up; SQLite and PostgreSQL both take far more parameters than this."""


@dataclass(slots=True)
class Upserted:
    """Ids by what happened to their rows."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> Upserted:
    """Insert or update ``rows`` by primary key where their ``fingerprint`` differs.

    Args:
        connection: Inside a write transaction.
        table: A table with the columns ``id`` and ``fingerprint``.
        rows: All with the same keys and, besides ``id``, the same primary key values; ids unique.
    """
    result = Upserted()
    if not rows:
        return result
    known = fingerprints(connection, table, rows[0], [row["id"] for row in rows])
    writes: list[Row] = []
    for row in rows:
        before = known.get(row["id"])
        if before == row["fingerprint"]:
            result.unchanged.append(row["id"])
            continue
        (result.created if before is None else result.updated).append(row["id"])
        writes.append(row)
    if writes:
        connection.execute(_statement(connection.dialect.name, table, tuple(rows[0])), writes)
    return result


def fingerprints(
    connection: sa.Connection, table: sa.Table, scope: Row, ids: Sequence[str]
) -> dict[str, str]:
    """The fingerprints that ``table`` holds for ``ids``, among the rows that share ``scope``'s keys."""
    found: dict[str, str] = {}
    for chunk in chunks(ids, CHUNK):
        query = sa.select(table.c.id, table.c.fingerprint).where(
            *in_scope(table, scope), table.c.id.in_(chunk)
        )
        found.update(connection.execute(query).tuples().all())
    return found


def in_scope(table: sa.Table, scope: Row) -> list[sa.ColumnElement[bool]]:
    """Conditions: the primary key's columns, other than ``id``, have ``scope``'s values."""
    return [column == scope[column.name] for column in table.primary_key if column.name != "id"]


def chunks(values: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    """``values`` in slices of ``size``."""
    return (values[start : start + size] for start in range(0, len(values), size))


def _statement(dialect: str, table: sa.Table, columns: tuple[str, ...]) -> sa.Executable:
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    keys = {column.name for column in table.primary_key}
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: insert.excluded[name] for name in columns if name not in keys},
        where=table.c.fingerprint != insert.excluded.fingerprint,
    )
