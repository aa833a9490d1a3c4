"""Whose children were read when: of the notes that HighLevel tells for one contact at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.batch import NO_ID
from tasks.hub.tables import MIRRORS, parent_reads, rejects
from tasks.streams import SOURCES, mirror_of


@dataclass(frozen=True, slots=True)
class Covered:
    """How far a stream is known whose records are read parent by parent.

    Args:
        parents: How many there are.
        read: Of so many all children were read once.
        since: When that was of the one that was read longest ago; None where none was.
    """

    parents: int
    read: int
    since: datetime | None


def note_read(
    connection: sa.Connection, location_id: str, stream: str, ids: Sequence[str], at: datetime
) -> None:
    """Note that all children of these were read, within the caller's transaction."""
    if not ids:
        return
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(parent_reads)
    noting = insert.on_conflict_do_update(
        index_elements=list(parent_reads.primary_key), set_={"read_at": insert.excluded.read_at}
    )
    key = {"location_id": location_id, "stream": stream, "read_at": at}
    connection.execute(noting, [{**key, "parent_id": id_} for id_ in dict.fromkeys(ids)])


def some(
    connection: sa.Connection,
    location_id: str,
    stream: str,
    *,
    after: str,
    limit: int,
    added: tuple[datetime | None, datetime | None],
) -> list[str]:
    """Parents in the order of their ids.

    Args:
        after: Only those behind this id.
        added: Only those that were added since the first moment and before the second, where that is known.
    """
    parents = _parents(location_id, stream)
    query = sa.select(parents.c.id).where(parents.c.id > after, *_within(parents, added))
    return list(connection.execute(query.order_by(parents.c.id).limit(limit)).scalars())


def number(
    connection: sa.Connection, location_id: str, stream: str, added: tuple[datetime | None, datetime | None]
) -> int:
    """How many parents ``some`` gives in all."""
    parents = _parents(location_id, stream)
    query = sa.select(sa.func.count()).select_from(parents).where(*_within(parents, added))
    return connection.execute(query).scalar_one()


def longest_unread(
    connection: sa.Connection, location_id: str, stream: str, before: datetime, limit: int
) -> list[str]:
    """Parents whose children were never read, and then those that were read longest ago.

    Args:
        before: Only those that were not read since then.
    """
    parents = _with_reads(location_id, stream)
    unread = sa.or_(parents.c.read_at.is_(None), parents.c.read_at < before)
    order = parents.c.read_at.asc().nulls_first()
    query = sa.select(parents.c.id).where(unread).order_by(order, parents.c.id).limit(limit)
    return list(connection.execute(query).scalars())


def read_since(connection: sa.Connection, location_id: str, stream: str, since: datetime) -> int:
    """Of how many parents the children were read since a moment."""
    mine = (parent_reads.c.location_id == location_id, parent_reads.c.stream == stream)
    query = sa.select(sa.func.count()).where(*mine, parent_reads.c.read_at >= since)
    return connection.execute(query).scalar_one()


def covered(connection: sa.Connection, location_id: str, stream: str) -> Covered:
    """How far a stream is known."""
    parents = _with_reads(location_id, stream)
    at = parents.c.read_at
    return Covered(
        *connection.execute(
            sa.select(sa.func.count(), sa.func.count(at), sa.func.min(at)).select_from(parents)
        ).one()
    )


def _parents(location_id: str, stream: str) -> sa.Subquery:
    """Every parent that is not gone: those that the mirror has, and those that its mapping rejected."""
    name = mirror_of(stream)[1].parent_mirror
    mirror = MIRRORS[name]
    source = next(one.name for one in SOURCES.values() if one.mapping == mirror_of(name)[1].mapping)
    present = sa.select(mirror.c.id, mirror.c.date_added).where(
        mirror.c.location_id == location_id, mirror.c.deleted_at.is_(None)
    )
    mirrored = sa.exists().where(
        mirror.c.location_id == location_id, mirror.c.id == rejects.c.id, mirror.c.deleted_at.is_(None)
    )
    rejected = sa.select(rejects.c.id, sa.null()).where(
        rejects.c.location_id == location_id,
        rejects.c.stream == source,
        ~rejects.c.id.startswith(NO_ID, autoescape=True),
        ~mirrored,
    )
    return sa.union_all(present, rejected).subquery("parents")


def _within(
    parents: sa.Subquery, added: tuple[datetime | None, datetime | None]
) -> Iterator[sa.ColumnElement[bool]]:
    at, (since, until) = parents.c.date_added, added
    if since is not None:
        yield sa.or_(at.is_(None), at >= since)
    if until is not None:
        yield sa.or_(at.is_(None), at < until)


def _with_reads(location_id: str, stream: str) -> sa.Subquery:
    parents, reads = _parents(location_id, stream), parent_reads
    theirs = sa.and_(
        reads.c.location_id == location_id, reads.c.stream == stream, reads.c.parent_id == parents.c.id
    )
    return sa.select(parents.c.id, reads.c.read_at).select_from(parents.outerjoin(reads, theirs)).subquery()
