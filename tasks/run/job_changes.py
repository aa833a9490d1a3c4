"""Changes of job of people who are contacts: told by subscriptions, or asked for, and kept at the lead.

    whom to follow → subscriptions in step with it → what was not told is asked for, under the caps

A change of job is an entry of the journal of ``hub.lead``: rules answer it like any other.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from tasks.hub.subscriptions import Followed, Place
from tasks.hub.tables import MIRRORS
from tasks.load import leads as store
from tasks.mapping.job_news import job_news
from tasks.run.pipeline import Lane
from tasks.run.spending import Spender
from tasks.streams import HUB_CONTACT, HUB_LEAD
from tasks.vendors.leads import AT_ONCE, Action, Problem, Told, Watch

T = TypeVar("T")

SIGNALS_EACH = 4
"""How many signals of one person are told at most when they are asked for."""

DUPLICATE = "DUPLICATE_SUBSCRIPTION"


def chosen(connection: sa.Connection, location_id: str, tag: str, limit: int) -> list[str]:
    """Whose changes of job matter, by the vendor's id: leads that are contacts, or those with a tag."""
    leads, contacts = MIRRORS[HUB_LEAD.name], MIRRORS[HUB_CONTACT.name]
    same = sa.and_(contacts.c.location_id == leads.c.location_id, contacts.c.id == leads.c.contact_id)
    query = (
        sa.select(leads.c.id, contacts.c.tags)
        .join_from(leads, contacts, same)
        .where(leads.c.location_id == location_id, contacts.c.deleted_at.is_(None))
        .order_by(leads.c.id)
    )
    wanted = tag.strip().lower()
    found = [id_ for id_, tags in connection.execute(query) if not wanted or wanted in (tags or ())]
    return found[:limit]


@dataclass(slots=True)
class Following:
    """A run that follows people.

    Args:
        lane: Of the leads' mirror.
        url: Where the vendor tells changes; empty where they are asked for.
        tag: Only contacts with it are followed; empty for all.
        most: So many people are followed at most.

    Attributes:
        done: What was done, by what.
    """

    lane: Lane
    spender: Spender
    url: str
    tag: str
    most: int
    done: Counter[str] = field(default_factory=Counter)

    @property
    def _place(self) -> Place:
        return Place(self.spender.leads.account, self.lane.session.run.location_id)

    async def run(self, *, dry_run: bool) -> None:
        """Bring subscriptions in step with the people to be followed, and ask for what was not told.

        Args:
            dry_run: Only count what there is to do; nothing is changed or spent.
        """
        place, location_id = self._place, self.lane.session.run.location_id
        ids = await self._read(lambda connection: chosen(connection, location_id, self.tag, self.most))
        self.done["chosen"] = len(ids)
        held = await self._read(place.followed)
        step = _Step.of(ids, held, await self.spender.leads.watches(), self.url)
        self.done.update(step.counts())
        if dry_run:
            return
        if self.url:
            await self._subscribe(step)
        await self._end(step)
        await self._catch_up()

    async def _subscribe(self, step: _Step) -> None:
        now = datetime.now(UTC)
        await self._write(lambda connection: self._place.follow(connection, step.adopted, now))
        blocked = {one.lead_id: one.blocked_at for one in step.resumed if one.blocked_at is not None}
        await self._write(lambda connection: self._place.missed(connection, blocked | step.untold))
        for one in step.resumed:
            await self.spender.leads.resume(one.id, self.url)
        made = await self.spender.leads.watch(self.url, step.new) if step.new else {}
        ids = {lead: one.id for lead, one in made.items() if isinstance(one, Watch)}
        await self._write(lambda connection: self._place.follow(connection, ids, now))
        refused = (one.code for one in made.values() if isinstance(one, Problem))
        self.done.update({"subscribed": len(ids)}, **Counter(f"refused: {code}" for code in refused))

    async def _end(self, step: _Step) -> None:
        """Follow no more whom nobody chose; a subscription that others want stays."""
        place, over = self._place, {one.id for one in step.over if one.id}
        kept = await self._read(lambda connection: place.wanted_elsewhere(connection, over))
        if ending := sorted(over - kept):
            await self.spender.leads.unwatch(ending)
        await self._write(lambda connection: place.forget(connection, [one.lead_id for one in step.over]))
        if not self.url:
            now, ids = datetime.now(UTC), dict.fromkeys(step.unfollowed, "")
            await self._write(lambda connection: place.follow(connection, ids, now))

    async def _catch_up(self) -> None:
        """Ask for what was not told: since a subscription was blocked, or since the last time."""
        today = datetime.now(UTC).date()
        since: dict[datetime, list[str]] = {}
        for one in (await self._read(self._place.followed)).values():
            moment = one.missed_since or (None if one.id else one.told_until)
            if moment is not None and (one.missed_since or moment.date() < today):
                day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
                since.setdefault(day, []).append(one.lead_id)
        for day, ids in sorted(since.items()):
            left = list(ids)
            while left and not self.spender.spent.stopped:
                asked = await self._ask(left[:AT_ONCE], day)
                left = left[asked:]
            self.done["left for the next run"] += len(left)

    async def _ask(self, ids: Sequence[str], since: datetime) -> int:
        """Ask for the signals of as many of these people as the caps allow; how many that were."""
        now, asked = datetime.now(UTC), 0
        run = self.lane.session.run
        held = await self._read(lambda connection: store.held(connection, run.location_id, ids))

        async def ask(signals: int) -> Told:
            nonlocal asked
            asked = signals // SIGNALS_EACH
            if not asked:
                return Told({}, charged=0)
            told = await self.spender.leads.signals(ids[:asked], since)
            news = {
                id_: job_news(held[id_], _signals(one)) for id_, one in told.people.items() if id_ in held
            }
            return replace(told, people={id_: one for id_, one in news.items() if one is not None})

        def keep(told: Told) -> store.Beside:
            self.done["changes asked for"] += len(told.people)
            return lambda connection: self._place.told(connection, ids[:asked], now)

        await self.spender.charged(Action.SIGNALS, len(ids) * SIGNALS_EACH, ask, keep)
        self.done["asked for"] += asked
        return asked

    async def _read(self, ask: Callable[[sa.Connection], T]) -> T:
        def read() -> T:
            with self.lane.session.hub.read() as connection:
                return ask(connection)

        return await asyncio.to_thread(read)

    async def _write(self, do: Callable[[sa.Connection], None]) -> None:
        def write() -> None:
            with self.lane.session.hub.write() as connection:
                do(connection)

        await asyncio.to_thread(write)


@dataclass(frozen=True, slots=True)
class _Step:
    """What brings subscriptions in step with the people who are to be followed.

    Args:
        new: People to subscribe to.
        adopted: People with a subscription that is there and tells us: by person, its id.
        resumed: Subscriptions that the vendor switched off, or that tell another address of ours.
        untold: People who are followed and have no subscription yet, or no more: since when nothing is known.
        over: Whom nobody chose any more, or who have a subscription where none is wanted.
        elsewhere: People whose changes are told to somebody else: left alone.
        off: Subscriptions that a person switched off: left alone.
        unfollowed: People who are chosen and not followed yet.
    """

    new: list[str]
    adopted: dict[str, str]
    resumed: list[Watch]
    untold: dict[str, datetime]
    over: list[Followed]
    elsewhere: list[str]
    off: list[str]
    unfollowed: list[str]

    @classmethod
    def of(
        cls, ids: Sequence[str], held: Mapping[str, Followed], watches: Iterable[Watch], url: str
    ) -> _Step:
        there = {one.lead_id: one for one in watches}
        wanted = set(ids)
        over = [one for one in held.values() if one.lead_id not in wanted or (one.id and not url)]
        mine = {
            id_: one
            for id_ in ids
            if (one := there.get(id_)) is not None and (one.url == url or _is_held(one, held.get(id_)))
        }
        new = [id_ for id_ in ids if id_ not in there] if url else []
        return cls(
            new=new,
            adopted={id_: one.id for id_, one in mine.items() if not _is_held(one, held.get(id_))},
            resumed=[one for one in mine.values() if url and (one.blocked_at or one.url != url)],
            untold={id_: held[id_].told_until for id_ in new if id_ in held},
            over=over,
            elsewhere=[id_ for id_ in ids if url and id_ in there and id_ not in mine],
            off=[id_ for id_, one in mine.items() if not one.is_active and one.blocked_at is None],
            unfollowed=[id_ for id_ in ids if id_ not in held or held[id_] in over],
        )

    def counts(self) -> dict[str, int]:
        """How many of each there are, without what is nothing."""
        named = {
            "to subscribe": len(self.new),
            "adopted": len(self.adopted),
            "to reactivate": len(self.resumed),
            "to end": len(self.over),
            "told to others": len(self.elsewhere),
            "switched off by a person": len(self.off),
        }
        return {name: number for name, number in named.items() if number}


def _is_held(watch: Watch, followed: Followed | None) -> bool:
    return followed is not None and followed.id == watch.id


def _signals(person: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = person.get("signals")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
