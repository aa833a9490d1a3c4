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
from tasks.core.change import RESTING, Scope, State, plain_row
from tasks.core.errors import BadConfigurationError
from tasks.core.remedies import by_command, by_deployment
from tasks.hub import chains, links, naming, plans
from tasks.hub.engine import Hub
from tasks.hub.tables import changes, reviews
from tasks.hub.tables import links as link_table
from tasks.hub.tables import plans as plan_table
from tasks.hub.upsert import among

OPEN, ACCEPTED, SPLIT = "open", "accepted", "split"


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


def decided(hub: Hub, limit: int) -> list[Review]:
    """Reviews that a person has decided, the latest first."""
    query = sa.select(reviews).where(reviews.c.state != OPEN).order_by(reviews.c.decided_at.desc())
    with hub.read() as connection:
        return [_review(row) for row in connection.execute(query.limit(limit)).mappings()]


def accept(hub: Hub, word: str, contact_id: str = "") -> Review:
    """Say that the record is one of the candidates.

    Args:
        word: The review's id or a part of it, the record's id, or ``last``.
        contact_id: Which candidate; may be left out where there is one only.

    Raises:
        BadConfigurationError: There is no such open review, or the contact is no candidate.
    """
    review = _find(hub, word)
    ids = [candidate.id for candidate in review.candidates]
    if not contact_id and len(ids) == 1:
        contact_id = ids[0]
    if contact_id not in ids:
        raise _no_choice(review, contact_id)
    return _decide(hub, review, ACCEPTED, contact_id)


def split(hub: Hub, word: str) -> Review:
    """Say that the record is none of the candidates, but a contact of its own.

    Raises:
        BadConfigurationError: There is no such open review.
    """
    return _decide(hub, _find(hub, word), SPLIT, links.SPLIT)


def reopen(hub: Hub, word: str) -> tuple[Review, list[str]]:
    """Take a decision back: the record waits for a person again.

    Args:
        word: The review's id or a part of it, the record's id, or ``last`` for the one decided last.

    Returns:
        The review, and the ids of plans that are ready and still follow the decision.

    Raises:
        BadConfigurationError: There is no such review, or what followed the decision has been applied.
    """
    review = _find(hub, word, decided=True)
    if plan_id := _applied_since(hub, review):
        if review.state == SPLIT:  # the contact of its own goes, too
            command = f"plans undo {plan_id} --delete-created"
            undo = by_deployment("undo_plan", command, plan=plan_id, delete_created="on")
        else:
            undo = by_deployment("undo_plan", f"plans undo {plan_id}", plan=plan_id)
        raise BadConfigurationError(
            f"The decision on review {review.id} is carried out already, by plan {plan_id}.",
            remedy=f"Take that back first; {undo}",
        )
    fresh: dict[str, Any] = {"state": OPEN, "decision": None, "decided_at": None}
    target = links.SPLIT if review.state == SPLIT else review.decision or ""
    with hub.write() as connection:
        connection.execute(
            sa.update(reviews).where(reviews.c.id == review.id, reviews.c.state == review.state).values(fresh)
        )
        links.drop(connection, _scope(review), review.record_id, target)
        following = _plans_since(connection, review, plan_table.c.state.in_(("ready", "stopped")))
    return replace(review, **fresh), following


def _applied_since(hub: Hub, review: Review) -> str | None:
    """The plan by which the decision was carried out, or is just now; None where none did that holds."""
    scope = _scope(review)
    mine = (
        link_table.c.location_id == scope.location_id,
        link_table.c.system == scope.system,
        link_table.c.stream == scope.stream,
        link_table.c.record_id == review.record_id,
    )
    with hub.read() as connection:
        link = connection.execute(sa.select(link_table).where(*mine)).one_or_none()
        sending = _plans_since(connection, review, changes.c.state == State.SENDING.value)
        sending += _plans_since(connection, review, plan_table.c.state == "applying")
        if link is None or link.made_by == links.BY_REVIEW:
            return next(iter(sending), None)
        plan = (
            connection.execute(sa.select(plan_table).where(plan_table.c.id == link.plan_id))
            .mappings()
            .first()
        )
    if plan is not None and link.target_id == (review.decision or ""):
        chain = chains.chain(hub, plans.Plan(**plan))
        if any(undo.state == "applied" for undo in chains.undone_by(hub, chain)):
            return next(iter(sending), None)
    return str(link.plan_id)


def _plans_since(connection: sa.Connection, review: Review, *which: sa.ColumnElement[bool]) -> list[str]:
    """Plans made after the decision that are still to write something of the record."""
    writes = changes.c.verb.not_in([verb.value for verb in RESTING])
    still_open = changes.c.state.in_((State.PLANNED.value, State.SENDING.value))
    query = (
        sa.select(plan_table.c.id, plan_table.c.spec)
        .join_from(plan_table, changes, changes.c.plan_id == plan_table.c.id)
        .where(
            plan_table.c.location_id == review.location_id,
            plan_table.c.made_at >= review.decided_at,
            changes.c.record_id == review.record_id,
            writes,
            still_open,
            *which,
        )
    )
    found = {row.id: row.spec.get("system") for row in connection.execute(query)}
    return [plan_id for plan_id, system in found.items() if system == review.system]


def _no_choice(review: Review, contact_id: str) -> BadConfigurationError:
    """The refusal of a contact that is no candidate, or of none where there are several."""
    if not review.candidates:
        return BadConfigurationError(
            f"Review {review.id} ({review.label}) has no candidate.",
            remedy=f"Say that it is a record of its own: {by_command(f'reviews split {review.id}')}",
        )
    what = f"{contact_id!r} is none of its candidates" if contact_id else "Which of its candidates is meant?"
    choices = "; ".join(f"{one.id} ({one.label}, by {one.by})" for one in review.candidates)
    example = by_command(f"reviews accept {review.id} {review.candidates[0].id}")
    return BadConfigurationError(
        f"Review {review.id} ({review.label}): {what}", remedy=f"Choose from: {choices}. E.g. {example}"
    )


def _find(hub: Hub, word: str, *, decided: bool = False) -> Review:
    """The review that a person means among those that wait, or among those that are decided.

    Raises:
        BadConfigurationError: There is none, or there are several.
    """
    word, wanted = word.strip(), reviews.c.state != OPEN if decided else reviews.c.state == OPEN
    newest = sa.select(reviews).order_by((reviews.c.decided_at if decided else reviews.c.made_at).desc())
    part = reviews.c.id.contains(word, autoescape=True)
    others = False
    with hub.read() as connection:
        recent = [row.id for row in connection.execute(newest.where(wanted).limit(naming.RECENT))]
        if recent and word == naming.LAST:
            return _review(connection.execute(newest.where(wanted).limit(1)).mappings().one())
        for named in (reviews.c.id == word, reviews.c.record_id == word, part) if word else ():
            rows = connection.execute(newest.where(named)).mappings().all()
            found = [_review(row) for row in rows if (row["state"] != OPEN) is decided]
            if len(found) > 1:
                raise naming.several("review", word, [(one.id, _in_short(one)) for one in found])
            if found:
                return found[0]
            others = others or bool(rows)
    if others and decided:
        raise BadConfigurationError(f"Review {word!r} is not decided: there is nothing to take back.")
    if others:
        again = by_command(f"reviews reopen {word}")
        raise BadConfigurationError(
            f"Review {word!r} is decided already.", remedy=f"To decide it anew, {again}"
        )
    raise naming.none("review", word, recent, "reviews list")


def _in_short(review: Review) -> str:
    return f"{review.label}, {review.system} {review.record_id}"


def _scope(review: Review) -> Scope:
    return Scope(review.location_id, review.system, review.stream)


def _decide(hub: Hub, review: Review, state: str, target: str) -> Review:
    scope = _scope(review)
    decided: dict[str, Any] = {"state": state, "decision": target or None, "decided_at": datetime.now(UTC)}
    still_open = (reviews.c.id == review.id, reviews.c.state == OPEN)
    with hub.write() as connection:
        if connection.execute(sa.update(reviews).where(*still_open).values(decided)).rowcount == 0:
            raise BadConfigurationError(
                f"Review {review.id!r} is decided already.",
                remedy=f"For all that wait, {by_command('reviews list')}",
            )
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
