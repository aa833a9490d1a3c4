"""Loading a checked batch into the hub: mirror, raw, rejects, cursor and ledger in one transaction.

After a crash at any moment either all of a batch is there, with the cursor behind it, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from tasks.batch import MappedBatch, Position, Row, Tally, canonical_json, fingerprint
from tasks.hub import aliases, provenance, rejects
from tasks.hub.engine import Hub
from tasks.hub.ledger import Cursor, Run
from tasks.hub.tables import MIRRORS, raw
from tasks.hub.tables import rejects as reject_table
from tasks.hub.upsert import Upserted, among, fingerprints, upsert

GONE = "gone"
"""Fingerprint of a mirrored record that was deleted: no content has it, so a return is a change."""

PARTIAL = "partial"
"""Fingerprint of a record that we made and that was never read whole: the next read completes it."""


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
    raw_marks = list(map(fingerprint, batch.raws))
    with hub.write() as connection:
        done = mirror_rows(connection, batch.stream, batch.rows, stamp)
        upsert(connection, raw, raws, raw_marks, source)
        rejects.replace(connection, source, batch.rejects, batch.mapping)
        rejects.resolve(connection, source, ids)
        cursor.move(connection, position, run.id)
        tally = _tally(batch, done)
        run.record(connection, tally)
    run.tally.add(tally)
    return tally


def mirror_rows(
    connection: sa.Connection, stream: str, rows: Sequence[Row], stamp: Row, *, partial: bool = False
) -> Upserted:
    """Write rows of a mirror, with their further addresses, and note what somebody changed by hand.

    Args:
        stamp: ``location_id``, ``run_id`` and ``synced_at``.
        partial: The rows are what the answer to a create told, which is not all.
    """
    table = MIRRORS[stream]
    marks = [PARTIAL if partial else fingerprint(canonical_json(row)) for row in rows]
    known = fingerprints(connection, table, stamp, [row["id"] for row in rows])
    changed = {
        row["id"]: row
        for row, mark in zip(rows, marks, strict=True)
        if known.get(row["id"], GONE) not in (mark, GONE)
    }
    if changed:
        location_id, run_id = stamp["location_id"], stamp["run_id"]
        before = _rows(connection, table, location_id, list(changed))
        pairs = [(old, changed[old["id"]]) for old in before]
        made_by_us = frozenset(id_ for id_ in changed if known[id_] == PARTIAL)
        provenance.observe(connection, location_id, stream, pairs, run_id, partial=made_by_us)
    done = upsert(connection, table, rows, marks, {**stamp, "deleted_at": None}, known=known)
    written = {*done.created, *done.updated}
    aliases.replace(connection, stamp["location_id"], [row for row in rows if row["id"] in written])
    return done


def _rows(connection: sa.Connection, table: sa.Table, location_id: str, ids: Sequence[str]) -> list[Row]:
    mine = (table.c.location_id == location_id, among(connection, table.c.id, ids))
    return [dict(row) for row in connection.execute(sa.select(table).where(*mine)).mappings()]


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
