"""What the mirror holds of records that a plan is about: in bulk, and only the columns that it compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.hub.spec import PlanSpec
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.streams import mirror_of, target_of


class Current:
    """Reads rows of the mirror as a plan's spec says."""

    def __init__(self, spec: PlanSpec) -> None:
        self._spec = spec
        self._columns = _columns(spec)

    def rows(self, connection: sa.Connection, ids: Sequence[str]) -> dict[str, Row]:
        """The rows of records, by id."""
        if not ids:
            return {}
        table = MIRRORS[self._spec.mirror]
        query = sa.select(*self._columns).where(
            table.c.location_id == self._spec.location_id, among(connection, table.c.id, ids)
        )
        return {row["id"]: row for row in _read(connection, query, self._columns)}


def _columns(spec: PlanSpec) -> list[sa.Column[Any]]:
    table = MIRRORS[spec.mirror]
    told_by = [*spec.match, *target_of(spec.target).naming]
    declared = [*(rule.declared for rule in spec.fields), *map(spec.stream.field, told_by)]
    used = {field.mirror for field in declared if field is not None} - {""}
    used |= {column for first, column in mirror_of(spec.mirror)[1].further.items() if first in used}
    told = {column for columns in spec.labels for column in columns} | {"date_updated"}
    return [table.c[name] for name in ("id", *sorted(used | told))]


def _read(connection: sa.Connection, query: sa.Select[Any], columns: Sequence[sa.Column[Any]]) -> list[Row]:
    """Rows as the driver has them, only what needs it converted: SQLAlchemy's rows take twice the time."""
    names = [column.name for column in columns]
    dialect = connection.dialect
    converted = [
        (column.name, convert)
        for column in columns
        if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    with connection.execute(query) as result:
        rows = [dict(zip(names, values, strict=True)) for values in result.cursor.fetchall()]
    for name, convert in converted:
        for row in rows:
            if row[name] is not None:
                row[name] = convert(row[name])
    return rows
