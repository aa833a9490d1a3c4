"""The review list: records whose counterpart is not certain, until a person has decided.

A decision is a link, or its refusal, so that every later plan follows it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.batch import Row
from tasks.core.change import Scope, plain_row
from tasks.core.errors import BadConfigurationError
from tasks.hub import links
from tasks.hub.engine import Hub
from tasks.hub.tables import reviews
from tasks.hub.upsert import among

OPEN, ACCEPTED, SPLIT = "open", "accepted", "split"

_LIST = "See: lusha-connect review list"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact that the record may be.

    Args:
        by: The keys that say so, e.g. ``email a@b.example``.
    """

    id: str
    label: str
    by: str


@dataclass(frozen=True, slots=True)
class Review:
    """A record that waits for a person.

    Args:
        wanted: The mapped row.
        state: ``open``, ``accepted`` (it is ``decision``), ``split`` (it is none of them).
    """

    record_id: str
    label: str
    why: str
    candidates: tuple[Candidate, ...]
    wanted: Row
    location_id: str = ""
    system: str = ""
    stream: str = ""
    plan_id: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    state: str = OPEN
    decision: str | None = None
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    decided_at: datetime | None = None


def keep(connection: sa.Connection, scope: Scope, plan_id: str, found: Sequence[Review]) -> None:
    """Put records on the list; one that is there keeps its id and shows what is known now."""
    if not found:
        return
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(reviews)
    news = ("plan_id", "label", "why", "candidates", "wanted", "state", "decision", "decided_at")
    keeping = insert.on_conflict_do_update(
        index_elements=["location_id", "system", "record_id", "stream"],
        set_={name: insert.excluded[name] for name in news},
    )
    fixed = {"location_id": scope.location_id, "system": scope.system, "stream": scope.stream}
    rows = [_row(review) | fixed | {"plan_id": plan_id} for review in found]
    connection.execute(keeping, rows)


def settle(connection: sa.Connection, scope: Scope, record_ids: Sequence[str]) -> None:
    """Take records off the list whose counterpart is certain by now."""
    mine = sa.and_(
        reviews.c.location_id == scope.location_id,
        reviews.c.system == scope.system,
        reviews.c.stream == scope.stream,
        reviews.c.state == OPEN,
    )
    query = sa.select(reviews.c.record_id).where(mine, among(connection, reviews.c.record_id, record_ids))
    certain = list(connection.execute(query).scalars())
    if certain:
        connection.execute(sa.delete(reviews).where(mine, among(connection, reviews.c.record_id, certain)))


def waiting(hub: Hub, limit: int) -> tuple[list[Review], int]:
    """Open reviews, the oldest first, and how many there are in all."""
    query = sa.select(reviews).where(reviews.c.state == OPEN).order_by(reviews.c.made_at, reviews.c.id)
    count = sa.select(sa.func.count()).select_from(reviews).where(reviews.c.state == OPEN)
    with hub.read() as connection:
        rows = connection.execute(query.limit(limit)).mappings().all()
        return [_review(row) for row in rows], connection.execute(count).scalar_one()


def accept(hub: Hub, word: str, contact_id: str = "") -> Review:
    """Say that the record is one of the candidates.

    Args:
        word: The review's id, or the record's.
        contact_id: Which candidate; may be left out where there is one only.

    Raises:
        BadConfigurationError: There is no such open review, or the contact is no candidate.
    """
    review = _find(hub, word)
    ids = [candidate.id for candidate in review.candidates]
    if not contact_id and len(ids) == 1:
        contact_id = ids[0]
    if contact_id not in ids:
        raise BadConfigurationError(
            f"Review {review.id}: {contact_id or 'no contact'} is none of its candidates.",
            remedy=f"Say which: {', '.join(ids)}." if ids else "It has none; split it instead.",
        )
    return _decide(hub, review, ACCEPTED, contact_id)


def split(hub: Hub, word: str) -> Review:
    """Say that the record is none of the candidates, but a contact of its own.

    Raises:
        BadConfigurationError: There is no such open review.
    """
    return _decide(hub, _find(hub, word), SPLIT, links.SPLIT)


def _find(hub: Hub, word: str) -> Review:
    named = sa.or_(reviews.c.id == word, reviews.c.record_id == word)
    with hub.read() as connection:
        rows = connection.execute(sa.select(reviews).where(named)).mappings().all()
    waiting_ones = [row for row in rows if row["state"] == OPEN]
    if len(waiting_ones) == 1:
        return _review(waiting_ones[0])
    if waiting_ones:
        raise BadConfigurationError(f"Several reviews are about {word!r}.", remedy="Give the review's id.")
    what = f"Review {word!r} is decided already" if rows else f"There is no review {word!r}"
    raise BadConfigurationError(f"{what}.", remedy=_LIST)


def _decide(hub: Hub, review: Review, state: str, target: str) -> Review:
    scope = Scope(review.location_id, review.system, review.stream)
    decided: dict[str, Any] = {"state": state, "decision": target or None, "decided_at": datetime.now(UTC)}
    still_open = (reviews.c.id == review.id, reviews.c.state == OPEN)
    with hub.write() as connection:
        if connection.execute(sa.update(reviews).where(*still_open).values(decided)).rowcount == 0:
            raise BadConfigurationError(f"Review {review.id!r} is decided already.", remedy=_LIST)
        pair = [(review.record_id, target)]
        links.keep(connection, scope, pair, made_by=links.BY_REVIEW, plan_id=review.plan_id)
    return replace(review, **decided)


def _row(review: Review) -> dict[str, Any]:
    row = asdict(review)
    return row | {
        "candidates": [asdict(one) for one in review.candidates],
        "wanted": plain_row(review.wanted),
    }


def _review(row: sa.RowMapping) -> Review:
    return Review(**{**row, "candidates": tuple(Candidate(**one) for one in row["candidates"])})
