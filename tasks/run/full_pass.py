"""The full pass: every record is read again, and what is missing is looked up and marked as deleted.

HighLevel announces no deletion to a poller, and a search that lags or fails may miss a record. So
nothing is marked that a request for the record itself has not confirmed to be gone, and a pass that
misses more than is believable stops instead.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from tasks.core.batch import Position
from tasks.core.errors import SuspiciousDeletionError
from tasks.hub.ledger import Cursor
from tasks.load.mirror import mark_deleted, missing, present
from tasks.run.pipeline import Lane, MirrorSink, Pipeline

log = logging.getLogger(__name__)

SCOPE = "full pass"
ALWAYS_BELIEVED = 25
"""So many missing records are looked up one by one whatever their share."""
LOOK_UPS_AT_ONCE = 8


async def is_due(lane: Lane, mode: str, hours: int) -> bool:
    """Whether the location wants a full pass.

    Args:
        mode: ``now``, ``never`` or ``when due``.
        hours: After how many hours since the last one it is due.
    """
    if mode != "when due":
        return mode == "now"
    position = await lane.position(lane.cursor(SCOPE))
    finished = (position or {}).get("finished")
    since = datetime.now(UTC) - datetime.fromisoformat(finished) if finished else None
    # One that is still to come was finished before a clock was set back.
    return since is None or not timedelta(0) <= since < timedelta(hours=hours)


async def run_full_pass(lane: Lane, watermark: Cursor, *, size: int, max_deleted_share: float) -> None:
    """Read every record, mark the deleted, and set where the next incremental run begins.

    Args:
        watermark: The incremental cursor; set to the newest change from before the pass, because
            a record that changes after its page was read is for the next run.
        size: Records in a batch.
        max_deleted_share: Share of the hub's records that may be missing.

    Raises:
        SuspiciousDeletionError: More are missing; nothing was marked.
    """
    session, reader = lane.session, lane.reader
    began, newest = datetime.now(UTC), await reader.newest()
    seen: set[str] = set()
    cursor = lane.cursor(SCOPE)
    pipeline = Pipeline(
        lane,
        reader.added(),
        MirrorSink(lane, cursor),
        size=size,
        observe=lambda batch: seen.update(batch.ids),
    )
    await session.carry_all(pipeline)
    gone, now = await _gone(lane, seen, began, max_deleted_share), session.connection.now()
    await asyncio.to_thread(
        mark_deleted, session.hub, session.run, lane.target, reader.stream, gone, as_of=now
    )
    await lane.move(cursor, {"finished": datetime.now(UTC).isoformat()})
    await lane.move(watermark, _mark(newest))


async def _gone(lane: Lane, seen: set[str], began: datetime, share: float) -> list[str]:
    hub, location_id, reader = lane.session.hub, lane.session.run.location_id, lane.reader
    ids = await asyncio.to_thread(missing, hub, lane.target, reader.stream, location_id, seen, began)
    if not ids:
        return []
    held = await asyncio.to_thread(present, hub, lane.target, location_id)
    if len(ids) > max(ALWAYS_BELIEVED, share * held):
        raise SuspiciousDeletionError(
            f"{len(ids)} of the hub's {held} {lane.records} of location {location_id} are not among the"
            f" {len(seen)} that HighLevel's search gave; none was marked as deleted.",
            remedy=f"If they really were deleted, run {lane.synced_by} with full_pass=now"
            " and a max_deleted_share that allows it.",
        )
    log.info("%d %s are missing from the search; looking each one up", len(ids), lane.records)
    limit = asyncio.Semaphore(LOOK_UPS_AT_ONCE)

    async def is_gone(id_: str, parent: str) -> bool:
        async with limit:
            # An id of our own making (a record that had none) cannot be asked for.
            return id_.startswith("raw:") or not await reader.exists(id_, parent)

    verdicts = await asyncio.gather(*(is_gone(*one) for one in ids.items()))
    return [id_ for id_, is_it in zip(ids, verdicts, strict=True) if is_it]


def _mark(newest: datetime | None) -> Position:
    return {"search_after": None, "newest": newest.isoformat() if newest else None}
