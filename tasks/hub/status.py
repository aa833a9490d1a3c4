"""Where a location stands, as the hub alone can tell: its last runs, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tasks.hub import notices
from tasks.hub.engine import Hub
from tasks.hub.reviews import OPEN
from tasks.hub.tables import plans, rejects, reviews, runs


@dataclass(frozen=True, slots=True)
class LastRun:
    """How an automation went last.

    Args:
        state: Of the run that began last: running, waiting, completed, failed or interrupted.
        error: What stopped it; empty where nothing did.
        completed_at: When a run was completed last; None for never.
    """

    automation: str
    state: str
    began_at: datetime
    error: str
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LocationStatus:
    """Where a location stands.

    Args:
        runs: One for each automation that has ever run.
        reviews: Records whose counterpart is not certain.
        stopped: Plans that were begun and not finished: their ids, the newest first.
        waiting: Plans about which a run asks a person.
        rejects: Records that are kept out, by stream.
        undelivered: Notices that their channel did not take.
    """

    runs: list[LastRun]
    reviews: int
    stopped: list[str]
    waiting: list[str]
    rejects: dict[str, int]
    undelivered: int


def status_of(hub: Hub, location_id: str) -> LocationStatus:
    """Look at all that the hub keeps of a location."""
    with hub.read() as connection:
        still_open = (reviews.c.location_id == location_id, reviews.c.state == OPEN)
        counted = sa.select(rejects.c.stream, sa.func.count()).where(rejects.c.location_id == location_id)
        waiting = sa.select(runs.c.asked_about).where(runs.c.location_id == location_id)
        waiting = waiting.where(runs.c.state == "waiting", runs.c.asked_about.is_not(None))
        asked = set(connection.execute(waiting).scalars())
        found = connection.execute(counted.group_by(rejects.c.stream)).all()
        return LocationStatus(
            runs=_last_runs(connection, location_id),
            reviews=connection.execute(sa.select(sa.func.count()).where(*still_open)).scalar_one(),
            stopped=_plans(connection, location_id, ["applying", "stopped"]),
            waiting=[one for one in _plans(connection, location_id, ["ready"]) if one in asked],
            rejects={row[0]: row[1] for row in found},
            undelivered=notices.undelivered(connection, location_id),
        )


def _last_runs(connection: sa.Connection, location_id: str) -> list[LastRun]:
    mine = runs.c.location_id == location_id
    newest = sa.select(runs.c.automation, sa.func.max(runs.c.started_at).label("at")).where(mine)
    last = newest.group_by(runs.c.automation).subquery()
    completed = sa.select(runs.c.automation, sa.func.max(runs.c.finished_at)).where(mine)
    ended = dict(
        connection.execute(completed.where(runs.c.state == "completed").group_by(runs.c.automation)).all()
    )
    both = sa.and_(runs.c.automation == last.c.automation, runs.c.started_at == last.c.at)
    columns = (runs.c.automation, runs.c.state, runs.c.started_at, runs.c.error)
    query = sa.select(*columns).join(last, both).where(mine).order_by(runs.c.automation)
    return [
        LastRun(row.automation, row.state, row.started_at, row.error or "", ended.get(row.automation))
        for row in connection.execute(query)
    ]


def _plans(connection: sa.Connection, location_id: str, states: Sequence[str]) -> list[str]:
    mine = (plans.c.location_id == location_id, plans.c.state.in_(states))
    return list(
        connection.execute(sa.select(plans.c.id).where(*mine).order_by(plans.c.made_at.desc())).scalars()
    )
