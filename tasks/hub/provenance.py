"""Where a field's value comes from: which system said so, when, in which run.

Kept sparsely: a field without an entry has held its value since the record was first read, and nobody
knows longer than that. An entry is made for what we write, and for what a read finds changed that is not
the echo of a write of ours: that was a person (or another program) in HighLevel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.batch import Json, Row
from tasks.change import plain
from tasks.hub.tables import provenance
from tasks.hub.upsert import among
from tasks.streams import CUSTOM, HIGHLEVEL_CONTACT

BY_HAND = "highlevel"
"""The system of whatever happened in HighLevel and was not our doing."""

TRACKED = tuple({field.mirror for field in HIGHLEVEL_CONTACT.fields.values() if field.mirror})
"""Columns of the contacts' mirror that a plan may write, ``custom`` apart."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from.

    Args:
        system: ``highlevel`` for a person there, else what we wrote from.
        at: How old the word is.
        value: The value it is about; another value in the mirror has an origin that is not known.
        dropped: What HighLevel was sent last and did not take.
    """

    system: str
    at: datetime
    value: Json = None
    dropped: Json = None


def origins(
    connection: sa.Connection, location_id: str, stream: str, ids: Sequence[str]
) -> dict[str, dict[str, Origin]]:
    """The known origins by record and field."""
    held = provenance.c
    query = sa.select(held.id, held.field, held.system, held.at, held.value, held.dropped).where(
        held.location_id == location_id, held.stream == stream, among(connection, held.id, ids)
    )
    found: dict[str, dict[str, Origin]] = {}
    for id_, field, *origin in connection.execute(query).tuples():
        found.setdefault(id_, {})[field] = Origin(*origin)
    return found


def keep(
    connection: sa.Connection,
    location_id: str,
    stream: str,
    entries: Iterable[tuple[str, str, Origin]],
    run_id: str,
) -> None:
    """Write origins as ``(record, field, origin)``, in place of earlier ones."""
    rows = [
        {
            "location_id": location_id,
            "stream": stream,
            "id": id_,
            "field": field,
            "run_id": run_id,
            "system": origin.system,
            "at": origin.at,
            "value": origin.value,
            "dropped": origin.dropped,
        }
        for id_, field, origin in entries
    ]
    if not rows:
        return
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(provenance)
    news = ("system", "at", "run_id", "value", "dropped")
    keeping = insert.on_conflict_do_update(
        index_elements=list(provenance.primary_key), set_={name: insert.excluded[name] for name in news}
    )
    connection.execute(keeping, rows)


def observe(
    connection: sa.Connection,
    location_id: str,
    stream: str,
    pairs: Sequence[tuple[Row, Row]],
    run_id: str,
    *,
    partial: frozenset[str] = frozenset(),
) -> None:
    """Note what a read found changed, unless it is the echo of what we wrote.

    Args:
        pairs: Mirror rows before and after, of the same record.
        partial: Records that we made and that were never read whole: of these only what we wrote can
            have changed.
    """
    known = origins(connection, location_id, stream, [after["id"] for _, after in pairs])
    keep(connection, location_id, stream, _edits(pairs, known, partial), run_id)


def _edits(
    pairs: Sequence[tuple[Row, Row]], known: Mapping[str, Mapping[str, Origin]], partial: frozenset[str]
) -> Iterator[tuple[str, str, Origin]]:
    for before, after in pairs:
        id_ = after["id"]
        mine = known.get(id_, {})
        at = after.get("date_updated") or datetime.now(UTC)
        for field, old, new in _differing(before, after):
            ours = mine.get(field)
            if ours is not None and same(ours.value, new):
                continue  # the echo of our own write
            if ours is None and (id_ in partial or old is None is new):
                continue
            yield id_, field, Origin(BY_HAND, at, new)


def _differing(before: Row, after: Row) -> Iterator[tuple[str, Json, Json]]:
    for column in TRACKED:
        old, new = plain(before.get(column)), plain(after.get(column))
        if column != "custom":
            if not same(old, new):
                yield column, old, new
            continue
        held, now = old or {}, new or {}
        for key in held.keys() | now.keys():
            if not same(held.get(key), now.get(key)):
                yield f"{CUSTOM}{key}", held.get(key), now.get(key)


def same(one: Any, other: Any) -> bool:
    """Whether two plain values mean the same: lists are sets, numbers may be text, empty is empty."""
    if one == other:
        return True
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    if one in (None, "", [], {}) or other in (None, "", [], {}):
        return one in (None, "", [], {}) and other in (None, "", [], {})
    return not isinstance(one, list | dict) and str(one) == str(other)
