"""Where leads come from: a table at the vendor, a saved search there, its export, contacts with gaps.

Reading a table or a search is charged each time, so what was told once is noted (``tasks/hub/intake.py``) and
read from the hub from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tasks.core.batch import Json, Reject, Row
from tasks.hub import intake
from tasks.hub.intake import Stage
from tasks.load import leads as store
from tasks.mapping.company_domains import domain_of_email
from tasks.mapping.lead_search import LeadSearch
from tasks.run import lead_matching
from tasks.run.lead_matching import domains_of, name_of
from tasks.run.leads import COLUMNS, Lead, LeadRun
from tasks.run.pipeline import Lane
from tasks.run.spending import Spender
from tasks.vendors.leads import AT_ONCE, Action, Told

_LOOKED_AT = 500
"""Contacts that are looked at at a time for what is known of them."""


class LeadSource(Protocol):
    """Gives leads.

    Attributes:
        about: What it is, for people.
        rejects: What of it is no lead.
    """

    about: str
    rejects: list[Reject]

    async def known(self) -> list[Lead]:
        """The leads that can be had for nothing."""

    async def unread(self) -> int:
        """How many others there may be."""

    async def cost(self) -> float:
        """Credits that fetching them may cost."""

    async def fetch(self) -> list[Lead]:
        """The others; charged."""

    async def finish(self, done: Sequence[str]) -> int:
        """Take out of the source what is in HighLevel; how many that were."""


@dataclass(slots=True)
class Given:
    """Leads that somebody gave: rows of a file."""

    about: str
    leads: list[Lead]
    rejects: list[Reject]

    async def known(self) -> list[Lead]:
        """All of them."""
        return self.leads

    async def unread(self) -> int:
        """None."""
        return 0

    async def cost(self) -> float:
        """Nothing."""
        return 0.0

    async def fetch(self) -> list[Lead]:
        """None."""
        return []

    async def finish(self, done: Sequence[str]) -> int:  # noqa: ARG002 - a file is left as it is
        """A file is left as it is."""
        return 0


@dataclass(slots=True)
class _Kept:
    """A source whose leads are noted."""

    lane: Lane
    spender: Spender
    name: str = field(init=False, default="")
    rejects: list[Reject] = field(init=False, default_factory=list)

    async def known(self) -> list[Lead]:
        """Those that it told before, and that are not in HighLevel yet."""
        session = self.lane.session

        def read() -> list[Lead]:
            with session.hub.read() as connection:
                ids = intake.at(connection, session.run.location_id, self.name, Stage.WAITING)
                held = store.held(connection, session.run.location_id, ids)
            return [Lead(id_, held.get(id_, {"id": id_})) for id_ in ids]

        return await asyncio.to_thread(read)

    def _taken(self, told: Told) -> store.Beside:
        run = self.lane.session.run
        ids = [str(one["id"]) for one in told.people.values() if one.get("id")]
        return lambda connection: intake.take(connection, run.location_id, self.name, run.id, ids)

    async def _told_before(self, stages: Sequence[Stage]) -> set[str]:
        session = self.lane.session

        def read() -> set[str]:
            with session.hub.read() as connection:
                some = [intake.at(connection, session.run.location_id, self.name, one) for one in stages]
            return {id_ for ids in some for id_ in ids}

        return await asyncio.to_thread(read)

    async def _move(self, ids: Sequence[str], stage: Stage) -> None:
        session = self.lane.session

        def write() -> None:
            with session.hub.write() as connection:
                intake.move(connection, session.run.location_id, self.name, ids, stage)

        await asyncio.to_thread(write)


@dataclass(slots=True)
class Inbox(_Kept):
    """A table that users of the vendor put people into; whoever is in HighLevel is taken out of it."""

    table: str = ""
    about: str = ""
    _id: str = ""
    _rows: int = 0

    async def open(self) -> None:
        """Look the table up; free.

        Raises:
            BadConfigurationError: There is none.
        """
        found = await self.spender.leads.table(self.table)
        self._id, self._rows = found.id, found.rows
        self.name, self.about = f"table:{found.id}", f"table {found.name}"

    async def unread(self) -> int:
        """Those that were not told before."""
        return max(0, self._rows - len(await self._told_before((Stage.WAITING, Stage.DONE))))

    async def cost(self) -> float:
        """Each row is charged; where no more are there than are known, none is read."""
        return self.spender.price(Action.TABLE_READ).of(self._rows) if await self.unread() else 0.0

    async def fetch(self) -> list[Lead]:
        """Read the table's rows."""
        if not await self.unread():
            return []
        before = await self._told_before((Stage.WAITING, Stage.DONE))
        found: dict[str, Lead] = {}
        for page in range(-(-self._rows // AT_ONCE)):
            rows = min(AT_ONCE, self._rows - page * AT_ONCE)

            async def ask(granted: int, page: int = page, rows: int = rows) -> Told:
                return await self.spender.leads.table_rows(
                    self._id, page, AT_ONCE if granted == rows else granted
                )

            told = await self.spender.charged(Action.TABLE_READ, rows, ask, self._taken, whole=page > 0)
            if told is None:
                break
            found |= _new(told, before)
        return list(found.values())

    async def finish(self, done: Sequence[str]) -> int:
        """Take people out of the table, and then note it: a run that dies between the two does it again."""
        await self._move(done, Stage.DONE)
        ids = sorted(await self._told_before((Stage.DONE,)))
        for at in range(0, len(ids), AT_ONCE):
            await self.spender.leads.remove_rows(self._id, ids[at : at + AT_ONCE])
            await self._move(ids[at : at + AT_ONCE], Stage.REMOVED)
        return len(ids)


@dataclass(slots=True)
class Search(_Kept):
    """A saved search: who was told before is known; pages are read from the first, so many at most.

    A run of a flow that waited for a person is started anew: it reads none again.
    """

    search: LeadSearch = field(default_factory=LeadSearch)
    about: str = ""

    def __post_init__(self) -> None:
        """Name it."""
        self.name, self.about = f"search:{self.search.name}", f"search {self.search.name}"

    async def unread(self) -> int:
        """All that its pages hold: who of them is new is not known before they are read."""
        return 0 if await self._was_read() else self.search.pages * self.search.size

    async def cost(self) -> float:
        """Each page is charged."""
        pages = self.search.pages if await self.unread() else 0
        return pages * self.spender.price(Action.SEARCH).of(self.search.size)

    async def _was_read(self) -> bool:
        run = self.lane.session.run

        def read() -> bool:
            with self.lane.session.hub.read() as connection:
                return intake.was_read(connection, run.location_id, self.name, run.flow_run_id)

        return await asyncio.to_thread(read)

    async def fetch(self) -> list[Lead]:
        """Read pages until there are no more."""
        if not await self.unread():
            return []
        before = await self._told_before(tuple(Stage))
        size, found = self.search.size, dict[str, Lead]()
        for page in range(self.search.pages):

            async def ask(granted: int, page: int = page) -> Told:
                return await self.spender.leads.prospect(self.search.filters, page, granted)

            told = await self.spender.charged(Action.SEARCH, size, ask, self._taken, whole=page > 0)
            if told is None:
                break
            found |= _new(told, before)
            if not told.more:
                break
        return list(found.values())

    async def finish(self, done: Sequence[str]) -> int:
        """A search has nothing to be taken out of."""
        await self._move(done, Stage.DONE)
        return 0


def _new(told: Told, before: set[str]) -> dict[str, Lead]:
    """The people of an answer that were not told before, by id."""
    people = {str(one["id"]): one for one in told.people.values() if one.get("id")}
    return {id_: Lead(id_, {**one, "id": id_}) for id_, one in people.items() if id_ not in before}


@dataclass(slots=True)
class Gaps:
    """Contacts that lack something, the newest first: those of whom something may be learnt.

    Args:
        ids: Of single contacts; empty for all.
        most: Of them, at most.
    """

    run: LeadRun
    ids: Sequence[str]
    most: int
    about: str = "contacts with gaps"
    rejects: list[Reject] = field(init=False, default_factory=list)

    async def known(self) -> list[Lead]:
        """As many as are wanted."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> list[Lead]:
        session, columns = self.run.lane.session, [COLUMNS[one] for one in self.run.wants]
        with session.hub.read() as connection:
            rows = lead_matching.contacts(connection, session.run.location_id)
            some = [row for row in rows if not all(row[one] for one in columns)]
        some = [row for row in some if not self.ids or row["id"] in self.ids]
        some.sort(key=_newest_first)
        found: list[Lead] = []
        for at in range(0, len(some), _LOOKED_AT):
            chunk = [_lead_of(row) for row in some[at : at + _LOOKED_AT]]
            self.run.know(chunk)
            found += [one for one in chunk if self.run.may_learn(one)]
            if len(found) >= self.most:
                break
        return found[: self.most]

    async def unread(self) -> int:
        """None."""
        return 0

    async def cost(self) -> float:
        """Nothing."""
        return 0.0

    async def fetch(self) -> list[Lead]:
        """None."""
        return []

    async def finish(self, done: Sequence[str]) -> int:  # noqa: ARG002 - they stay contacts
        """They stay contacts."""
        return 0


def _lead_of(row: Row) -> Lead:
    return Lead(row["id"], _record(row), contact_id=row["id"], contact=row)


def _newest_first(row: Row) -> tuple[float, str]:
    added: datetime | None = row["date_added"]
    return -(added.timestamp() if added else 0.0), row["id"]


def _record(row: Row) -> Json:
    """A contact as it is looked for."""
    emails = [one for one in (row["email"],) if one]
    domains = domains_of(row, emails)
    company = {"name": row["company_name"], "domain": domains[0] if domains else None}
    return {
        "firstName": row["first_name"],
        "lastName": row["last_name"],
        "fullName": name_of(row) or None,
        "company": {name: value for name, value in company.items() if value},
        "emails": [{"email": one, "type": "work" if domain_of_email(one) else "private"} for one in emails],
    }
