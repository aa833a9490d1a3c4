"""Taking values out of everything that the hub keeps, within one transaction.

Every table is looked through, but for those that are named here: a table that is new is looked through from
its first day on. What is told of a record stays, without the value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tasks.core.batch import Row
from tasks.core.change import RESTING, State
from tasks.hub import plans, still_there
from tasks.hub.suppressions import OWN_PEOPLE, PROBLEM, Suppressed, Value
from tasks.hub.tables import MIRRORS, JsonText, aliases, changes, metadata, raw
from tasks.hub.tables import plans as plan_table
from tasks.hub.upsert import among
from tasks.streams import written_to

PASSED_OVER = frozenset(
    {
        *("salts", "suppressions", "opt_outs", "still_there"),
        *("subscriptions", "deliveries"),
        *("credentials", "connections", "leases", "turns"),
        *("request_quotas", "request_log", "journal_heads", "mirror_mappings"),
        *(table.name for stream, table in MIRRORS.items() if stream in OWN_PEOPLE),
    }
)
"""Tables that hold nobody whose values are sold."""

_RECORDS = {("raw", "payload"), ("rejects", "payload"), ("changes", "raw")}
"""Columns with the JSON text of a record."""

_ROWS = {("changes", "wanted"), ("reviews", "wanted"), *((table.name, "") for table in MIRRORS.values())}
"""Columns with a row's values, in which a list has what it has; in all others old and new stand in a list."""

_STREAMS = {table.name: stream for stream, table in MIRRORS.items()}


@dataclass(slots=True)
class Scrubbed:
    """What was taken out.

    Args:
        rows: By table, in how many rows.
        records: By the mirror's stream, which records had one of the values.
    """

    rows: dict[str, int] = field(default_factory=dict)
    records: dict[str, list[str]] = field(default_factory=dict)


def scrub(
    connection: sa.Connection, suppressed: Suppressed, values: Sequence[Value], now: datetime
) -> Scrubbed:
    """Take values out of every table; note where they still stand at the vendor.

    Args:
        suppressed: Knows them.
        values: Which they are: by these the rows are looked for.
    """
    found = Scrubbed()
    for table in metadata.sorted_tables if values else ():
        if table.name in PASSED_OVER:
            continue
        hits = [row for row in _candidates(connection, table, values) if _scrubbed(suppressed, table, row)]
        if not hits:
            continue
        if stream := _STREAMS.get(table.name):
            found.records[stream] = [suppressed.clean_text(row["id"]) for row in hits]
            _note(connection, suppressed, stream, hits, now)
            _unsettle(connection, hits)
        for row in hits:
            _write(connection, table, row, _scrubbed(suppressed, table, row))
        found.rows[str(table.name)] = len(hits)
        if table is changes:
            _settle(connection, sorted({row["plan_id"] for row in hits}))
    return found


def _candidates(connection: sa.Connection, table: sa.Table, values: Sequence[Value]) -> list[Row]:
    """Rows in which one of the values may stand."""
    texts = [sa.type_coerce(column, sa.Text) for column in table.columns if _is_text(column)]
    if not texts:
        return []
    query = sa.select(table).where(sa.or_(*(_may_hold(text, one) for text in texts for one in values)))
    if "stream" in table.columns:
        query = query.where(table.c.stream.not_in(OWN_PEOPLE))
    return [dict(row) for row in connection.execute(query).mappings()]


def _is_text(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.Text | JsonText)


def _may_hold(text: sa.ColumnElement[str], value: Value) -> sa.ColumnElement[bool]:
    if value.kind == "email":
        return sa.or_(*(text.icontains(one, autoescape=True) for one in value.spellings))
    national = min((one.lstrip("+") for one in value.spellings), key=len)
    return text.regexp_match("[^0-9]{0,4}".join(national))


def _scrubbed(suppressed: Suppressed, table: sa.Table, row: Row) -> dict[str, Any]:
    """The columns of a row that are to be others."""
    found = {}
    for column in table.columns:
        old = row[column.name]
        if old is None or not _is_text(column):
            continue
        if (table.name, column.name) in _RECORDS:
            new: Any = suppressed.clean_record(old)
        else:
            is_row = not {(table.name, ""), (table.name, column.name)}.isdisjoint(_ROWS)
            marked = isinstance(old, str) and not column.nullable
            new = suppressed.clean(old, marked=marked, shaped=not is_row)
        if new is not old:
            found[column.name] = new
    if found and table is raw:
        found["settled_by"] = None  # as long as the vendor tells the value, the record is looked at
    return found


def _write(connection: sa.Connection, table: sa.Table, row: Row, news: dict[str, Any]) -> None:
    """Write a row anew; one that would become another one goes."""
    mine = [column == row[column.name] for column in table.primary_key]
    if table is aliases:
        connection.execute(sa.delete(table).where(*mine))
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.update(table).where(*mine).values(news))
    except IntegrityError:
        connection.execute(sa.delete(table).where(*mine))


def _note(
    connection: sa.Connection, suppressed: Suppressed, stream: str, hits: Sequence[Row], now: datetime
) -> None:
    """Note what the vendor still has of what is taken out of its mirror."""
    if not written_to(stream):
        return
    by_location: defaultdict[str, list[Row]] = defaultdict(list)
    for row in hits:
        if row["deleted_at"] is None:
            by_location[row["location_id"]].append(row)
    for location_id, rows in by_location.items():
        still_there.note(connection, suppressed, location_id, stream, rows, now)


def _unsettle(connection: sa.Connection, hits: Sequence[Row]) -> None:
    """Have records looked at again: their texts may spell a value in a way that only the mapping reads."""
    by_location: defaultdict[str, list[str]] = defaultdict(list)
    for row in hits:
        by_location[row["location_id"]].append(row["id"])
    for location_id, ids in by_location.items():
        theirs = (raw.c.location_id == location_id, among(connection, raw.c.id, ids))
        connection.execute(sa.update(raw).where(*theirs).values(settled_by=None))


def _settle(connection: sa.Connection, plan_ids: Sequence[str]) -> None:
    """Let plans that are still to be carried out write nothing in place of what was taken out of them.

    What is left of them is sealed anew.
    """
    for plan_id in plan_ids:
        open_ = plans.some(connection, plan_id, states=[State.PLANNED, State.SENDING])
        for change in open_:
            kept = [one for one in change.fields if one.old is not None or one.new is not None]
            if change.verb in RESTING or len(kept) == len(change.fields):
                continue
            plans.narrow(connection, change, kept)
            if not kept and change.state is State.PLANNED:
                change.state, change.error = State.LEFT, f"all that it would have written {PROBLEM}"
                plans.end(connection, [change])
        digest = plans.digest(connection, plan_id)
        known = sa.update(plan_table).where(plan_table.c.id == plan_id, plan_table.c.digest != "")
        connection.execute(known.values(digest=digest))
