"""Bringing the hub's mirror up to what HighLevel holds: what changed since the last time, or everything.

The sync runs it on a schedule, and every plan before it compares: both move the same cursor.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tasks.core.batch import Json, Reject, Row
from tasks.core.errors import BadMappingError, LushaConnectError
from tasks.hub import ownership, suppressions
from tasks.hub.ledger import Run, beating
from tasks.load.mirror import load_told
from tasks.mapping.checks.checks import Checker
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.run.full_pass import is_due, run_full_pass
from tasks.run.pipeline import Lane, MirrorSink, Pipeline, Session, mirror_mapping
from tasks.streams import mirror_of
from tasks.vendors.protocols import Told

OVERLAP = timedelta(seconds=120)
"""How far before the last read's end to read again; HighLevel's search lags."""


async def refresh(
    lane: Lane,
    *,
    overlap: timedelta = OVERLAP,
    full_pass: str = "never",  # noqa: S107 - no password
    full_pass_hours: int = 24,
    max_deleted_share: float = 0.2,
    size: int = 2500,
) -> None:
    """Read what changed since the last time into the mirror; everything where there was no last time.

    Args:
        lane: Of the sync, or one made by ``mirror_lane``.
        full_pass: ``when due``, ``now`` or ``never``.
    """
    if mirror_of(lane.target)[1].by_parent:
        return  # nothing lists it: it is read of the parents that concern somebody
    cursor = lane.cursor("dateUpdated")
    newest = (await lane.position(cursor) or {}).get("newest")
    if newest is None or _is_to_come(newest, lane.session) or await is_due(lane, full_pass, full_pass_hours):
        await run_full_pass(lane, cursor, size=size, max_deleted_share=max_deleted_share)
        return
    since = datetime.fromisoformat(newest) - overlap
    source = lane.reader.changed_since(since)
    start = {"search_after": None, "newest": newest}
    sink = MirrorSink(lane, cursor)
    await lane.session.carry_all(Pipeline(lane, source, sink, start=start, size=size), "refresh")
    await _ask_again(lane, sink.doubtful)


async def _ask_again(lane: Lane, ids: set[str]) -> None:
    """Read records themselves of which the search leaves open whether somebody changed them after us."""
    read_row, told = RowReader(lane), []
    for id_ in sorted(ids):
        record = await lane.reader.one(id_)
        if record is not None and isinstance(row := read_row(record), Told):
            told.append(row)
    if told:
        await asyncio.to_thread(load_told, lane.session.hub, lane.session.run, lane.target, told)


def _is_to_come(newest: str, session: Session) -> bool:
    """Whether a cursor stands where HighLevel's clock is still to come: nothing would be read until then."""
    return datetime.fromisoformat(newest) > session.connection.now() + OVERLAP


@asynccontextmanager
async def mirror_lane(session: Session, stream: str) -> AsyncIterator[Lane]:
    """The sync's lane of a mirror within another run: its mapping, its cursor, its own entry in the ledger.

    Args:
        stream: The mirror's, or of what it is written to.

    Raises:
        BadConfigurationError: The mirror is of a mapping that is not there.
    """
    mapping = load_mapping(await asyncio.to_thread(_mapping_of_the_mirror, session, stream))
    mapper, checker = compile_mapping(mapping), Checker(mapping)
    asked = {"within": session.run.automation}
    synced_by = mirror_of(stream)[1].synced_by
    run = Run(synced_by, session.run.location_id, mapping.name, mapping.digest, asked)
    await asyncio.to_thread(ownership.claim, session.hub, run, mapping.target, mapping.name)
    await asyncio.to_thread(run.open, session.hub)
    error: str | None = None
    try:
        async with beating(session.hub, run):
            yield replace(session, run=run).open_lane(mapper, checker)
    except BaseException as caught:
        if not session.run.waits:
            error = str(caught) or type(caught).__name__
        if isinstance(caught, LushaConnectError) and (done := run.tally.told()):
            caught.note_done(f"mirror: {done}")
        raise
    finally:
        await asyncio.to_thread(run.close, session.hub, error)


def _mapping_of_the_mirror(session: Session, target: str) -> Path:
    location_id, (stream, mirror) = session.run.location_id, mirror_of(target)
    held = ownership.mapping_of(session.hub, location_id, stream) or mirror.mapping
    try:
        return find_mapping(held, MAPPINGS)
    except BadMappingError:
        raise ownership.refusal(location_id, stream, held, mirror.mapping) from None


class RowReader:
    """Reads single contacts by the mirror's mapping, and as the mirror has them: without what was removed.

    Args:
        marked: Whether marks take the place of what was removed, for whoever removes it at the vendor.
    """

    def __init__(self, mirror: Lane, *, marked: bool = False) -> None:
        self._mapper = mirror.mapper
        self._mapping = mirror_mapping(mirror.mapper)
        self._now = mirror.session.connection.now
        self._marked = marked
        with mirror.session.hub.read() as connection:
            self._suppressed = suppressions.known(connection, mirror.target)

    def __call__(self, contact: Json) -> Row | None:
        """The contact's row; None where the mapping refuses it."""
        found, text = self._mapper.one(contact)
        if isinstance(found, Reject):
            return None
        row = self._suppressed.clean_row(found, marked=self._marked)
        removed = {name: value for name, value in found.items() if row[name] is not value}
        return Told(row, text, self._mapping, self._now(), removed)
