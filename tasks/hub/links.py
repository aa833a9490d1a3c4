"""Which records are the same in two systems: made once, kept whatever becomes of their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.change import Scope
from tasks.hub.tables import links
from tasks.hub.upsert import among

SPLIT = ""
"""The target of a record that a person said has none yet."""

BY_REVIEW = "review"
"""What made a link that a person decided."""


def _within(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(
        links.c.location_id == scope.location_id,
        links.c.system == scope.system,
        links.c.stream == scope.stream,
    )


def targets(connection: sa.Connection, scope: Scope, record_ids: Sequence[str]) -> dict[str, str]:
    """What the records are linked to; ``SPLIT`` for one that is to become a record of its own."""
    query = sa.select(links.c.record_id, links.c.target_id).where(_within(scope))
    query = query.where(among(connection, links.c.record_id, record_ids))
    return dict(connection.execute(query).all())


def held(connection: sa.Connection, scope: Scope, record_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """What the records are linked to, and what made the link."""
    query = sa.select(links.c.record_id, links.c.target_id, links.c.made_by).where(_within(scope))
    query = query.where(among(connection, links.c.record_id, record_ids))
    return {id_: (target, made_by) for id_, target, made_by in connection.execute(query)}


def linked(connection: sa.Connection, scope: Scope, target_ids: Sequence[str]) -> set[str]:
    """Which of these targets some record is linked to."""
    mine = (_within(scope), among(connection, links.c.target_id, target_ids))
    return set(connection.execute(sa.select(links.c.target_id).where(*mine)).scalars())


def keep(
    connection: sa.Connection, scope: Scope, pairs: Sequence[tuple[str, str]], *, made_by: str, plan_id: str
) -> None:
    """Link records with targets; a record that was linked before is linked again."""
    if not pairs:
        return
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(links)
    linking = insert.on_conflict_do_update(
        index_elements=list(links.primary_key),
        set_={name: insert.excluded[name] for name in ("target_id", "made_by", "plan_id", "made_at")},
    )
    fixed: dict[str, Any] = {
        "location_id": scope.location_id,
        "system": scope.system,
        "stream": scope.stream,
        "made_by": made_by,
        "plan_id": plan_id,
        "made_at": datetime.now(UTC),
    }
    connection.execute(
        linking, [{**fixed, "record_id": record, "target_id": target} for record, target in pairs]
    )


def drop(connection: sa.Connection, scope: Scope, record_id: str, target_id: str) -> None:
    """Forget that a record is linked to a target; a link to another one stays."""
    mine = (_within(scope), links.c.record_id == record_id, links.c.target_id == target_id)
    connection.execute(sa.delete(links).where(*mine))


def made_by_plans(
    connection: sa.Connection, location_id: str, stream: str, ids: Sequence[str]
) -> dict[str, str]:
    """The plans that made records of a stream, by the records' ids."""
    query = sa.select(links.c.target_id, links.c.plan_id).where(
        links.c.location_id == location_id,
        links.c.stream == stream,
        links.c.made_by == "create",
        among(connection, links.c.target_id, ids),
    )
    return dict(connection.execute(query).all())
