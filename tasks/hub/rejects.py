"""Dead letters: rows that failed, each with its raw record and every reason, until they pass.

A reject belongs to a record, not to a run: a record that fails again replaces its reject, one that
passes takes its reject away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from tasks.core.batch import BY_KEY, Reject, Row, canonical_json, fingerprint
from tasks.hub.tables import rejects
from tasks.hub.upsert import among, upsert


def replace(connection: sa.Connection, source: Row, found: Sequence[Reject], mapping: str) -> None:
    """Keep ``found``, within the caller's transaction.

    Args:
        source: ``location_id`` and ``stream`` of the records, ``run_id`` and ``synced_at`` of this run, and
            ``as_of`` where it is known how old what the records say is.
        mapping: Name of the mapping that rejected them.
    """
    rows, marks = [], []
    for reject in {reject.record_id: reject for reject in found}.values():
        reasons = [asdict(reason) for reason in reject.reasons]
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
