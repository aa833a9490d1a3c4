"""What the journal says of rows that a mirror takes in: which fields changed, and whose doing that was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from tasks.core.batch import Json, Row
from tasks.core.change import plain
from tasks.hub.journal import OURS, THEIRS, Entry, Kind
from tasks.hub.provenance import SINCE, Read, same
from tasks.load.versions import PARTIAL, PARTIAL_PATCHED, PATCHED
from tasks.streams import CUSTOM, STREAMS, FieldType, mirror_of, tracked

BEFORE_IT_BEGAN = timedelta(minutes=10)
"""What was added so shortly before the hub began to mirror a stream counts as new: clocks differ."""


def new_rows(
    stream: str, rows: Sequence[Row], at: datetime, began: datetime | None, plans: Mapping[str, str]
) -> Iterator[Entry]:
    """Of rows that the mirror did not have.

    Args:
        at: When that is known.
        began: When the hub began to mirror the stream: what was added before was only loaded.
        plans: By id, the plans that made records; the others somebody else did.
    """
    for row in rows:
        plan_id = plans.get(row["id"])
        added = row.get("date_added")
        loaded = plan_id is None and (began is None or added is None or added < began - BEFORE_IT_BEGAN)
        if loaded:
            yield Entry(stream, row["id"], Kind.LOADED, added or at)
        else:
            whose = THEIRS if plan_id is None else OURS
            yield Entry(stream, row["id"], Kind.CREATED, added or at, _held(stream, row), whose, plan_id)


def returned(stream: str, row: Row, at: datetime, plan_id: str | None) -> Entry:
    """Of a record that was deleted and is there again."""
    whose = THEIRS if plan_id is None else OURS
    return Entry(stream, row["id"], Kind.CREATED, at, _held(stream, row), whose, plan_id)


def changed(
    stream: str, reads: Sequence[Read], by_hand: Mapping[str, set[str]], plan_id: str | None
) -> Iterator[Entry]:
    """Of rows that differ from what the mirror had: one entry for what is theirs, one for what is ours.

    Nothing has changed where a record that we made is read whole for the first time, where one that we wrote
    is read back with its new date, and where another mapping reads a value in another way. A value that is
    put together from others is told by these: not every answer of the vendor has it.

    Args:
        by_hand: The tracked fields that somebody else changed, by record.
        plan_id: The plan whose write the vendor's answer tells; None where nothing was written.
    """
    for read in reads:
        id_, hand = read.after["id"], by_hand.get(read.after["id"], set())
        theirs: dict[str, tuple[Json, Json]] = {}
        ours: dict[str, tuple[Json, Json]] = {}
        for name, old, new in _differing(stream, read):
            (theirs if _is_theirs(stream, name, read, hand) else ours)[name] = (old, new)
        if moved := _moved(read):
            our_doing = bool(ours) or plan_id is not None or _was_written(read.before)
            (theirs if theirs or not our_doing else ours)[SINCE] = moved
        if theirs:
            yield Entry(stream, id_, Kind.UPDATED, read.at, theirs)
        if ours.keys() - {SINCE} and (plan_id is not None or not read.partial):
            yield Entry(stream, id_, Kind.UPDATED, read.at, ours, OURS, plan_id)


def patched(
    stream: str, before: Row, patch: Mapping[str, Json], at: datetime, plan_id: str | None
) -> Entry | None:
    """Of single columns that a write of ours gave a new value; None where they had it."""
    fields = {
        name: (old, new)
        for name, old, new in ((name, plain(before[name]), plain(value)) for name, value in patch.items())
        if not same(old, new)
    }
    return Entry(stream, before["id"], Kind.UPDATED, at, fields, OURS, plan_id) if fields else None


def deleted(stream: str, id_: str, at: datetime, plan_id: str | None = None) -> Entry:
    """Of a record that is gone."""
    return Entry(stream, id_, Kind.DELETED, at, {}, THEIRS if plan_id is None else OURS, plan_id)


def _held(stream: str, row: Row) -> dict[str, tuple[Json, Json]]:
    nothing = dict.fromkeys(row)
    return {name: (None, new) for name, _, new in _differences(stream, nothing, row)}


def _differing(stream: str, read: Read) -> Iterator[tuple[str, Json, Json]]:
    before = read.then if read.respelt else read.before
    if before is None:
        return
    composed = mirror_of(stream)[1].composed
    yield from (one for one in _differences(stream, before, read.after) if one[0] not in composed)


def _differences(stream: str, before: Row, after: Row) -> Iterator[tuple[str, Json, Json]]:
    for name, declared in STREAMS[stream].fields.items():
        if name in ("id", SINCE) or name not in after:
            continue
        old, new = plain(declared.told(before.get(name))), plain(declared.told(after[name]))
        if same(old, new):
            continue
        if declared.type is not FieldType.OBJECT:
            yield name, old, new
            continue
        held, now = old or {}, new or {}
        for key in sorted(held.keys() | now.keys()):
            if not same(held.get(key), now.get(key)):
                yield f"{CUSTOM}{key}", held.get(key), now.get(key)


def _moved(read: Read) -> tuple[Json, Json] | None:
    old, new = plain(read.before.get(SINCE)), plain(read.after.get(SINCE))
    return None if old == new else (old, new)


def _is_theirs(stream: str, name: str, read: Read, hand: set[str]) -> bool:
    if name in tracked(stream) or name.startswith(CUSTOM):
        return name in hand
    return not read.partial  # nothing of ours writes it; of a record that we made it is only learnt


def _was_written(before: Row) -> bool:
    return before["fingerprint"] in (PARTIAL, PATCHED, PARTIAL_PATCHED)
