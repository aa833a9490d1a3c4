"""From a rules file to rules: every name is looked up, every condition compiled, before any record.

All that is wrong with a file is told at once, each with its line and the nearest right word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tasks.core.batch import Row
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Where
from tasks.core.words import nearest
from tasks.mapping.channels import Channels, read_channels
from tasks.mapping.language import Mapping
from tasks.mapping.rules import calendars
from tasks.mapping.rules.conditions import ALWAYS, Condition, compile_condition
from tasks.mapping.rules.known import JUDGED, NOTICE, Named
from tasks.mapping.rules.language import CalendarSaid, On, RuleSaid, RulesSaid
from tasks.mapping.rules.moments import At
from tasks.mapping.rules.rows import RowOf, compile_row
from tasks.mapping.rules.scope import Scope, View
from tasks.mapping.rules.synthesis import mapping_of
from tasks.streams import CUSTOM, STREAMS, FieldType

_MOMENTS = (FieldType.DATE, FieldType.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a rule's condition holds for a record."""

    held: bool
    _why: Callable[[], str]

    def __bool__(self) -> bool:
        return self.held

    @property
    def why(self) -> str:
        """What decided it, in words."""
        return self._why()


@dataclass(frozen=True, slots=True)
class Trigger:
    """Which records a rule judges, and when.

    Args:
        when: ``created``, ``updated``, ``deleted``; empty where a moment passes.
        fields: Of updated records: only if one of these changed; empty for any.
        passed: The field whose moment came; "" where there is none.
    """

    stream: str
    when: frozenset[str]
    fields: frozenset[str]
    passed: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Args:
        at_most: Records that it may touch in a run.
        targets: The streams of its rows, and ``notice``.
        by_change: Whether its condition or its rows look at the change itself.
        condition: When it holds.
        made: What it makes.
    """

    key: str
    line: int
    on: Trigger
    at_most: int
    targets: tuple[str, ...]
    by_change: bool
    condition: Condition
    made: tuple[RowOf, ...]

    def holds(self, context: Table[str, Any], at: At) -> Held:
        """Whether it is for a record.

        Raises:
            CannotEvaluateError: A value is missing, or of a wrong type.
        """
        view = _view(context, at)
        return Held(self.condition.holds(view, at), partial(self.condition.why, view, at))

    def rows(self, context: Table[str, Any], at: At) -> list[tuple[str, Row]]:
        """What it makes of a record: target stream and fields; what has no value is left out.

        Raises:
            CannotEvaluateError: A value is missing, or of a wrong type.
        """
        view = _view(context, at)
        return [(row.target, row.read(view, at)) for row in self.made]


def _view(context: Table[str, Any], at: At) -> View:
    return {**context, "now": at.now, "today": at.today}


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a file.

    Args:
        on: Its default trigger; None where each rule has its own.
        rules: In the order of the file.
        roots: The roots that are read: of a context, no others are needed.
    """

    said: RulesSaid
    on: Trigger | None
    rules: tuple[Rule, ...]
    roots: frozenset[str]
    _named: tuple[Named, ...]

    @property
    def name(self) -> str:
        """The file's name without folder and ending, e.g. ``first_tasks``."""
        return Path(self.file).stem

    @property
    def file(self) -> str:
        """The file, as the user named it."""
        return self.said.document.file

    @property
    def digest(self) -> str:
        """Hash of what the file means."""
        return self.said.digest

    @property
    def at_most(self) -> int:
        """Records that one rule may touch in a run, unless it says otherwise."""
        return self.said.at_most

    @property
    def streams(self) -> list[str]:
        """The streams whose records are judged."""
        return list(dict.fromkeys(rule.on.stream for rule in self.rules))

    @property
    def targets(self) -> list[str]:
        """The streams that are written, and ``notice``."""
        return list(dict.fromkeys(target for rule in self.rules for target in rule.targets))

    @property
    def tells(self) -> bool:
        """Whether it tells somebody something."""
        return NOTICE in self.targets

    @property
    def channels(self) -> Channels:
        """Where its notices go."""
        return read_channels(self.said.document, self.name)

    @property
    def calendar(self) -> CalendarSaid:
        """What the file says of working days and clock."""
        return self.said.calendar

    def at(
        self, now: dt.datetime, turn: Callable[[str, int], int], *, country: str = "", zone: str = ""
    ) -> At:
        """By which time and calendar to judge.

        Args:
            country: The location's, where the file names none; "" for Monday to Friday without holidays.
            zone: The location's, where the file names none.

        Raises:
            BadMappingError: The location's zone or country is not known, and the file names none.
        """
        return At(now, calendars.calendar_of(self.said, country, zone), turn)

    def names(self) -> list[Named]:
        """Names in the file that the location must know."""
        return list(self._named)

    def mapping(self, target: str) -> Mapping:
        """The mapping by which the rows of a target are planned."""
        rows = [row for rule in self.rules for row in rule.made if row.target == target]
        return mapping_of(self.said.document, target, {name for row in rows for name in row.fields})

    def error(self, what: str, where: Where = (), remedy: str = "") -> BadMappingError:
        """The error that points at ``where`` in the file."""
        return self.said.error(what, where, remedy)


def compile_rules(said: RulesSaid) -> Rules:
    """Compile a rules file.

    Raises:
        BadMappingError: It names a stream, field, operator, filter, country or zone that is not there, or a
            condition or value is none; all that is wrong is told.
    """
    problems = calendars.problems_of(said)
    with BadMappingError.told_in(problems):
        read_channels(said.document, said.document.file)
    on: Trigger | None = None
    if said.on is not None:
        with BadMappingError.told_in(problems):
            on = _trigger(said, said.on, ("on",))
    rules: list[Rule] = []
    scopes: list[Scope] = []
    for place, one in enumerate(said.rules):
        with BadMappingError.told_in(problems):
            rule, scope = _rule(said, one, ("rules", place))
            rules.append(rule)
            scopes.append(scope)
    if problems:
        raise BadMappingError.of(problems)
    named = tuple(dict.fromkeys(name for scope in scopes for name in scope.named))
    return Rules(said, on, tuple(rules), frozenset().union(*(scope.roots for scope in scopes)), named)


def _trigger(said: RulesSaid, on: On, where: Where) -> Trigger:
    if on.stream not in JUDGED:
        raise said.error(f"unknown stream `{on.stream}`", (*where, "stream"), nearest(on.stream, JUDGED))
    stream, problems = STREAMS[on.stream], []
    for place, name in enumerate(on.fields):
        if name not in stream.fields and not name.startswith(CUSTOM):
            remedy = nearest(name, stream.fields)
            at = (*where, "fields", place)
            problems.append(said.error(f"`{name}` is not a field of {on.stream}", at, remedy))
    moments = [name for name, one in stream.fields.items() if one.type in _MOMENTS]
    if on.passed and on.passed not in moments:
        remedy = nearest(on.passed, moments)
        problems.append(said.error(f"`{on.passed}` is no date of {on.stream}", (*where, "passed"), remedy))
    if problems:
        raise BadMappingError.of(problems)
    when = frozenset() if on.passed else frozenset(one.value for one in on.when)
    return Trigger(on.stream, when, frozenset(on.fields), on.passed)


def _rule(said: RulesSaid, one: RuleSaid, where: Where) -> tuple[Rule, Scope]:
    on, at = (one.on, (*where, "on")) if one.on is not None else (said.on, ("on",))
    if on is None:
        what = f"`{one.key}` does not say `on` which records"
        raise said.error(what, where, "write `on` for it, or for all")
    trigger = _trigger(said, on, at)
    scope = Scope(said.document, one.key, trigger.stream)
    condition = ALWAYS
    problems: list[BadMappingError] = []
    if one.if_ is not None:
        with BadMappingError.told_in(problems):
            condition = compile_condition(one.if_, (*where, "if"), scope)
    rows: list[RowOf] = []
    for place, row in enumerate(one.then):
        with BadMappingError.told_in(problems):
            rows.append(compile_row(row, (*where, "then", place), scope))
    if problems:
        raise BadMappingError.of(problems)
    line = said.document.lines.get((*where, "key"), 0)
    at_most = one.at_most or said.at_most
    targets = tuple(dict.fromkeys(row.target for row in rows))
    return Rule(one.key, line, trigger, at_most, targets, scope.by_change, condition, tuple(rows)), scope
