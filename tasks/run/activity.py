"""Reading what hangs on contacts into the hub, for as few requests as it takes.

Tasks and appointments are listed whole, 100 tasks or a calendar's appointments in a request. Notes cost a
request for each contact, so they are read of contacts that moved, as the journal tells, and of the others in
turn, so many a day.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.core.batch import Position
from tasks.hub import journal, parents
from tasks.hub.budget import announced
from tasks.hub.ledger import Cursor
from tasks.hub.tables import MIRRORS
from tasks.mapping.language import MAPPINGS as FOLDER
from tasks.mapping.language import find_mapping, load_mapping
from tasks.plan.bill import Bill, bill_of_reads
from tasks.run.pipeline import Lane, MirrorSink, Pipeline, Session
from tasks.run.refresh import mirror_lane, refresh
from tasks.streams import mirror_of
from tasks.vendors.protocols import Parents

log = logging.getLogger(__name__)

MAPPINGS = (
    *("highlevel_user", "highlevel_calendar", "highlevel_crm_task", "highlevel_appointment"),
    "highlevel_note",
)
"""What fills the mirrors; what others refer to comes first, what is read contact by contact last."""


def with_another(names: Sequence[str], another: str) -> tuple[str, ...]:
    """Mappings with another one in place of that which fills the same stream; "" for none.

    Raises:
        BadMappingError: One is not there or does not say what it means.
    """
    if not another:
        return tuple(names)
    filled = load_mapping(find_mapping(another, FOLDER)).target
    others = [one for one in names if load_mapping(find_mapping(one, FOLDER)).target != filled]
    return (*others, another)


LISTED_AT_ONCE = 2500
"""Records of a list in a batch."""

DAY = timedelta(days=1)

Window = tuple[datetime | None, datetime | None]
"""Added since the first moment and before the second."""

ALWAYS: Window = (None, None)


async def freshen_contacts(session: Session) -> None:
    """Bring the hub's contacts up to date, by the cursor of their own sync."""
    [children] = [lane for lane in session.lanes if is_by_parent(lane)]
    async with mirror_lane(session, mirror_of(children.target)[1].parent_mirror) as contacts:
        await refresh(contacts)


def is_by_parent(lane: Lane) -> bool:
    """Whether a lane fills a mirror that is read parent by parent."""
    return lane.target in MIRRORS and mirror_of(lane.target)[1].by_parent


async def read_lists(session: Session, *, max_deleted_share: float) -> None:
    """Read the streams that HighLevel lists; what is missing there is looked up, and marked as deleted."""
    for lane in session.lanes:
        if lane.target in MIRRORS and not is_by_parent(lane):
            with _counted(lane):
                await refresh(lane, full_pass="now", size=LISTED_AT_ONCE, max_deleted_share=max_deleted_share)  # noqa: S106


async def read_all(lane: Lane, window: Window, *, restart: bool, size: int) -> None:
    """Read the children of every parent that was added in a window, from where the last run stopped.

    Args:
        size: Parents in a batch.
    """
    session, since_now = lane.session, _sync_cursor(lane)
    if await lane.position(since_now) is None:  # what moves from here on is for the sync
        await lane.move(since_now, {"seq": await _ask(session, journal.head, session.run.location_id)})
    cursor = _window_cursor(lane, window)
    start = None if restart else await lane.position(cursor)
    await _carry(lane, _in_order(lane, window), cursor, start=start, size=size)
    await lane.move(cursor, None)


async def read_moved(lane: Lane, *, a_day: int, in_turn: int, size: int) -> None:
    """Read the children of parents that somebody changed since the last time, then of others in turn.

    Args:
        a_day: Of so many parents at most in 24 hours.
        in_turn: Of so many others, those that were read longest ago.
    """
    cursor, location_id = _sync_cursor(lane), lane.session.run.location_id
    position = await lane.position(cursor)
    head = await _ask(lane.session, journal.head, location_id)
    if position is None:
        await lane.move(cursor, {"seq": head})  # those of before are read in turn
    else:
        stream = mirror_of(lane.target)[1].parent_mirror
        moved: dict[str, int] = await _ask(
            lane.session, journal.moved, location_id, stream, after=position["seq"]
        )
        todo = list(moved.items())[: await _left_today(lane, a_day)]
        if todo:  # else the cursor stays where it is
            await _carry(lane, _one_after_another(todo), cursor, start=None, size=size)
        if len(todo) == len(moved):
            await lane.move(cursor, {"seq": head})
    await _read_in_turn(lane, min(in_turn, await _left_today(lane, a_day)), size=size)


async def coverage(lane: Lane) -> dict[str, Any]:
    """How much of the notes is known, as JSON; the contacts are those that the hub knows as present."""
    found: parents.Covered = await _ask(
        lane.session, parents.covered, lane.session.run.location_id, lane.target
    )
    return {
        "contacts": found.parents,
        "read": found.read,
        "share": round(found.read / found.parents, 4) if found.parents else 1.0,
        "read_longest_ago": found.since and found.since.isoformat(),
    }


async def bill(lane: Lane, window: Window, *, restart: bool) -> Bill:
    """What ``read_all`` takes, beside the lists: a request for each parent."""
    session = lane.session
    cursor = _window_cursor(lane, window)
    done = 0 if restart else ((await lane.position(cursor)) or {}).get("done", 0)
    number = await _ask(session, parents.number, session.run.location_id, lane.target, window)
    quota = await asyncio.to_thread(announced, session.hub, session.connection.account)
    return bill_of_reads(max(0, number - done), quota)


async def _read_in_turn(lane: Lane, number: int, *, size: int) -> None:
    run = lane.session.run
    ids: list[str] = await _ask(
        lane.session, parents.longest_unread, run.location_id, lane.target, run.started_at, number
    )
    if not ids:
        return
    cursor = lane.cursor("in turn")
    await _carry(lane, _one_after_another([(id_, 0) for id_ in ids]), cursor, start=None, size=size)
    await lane.move(cursor, None)


async def _carry(lane: Lane, contacts: Parents, cursor: Cursor, *, start: Position | None, size: int) -> None:
    source = lane.session.connection.parent_reader(lane.mapping.source).of(contacts)
    with _counted(lane):
        pipeline = Pipeline(lane, source, MirrorSink(lane, cursor), start=start, size=size)
        await lane.session.carry_all(pipeline, lane.records)


def _in_order(lane: Lane, window: Window) -> Parents:
    """Every parent, by id."""
    location_id = lane.session.run.location_id

    async def some(position: Position | None, size: int) -> tuple[list[str], Position, bool]:
        at = position or {"after": "", "done": 0}
        ids: list[str] = await _ask(
            lane.session, parents.some, location_id, lane.target, after=at["after"], limit=size, added=window
        )
        after = {"after": ids[-1] if ids else at["after"], "done": at["done"] + len(ids)}
        return ids, after, len(ids) < size

    return some


def _one_after_another(listed: Sequence[tuple[str, int]]) -> Parents:
    """Parents as they are listed, with what the cursor is to say once each was read."""

    async def some(position: Position | None, size: int) -> tuple[list[str], Position, bool]:
        at = (position or {}).get("at", 0)
        now = listed[at : at + size]
        seq = now[-1][1] if now else (position or {}).get("seq", 0)
        return [id_ for id_, _ in now], {"at": at + len(now), "seq": seq}, at + len(now) >= len(listed)

    return some


def _window_cursor(lane: Lane, window: Window) -> Cursor:
    """How far all contacts of a window were read."""
    since, until = window
    return lane.cursor(f"all, added {since or 'whenever'} to {until or 'now'}")


def _sync_cursor(lane: Lane) -> Cursor:
    """How far the sync has followed the journal: it belongs to the mirror, whatever mapping fills it."""
    return Cursor(lane.session.run.location_id, lane.synced_by, f"journal · {lane.target}")


async def _left_today(lane: Lane, a_day: int) -> int:
    since = datetime.now(UTC) - DAY
    read = await _ask(lane.session, parents.read_since, lane.session.run.location_id, lane.target, since)
    return max(0, a_day - int(read))


async def _ask(session: Session, what: Any, *args: Any, **more: Any) -> Any:
    def asked() -> Any:
        with session.hub.read() as connection:
            return what(connection, *args, **more)

    return await asyncio.to_thread(asked)


@contextmanager
def _counted(lane: Lane) -> Iterator[None]:
    """Count what a lane reads on its own, beside the run's sums."""
    tally = lane.session.run.tally
    before = tally.read
    try:
        yield
    finally:
        streams = tally.more.setdefault("streams", {})
        streams[lane.records] = streams.get(lane.records, 0) + tally.read - before
