"""Dead letters: rows that failed, each with its raw record and every reason, until they pass.

A reject belongs to a record, not to a run: a record that fails again replaces its reject, one that
passes takes its reject away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import BY_KEY, Reason, Reject, Row, canonical_json, fingerprint
from tasks.hub import naming
from tasks.hub.engine import Hub
from tasks.hub.tables import rejects
from tasks.hub.upsert import among, upsert

KEPT = ("rule", "field", "message")
"""What the hub keeps of a reason."""

ROWS_AT_ONCE = 1_000


@dataclass(slots=True)
class Kept(Reject):
    """A reject as the hub keeps it."""

    stream: str
    location_id: str
    mapping: str
    run_id: str
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rejects are meant.

    Args:
        location_id: Of this location; "" for all.
        stream: Of this source stream; "" for all.
        reason: Words that one of the reasons has, its rule and field among them; "" for all.
    """

    location_id: str = ""
    stream: str = ""
    reason: str = ""

    def condition(self) -> sa.ColumnElement[bool]:
        """What the database can tell."""
        given = ((rejects.c.location_id, self.location_id), (rejects.c.stream, self.stream))
        return sa.and_(sa.true(), *(column == value for column, value in given if value))

    def fits(self, reasons: Sequence[Reason]) -> bool:
        """Whether one of the reasons has the words."""
        words = self.reason.casefold().split()
        return any(all(word in f"{one.rule} {one.told}".casefold() for word in words) for one in reasons)


def matching(connection: sa.Connection, wanted: Wanted) -> Iterator[Kept]:
    """The rejects that are meant, the newest first."""
    query = _newest(wanted)
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}).mappings():
        one = _kept(row)
        if not wanted.reason or wanted.fits(one.reasons):
            yield one


def listed(hub: Hub, wanted: Wanted, limit: int) -> tuple[list[Kept], int]:
    """The first of the rejects that are meant, and how many there are in all."""
    found: list[Kept] = []
    total = 0
    with hub.read() as connection:
        if not wanted.reason:
            count = sa.select(sa.func.count()).select_from(rejects).where(wanted.condition())
            rows = connection.execute(_newest(wanted).limit(limit)).mappings()
            return list(map(_kept, rows)), connection.execute(count).scalar_one()
        for total, one in enumerate(matching(connection, wanted), 1):  # noqa: B007 - how many is asked, too
            found += [one] if len(found) < limit else []
    return found, total


def find(hub: Hub, word: str, location_id: str = "") -> list[Kept]:
    """The rejects that a person means: of one record, in each stream that has it.

    Args:
        word: The record's id, a part of it that no other has, or ``last`` for the newest reject.

    Raises:
        BadConfigurationError: There is none, or there are several.
    """
    word, wanted = word.strip(), Wanted(location_id)
    newest = _newest(wanted)
    part = rejects.c.id.contains(word, autoescape=True)
    with hub.read() as connection:
        recent = connection.execute(newest.limit(naming.RECENT)).mappings().all()
        if recent and word == naming.LAST:
            return [_kept(recent[0])]
        for named in (rejects.c.id == word, part) if word else ():
            found = [_kept(row) for row in connection.execute(newest.where(named)).mappings()]
            told = {one.record_id: one.stream for one in found}
            if len(told) > 1:
                raise naming.several("reject", word, list(told.items()))
            if found:
                return found
    raise naming.none("reject", word, [row["id"] for row in recent], "rejects list")


def _newest(wanted: Wanted) -> sa.Select[Any]:
    return sa.select(rejects).where(wanted.condition()).order_by(rejects.c.synced_at.desc(), rejects.c.id)


def _kept(row: sa.RowMapping) -> Kept:
    names = ("stream", "location_id", "mapping", "run_id", "synced_at")
    reasons = [Reason(**one) for one in row["reasons"]]
    return Kept(row["id"], reasons, row["payload"], **{name: row[name] for name in names})


def replace(connection: sa.Connection, source: Row, found: Sequence[Reject], mapping: str) -> None:
    """Keep ``found``, within the caller's transaction.

    Args:
        source: ``location_id`` and ``stream`` of the records, ``run_id`` and ``synced_at`` of this run, and
            ``as_of`` where it is known how old what the records say is.
        mapping: Name of the mapping that rejected them.
    """
    rows, marks = [], []
    for reject in {reject.record_id: reject for reject in found}.values():
        reasons = [{name: getattr(one, name) for name in KEPT} for one in reject.reasons]
        rows.append({"id": reject.record_id, "reasons": reasons, "payload": reject.raw})
        marks.append(fingerprint(mapping + canonical_json(reasons) + reject.raw))
    upsert(connection, rejects, rows, marks, {**source, "mapping": mapping})


def filed_as(record_id: str) -> tuple[str, ...]:
    """The ids under which a record may be listed: the name in its id is not known before it is mapped."""
    return (record_id, record_id.partition(" ")[0]) if record_id.startswith(BY_KEY) else (record_id,)


def among_them(connection: sa.Connection, source: Row, ids: Sequence[str]) -> set[str]:
    """Which of these records are on the list."""
    mine = (rejects.c.location_id == source["location_id"], rejects.c.stream == source["stream"])
    query = sa.select(rejects.c.id).where(*mine, among(connection, rejects.c.id, ids))
    return set(connection.execute(query).scalars())


def resolve(
    connection: sa.Connection,
    source: Row,
    ids: Sequence[str],
    *,
    run_id: str = "",
    raws: Mapping[str, str] = {},
) -> None:
    """Take away the rejects of records that passed, within the caller's transaction.

    Args:
        run_id: The run that read the records: what it rejected is another row of the same id and stays,
            unless it is the very record that passed.
        raws: The text of records that passed.
    """
    mine = (rejects.c.location_id == source["location_id"], rejects.c.stream == source["stream"])
    # Looked up first: almost always there is nothing to delete, and nothing is written then.
    query = sa.select(rejects.c.id, rejects.c.run_id, rejects.c.payload).where(
        *mine, among(connection, rejects.c.id, ids)
    )
    found = connection.execute(query).all()
    gone = sorted(row.id for row in found if row.run_id != run_id or raws.get(row.id) == row.payload)
    if gone:
        connection.execute(sa.delete(rejects).where(*mine, among(connection, rejects.c.id, gone)))
