"""The rows that rules make, as a source that the planner reads: batch by batch, from the firings of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any

from tasks.core.batch import (
    BECAUSE,
    CALLED,
    DOUBT,
    Batch,
    Json,
    Position,
    Reject,
    Row,
)
from tasks.core.change import Scope
from tasks.extract.contexts import Context, Contexts
from tasks.hub import links
from tasks.hub.engine import Hub
from tasks.mapping.rules.compile import Rules
from tasks.mapping.rules.moments import At
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.run.judging import Fired, reject_of
from tasks.run.subjects import AT_ONCE
from tasks.streams import HIGHLEVEL_CONTACT, RULES, STREAMS, target_of

LISTS = ("tags", "tagsRemoved")
"""Fields of which every rule's members count."""

ENROLMENTS = ("workflows", "workflowsLeft")
"""Fields whose values become records of their own, each with the firing that it came with."""

Resolve = Callable[[str, Row], Row]
"""From a target stream and a row to the row with ids for names; raises RefusedValueError."""


@dataclass(slots=True)
class Turns:
    """Whose turn it is in each list of a file; the same record asked again gets the same.

    Args:
        taken: How many turns were taken, by list.
    """

    taken: dict[str, int]
    _given: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, subject: str) -> Callable[[str, int], int]:
        """What tells a record's turns: from a list's name and size to a place in it."""

        def turn(name: str, size: int) -> int:
            key = (name, subject)
            if key not in self._given:
                self._given[key] = self.taken.get(name, 0)
                self.taken[name] = self._given[key] + 1
            return self._given[key] % size

        return turn


class RuleRows:
    """The rows of one target stream.

    Args:
        fired: What is to be done.
        resolve: Gives ids for names.

    Attributes:
        total: Rows, as far as is known before they are made.
        told: By record id, what a row tells besides its fields: which rules made it, and why it is in doubt.
        made: The firings that came to a row, or had one before, by rule and record.
        refused: The firings whose values could not be told.
        before: Ids of rows that an earlier run made already.
        rejects: What ``each`` could not tell.
    """

    def __init__(
        self,
        hub: Hub,
        rules: Rules,
        target: str,
        fired: Sequence[Fired],
        contexts: Contexts,
        at: At,
        turns: Turns,
        *,
        resolve: Resolve,
    ) -> None:
        self._hub = hub
        self._rules = rules
        self._target = target
        self._contexts = contexts
        self._at = at
        self._turns = turns
        self._resolve = resolve
        mine = [one for one in fired if target in one.rule.targets]
        self._groups = _grouped(mine, target)
        self.total: int | None = len(self._groups)
        self.as_of: datetime = at.now
        self.told: dict[str, Row] = {}
        self.made: set[tuple[str, str]] = set()
        self.refused: set[tuple[str, str]] = set()
        self.before: set[str] = set()
        self.rejects: list[Reject] = []
        self._owners: dict[str, tuple[str, str]] = {}  # of what several firings make, whose it is

    @property
    def stream(self) -> str:
        """The source stream of its rows."""
        return source_of(self._target)

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``."""
        start, first = perf_counter(), int((position or {}).get("at", 0))
        some = self._groups[first : first + size]
        records, rejects = await asyncio.to_thread(self._read, some)
        return Batch(
            self.stream,
            self._contexts.location_id,
            records,
            position={"at": first + len(some)},
            last=first + len(some) >= len(self._groups),
            seconds=perf_counter() - start,
            rejects=rejects,
        )

    def each(self) -> Iterator[tuple[Fired, Row]]:
        """Each row of each firing, as the rules make it; what cannot be told is noted as refused."""
        fired = [one for group in self._groups for one in group]
        for start in range(0, len(fired), AT_ONCE):
            some = fired[start : start + AT_ONCE]
            contexts = self._read_contexts(some)
            for one in some:
                yield from ((one, row) for row in self._rows(one, contexts, self.rejects) or ())

    def _rows(
        self, one: Fired, contexts: Mapping[tuple[str, str], Context], rejects: list[Reject]
    ) -> list[Row] | None:
        """The rows of one firing, with ids for names; None where its record is gone, or is a reject."""
        context = contexts.get((one.firing.stream, one.firing.subject))
        if context is None:
            return None
        change = self._contexts.change(one.entry) if one.entry is not None else None
        at = self._at.with_turns(self._turns.of(one.firing.subject))
        try:
            made = one.rule.rows({**context, "change": change}, at)
            return [self._resolve(self._target, row) for stream, row in made if stream == self._target]
        except RefusedValueError as refused:
            rejects.append(self._reject(one, refused))
            return None

    def _read(self, some: Sequence[Sequence[Fired]]) -> tuple[list[Json], list[Reject]]:
        contexts = self._read_contexts([one for group in some for one in group])
        records: list[Json] = []
        rejects: list[Reject] = []
        for group in some:
            made = [
                (one, list(filter(None, rows)))
                for one in group
                if (rows := self._rows(one, contexts, rejects)) is not None
            ]
            if self._target == HIGHLEVEL_CONTACT.name:
                self._one_contact(made, records, rejects, _name(contexts, group))
            else:
                self._several(made, records)
        return self._without_those_of_before(records), rejects

    def _read_contexts(self, some: Sequence[Fired]) -> dict[tuple[str, str], Context]:
        found: dict[tuple[str, str], Context] = {}
        with self._hub.read() as connection:
            for stream in dict.fromkeys(one.firing.stream for one in some):
                ids = list(dict.fromkeys(one.firing.subject for one in some if one.firing.stream == stream))
                for id_, context in self._contexts.read(connection, stream, ids).items():
                    found[stream, id_] = context
        return found

    def _several(self, made: Sequence[tuple[Fired, list[Row]]], records: list[Json]) -> None:
        """Records of their own: of one rule and one record there is each once, for ever."""
        for one, rows in made:
            for place, row in enumerate(rows):
                name = one.firing.name if place == 0 else f"{one.firing.name}.{place + 1}"
                id_ = str(row.pop("id", None) or f"{name} · {one.firing.subject}")
                key = (one.rule.key, one.firing.subject)
                if self._owners.setdefault(id_, key) == key:  # a company's contacts make the same business
                    self.told[id_] = {BECAUSE: because(self._rules, one), DOUBT: row.pop("doubt", None)}
                    records.append({"id": id_, **row, **self._parent(one)})
                self.made.add(key)

    def _one_contact(
        self,
        made: Sequence[tuple[Fired, list[Row]]],
        records: list[Json],
        rejects: list[Reject],
        called: str,
    ) -> None:
        """What all rules want of one contact, as one record."""
        if not any(rows for _, rows in made):
            return
        merged: Row = {"id": made[0][0].firing.about}
        for one, rows in made:
            for row in rows:
                for name, value in row.items():
                    _merge(merged, name, value, f"{one.firing.name} · {one.firing.subject} · {one.firing.n}")
        both = set(merged.get("tags") or ()) & set(merged.get("tagsRemoved") or ())
        if both:
            told = " and ".join(one.firing.name for one, _ in made)
            what = f"{told} undo each other: one adds the tag {', '.join(sorted(both))}, one removes it"
            for one, _ in made:
                rejects.append(
                    self._reject(one, RefusedValueError("loop", what, problem="rules undo each other"))
                )
            return
        records.append(merged)
        some = [one for one, rows in made if rows]
        self.told[merged["id"]] = {
            CALLED: called,
            BECAUSE: "; ".join(because(self._rules, one) for one in some),
            **{name: merged.pop(name) for name in ENROLMENTS if name in merged},
        }
        self.made |= {(one.rule.key, one.firing.subject) for one in some}

    def _reject(self, one: Fired, refused: RefusedValueError) -> Reject:
        self.refused.add((one.rule.key, one.firing.subject))
        return reject_of(one.firing, refused)

    def _parent(self, one: Fired) -> Row:
        parent = target_of(self._target).parent
        if parent is None:
            return {}
        name = next(field for field, key in parent.keys.items() if key == "link")
        return {name: one.firing.about}

    def _without_those_of_before(self, records: list[Json]) -> list[Json]:
        """Those that were not made yet: what was made is a person's, open or done, renamed or deleted."""
        if target_of(self._target).parent is None:
            return records
        scope = Scope(self._contexts.location_id, RULES, self._target)
        with self._hub.read() as connection:
            made = links.targets(connection, scope, [record["id"] for record in records])
        self.before |= made.keys()
        return [record for record in records if record["id"] not in made]


def _name(contexts: Mapping[tuple[str, str], Context], group: Sequence[Fired]) -> str:
    """What a group's contact is called."""
    context = contexts.get((group[0].firing.stream, group[0].firing.subject)) or {}
    contact: Row = context.get("contact") or {}
    return contact.get("name") or contact.get("email") or contact.get("phone") or ""


def source_of(target: str) -> str:
    """The source stream of the rows that rules make of a target stream."""
    return f"{RULES}.{target.rpartition('.')[2]}"


def because(rules: Rules, one: Fired) -> str:
    """Why something is done, in words: rule, file and line, and what set it off."""
    cause = f"{one.rule.on.passed} {one.event} has passed" if one.event else "asked for by scope or ids"
    if one.firing.seq is not None:
        cause = f"journal entry {one.firing.seq}"
    return f"rule {one.rule.key} ({Path(rules.file).name}, line {one.rule.line}), {cause}"


def _grouped(fired: Sequence[Fired], target: str) -> list[list[Fired]]:
    """Firings that come to one record: of a contact all, of anything else each alone."""
    if target != HIGHLEVEL_CONTACT.name:
        return [[one] for one in fired]
    order = {id(one): place for place, one in enumerate(fired)}
    some = sorted(
        (one for one in fired if one.firing.about), key=lambda one: (one.firing.about, order[id(one)])
    )
    return [list(group) for _, group in groupby(some, key=lambda one: one.firing.about)]


def _merge(row: Row, name: str, value: Json, came_with: str) -> None:
    """Add a field to a row: members to a set; of single values the first rule's counts."""
    if value is None:
        return
    if name in LISTS:
        held = row.setdefault(name, [])
        held += [one for one in _as_list(value) if one not in held]
    elif name in ENROLMENTS:
        row.setdefault(name, []).extend([came_with, one] for one in _as_list(value))
    else:
        row.setdefault(name, value)


def _as_list(value: Json) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def known_targets(rules: Rules) -> list[str]:
    """The target streams of a file in the order in which they are written: what is referred to first."""
    named = [target for target in rules.targets if target in STREAMS]
    return sorted(named, key=lambda name: min(one.order for one in target_of(name).operations))
