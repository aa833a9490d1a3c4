"""Loading a checked batch into the hub: mirror, raw, rejects, cursor and ledger in one transaction.

After a crash at any moment either all of a batch is there, with the cursor behind it, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import sqlalchemy as sa

from tasks.core.batch import Json, MappedBatch, Position, Reject, Row, Tally, canonical_json, fingerprint
from tasks.core.left_out import LeftOut
from tasks.hub import (
    aliases,
    journal,
    links,
    ownership,
    parents,
    provenance,
    rejects,
    still_there,
    suppressions,
)
from tasks.hub.engine import Hub
from tasks.hub.journal import Entry
from tasks.hub.ledger import Cursor, Run
from tasks.hub.provenance import Read
from tasks.hub.tables import MIRRORS, raw
from tasks.hub.tables import rejects as reject_table
from tasks.hub.upsert import Upserted, among, fingerprints, upsert
from tasks.load import noted
from tasks.load.told_last import as_told_last
from tasks.load.versions import (
    GONE,
    PARTIAL,
    PARTIAL_PATCHED,
    PATCHED,
    UNSETTLED,
    Reading,
    is_doubtful,
    is_older,
)
from tasks.streams import STREAMS, mirror_of, patched, written_to
from tasks.vendors.protocols import MirrorMapping, Told

AS_KNOWN = Reading()
"""A reading of which nothing more is known."""

AT_ONCE = timedelta(0)
"""How far an answer that is no search's is behind what HighLevel holds."""


@dataclass(slots=True)
class Mirrored(Upserted):
    """Ids by what happened to their rows.

    Args:
        older: Among the unchanged those whose read is older than what the mirror holds.
        doubtful: Among these, those for which only the record itself tells.
        stripped: Those that told what must not come back.
        entries: What the journal is to say of it.
    """

    older: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    stripped: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)


def load(
    hub: Hub,
    run: Run,
    batch: MappedBatch,
    cursor: Cursor,
    position: Position,
    mapping: MirrorMapping,
    doubtful: set[str],
    meaning: str | None = None,
) -> Tally:
    """Write one batch, all of it or nothing.

    Args:
        run: Its tally is advanced by what the transaction did.
        position: Where ``cursor`` stands after the batch.
        mapping: What made the batch's rows.
        doubtful: Takes the ids of records that are to be asked for themselves.
        meaning: What else their rows depend on, by which records are settled; None where none is to be.

    Returns:
        What was done: counts and reject reasons.

    Raises:
        HubUnavailableError: Nothing was written.
    """
    stamp: Row = {"location_id": batch.location_id, "run_id": run.id, "synced_at": datetime.now(UTC)}
    source = {**stamp, "stream": batch.source}
    reading = Reading(mapping, batch.asked_at)
    texts = {row["id"]: text for row, text in zip(batch.rows, batch.raws, strict=True)}
    with hub.write() as connection:
        done = mirror_rows(connection, batch.stream, batch.rows, stamp, reading)
        orphaned = _childless(connection, batch) if batch.parents else []
        done.entries += _mark_gone(connection, batch.stream, orphaned, stamp, as_of=batch.asked_at)
        parents.note_read(connection, batch.location_id, batch.stream, batch.parents, stamp["synced_at"])
        for id_ in done.older:
            del texts[id_]
        quiet = batch.quiet - done.stripped
        marks = dict(zip((row["id"] for row in batch.rows), batch.raw_marks, strict=bool(batch.raw_marks)))
        keep_raw(connection, texts, source, dict.fromkeys(quiet, meaning) if meaning else {}, marks)
        suppressed = suppressions.known(connection, batch.source)
        refused = [suppressed.clean_reject(one) for one in batch.rejects]
        rejects.replace(connection, source, refused, batch.mapping)
        rejects.resolve(connection, source, [*texts, *batch.settled])
        cursor.move(connection, position, run.id)
        tally = _tally(batch, done)
        _count_settled(connection, batch, mapping, tally.dropped)
        tally.deleted = len(orphaned)
        run.record(connection, tally)
        journal.write(connection, stamp, done.entries)
    run.tally.add(tally)
    doubtful |= done.doubtful
    return tally


def load_told(hub: Hub, run: Run, stream: str, told: Sequence[Told]) -> None:
    """Write what answers told of single records, all of it or nothing.

    Raises:
        HubUnavailableError: Nothing was written.
    """
    stamp = {"location_id": run.location_id, "run_id": run.id, "synced_at": datetime.now(UTC)}
    with hub.write() as connection:
        journal.write(connection, stamp, mirror_told(connection, stream, told, stamp))


def mirror_told(
    connection: sa.Connection,
    stream: str,
    told: Sequence[Told],
    stamp: Row,
    *,
    partial: bool = False,
    plan_id: str | None = None,
) -> list[Entry]:
    """Mirror what answers told of single records, and keep those that were told whole.

    Args:
        plan_id: The plan whose writes were answered; None where somebody only asked.

    Returns:
        What the journal is to say of it.
    """
    rows = {row["id"]: row for row in told}
    if not rows:
        return []
    mapping, asked_at = told[0].mapping, min(row.at for row in told)
    reading = Reading(mapping, asked_at, AT_ONCE)
    plain_rows = [{**row, **row.removed} for row in rows.values()]
    done = mirror_rows(connection, stream, plain_rows, stamp, reading, partial=partial, plan_id=plan_id)
    if not partial:
        texts = {id_: row.record for id_, row in rows.items() if id_ not in done.older}
        keep_raw(connection, texts, {**stamp, "stream": mapping.source})
    return done.entries


def keep_raw(
    connection: sa.Connection,
    texts: dict[str, str],
    source: Row,
    meanings: Mapping[str, str] = {},
    marks: Mapping[str, str] = {},
) -> None:
    """Keep records as the vendor sent them, by id, within the caller's transaction.

    What must not come back is not kept.

    Args:
        source: ``location_id`` and ``stream`` of the records, and ``run_id`` and ``synced_at`` of this run.
        meanings: By id, what else their rows in the mirror depend on, of those that may be settled.
        marks: By id, the fingerprints of their texts, where they are known.
    """
    suppressed = suppressions.known(connection, source["stream"])
    if suppressed:
        texts, marks = {id_: suppressed.clean_record(text) for id_, text in texts.items()}, {}
    rows = [{"id": id_, "payload": text, "settled_by": meanings.get(id_)} for id_, text in texts.items()]
    prints = [marks.get(id_) or fingerprint(text) for id_, text in texts.items()]
    done = upsert(connection, raw, rows, prints, source)
    mine = (raw.c.location_id == source["location_id"], raw.c.stream == source["stream"])
    for value in {meanings.get(id_) for id_ in done.unchanged}:
        ids = [id_ for id_ in done.unchanged if meanings.get(id_) == value]
        another = (raw.c.settled_by.is_distinct_from(value), among(connection, raw.c.id, ids))
        connection.execute(sa.update(raw).where(*mine, *another).values(settled_by=value))


def settled(
    hub: Hub, stream: str, source: str, location_id: str, marks: Mapping[str, str], meaning: str
) -> list[str]:
    """Ids of records that the mirror has just as they are, with nothing to tell: they need no mapping.

    Args:
        marks: The fingerprint of each record's text, by id.
        meaning: What else a row depends on.
    """
    table = MIRRORS[stream]
    kept = (raw.c.location_id == location_id, raw.c.stream == source, raw.c.settled_by == meaning)
    same = sa.and_(table.c.location_id == raw.c.location_id, table.c.id == raw.c.id)
    whole = (table.c.deleted_at.is_(None), table.c.fingerprint.not_in(UNSETTLED))
    query = sa.select(raw.c.id, raw.c.fingerprint).select_from(raw.join(table, same)).where(*kept, *whole)
    with hub.read() as connection:
        found = connection.execute(query.where(among(connection, raw.c.id, list(marks))))
        return [id_ for id_, mark in found if marks[id_] == mark]


def _count_settled(
    connection: sa.Connection, batch: MappedBatch, mapping: MirrorMapping, dropped: LeftOut
) -> None:
    """Count the values of settled records, where others of the batch went in without theirs.

    What the mirror keeps though a record does not tell it is no value of that record.
    """
    table = MIRRORS[batch.stream]
    for name in dropped.filled if batch.settled else ():
        if STREAMS[batch.stream].fields[name].untold is not None:
            told = _mapped_again(connection, batch.location_id, mapping, batch.settled).values()
            dropped.filled[name] += sum(row[name] is not None for row in told)
            continue
        theirs = (table.c.location_id == batch.location_id, table.c[name].is_not(None))
        query = sa.select(sa.func.count()).where(*theirs, among(connection, table.c.id, batch.settled))
        dropped.filled[name] += connection.execute(query).scalar_one()


def mirror_rows(
    connection: sa.Connection,
    stream: str,
    rows: Sequence[Row],
    stamp: Row,
    reading: Reading = AS_KNOWN,
    *,
    partial: bool = False,
    plan_id: str | None = None,
) -> Mirrored:
    """Write rows of a mirror, with their further addresses, and note what somebody changed by hand.

    What is older than what the mirror holds is left out, and so is what must not come back; where the vendor
    still has it is noted.

    Args:
        stamp: ``location_id``, ``run_id`` and ``synced_at``.
        partial: The rows are what the answer to a create told, which is not all.
        plan_id: The plan whose writes the rows answer; None where somebody only asked.
    """
    table, location_id = MIRRORS[stream], stamp["location_id"]
    told = as_told_last(connection, stream, location_id, rows)
    suppressed = suppressions.known(connection, stream)
    rows = [suppressed.clean_row(row) for row in told] if suppressed else told
    stripped = {row["id"] for row, cleaned in zip(told, rows, strict=True) if cleaned is not row}
    marks = {row["id"]: PARTIAL if partial else fingerprint(canonical_json(row)) for row in rows}
    known = fingerprints(connection, table, stamp, list(marks))
    news = {row["id"]: row for row in rows if known.get(row["id"]) != marks[row["id"]]}
    before = _rows(connection, table, location_id, [id_ for id_ in news if id_ in known])
    older = {
        old["id"]
        for old in before
        if is_older(news[old["id"]], old, reading, patched(stream), partial=partial)
    }
    doubtful = {
        old["id"] for old in before if old["id"] in older and is_doubtful(news[old["id"]], old, reading)
    }
    if suppressed and written_to(stream):
        read = [row for row in told if row["id"] not in older]
        still_there.note(connection, suppressed, location_id, stream, read, stamp["synced_at"])
    changed = [old for old in before if old["id"] not in older and old["fingerprint"] != GONE]
    pairs = [(old, news[old["id"]]) for old in changed]
    entries = _observe(connection, stream, pairs, stamp, reading, plan_id)
    written = [row for id_, row in news.items() if id_ not in older]
    fixed = {**stamp, "deleted_at": None, "mapped_by": reading.mapping and reading.mapping.digest}
    dated = [{**row, "known_at": reading.as_of(row)} for row in written]
    done = upsert(connection, table, dated, [marks[row["id"]] for row in written], fixed, known=known)
    aliases.replace(connection, location_id, stream, written, known)
    unchanged = [id_ for id_ in marks if id_ not in news or id_ in older]
    at = reading.asked_at or stamp["synced_at"]
    back = [old["id"] for old in before if old["id"] not in older and old["fingerprint"] == GONE]
    entries += [noted.returned(stream, news[id_], at, plan_id) for id_ in back]
    if made := [row for row in written if row["id"] not in known]:
        ours = _made_by_plans(connection, location_id, stream, [row["id"] for row in made], plan_id)
        began = ownership.began(connection, location_id, stream)
        entries += noted.new_rows(stream, made, at, began, ours)
    return Mirrored(done.created, done.updated, unchanged, older, doubtful, stripped, entries)


def _made_by_plans(
    connection: sa.Connection, location_id: str, stream: str, ids: Sequence[str], plan_id: str | None
) -> dict[str, str]:
    """By id, the plans that made records: the one at hand, or those whose answer was not mirrored."""
    if plan_id is not None:
        return dict.fromkeys(ids, plan_id)
    target = written_to(stream)
    return links.made_by_plans(connection, location_id, target, ids) if target else {}


def _observe(
    connection: sa.Connection,
    stream: str,
    pairs: Sequence[tuple[Row, Row]],
    stamp: Row,
    reading: Reading,
    plan_id: str | None,
) -> list[Entry]:
    """Note what somebody changed by hand, of rows as they were and as they are; the journal's entries."""
    if not pairs:
        return []
    location_id, mapping = stamp["location_id"], reading.mapping
    respelt = {old["id"] for old, _ in pairs if mapping is not None and old["mapped_by"] != mapping.digest}
    then = _mapped_again(connection, location_id, mapping, sorted(respelt)) if mapping and respelt else {}
    reads = [
        Read(
            old,
            new,
            at=reading.as_of(new) or reading.asked_at or stamp["synced_at"],
            partial=old["fingerprint"] in (PARTIAL, PARTIAL_PATCHED),
            respelt=old["id"] in respelt,
            then=_with_patches(then.get(old["id"]), old, patched(stream)),
        )
        for old, new in pairs
    ]
    by_hand = provenance.observe(connection, location_id, stream, reads, stamp["run_id"])
    return list(noted.changed(stream, reads, by_hand, plan_id))


def _mapped_again(
    connection: sa.Connection, location_id: str, mapping: MirrorMapping, ids: Sequence[str]
) -> dict[str, Row]:
    """What records as they were kept give by the present mapping, where it understands them."""
    mine = (raw.c.location_id == location_id, raw.c.stream == mapping.source)
    query = sa.select(raw.c.id, raw.c.payload).where(*mine, among(connection, raw.c.id, ids))
    kept = connection.execute(query).all()
    found = mapping.rows([_record(payload) for _, payload in kept])
    return {id_: row for (id_, _), row in zip(kept, found, strict=True) if not isinstance(row, Reject)}


def _record(payload: str) -> Json:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload  # no record, the mapping will say


def _with_patches(then: Row | None, held: Row, patchable: Sequence[str]) -> Row | None:
    """A record as it was kept, with what we have written since without reading it again."""
    if then is None or held["fingerprint"] not in (PATCHED, PARTIAL_PATCHED):
        return then
    return {**then, **{name: held[name] for name in patchable}}


def _rows(connection: sa.Connection, table: sa.Table, location_id: str, ids: Sequence[str]) -> list[Row]:
    mine = (table.c.location_id == location_id, among(connection, table.c.id, ids))
    return [dict(row) for row in connection.execute(sa.select(table).where(*mine)).mappings()]


def _childless(connection: sa.Connection, batch: MappedBatch) -> list[str]:
    """Ids of what the mirror has of a batch's parents and the batch, which tells all of it, has not."""
    table, parent = MIRRORS[batch.stream], mirror_of(batch.stream)[1].parent
    mine = (table.c.location_id == batch.location_id, table.c.deleted_at.is_(None))
    older = sa.or_(table.c.known_at.is_(None), table.c.known_at < batch.asked_at)
    query = sa.select(table.c.id).where(*mine, older, among(connection, table.c[parent], batch.parents))
    told = set(batch.ids)
    return [id_ for id_ in connection.execute(query).scalars() if id_ not in told]


def missing(
    hub: Hub, stream: str, source: str, location_id: str, seen: set[str], before: datetime
) -> dict[str, str]:
    """Ids that the hub holds as present, mirrored or rejected, and that a full pass did not see.

    By each, the id of the record that it hangs on; "" where there is none or the mirror does not tell.

    Args:
        seen: Every id the pass read.
        before: When the pass began; rows written since are not judged by it, but for those that bear a moment
            still to come: a clock was set back.
    """
    mirror, now = MIRRORS[stream], datetime.now(UTC)
    parent = mirror_of(stream)[1].parent
    hangs_on = sa.func.coalesce(mirror.c[parent], "") if parent else sa.literal("")

    def judged(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.or_(table.c.synced_at < before, table.c.synced_at > now)

    mirrored = sa.select(mirror.c.id, hangs_on).where(
        mirror.c.location_id == location_id, mirror.c.deleted_at.is_(None), judged(mirror)
    )
    rejected = sa.select(reject_table.c.id, sa.literal("")).where(
        reject_table.c.location_id == location_id, reject_table.c.stream == source, judged(reject_table)
    )
    with hub.read() as connection:
        found = connection.execute(sa.union_all(rejected, mirrored)).all()
    return {id_: parent_id for id_, parent_id in found if id_ not in seen}


def present(hub: Hub, stream: str, location_id: str) -> int:
    """How many records the mirror holds as present."""
    mirror = MIRRORS[stream]
    query = sa.select(sa.func.count()).where(
        mirror.c.location_id == location_id, mirror.c.deleted_at.is_(None)
    )
    with hub.read() as connection:
        return connection.execute(query).scalar_one()


def mark_deleted(hub: Hub, run: Run, stream: str, source: str, ids: Sequence[str], *, as_of: datetime) -> int:
    """Mark records as gone at the vendor; their rows stay, their rejects go.

    Args:
        as_of: Since when, at the latest, by the vendor's clock.

    Returns:
        How many rows there were.
    """
    stamp = {"location_id": run.location_id, "run_id": run.id, "synced_at": datetime.now(UTC)}
    with hub.write() as connection:
        entries = _mark_gone(connection, stream, ids, stamp, as_of=as_of)
        rejects.resolve(connection, {"location_id": run.location_id, "stream": source}, ids)
        tally = Tally(deleted=len(entries))
        run.record(connection, tally)
        journal.write(connection, stamp, entries)
    run.tally.add(tally)
    return len(entries)


def _mark_gone(
    connection: sa.Connection, stream: str, ids: Sequence[str], stamp: Row, *, as_of: datetime | None
) -> list[Entry]:
    if not ids:
        return []
    mirror, at = MIRRORS[stream], stamp["synced_at"]
    values = {"deleted_at": at, "synced_at": at, "fingerprint": GONE, "known_at": as_of}
    present_here = (mirror.c.location_id == stamp["location_id"], mirror.c.deleted_at.is_(None))
    gone = sa.update(mirror).where(*present_here, among(connection, mirror.c.id, ids))
    marking = gone.values(values | {"run_id": stamp["run_id"]}).returning(mirror.c.id)
    return [noted.deleted(stream, id_, as_of or at) for id_ in connection.execute(marking).scalars()]


def _tally(batch: MappedBatch, done: Upserted) -> Tally:
    tally = Tally(
        read=batch.read,
        mapped=len(batch.rows) + len(batch.settled),
        rejected=len(batch.rejects),
        created=len(done.created),
        updated=len(done.updated),
        unchanged=len(done.unchanged) + len(batch.settled),
        warnings=batch.warnings.copy(),
        dropped=batch.left_out(),
    )
    for reject in batch.rejects:
        tally.reasons.update({reason.kind for reason in reject.reasons})
    return tally
