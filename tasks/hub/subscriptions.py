"""Whose changes of job are followed: by a subscription at the vendor of leads, or by asking now and then.

A subscription is the account's, and a hub may have several locations: one that another location wants, too,
stays when this one gives it up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.hub.tables import deliveries, subscriptions
from tasks.hub.upsert import among


@dataclass(frozen=True, slots=True)
class Followed:
    """A person whose changes of job a location follows.

    Args:
        lead_id: The vendor's id of the person.
        id: The vendor's id of the subscription; empty where changes are asked for.
        told_until: What happened before is known, or was not to be asked for.
        missed_since: What was told since then did not arrive; None where nothing was missed.
    """

    lead_id: str
    id: str
    told_until: datetime
    missed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where subscriptions are kept: of which account, for which location."""

    account: str
    location_id: str

    def _mine(self) -> list[sa.ColumnElement[bool]]:
        held = subscriptions.c
        return [held.account == self.account, held.location_id == self.location_id]

    def followed(self, connection: sa.Connection) -> dict[str, Followed]:
        """Whom the location follows, by the vendor's id of the person."""
        names = ("lead_id", "id", "told_until", "missed_since")
        query = sa.select(*(subscriptions.c[name] for name in names)).where(*self._mine())
        return {row.lead_id: Followed(*row) for row in connection.execute(query)}

    def follow(self, connection: sa.Connection, ids: Mapping[str, str], now: datetime) -> None:
        """Follow people from now on; whoever is followed already may have another subscription by now.

        Args:
            ids: By person, the subscription; empty where there is none.
        """
        rows = [
            {
                "account": self.account,
                "location_id": self.location_id,
                "lead_id": lead,
                "id": id_,
                "made_at": now,
                "told_until": now,
            }
            for lead, id_ in ids.items()
        ]
        if rows:
            insert = _insert(connection, subscriptions)
            keeping = insert.on_conflict_do_update(
                index_elements=list(subscriptions.primary_key), set_={"id": insert.excluded.id}
            )
            connection.execute(keeping, rows)

    def forget(self, connection: sa.Connection, lead_ids: Collection[str]) -> None:
        """Follow people no more."""
        connection.execute(sa.delete(subscriptions).where(*self._mine(), self._of(connection, lead_ids)))

    def missed(self, connection: sa.Connection, since: Mapping[str, datetime]) -> None:
        """Note that nothing arrived since a moment, by person; an earlier one that is noted stays."""
        for lead_id, moment in since.items():
            one = (*self._mine(), subscriptions.c.lead_id == lead_id, subscriptions.c.missed_since.is_(None))
            connection.execute(sa.update(subscriptions).where(*one).values(missed_since=moment))

    def told(self, connection: sa.Connection, lead_ids: Collection[str], until: datetime) -> None:
        """Note that everything until a moment is known of people."""
        known = sa.update(subscriptions).where(*self._mine(), self._of(connection, lead_ids))
        connection.execute(known.values(told_until=until, missed_since=None))

    def wanted_elsewhere(self, connection: sa.Connection, ids: Collection[str]) -> set[str]:
        """Which of some subscriptions another location wants, too."""
        held = subscriptions.c
        others = (held.account == self.account, held.location_id != self.location_id, held.id != "")
        query = sa.select(held.id).where(*others, among(connection, held.id, sorted(ids)))
        return set(connection.execute(query).scalars())

    def is_new(self, connection: sa.Connection, delivery_id: str, now: datetime) -> bool:
        """Note that something was delivered; whether it is the first time for the location."""
        row = {"account": self.account, "location_id": self.location_id, "id": delivery_id}
        noting = _insert(connection, deliveries).values(row | {"received_at": now}).on_conflict_do_nothing()
        return connection.execute(noting).rowcount == 1

    def has(self, connection: sa.Connection, delivery_id: str) -> bool:
        """Whether something was delivered before."""
        held = deliveries.c
        mine = (held.account == self.account, held.location_id == self.location_id, held.id == delivery_id)
        return connection.execute(sa.select(held.id).where(*mine)).first() is not None

    @staticmethod
    def _of(connection: sa.Connection, lead_ids: Iterable[str]) -> sa.ColumnElement[bool]:
        return among(connection, subscriptions.c.lead_id, sorted(lead_ids))


def whose(connection: sa.Connection, account: str, id_: str) -> list[tuple[str, str]]:
    """Location and person of a subscription; none where it is not ours."""
    held = subscriptions.c
    query = sa.select(held.location_id, held.lead_id).where(held.account == account, held.id == id_)
    return [(location, lead) for location, lead in connection.execute(query)] if id_ else []


def _insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)
