"""Bulk upsert that leaves unchanged rows untouched.

Each row carries a fingerprint. The fingerprints the table holds are read first, so that an unchanged
row costs one index look-up and no write at all, and so that created, updated and unchanged can be told
apart exactly. The write itself is ``INSERT … ON CONFLICT DO UPDATE``: two processes that race end with
one row.

Values are bound column by column and handed to the driver as tuples: SQLAlchemy's own binding, made
for any statement, takes more time than the database does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from tasks.core.batch import Row
from tasks.hub.tables import Utc

_POSITIONAL: dict[str, sa.Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": PGDialect_psycopg(paramstyle="format"),  # type: ignore[no-untyped-call]
}


@dataclass(slots=True)
class Upserted:
    """Ids by what happened to their rows."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Row],
    marks: Sequence[str],
    fixed: Row,
    *,
    known: Mapping[str, str] | None = None,
) -> Upserted:
    """Insert or update ``rows`` by primary key where their fingerprint differs.

    Args:
        connection: Inside a write transaction.
        table: A table with the columns ``id`` and ``fingerprint``.
        rows: All with the same keys, ``id`` among them; ids unique.
        marks: The fingerprint of each row.
        fixed: Columns that have the same value in every row; the primary key's other columns among them.
        known: The fingerprints that the table holds for these rows, where they were read already.
    """
    result = Upserted()
    if not rows:
        return result
    if known is None:
        known = fingerprints(connection, table, fixed, [row["id"] for row in rows])
    changed: list[int] = []
    for number, (row, mark) in enumerate(zip(rows, marks, strict=True)):
        before = known.get(row["id"])
        if before == mark:
            result.unchanged.append(row["id"])
            continue
        (result.created if before is None else result.updated).append(row["id"])
        changed.append(number)
    if changed:
        _write(connection, table, [rows[n] for n in changed], [marks[n] for n in changed], fixed)
    return result


def append(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], fixed: Row) -> None:
    """Insert rows that are not there yet.

    Args:
        rows: All with the same keys.
        fixed: Columns that have the same value in every row.
    """
    values = _columns(connection, table, rows, fixed)
    dialect = _POSITIONAL[connection.dialect.name]
    compiled = sa.insert(table).compile(dialect=dialect, column_keys=tuple(values))
    order = compiled.positiontup or ()
    connection.exec_driver_sql(str(compiled), list(zip(*(values[name] for name in order), strict=True)))


def fingerprints(
    connection: sa.Connection, table: sa.Table, fixed: Row, ids: Sequence[str]
) -> dict[str, str]:
    """The fingerprints that ``table`` holds for ``ids``, among the rows that share ``fixed``'s keys."""
    scope = [column == fixed[column.name] for column in table.primary_key if column.name != "id"]
    query = sa.select(table.c.id, table.c.fingerprint).where(*scope, among(connection, table.c.id, ids))
    return dict(connection.execute(query).all())


def among(connection: sa.Connection, column: sa.Column[str], values: Sequence[str]) -> sa.ColumnElement[bool]:
    """Condition: the column has one of ``values``, handed over as one parameter however many there are."""
    if connection.dialect.name == "sqlite":
        listed = sa.func.json_each(orjson.dumps(values).decode()).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(sa.Text)))


def _write(connection: sa.Connection, table: sa.Table, rows: list[Row], marks: list[str], fixed: Row) -> None:
    values = {"fingerprint": marks, **_columns(connection, table, rows, fixed)}
    statement, order = _statement(connection.dialect.name, table, tuple(values))
    connection.exec_driver_sql(statement, list(zip(*(values[name] for name in order), strict=True)))


def _columns(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Row], fixed: Row
) -> dict[str, Iterable[Any]]:
    """The values of rows, column by column, as the driver takes them."""
    values: dict[str, Iterable[Any]] = {}
    for name in rows[0]:
        values[name] = _bound(connection, table.c[name], [row[name] for row in rows])
    for name, value in fixed.items():
        values[name] = repeat(_bound(connection, table.c[name], [value])[0], len(rows))
    return values


def _bound(connection: sa.Connection, column: sa.Column[Any], values: list[Any]) -> Sequence[Any]:
    """One column's values as the driver takes them."""
    dialect = connection.dialect
    if isinstance(column.type, Utc):
        return column.type.bind_column(values, dialect)
    processor = column.type.dialect_impl(dialect).bind_processor(dialect)
    return values if processor is None else [None if value is None else processor(value) for value in values]


@lru_cache
def _statement(dialect: str, table: sa.Table, names: tuple[str, ...]) -> tuple[str, list[str]]:
    """The upsert as SQL with positional parameters, and the columns in their order."""
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    keys = {column.name for column in table.primary_key}
    upserting = insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: insert.excluded[name] for name in names if name not in keys},
        where=table.c.fingerprint != insert.excluded.fingerprint,
    )
    compiled = upserting.compile(dialect=_POSITIONAL[dialect], column_keys=names)
    return str(compiled), list(compiled.positiontup or ())
