"""Notices: what rules want people to be told, kept in the hub until their channel has taken it.

    waiting → sending → sent | waiting again, with an error and one more try; a person may drop one

A notice is put once by its key, in the transaction that moves the cursor of who made it, so that none is lost
and none is made twice. ``sending`` is said before it is sent: what is found so later may have arrived, and
goes out again with the same reference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.batch import Row
from tasks.core.errors import BadConfigurationError
from tasks.core.remedies import by_command
from tasks.core.words import sentence
from tasks.hub.engine import Hub
from tasks.hub.tables import notices
from tasks.hub.upsert import among


class NoticeState(StrEnum):
    """How a notice stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"


OPEN = (NoticeState.WAITING, NoticeState.SENDING)
"""States of a notice that is still to be sent."""

REFERENCE = 10
"""Characters of a reference."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is to be told.

    Args:
        key: Of the event: ``<rules file>.<rule> · <record's id> · <journal entry, or moment>``.
        rules: Name of the rules file, which says where its channels go.
        channel: Its name there.
        made_at: By HighLevel's clock.
        link: The contact's page in HighLevel; "" where there is none.
        digest: Whether it goes with others, or alone and at once; None as the channel has it.
        why: The file, the line in it, and the journal entry.
        tries: Runs that could not deliver it.
        error: Why the last of them could not.
        ended_at: When it was sent, or dropped.
    """

    key: str
    rules: str
    rule: str
    channel: str
    subject: str
    text: str
    made_at: datetime
    run_id: str
    link: str = ""
    digest: bool | None = None
    contact_id: str | None = None
    why: Row = field(default_factory=dict)
    reference: str = ""
    state: NoticeState = NoticeState.WAITING
    tries: int = 0
    error: str | None = None
    ended_at: datetime | None = None

    @property
    def is_repeat(self) -> bool:
        """Whether it may have been delivered before: an earlier run began, and never heard how it ended."""
        return self.state is NoticeState.SENDING

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def put(connection: sa.Connection, location_id: str, made: Iterable[Notice]) -> int:
    """Keep notices to be sent; those whose key is known stay as they are.

    Returns:
        How many are new.
    """
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(notices)
    adding = insert.on_conflict_do_nothing(index_elements=["location_id", "key"]).returning(notices.c.key)
    rows = [
        asdict(one) | {"location_id": location_id, "reference": _reference(location_id, one.key)}
        for one in made
    ]
    return sum(len(connection.execute(adding, row).all()) for row in rows)


def _reference(location_id: str, key: str) -> str:
    return hashlib.blake2b(f"{location_id}\0{key}".encode()).hexdigest()[:REFERENCE]


def waiting(connection: sa.Connection, location_id: str, rules: str) -> list[Notice]:
    """The notices of a rules file that are still to be sent, the oldest first."""
    mine = (notices.c.location_id == location_id, notices.c.state.in_(OPEN), notices.c.rules == rules)
    return _found(connection, sa.select(notices).where(*mine).order_by(notices.c.made_at, notices.c.key))


def begin(connection: sa.Connection, location_id: str, keys: Sequence[str]) -> set[str]:
    """Say of notices that they are being sent; the keys of those that still are to be."""
    mine = _open(connection, location_id, keys)
    there = set(connection.execute(sa.select(notices.c.key).where(*mine).with_for_update()).scalars())
    connection.execute(sa.update(notices).where(*mine).values(state=NoticeState.SENDING))
    return there


def sent(connection: sa.Connection, location_id: str, keys: Sequence[str], at: datetime) -> None:
    """Say of notices that their channel has taken them."""
    done = {"state": NoticeState.SENT, "error": None, "ended_at": at}
    connection.execute(sa.update(notices).where(*_open(connection, location_id, keys)).values(done))


def failed(
    connection: sa.Connection,
    location_id: str,
    keys: Sequence[str],
    error: str,
    *,
    not_arrived: Sequence[str] = (),
) -> None:
    """Say of notices why they were not delivered; they wait for the next run.

    Args:
        error: Why; without a secret.
        not_arrived: Those among them that surely were never delivered: they will be no repeats.
    """
    noted: dict[str, Any] = {"tries": notices.c.tries + 1, "error": error}
    connection.execute(sa.update(notices).where(*_open(connection, location_id, keys)).values(noted))
    surely = sa.update(notices).where(*_open(connection, location_id, not_arrived))
    connection.execute(surely.values(state=NoticeState.WAITING))


def newest(
    connection: sa.Connection,
    location_id: str,
    states: Iterable[str] = OPEN,
    limit: int = 50,
    channel: str = "",
) -> list[Notice]:
    """Notices in these states, the newest last.

    Args:
        channel: Only of the channels with this name; "" for all.
    """
    mine = [notices.c.location_id == location_id, notices.c.state.in_(list(states))]
    mine += [notices.c.channel == channel] if channel else []
    query = sa.select(notices).where(*mine).order_by(notices.c.made_at.desc(), notices.c.key.desc())
    return _found(connection, query.limit(limit))[::-1]


def undelivered(connection: sa.Connection, location_id: str) -> int:
    """How many wait that were tried, and that their channel did not take."""
    mine = (notices.c.location_id == location_id, notices.c.state.in_(OPEN), notices.c.tries > 0)
    return connection.execute(sa.select(sa.func.count()).select_from(notices).where(*mine)).scalar_one()


def find(connection: sa.Connection, location_id: str, word: str) -> Notice:
    """The notice with this reference, or the beginning of it.

    Raises:
        BadConfigurationError: There is none, or there are several.
    """
    mine = (notices.c.location_id == location_id, notices.c.reference.startswith(word, autoescape=True))
    found = _found(connection, sa.select(notices).where(*mine).limit(2)) if word else []
    if len(found) != 1:
        how_many = "Several notices have" if found else "No notice has"
        raise BadConfigurationError(
            f"{how_many} the reference {word!r}.", remedy=sentence(by_command("notices list"))
        )
    return found[0]


def drop(hub: Hub, location_id: str, word: str, at: datetime | None = None) -> Notice:
    """Let a notice never be sent.

    Raises:
        BadConfigurationError: There is none, or it was sent or dropped before.
    """
    with hub.write() as connection:
        found = find(connection, location_id, word)
        if found.state not in OPEN:
            raise BadConfigurationError(
                f"Notice {found.reference} is {found.state.value}; one that waits can be dropped.",
                remedy=sentence(by_command("notices list")),
            )
        done = {"state": NoticeState.DROPPED, "ended_at": at or datetime.now(UTC)}
        mine = _open(connection, location_id, [found.key])
        connection.execute(sa.update(notices).where(*mine).values(done))
        return find(connection, location_id, found.reference)


def _open(connection: sa.Connection, location_id: str, keys: Sequence[str]) -> tuple[Any, ...]:
    mine = (notices.c.location_id == location_id, notices.c.state.in_(OPEN))
    return (*mine, among(connection, notices.c.key, list(keys)))


def _found(connection: sa.Connection, query: sa.Select[Any]) -> list[Notice]:
    rows = connection.execute(query).mappings()
    return [
        Notice(**{name: value for name, value in row.items() if name != "location_id"} | _state(row))
        for row in rows
    ]


def _state(row: sa.RowMapping) -> dict[str, NoticeState]:
    return {"state": NoticeState(row["state"])}
