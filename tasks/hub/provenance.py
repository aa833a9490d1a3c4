"""Where a field's value comes from: which system said so, when, in which run.

Kept sparsely: a field without an entry has held its value since the record was first read, and nobody
knows longer than that. An entry is made for what we write, and for what a read finds changed that is not
the echo of a write of ours, recorded or still under way: that was a person (or another program) in
HighLevel. Our own writes move a record's ``date_updated`` as well; how old the rest of the record was
before the first of them is kept under that name, so that we do not make it look younger than it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.batch import Json, Row
from tasks.core.change import plain
from tasks.hub.tables import IS_SENDING, changes, plans, provenance
from tasks.hub.upsert import among
from tasks.streams import CUSTOM, DEFAULT_TARGET, STREAMS, FieldType, mirror_of, tracked

BY_HAND = "highlevel"
"""The system of whatever happened in HighLevel and was not our doing."""

SINCE = "date_updated"
"""The field under which is kept how old the values are that neither we nor anybody else has changed since."""


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


@dataclass(frozen=True, slots=True)
class Read:
    """A record as the mirror had it, and as a read finds it.

    Args:
        before: The mirror's row.
        after: The row that was read; a column that it does not have is not mirrored any more.
        at: How old its values are.
        partial: We made the record, and it was never read whole: only what we wrote can have changed.
        respelt: Another mapping made the mirror's row, so that a value may differ by its spelling alone.
        then: Where it did: what the record, as it was kept, gives by the present mapping; None where that
            cannot be told.
    """

    before: Row
    after: Row
    at: datetime
    partial: bool = False
    respelt: bool = False
    then: Row | None = None


def origins(
    connection: sa.Connection, location_id: str, stream: str, ids: Sequence[str]
) -> dict[str, dict[str, Origin]]:
    """The known origins by record and field."""
    held = provenance.c
    query = sa.select(held.id, held.field, held.system, held.at, held.value, held.dropped).where(
        held.location_id == location_id, held.stream == stream, among(connection, held.id, ids)
    )
    found: dict[str, dict[str, Origin]] = {}
    for id_, field, *origin in connection.execute(query):
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
    reads: Sequence[Read],
    run_id: str,
) -> dict[str, set[str]]:
    """Note what reads found changed, unless it is the echo of what we wrote.

    Returns:
        The fields that somebody else changed, by record.
    """
    ids = [read.after["id"] for read in reads]
    known = origins(connection, location_id, stream, ids)
    under_way = _under_way(connection, location_id, ids)
    entries = [
        (read.after["id"], name, origin)
        for read in reads
        for name, origin in _edits(
            stream, read, known.get(read.after["id"], {}), under_way.get(read.after["id"], {})
        )
    ]
    keep(connection, location_id, stream, entries, run_id)
    found: dict[str, set[str]] = {}
    for id_, name, origin in entries:
        if origin.system == BY_HAND and name != SINCE:
            found.setdefault(id_, set()).add(name)
    return found


def _under_way(connection: sa.Connection, location_id: str, ids: Sequence[str]) -> dict[str, dict[str, Json]]:
    """What is being written to contacts, or was when somebody died: contact → provenance's field → value.

    A read that finds such a value finds our own write, whether its record is there yet or never will be.
    """
    sending = sa.select(changes.c.plan_id, changes.c.target_id, changes.c.fields).where(
        IS_SENDING, among(connection, changes.c.target_id, ids)
    )
    sent = connection.execute(sending).all()
    if not sent:
        return {}
    plan_ids = list({row.plan_id for row in sent})
    theirs = sa.select(plans.c.id, plans.c.location_id, plans.c.spec).where(
        among(connection, plans.c.id, plan_ids)
    )
    # Asked for by location, too, SQLite would look through all plans that the location ever had.
    specs = {row.id: row.spec for row in connection.execute(theirs) if row.location_id == location_id}
    found: dict[str, dict[str, Json]] = {}
    for plan_id, target, fields in sent:
        for one in fields if plan_id in specs else ():
            found.setdefault(target, {})[_origin_of(one["field"], specs[plan_id])] = one["new"]
    return found


def _origin_of(name: str, spec: Mapping[str, Any]) -> str:
    if name.startswith(CUSTOM):
        return f"{CUSTOM}{spec['custom'].get(name.removeprefix(CUSTOM), '')}"
    declared = STREAMS[spec.get("target", DEFAULT_TARGET)].field(name)
    return declared.mirror if declared is not None else ""


def _edits(
    stream: str, read: Read, mine: Mapping[str, Origin], sent: Mapping[str, Json]
) -> Iterator[tuple[str, Origin]]:
    """What is known by a read of a record's origins, by field.

    Args:
        mine: The origins that are known.
        sent: What is being written.
    """
    since = read.before.get("date_updated")
    composed = mirror_of(stream)[1].composed
    ours = bool(sent) or any(origin.system != BY_HAND for origin in mine.values())
    if ours and since is not None and since < read.at and SINCE not in mine:
        yield SINCE, Origin(BY_HAND, since)
    echoed = {
        part
        for column, parts in composed.items()
        for told in _told(mine, sent, column)
        if told and _folded(told) == _folded(_whole(read.after, column, parts))
        for part in parts
    }
    for field, old, new in _differing(stream, read.before, read.after):
        if any(same(told, new) for told in _told(mine, sent, field)) or field in echoed:
            continue  # the echo of our own write
        if _is_respelt(read, field, new, mine):
            if read.then is not None and field in mine and same(mine[field].value, old):
                yield field, replace(mine[field], value=new)
            continue
        if field not in mine and (read.partial or old is None is new):
            continue
        yield field, Origin(BY_HAND, read.at, new)
        for column, parts in composed.items():
            if field in parts:
                yield column, Origin(BY_HAND, read.at, _whole(read.after, column, parts) or None)


def _is_respelt(read: Read, field: str, new: Json, mine: Mapping[str, Origin]) -> bool:
    """Whether a value differs because another mapping reads it, and not because somebody changed it."""
    if not read.respelt or read.then is None:
        return read.respelt
    if read.before.get("mapped_by") is None and field in mine and mine[field].system != BY_HAND:
        return False  # written when what an update answered was not kept yet: the record is of before it
    return same(_value(read.then, field), new)


def _told(mine: Mapping[str, Origin], sent: Mapping[str, Json], field: str) -> Iterator[Json]:
    """What a field has come to hold as far as we know: recorded, or still under way."""
    if field in mine:
        yield mine[field].value
    if field in sent:
        yield sent[field]


def _value(row: Row, field: str) -> Json:
    if field.startswith(CUSTOM):
        return (plain(row.get("custom")) or {}).get(field.removeprefix(CUSTOM))
    return plain(row.get(field))


def _differing(stream: str, before: Row, after: Row) -> Iterator[tuple[str, Json, Json]]:
    composed, fields = mirror_of(stream)[1].composed, STREAMS[stream].fields
    for column in tracked(stream):
        if column not in after or column in composed:
            continue
        declared = fields[column]
        old, new = plain(declared.told(before.get(column))), plain(declared.told(after.get(column)))
        if declared.type is not FieldType.OBJECT:  # the one of the custom fields
            if not same(old, new):
                yield column, old, new
            continue
        held, now = old or {}, new or {}
        for key in held.keys() | now.keys():
            if not same(held.get(key), now.get(key)):
                yield f"{CUSTOM}{key}", held.get(key), now.get(key)


def _whole(row: Row, column: str, parts: Sequence[str]) -> str:
    """A composed column's value: reading by id tells it, search leaves it to its parts."""
    return str(row.get(column) or " ".join(str(row[part]) for part in parts if row.get(part)))


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def same(one: Any, other: Any) -> bool:
    """Whether two plain values mean the same.

    Lists are compared in any order, numbers with their text; null, "", [] and {} are all empty.
    """
    if one == other:
        return True
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    if one in (None, "", [], {}) or other in (None, "", [], {}):
        return one in (None, "", [], {}) and other in (None, "", [], {})
    return not isinstance(one, list | dict) and not isinstance(other, list | dict) and str(one) == str(other)
