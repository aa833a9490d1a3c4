"""Loading a checked batch into the hub: mirror, raw, rejects, cursor and ledger in one transaction.

After a crash at any moment either all of a batch is there, with the cursor behind it, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from tasks.batch import MappedBatch, Position, Tally, canonical_json, fingerprint
from tasks.hub import rejects
from tasks.hub.engine import Hub
from tasks.hub.ledger import Cursor, Run
from tasks.hub.tables import MIRRORS, raw
from tasks.hub.tables import rejects as reject_table
from tasks.hub.upsert import Upserted, among, upsert

GONE = "gone"
"""Fingerprint of a mirrored record that was deleted: no content has it, so a return is a change."""


def load(hub: Hub, run: Run, batch: MappedBatch, cursor: Cursor, position: Position) -> Tally:
    """Write one batch, all of it or nothing.

    Args:
        run: Its tally is advanced by what the transaction did.
        position: Where ``cursor`` stands after the batch.

    Returns:
        What was done: counts and reject reasons.

    Raises:
        HubUnavailableError: Nothing was written.
    """
    stamp = {"location_id": batch.location_id, "run_id": run.id, "synced_at": datetime.now(UTC)}
    source = {**stamp, "stream": batch.source}
    ids = [row["id"] for row in batch.rows]
    raws = [{"id": id_, "payload": text} for id_, text in zip(ids, batch.raws, strict=True)]
    marks = [fingerprint(canonical_json(row)) for row in batch.rows]
    raw_marks = list(map(fingerprint, batch.raws))
    with hub.write() as connection:
        done = upsert(connection, MIRRORS[batch.stream], batch.rows, marks, {**stamp, "deleted_at": None})
        upsert(connection, raw, raws, raw_marks, source)
        rejects.replace(connection, source, batch.rejects, batch.mapping)
        rejects.resolve(connection, source, ids)
        cursor.move(connection, position, run.id)
        tally = _tally(batch, done)
        run.record(connection, tally)
    run.tally.add(tally)
    return tally


def missing(
    hub: Hub, stream: str, source: str, location_id: str, seen: set[str], before: datetime
) -> list[str]:
    """Ids that the hub holds as present, mirrored or rejected, and that a full pass did not see.

    Args:
        seen: Every id the pass read.
        before: When the pass began; rows written since are not judged by it.
    """
    mirror = MIRRORS[stream]
    mirrored = sa.select(mirror.c.id).where(
        mirror.c.location_id == location_id, mirror.c.deleted_at.is_(None), mirror.c.synced_at < before
    )
    rejected = sa.select(reject_table.c.id).where(
        reject_table.c.location_id == location_id,
        reject_table.c.stream == source,
        reject_table.c.synced_at < before,
    )
    with hub.read() as connection:
        return [id_ for id_ in connection.execute(sa.union(mirrored, rejected)).scalars() if id_ not in seen]


def present(hub: Hub, stream: str, location_id: str) -> int:
    """How many records the mirror holds as present."""
    mirror = MIRRORS[stream]
    query = sa.select(sa.func.count()).where(
        mirror.c.location_id == location_id, mirror.c.deleted_at.is_(None)
    )
    with hub.read() as connection:
        return connection.execute(query).scalar_one()


def mark_deleted(hub: Hub, run: Run, stream: str, source: str, ids: Sequence[str]) -> int:
    """Mark records as gone at the vendor; their rows stay, their rejects go. Returns how many."""
    mirror = MIRRORS[stream]
    now = datetime.now(UTC)
    values = {"deleted_at": now, "synced_at": now, "fingerprint": GONE, "run_id": run.id}
    present_here = (mirror.c.location_id == run.location_id, mirror.c.deleted_at.is_(None))
    with hub.write() as connection:
        gone = sa.update(mirror).where(*present_here, among(connection, mirror.c.id, ids))
        count = connection.execute(gone.values(values)).rowcount
        rejects.resolve(connection, {"location_id": run.location_id, "stream": source}, ids)
        tally = Tally(deleted=count)
        run.record(connection, tally)
    run.tally.add(tally)
    return count


def _tally(batch: MappedBatch, done: Upserted) -> Tally:
    tally = Tally(
        read=batch.read,
        mapped=len(batch.rows),
        rejected=len(batch.rejects),
        created=len(done.created),
        updated=len(done.updated),
        unchanged=len(done.unchanged),
        warnings=batch.warnings.copy(),
    )
    for reject in batch.rejects:
        tally.reasons.update({reason.label for reason in reject.reasons})
    return tally
