"""Keeping what a vendor of leads told: mirror, raw, journal and what was paid, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import sqlalchemy as sa

from tasks.core.batch import Json, Reject, Row
from tasks.hub import journal, rejects
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.tables import raw
from tasks.hub.upsert import among
from tasks.load.mirror import keep_raw, mirror_rows
from tasks.load.versions import Reading
from tasks.mapping.transform.apply import Mapper
from tasks.streams import HUB_LEAD
from tasks.streams.lead import CONTACT_ID, LUSHA_CONTACT, REVEALED, REVEALED_AT
from tasks.vendors.protocols import MirrorMapping

Beside = Callable[[sa.Connection], None]
"""Keeps, in the same transaction, what belongs to the answer."""

_OF_THE_ANSWER = ("clientReferenceId", "error")
"""Keys that are about the request, and not the person."""


@dataclass(frozen=True, slots=True)
class News:
    """What is new of a person.

    Args:
        record: What the vendor told, as far as it goes: what it says nothing of stays.
        revealed: What was asked to be revealed of them now, whether there is any or not.
    """

    record: Json
    revealed: Collection[str] = ()


def held(connection: sa.Connection, location_id: str, ids: Sequence[str]) -> dict[str, Json]:
    """What is kept of people, by the vendor's id."""
    query = sa.select(raw.c.id, raw.c.payload).where(
        raw.c.location_id == location_id, raw.c.stream == LUSHA_CONTACT, among(connection, raw.c.id, ids)
    )
    return {id_: orjson.loads(payload) for id_, payload in connection.execute(query)} if ids else {}


def newest(connection: sa.Connection, location_id: str, count: int) -> list[Json]:
    """Some of the people whom the hub knows, those first of whom it heard last."""
    mine = (raw.c.location_id == location_id, raw.c.stream == LUSHA_CONTACT)
    query = sa.select(raw.c.payload).where(*mine).order_by(raw.c.synced_at.desc(), raw.c.id).limit(count)
    return [orjson.loads(payload) for payload in connection.execute(query).scalars()]


def merged(before: Json, news: News, at: datetime) -> Json:
    """A person with what is new of them: what the news say nothing of stays as it is."""
    found = overlaid(before, {key: one for key, one in news.record.items() if key not in _OF_THE_ANSWER})
    if news.revealed:
        found[REVEALED] = sorted({*found.get(REVEALED, ()), *news.revealed})
        found[REVEALED_AT] = found.get(REVEALED_AT, {}) | dict.fromkeys(news.revealed, at.isoformat())
    return found


def overlaid(before: Json, after: Json) -> Json:
    """A person as told first, with what was told after; what that says nothing of stays, key by key."""
    found = dict(before)
    for key, value in after.items():
        old = found.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            found[key] = old | {name: one for name, one in value.items() if one is not None}
        elif value is not None:
            found[key] = value
    return found


def keep(hub: Hub, run: Run, mapper: Mapper, news: Sequence[News], beside: Beside) -> dict[str, Json]:
    """Keep what is new of people, all of it or nothing.

    A record that the mirror's mapping refuses is among the rejects, and kept raw all the same: it was paid
    for.

    Args:
        mapper: Of the mirror.

    Returns:
        The people as they are known now, by the vendor's id.

    Raises:
        HubUnavailableError: Nothing was written.
    """
    now = datetime.now(UTC)
    stamp: Row = {"location_id": run.location_id, "run_id": run.id, "synced_at": now}
    source = {**stamp, "stream": LUSHA_CONTACT}
    mapping = MirrorMapping(mapper.mapping.digest, mapper.mapping.source, mapper.rows)
    with hub.write() as connection:
        people = held(connection, run.location_id, [one.record["id"] for one in news])
        for one in news:
            id_ = one.record["id"]
            people[id_] = merged(people.get(id_, {}), one, now)
        outcomes = {id_: mapper.one(record) for id_, record in people.items()}
        rows = [found for found, _ in outcomes.values() if not isinstance(found, Reject)]
        done = mirror_rows(connection, HUB_LEAD.name, rows, stamp, Reading(mapping))
        keep_raw(connection, {id_: text for id_, (_, text) in outcomes.items()}, source)
        refused = [found for found, _ in outcomes.values() if isinstance(found, Reject)]
        rejects.replace(connection, source, refused, mapper.mapping.name)
        rejects.resolve(connection, source, [row["id"] for row in rows])
        journal.write(connection, stamp, done.entries)
        beside(connection)
    return people


def linked(contact_id: str, lead_id: str) -> News:
    """That a person is a contact."""
    return News({"id": lead_id, CONTACT_ID: contact_id})
