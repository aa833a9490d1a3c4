"""Leads on their way to HighLevel: who they are, what is missing there, what it costs, and the buying.

    known already? → which contact? → searched → which contact? → what is missing → price → revealed

Everything before ``search`` and ``reveal`` is free. What was searched and revealed once is read from the hub.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tasks.core.batch import Json, Row
from tasks.hub import lookups, suppressions
from tasks.hub.lookups import Lookup, Outcome
from tasks.load import leads as store
from tasks.mapping import lead_identity
from tasks.run import lead_matching
from tasks.run.lead_matching import Person
from tasks.run.pipeline import Lane
from tasks.run.spending import Spender
from tasks.streams.lead import REVEALED, REVEALED_AT
from tasks.vendors.leads import AT_ONCE, NOT_FOUND, RESTRICTED, REVEALS, Action, Datapoint, Told, Wanted

COLUMNS = {Datapoint.EMAILS: "email", Datapoint.PHONES: "phone"}
"""The contact's column that lacks what a datapoint gives."""

OPTED_OUT = "opted out: nothing is bought or written of them"
"""The problem of a lead that is told with a value whose owner wanted it removed."""


@dataclass(slots=True)
class Lead:
    """One lead of a source.

    Args:
        reference: By which the source knows it; unique in a run.
        record: What the source tells of it, and what is known of it: stream ``lusha.contact``.
        contact_id: The contact that it was taken from; empty for a new lead.

    Attributes:
        lead_id: The vendor's id, once it is known.
        contact: The contact that it is in HighLevel, as the hub has it; None where it has none.
        found_by: By what that was found.
        doubt: Why a person must say which contact it is.
        problem: Why nothing more can be learnt of it; empty where there is none.
        first_key: Hash of what it was looked for by, before the vendor's id was known.
    """

    reference: str
    record: Json
    contact_id: str = ""
    lead_id: str = ""
    contact: Row | None = None
    found_by: str = ""
    doubt: str = ""
    problem: str = ""
    first_key: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Remember by what it was known first: a person may have decided about it by that."""
        self.first_key = self.key

    @property
    def wanted(self) -> Wanted:
        """By what it is looked for."""
        return lead_identity.wanted(self.record, self.reference)

    @property
    def key(self) -> str:
        """Hash of that, as long as the vendor's id is not known."""
        return lead_identity.key(self.wanted)

    @property
    def is_reachable(self) -> bool:
        """Whether an address or a number of theirs is known."""
        return any(self.record.get(one) for one in Datapoint)

    @property
    def record_id(self) -> str:
        """By which it is planned, and linked."""
        return self.lead_id or self.key or self.reference


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run would spend, at most.

    Args:
        searched: Leads to be looked for, and credits for that.
        revealed: By datapoint, leads and credits.
        unread: Leads that the source may still tell, and credits if they lack all that is wanted.
    """

    searched: tuple[int, float]
    revealed: Mapping[Datapoint, tuple[int, float]]
    unread: tuple[int, float] = (0, 0.0)

    @property
    def total(self) -> float:
        """Credits in all."""
        return self.searched[1] + sum(cost for _, cost in self.revealed.values()) + self.unread[1]


@dataclass(slots=True)
class LeadRun:
    """A run's leads.

    Args:
        lane: Of the leads' mirror.
        wants: What is bought where a contact lacks it.
        again_after: After how long somebody who was not known, or had nothing, is asked for again.
    """

    lane: Lane
    spender: Spender
    wants: Collection[Datapoint]
    again_after: timedelta
    leads: list[Lead] = field(default_factory=list)

    async def add(self, leads: Iterable[Lead]) -> None:
        """Take leads up, with what the hub knows of them; free."""
        new = list(leads)
        self.leads += new
        await asyncio.to_thread(self.know, new)
        await asyncio.to_thread(self._match, new)

    @property
    def to_search(self) -> list[Lead]:
        """The leads that must be looked for, before what they lack can be had."""
        return [one for one in self.leads if not one.lead_id and not _is_in_doubt(one) and self.lacks(one)]

    def to_reveal(self) -> dict[str, dict[Datapoint, float]]:
        """What is to be revealed, by the vendor's id, and what it costs at most."""
        found: dict[str, dict[Datapoint, float]] = {}
        for one in self.leads:
            if one.lead_id and not _is_in_doubt(one) and (costs := dict(self._costs(one))):
                found.setdefault(one.lead_id, {}).update(costs)
        return found

    def cost(self, unread: int = 0) -> Cost:
        """What the run would spend from here on, at most: who is not found costs less.

        Args:
            unread: Leads that the source may still tell.
        """
        searching = self.to_search
        price = self.spender.price(Action.SEARCH)
        chunks = [len(searching[at : at + AT_ONCE]) for at in range(0, len(searching), AT_ONCE)]
        counts: Counter[Datapoint] = Counter()
        amounts: Counter[Datapoint] = Counter()  # credits, which may be fractions
        for costs in (*self.to_reveal().values(), *(self._list_prices(one) for one in searching)):
            counts.update(costs.keys())
            amounts.update(costs)
        revealed = {one: (counts[one], float(amounts[one])) for one in Datapoint if counts[one]}
        each = sum(map(self._list_price, self.wants))
        searched = (len(searching), sum(price.of(size) for size in chunks))
        return Cost(searched, revealed, (unread, unread * each))

    def may_learn(self, lead: Lead) -> bool:
        """Whether something is to be bought of a lead that was looked at: by searching or by revealing."""
        return not lead.problem and bool(dict(self._costs(lead)) if lead.lead_id else self.lacks(lead))

    @property
    def buying(self) -> list[Lead]:
        """The leads of whom something is to be bought."""
        searching = {id(one) for one in self.to_search}
        revealing = self.to_reveal()
        return [one for one in self.leads if id(one) in searching or one.lead_id in revealing]

    @property
    def waiting(self) -> list[Lead]:
        """New leads for whom the credits did not last: nothing is known by which they could be reached."""
        some = self.buying if self.spender.spent.stopped else []
        return [one for one in some if one.contact is None and not one.is_reachable]

    @property
    def to_write(self) -> list[Lead]:
        """The leads of which something may go to HighLevel; of a contact that lacks nothing, nothing does."""
        waiting = {one.reference for one in self.waiting}
        some = [one for one in self.leads if one.reference not in waiting]
        return [one for one in some if not (one.contact_id and self._tells_nothing(one))]

    def _tells_nothing(self, lead: Lead) -> bool:
        held = lead.contact or {}
        return not any(lead.record.get(one) for one, column in COLUMNS.items() if not held.get(column))

    def counts(self) -> dict[str, int]:
        """What became of the leads, for people."""
        problems = Counter(one.problem for one in self.leads if one.problem)
        known = sum(one.contact is not None for one in self.leads)
        waiting = {"wait for credits": count} if (count := len(self.waiting)) else {}
        return {"leads": len(self.leads), "known contacts": known, **waiting, **problems}

    async def search(self) -> None:
        """Look for those who are not known yet, as far as the caps allow; charged."""
        waiting = self.to_search
        for at in range(0, len(waiting), AT_ONCE):
            if self.spender.spent.stopped:
                return
            await self._search(waiting[at : at + AT_ONCE])
        await asyncio.to_thread(self._match, waiting)

    async def _search(self, chunk: Sequence[Lead]) -> None:
        asked: list[Lead] = []

        async def ask(granted: int) -> Told:
            asked.extend(chunk[:granted])
            return await self.spender.leads.search([one.wanted for one in asked])

        def kept(told: Told) -> store.Beside:
            return self._looked_up(asked, told)

        if await self.spender.charged(Action.SEARCH, len(chunk), ask, kept) is not None:
            await asyncio.to_thread(self.know, asked)

    async def reveal(self) -> None:
        """Buy what contacts lack, as far as the caps allow; charged."""
        by_id: dict[str, list[Lead]] = {}
        for one in self.leads:
            by_id.setdefault(one.lead_id, []).append(one)

        def tell(people: Mapping[str, Json]) -> None:
            for id_, record in people.items():
                for one in by_id.get(id_, ()):
                    one.record = _with(one.record, record)

        await self.spender.reveal(self.to_reveal(), tell)

    def know(self, leads: Sequence[Lead]) -> None:
        """What the hub knows of leads: whom they were found to be, and what was told and bought of them."""
        session = self.lane.session
        keys = {one.reference: one.first_key for one in leads}
        with session.hub.read() as connection:
            found = lookups.found(connection, session.run.location_id, [*filter(None, keys.values())])
            suppressed = suppressions.known(connection)
            for one in leads:
                self._identify(one, found.get(keys[one.reference]))
                if suppressed and suppressed.found(one.record):
                    one.problem = OPTED_OUT
            ids = [one.lead_id for one in leads if one.lead_id]
            held = store.held(connection, session.run.location_id, ids)
        for one in leads:
            one.record = _with(one.record, held.get(one.lead_id, {}))

    def _identify(self, lead: Lead, known: Lookup | None) -> None:
        lead.lead_id = lead.lead_id or str(lead.record.get("id") or "")
        if known is not None and known.outcome is Outcome.FOUND:
            lead.lead_id = lead.lead_id or known.lead_id
        elif known is not None and known.outcome is Outcome.RESTRICTED:
            lead.problem = "Lusha may not tell of them (compliance)"
        elif known is not None and known.outcome is Outcome.NO_MATCH and self._is_recent(known.asked_at):
            lead.problem = "Lusha does not know them"
        elif not lead.lead_id and not lead.wanted.is_enough:
            lead.problem = "nothing tells who they are: LinkedIn, e-mail, or name and company"

    def _is_recent(self, at: datetime) -> bool:
        return datetime.now(UTC) - at < self.again_after

    def _match(self, leads: Sequence[Lead]) -> None:
        session = self.lane.session
        people = [_person(one) for one in leads]
        found = lead_matching.find(session.hub, session.run.location_id, people)
        for one in leads:
            one.contact = found.contacts.get(one.reference)
            one.found_by = found.found_by.get(one.reference, "")
            one.doubt = found.several.get(one.reference, "")

    def _looked_up(self, asked: Sequence[Lead], told: Told) -> store.Beside:
        """Keeps what came of looking for leads."""
        session, now = self.lane.session, datetime.now(UTC)
        outcomes = {NOT_FOUND: Outcome.NO_MATCH, RESTRICTED: Outcome.RESTRICTED}
        found = []
        for one in asked:
            if not (key := one.first_key):
                continue
            person = told.people.get(one.reference, {})
            problem = told.problems.get(one.reference)
            if person.get("id"):
                found.append(Lookup(key, Outcome.FOUND, str(person["id"]), now))
            elif problem is not None:
                found.append(Lookup(key, outcomes.get(problem.code, Outcome.FAILED), "", now))
        return lambda connection: lookups.keep(connection, session.run.location_id, session.run.id, found)

    def lacks(self, lead: Lead) -> list[Datapoint]:
        """What neither HighLevel nor the lead's own record has, and was not asked for lately."""
        asked_at = lead.record.get(REVEALED_AT, {})
        return [
            one
            for one in Datapoint
            if one in self.wants
            and not (lead.contact and lead.contact[COLUMNS[one]])
            and not lead.record.get(one)
            and not (one in lead.record.get(REVEALED, ()) and self._is_recent(_moment(asked_at.get(one))))
        ]

    def _costs(self, lead: Lead) -> Iterator[tuple[Datapoint, float]]:
        """What is to be revealed of a lead that is known, as far as the vendor says that it has it."""
        listed = lead.record.get("canReveal")
        prices = {one.get("field"): one.get("credits") for one in listed or ()}
        for one in self.lacks(lead):
            if listed is None or one in prices:
                told = prices.get(one)
                yield one, self._list_price(one) if told is None else float(told)

    def _list_prices(self, lead: Lead) -> dict[Datapoint, float]:
        return {one: self._list_price(one) for one in self.lacks(lead)}

    def _list_price(self, datapoint: Datapoint) -> float:
        return self.spender.price(REVEALS[datapoint]).of(1)


def _is_in_doubt(lead: Lead) -> bool:
    """Whether nothing is bought of a lead: it cannot be had, or nobody knows yet whose it would be."""
    return bool(lead.problem or lead.doubt)


def _person(lead: Lead) -> Person:
    record, wanted = lead.record, lead.wanted
    emails = [one.get("email") for one in record.get("emails") or () if one.get("email")]
    company = record.get("company") or {}
    return Person(
        lead.reference,
        list(dict.fromkeys(filter(None, (lead.record_id, lead.first_key)))),
        [*filter(None, (wanted.email,)), *emails],
        record.get("fullName") or f"{wanted.first_name} {wanted.last_name}".strip(),
        wanted.company or company.get("name") or "",
        wanted.domain or company.get("domain") or "",
        lead.contact_id,
    )


def _with(told: Json, known: Json) -> Json:
    """What a source tells of a lead with what is known of it, which has priority."""
    return store.overlaid(told, {key: one for key, one in known.items() if one != [] or key not in told})


def _moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.now(UTC)
