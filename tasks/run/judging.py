"""Which rules are to do something for which records: from the journal, for all records, or for some.

What a run began and another has to end comes first, with the event that set it off.

Nothing is written here. What comes out is a list of firings, small enough for memory; the rows that they make
are read batch by batch as they are planned (``tasks/run/rule_rows.py``).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tasks.core.batch import Reason, Reject, canonical_json
from tasks.core.errors import StoppedError
from tasks.core.words import counted
from tasks.extract.contexts import Context, Contexts
from tasks.hub import firings, journal, plans
from tasks.hub.firings import Firing, FiringState
from tasks.hub.journal import Entry, Kind
from tasks.mapping.rules.compile import Rule, Rules
from tasks.mapping.rules.known import NOTICE
from tasks.mapping.rules.moments import At, as_moment
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.run.pipeline import Session
from tasks.run.subjects import AT_ONCE, Subjects


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that is to do something for a record.

    Args:
        entry: What set it off; None where it works through records.
        event: Which event it is, where each is told: the journal entry's number, or the moment that passed.
    """

    rule: Rule
    firing: Firing
    entry: Entry | None
    event: str = ""


@dataclass(slots=True)
class Judged:
    """What came of judging.

    Args:
        read: How many records were looked at.
        firings: What is to be done.
        turned: Firings that stand otherwise by now: their condition is false, or a person declined them.
        before: By rule, for how many records it held and had done its part before.
        refused: Rules that could not judge a record, or would go on for ever, by the reject's id.
        judged: What was judged well, by the reject's id: it may have been one before.
        head: The number of the last journal entry that was taken in.
        until: By HighLevel's clock, the moment up to which moments that pass were taken in.
    """

    head: int
    until: datetime
    read: int = 0
    firings: list[Fired] = field(default_factory=list)
    turned: list[Firing] = field(default_factory=list)
    before: Counter[str] = field(default_factory=Counter)
    refused: dict[str, Reject] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Since:
    """Where an automation stands: journal entries after ``seq`` are new, and moments after ``at``."""

    seq: int
    at: datetime


class Judge:
    """Applies the rules of a file to records.

    Args:
        at: By which time, zone and calendar; its turns are not taken here.
    """

    def __init__(self, session: Session, rules: Rules, contexts: Contexts, at: At) -> None:
        self._session = session
        self._location_id = session.run.location_id
        self._rules = rules
        self._contexts = contexts
        self._at = at
        self._changed: dict[tuple[str, str], Firing] = {}  # as they stand after this run
        self._turned: dict[tuple[str, str], Firing] = {}
        self._seen: set[tuple[str, str]] = set()
        self._subjects = Subjects(session.hub, self._location_id)
        self._found = Judged(self._subjects.head, at.now)

    async def new(self, since: Since) -> Judged:
        """Judge what changed since the last time, what a rule waits for, and what moments passed."""
        if forgotten := await self._subjects.forgotten(since.seq):
            self._session.run.tally.notes.append(
                f"The journal has forgotten {counted(forgotten, 'change')} since the last run"
                " (LUSHA_CONNECT_KEEP_DAYS). scope=all works through all records."
            )
        for stream, rules in self._by_stream():
            unfinished = await self._subjects.unfinished(self._rules.name, stream)
            for rule in rules:
                await self._take_all(stream, [rule], unfinished.get(rule.key, []))
            after = since.seq
            while entries := await self._subjects.entries(stream, after):
                changed = [entry for entry in entries if entry.kind is not Kind.LOADED]
                await self._take(stream, rules, [(entry.id, entry) for entry in changed])
                after = entries[-1].seq
            for rule in rules:
                if rule.on.passed:
                    await self._take_all(
                        stream, [rule], await self._subjects.passed(rule, since.at, self._at)
                    )
        return self._ended()

    async def all(self) -> Judged:
        """Judge every record that the hub has, as if it had just come."""
        for stream, rules in self._by_stream():
            after = ""
            while ids := await self._subjects.ids(stream, after):
                await self._take_all(stream, rules, ids)
                after = ids[-1]
        return self._ended()

    async def some(self, ids: Sequence[str]) -> Judged:
        """Judge single records."""
        for stream, rules in self._by_stream():
            await self._take_all(stream, rules, ids)
        return self._ended()

    def _by_stream(self) -> Iterator[tuple[str, list[Rule]]]:
        for stream in self._rules.streams:
            yield stream, [rule for rule in self._rules.rules if rule.on.stream == stream]

    def _ended(self) -> Judged:
        """What was found; a rule that would touch too many records stops all of them.

        Raises:
            StoppedError: One would.
        """
        found = self._found
        touched = Counter(one.rule.key for one in found.firings)
        for rule in self._rules.rules:
            if touched[rule.key] > rule.at_most:
                raise StoppedError(
                    f"Rule {rule.key} ({self._rules.file}, line {rule.line}) would touch"
                    f" {counted(touched[rule.key], 'record')}; {rule.at_most:,} is the most for one run."
                    " Nothing was written.",
                    remedy="Look at them with dry_run; if they are right, raise `at_most` in the file.",
                )
        found.turned = [one for key, one in self._turned.items() if self._changed[key] is one]
        return found

    def _turn(self, before: Firing, state: FiringState) -> None:
        key = (before.rule, before.subject)
        self._changed[key] = self._turned[key] = replace(before, state=state)

    async def _take_all(self, stream: str, rules: Sequence[Rule], ids: Sequence[str]) -> None:
        for start in range(0, len(ids), AT_ONCE):
            await self._take(stream, rules, [(id_, None) for id_ in ids[start : start + AT_ONCE]])

    async def _take(
        self, stream: str, rules: Sequence[Rule], some: Sequence[tuple[str, Entry | None]]
    ) -> None:
        await asyncio.to_thread(self._judge, stream, rules, some)
        await self._session.progress.show(self._found.read, None)

    def _judge(self, stream: str, rules: Sequence[Rule], some: Sequence[tuple[str, Entry | None]]) -> None:
        ids = list(dict.fromkeys(id_ for id_, _ in some))
        plan_ids = {entry.plan_id for _, entry in some if entry is not None and entry.plan_id}
        with self._session.hub.read() as connection:
            contexts = self._contexts.read(connection, stream, ids)
            known = firings.of_subjects(connection, self._location_id, self._rules.name, ids)
            behind = firings.behind(connection, self._location_id, plan_ids)
            unfinished = [one for one in known.values() if one.state in firings.UNFINISHED]
            seqs = [one.seq for one in unfinished if one.seq is not None]
            origins = journal.entries(connection, self._location_id, seqs)
            planned = plans.states_by_run(connection, [one.run_id for one in unfinished])
        for id_, entry in some:
            context = contexts.get(id_)
            if context is None:
                continue
            if (stream, id_) not in self._seen:
                self._seen.add((stream, id_))
                self._found.read += 1
            about = self._contexts.about(stream, context["record"])
            causes = behind.get((entry.plan_id or "", about), []) if entry is not None else []
            for rule in rules:
                before, cause = self._changed.get((rule.key, id_)) or known.get((rule.key, id_)), entry
                if before is not None and before.state in firings.UNFINISHED:
                    cause = origins.get(before.seq or 0)
                    if self._is_under_way(before, planned.get(before.run_id, set())):
                        continue
                if not _concerns(rule, cause, context):
                    continue
                context["change"] = self._contexts.change(cause) if cause is not None else None
                firing = self._firing(rule, stream, id_, about, cause, causes, before)
                moment = _moment(rule, context, self._at) if cause is None else ""
                if before is not None and before.state is FiringState.BEGUN:
                    self._fire(Fired(rule, firing, cause, moment))  # its condition counts no more
                else:
                    self._apply(rule, context, firing, before, cause, moment)

    def _is_under_way(self, before: Firing, plans_of_it: set[str]) -> bool:
        """Whether nothing is to be done now for what was begun: its plan is still open, or was declined."""
        if before.state is not FiringState.BEGUN:
            return False
        if "declined" in plans_of_it:
            self._turn(before, FiringState.FIRED)
            return True
        return not plans_of_it.isdisjoint(plans.TO_APPLY)

    def _firing(
        self,
        rule: Rule,
        stream: str,
        subject: str,
        about: str,
        entry: Entry | None,
        causes: Sequence[Firing],
        before: Firing | None,
    ) -> Firing:
        """The firing that it would be."""
        chain = list(dict.fromkeys(name for one in causes for name in (*one.chain, one.name)))
        goes_on = before is not None and before.state in firings.UNFINISHED
        if before is not None and goes_on:
            chain, seq = list(before.chain), before.seq
        else:
            seq = entry.seq if entry is not None else None
        return Firing(
            self._rules.name,
            rule.key,
            subject,
            stream,
            about,
            1 if before is None else before.n + (not goes_on),
            rule.line,
            seq,
            tuple(chain),
            self._session.run.id,
            self._at.now,
        )

    def _apply(
        self,
        rule: Rule,
        context: Context,
        firing: Firing,
        before: Firing | None,
        entry: Entry | None,
        moment: str,
    ) -> None:
        """Judge one record by one rule."""
        found, sets_off = self._found, _sets_off(rule, entry, moment)
        if not sets_off and (before is None or before.state is FiringState.ENDED):
            return
        try:
            held = rule.holds(context, self._at)
        except RefusedValueError as refused:
            self._refuse(firing, refused)
            return
        found.judged.add(reject_id(firing))
        if not held:
            if before is not None and before.state is not FiringState.ENDED:
                self._turn(before, FiringState.ENDED)
            return
        if is_told_each_time(rule):
            if sets_off:
                event = str(entry.seq) if entry is not None else moment
                found.firings.append(Fired(rule, firing, entry, event))
            return
        open_ = before is not None and before.state is FiringState.FIRED
        if open_ and not (rule.by_change and entry is not None and firing.seq != before.seq):  # type: ignore[union-attr]
            found.before[rule.key] += 1
            return
        if firing.name in firing.chain:
            self._at_rest(firing)
            return
        if sets_off:
            self._fire(Fired(rule, firing, entry, moment))

    def _fire(self, one: Fired) -> None:
        self._changed[one.rule.key, one.firing.subject] = one.firing
        self._found.firings.append(one)

    def _at_rest(self, firing: Firing) -> None:
        """Leave a record to which a rule's own effects have led back: it would go on for ever."""
        others = [name for name in firing.chain if name != firing.name]
        if not others:  # it has done its part, and that is all
            self._found.before[firing.rule] += 1
            return
        told = " and ".join([firing.name, *others])
        what = f"{told} set each other off again and again; this one does no more until somebody changes it"
        self._refuse(firing, RefusedValueError("loop", what, problem="rules set each other off"))

    def _refuse(self, firing: Firing, refused: RefusedValueError) -> None:
        reject = reject_of(firing, refused)
        self._found.judged.discard(reject.record_id)
        self._found.refused[reject.record_id] = reject


def reject_id(firing: Firing) -> str:
    """Under which id a rule's refusal of a record is filed."""
    return f"{firing.name} · {firing.subject}"


def reject_of(firing: Firing, refused: RefusedValueError) -> Reject:
    """A record that a rule refuses; the rule judges it again."""
    raw = canonical_json({"id": firing.subject, "rule": firing.name})
    reason = Reason(refused.rule, firing.rule, refused.message, refused.problem)
    return Reject(reject_id(firing), [reason], raw)


def is_told_each_time(rule: Rule) -> bool:
    """Whether a rule does nothing but tell somebody: each event, whatever was told before."""
    return set(rule.targets) == {NOTICE}


def _concerns(rule: Rule, entry: Entry | None, context: Context) -> bool:
    """Whether a rule has to look at a record: what was deleted concerns those alone that ask for it."""
    deleted = entry is not None and entry.kind is Kind.DELETED
    if deleted or context["record"]["deleted_at"] is not None:
        return deleted and Kind.DELETED.value in rule.on.when
    return True


def _moment(rule: Rule, context: Context, at: At) -> str:
    """The moment of a record that a rule is about, once it has come, a day with its beginning; else empty."""
    moment = context["record"][rule.on.passed] if rule.on.passed else None
    return moment.isoformat() if moment is not None and as_moment(moment, at) <= at.now else ""


def _sets_off(rule: Rule, entry: Entry | None, moment: str) -> bool:
    """Whether an event is one that a rule answers; work through records needs none but a moment's passing."""
    if rule.on.passed:
        return bool(moment)
    if entry is None:
        return True
    if entry.kind.value not in rule.on.when:
        return False
    if is_told_each_time(rule) and entry.kind is Kind.UPDATED and not entry.fields:
        return False
    return not rule.on.fields or entry.kind is not Kind.UPDATED or not rule.on.fields.isdisjoint(entry.fields)
