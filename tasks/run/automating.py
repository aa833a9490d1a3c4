"""A rules file at work: judged, planned, and remembered in one transaction, so that each rule does it once.

    go on with what was left open → judge → for each target: rows → plan → preview, approval, apply

What is remembered is kept in the transactions that close the plans: which rules fired, whose turn it is, and
how far the journal was read. A run that dies before has done nothing that the next would not find again; one
that dies after leaves its plan to the next run, by its name in the cursor, and of a rule that writes several
kinds of records what is not planned yet: as begun.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Position
from tasks.core.remedies import by_deployment
from tasks.core.words import counted
from tasks.extract.contexts import CONTACT, ROOTS, Contexts
from tasks.hub import firings, ledger, notices, plans, rejects
from tasks.hub.firings import FiringState
from tasks.hub.ledger import Cursor
from tasks.hub.notices import Notice
from tasks.hub.plans import Plan
from tasks.mapping.rules.compile import Rules
from tasks.mapping.rules.known import NOTICE
from tasks.mapping.rules.moments import At
from tasks.run.judging import Fired, Judge, Judged, Since
from tasks.run.pipeline import Session
from tasks.run.refresh import mirror_lane, refresh
from tasks.run.rule_notices import notices_of
from tasks.run.rule_rows import Resolve, RuleRows, Turns, known_targets, source_of
from tasks.streams import mirror_of


class Automating:
    """What a run of a rules file knows and has found.

    Args:
        contexts: Reads what the rules judge.
        at: By which time, zone and calendar they do.
        resolve: Gives ids for names.

    Attributes:
        targets: The streams that are written, in order.
        notices: What somebody is to be told.
    """

    def __init__(self, session: Session, rules: Rules, contexts: Contexts, at: At, resolve: Resolve) -> None:
        self.session = session
        self.rules = rules
        self.targets = known_targets(rules)
        self._contexts = contexts
        self._at = at
        self._resolve = resolve
        self._location_id = session.run.location_id
        self._cursor = Cursor(self._location_id, session.run.automation, rules.name)
        self._sources: dict[str, RuleRows] = {}
        self._judged: Judged | None = None
        self._moves = True
        self.notices: list[Notice] = []
        with session.hub.read() as connection:
            self._position: Position = self._cursor.read(connection) or {}
            self._turns = Turns(firings.taken(connection, self._location_id, rules.name))

    @property
    def judged(self) -> Judged:
        """What came of judging, which is over."""
        if self._judged is None:
            raise RuntimeError("nothing was judged yet")
        return self._judged

    async def freshen(self) -> None:
        """Bring the mirrors up to date that the rules read."""
        for stream in streams_read(self.rules):
            async with mirror_lane(self.session, stream) as lane:
                await refresh(lane)

    def left_open(self) -> list[Plan]:
        """Plans of earlier runs that were not carried out; without those about which a person was asked."""
        with self.session.hub.read() as connection:
            kept = [id_ for id_ in self._position.get("plans", ()) if self._is_open(connection, id_)]
        found = [plans.find(self.session.hub, id_) for id_ in kept]
        return [plan for plan in found if not self._is_asked(plan)]

    def _is_asked(self, plan: Plan) -> bool:
        with self.session.hub.read() as connection:
            asked = ledger.is_asked_about(connection, plan.id)
        if asked and plan.approved_by is None:
            told = (
                f"Plan {plan.id} of an earlier run still waits for a person:"
                f" {by_deployment('apply_plan', f'plans apply {plan.id}', plan=plan.id)}"
            )
            self.session.run.tally.notes.append(told)
            return True
        return False

    async def judge(self, scope: str, ids: Sequence[str]) -> Judged:
        """Find out which rules are to do something.

        Args:
            scope: ``new`` for what changed since the last time, ``all`` for every record.
            ids: Of single records, instead.

        Raises:
            StoppedError: A rule would touch more records than it may.
        """
        judge = Judge(self.session, self.rules, self._contexts, self._at)
        if ids:
            found = await judge.some(ids)
        elif scope == "all":
            found = await judge.all()
        else:
            said = self._position.get("at")
            at = datetime.fromisoformat(said) if said else self._at.now
            found = await judge.new(Since(self._position.get("seq", 0), at))
        self._judged = found
        self._moves = not ids  # single records say nothing about the others
        return found

    def source(self, target: str) -> RuleRows:
        """The rows of a target stream."""
        self._sources[target] = self._source(target)
        return self._sources[target]

    def _source(self, target: str) -> RuleRows:
        return RuleRows(
            self.session.hub,
            self.rules,
            target,
            self.judged.firings,
            self._contexts,
            self._at,
            self._turns,
            resolve=self._resolve,
        )

    def make_notices(self, page: str) -> None:
        """Make what somebody is to be told.

        Args:
            page: Address of a contact's page, with ``{}`` for its id.
        """
        source = self._source(NOTICE)
        self.notices = list(notices_of(self.rules, source, page))
        for reject in source.rejects:
            self.judged.refused[reject.record_id] = reject
            self.judged.judged.discard(reject.record_id)

    def remember(self, connection: sa.Connection, plan: Plan | None = None) -> None:
        """Keep what was done and how far the journal was read, within the caller's transaction."""
        judged, run = self.judged, self.session.run
        firings.keep(connection, self._location_id, self._fired())
        firings.keep(connection, self._location_id, judged.turned)
        firings.take(connection, self._location_id, self.rules.name, self._turns.taken)
        self._keep_refused(connection)
        notices.put(connection, self._location_id, self.notices)
        left = [id_ for id_ in self._position.get("plans", ()) if self._is_open(connection, id_)]
        left += [plan.id] if plan is not None else []
        if self._moves:
            self._position |= {"seq": judged.head, "at": judged.until.isoformat()}
        self._position["plans"] = left
        self._cursor.move(connection, self._position, run.id)

    def remember_alone(self) -> None:
        """The same in a transaction of its own, where nothing is planned."""
        with self.session.hub.write() as connection:
            self.remember(connection)

    def _is_open(self, connection: sa.Connection, plan_id: str) -> bool:
        return plans.state_of(connection, plan_id) in plans.TO_APPLY

    def _fired(self) -> Iterable[firings.Firing]:
        """The firings that are to be remembered: of what only tells somebody none."""
        for one in self.judged.firings:
            wanted = [target for target in one.rule.targets if target != NOTICE]
            if wanted:
                yield replace(one.firing, state=self._state(one, wanted))

    def _state(self, one: Fired, wanted: Sequence[str]) -> FiringState:
        """How a firing stands, as far as this run has come; what was refused may fire again."""
        key, planned = (one.rule.key, one.firing.subject), self._of(one)
        if any(key in self._sources[target].refused for target in planned):
            return FiringState.ENDED
        if len(planned) < len(wanted):
            return FiringState.BEGUN
        made = all(key in self._sources[target].made for target in planned)
        return FiringState.FIRED if made else FiringState.WAITS

    def _keep_refused(self, connection: sa.Connection) -> None:
        """File the records that a rule could not judge; those that it could by now leave the list."""
        run, found = self.session.run, self.judged
        source = {
            "location_id": self._location_id,
            "stream": source_of((self.targets or [NOTICE])[0]),
            "run_id": run.id,
            "synced_at": datetime.now(UTC),
        }
        mine = {name: source[name] for name in ("location_id", "stream")}
        before = rejects.among_them(connection, mine, sorted(found.judged))
        rejects.resolve(connection, source, sorted(before), run_id=run.id)
        rejects.replace(connection, source, list(found.refused.values()), self.rules.name)

    def tell(self) -> dict[str, Any]:
        """What rules did, for the run's tally."""
        found = self.judged
        by_rule = Counter(one.rule.key for one in found.firings)
        told: dict[str, Any] = {
            "judged": found.read,
            "rules": {rule.key: by_rule[rule.key] for rule in self.rules.rules},
            "done_before": sum(found.before.values())
            + sum(len(one.before) for one in self._sources.values()),
            "could_not_judge": len(found.refused),
        }
        waiting = sum(
            any((one.rule.key, one.firing.subject) not in self._sources[name].made for name in self._of(one))
            for one in found.firings
        )
        if self.rules.tells:
            told["notices"] = len(self.notices)
        return told | ({"waiting": waiting} if waiting else {})

    def _of(self, one: Fired) -> list[str]:
        return [name for name in one.rule.targets if name in self._sources]

    @property
    def about(self) -> str:
        """What its plans are made from, for people."""
        judged = self.judged
        return f"{self.rules.name}: {counted(len(judged.firings), 'rule')} for {judged.read:,} records"


def streams_read(rules: Rules) -> list[str]:
    """The mirrors that a file's rules read and that can be brought up to date, contacts first."""
    named = [CONTACT, *rules.streams]
    named += [stream for root, stream in ROOTS.items() if root in rules.roots and root != "notes"]
    return [stream for stream in dict.fromkeys(named) if mirror_of(stream)[1].synced_by]
