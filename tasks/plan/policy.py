"""What a value may replace: the five policies, and whose word weighs more.

``overwrite`` yields to a weightier system's word, and to a newer one of equal weight: a hand edit in
HighLevel above all. Without that rule the first sync after a correction would undo it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tasks.core.batch import Json
from tasks.hub.provenance import BY_HAND, Origin, same
from tasks.streams import PRIORITIES, Policy

PRIORITY = PRIORITIES | {BY_HAND: 3}
"""Whose values others do not overwrite: a person's in HighLevel as little as a person's file's."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the wanted value comes from.

    Args:
        system: ``file``, ``hub``, ``lusha``.
        at: How old its word is.
        yields: Whether it gives way to what a person edited, however long ago: ``at`` is a guess.
    """

    system: str
    at: datetime
    yields: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One field that differs.

    Args:
        current: The plain value that is there; None for nothing.
        origin: Where that value comes from, where it is known.
        unchanged_since: When the record was changed last: its values are no younger.
    """

    current: Json
    wanted: Json
    origin: Origin | None
    unchanged_since: datetime | None
    source: Source


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with a field that differs.

    Args:
        write: Whether the wanted value goes in.
        why: The policy and its grounds.
    """

    write: bool
    why: str


def decide(policy: Policy, case: Case) -> Verdict:
    """Whether the wanted value may replace what is there."""
    origin = case.origin if case.origin is not None and same(case.origin.value, case.current) else None
    dropped = None if case.origin is None else case.origin.dropped
    if dropped is not None and same(dropped, case.wanted):
        return Verdict(False, "HighLevel did not take this value before")
    if case.current in (None, "", [], {}) and policy is not Policy.NEVER:
        return _emptied(case, origin) or Verdict(True, "was empty")
    return _POLICIES[policy](case, origin)


def _emptied(case: Case, origin: Origin | None) -> Verdict | None:
    """The verdict where a person took the value away; not where HighLevel never took one."""
    if origin is None or origin.system != BY_HAND or origin.dropped is not None:
        return None
    if _outranked(case, origin) is None:
        return None
    return Verdict(False, f"emptied in HighLevel on {_day(origin.at)}")


def _never(_case: Case, _origin: Origin | None) -> Verdict:
    return Verdict(False, "never: only when it is new")


def _fill_empty(_case: Case, _origin: Origin | None) -> Verdict:
    return Verdict(False, "fill_empty: there is a value")


def _add(_case: Case, _origin: Origin | None) -> Verdict:
    return Verdict(True, "add")


def _overwrite(case: Case, origin: Origin | None) -> Verdict:
    return _outranked(case, origin) or Verdict(True, "overwrite")


def _newest(case: Case, origin: Origin | None) -> Verdict:
    outranked = _outranked(case, origin)
    if outranked is not None:
        return outranked
    at = origin.at if origin is not None else case.unchanged_since
    ours = origin is not None and origin.system == case.source.system
    if at is not None and (at > case.source.at if ours else at >= case.source.at):
        return Verdict(
            False, f"newest: HighLevel's value is of {_day(at)}, not older than {_day(case.source.at)}"
        )
    return Verdict(True, f"newest: {_day(case.source.at)} is newer")


def _outranked(case: Case, origin: Origin | None) -> Verdict | None:
    """The verdict where the value there is a weightier system's, or a newer one of equal weight."""
    if origin is None:
        return None
    whose = "edited in HighLevel" if origin.system == BY_HAND else f"written from {origin.system}"
    its, ours = PRIORITY.get(origin.system, 0), PRIORITY.get(case.source.system, 0)
    if its > ours:
        return Verdict(False, f"{whose}, which outranks {case.source.system}")
    if its == ours and origin.system == BY_HAND and case.source.yields:
        on = _day(origin.at)
        return Verdict(
            False, f"{whose} on {on}, and the {case.source.system} does not say how old its value is"
        )
    if its == ours and origin.at > case.source.at:
        return Verdict(False, f"{whose} on {_day(origin.at)}, newer than {_day(case.source.at)}")
    return None


_POLICIES: dict[Policy, Callable[[Case, Origin | None], Verdict]] = {
    Policy.NEVER: _never,
    Policy.FILL_EMPTY: _fill_empty,
    Policy.ADD: _add,
    Policy.OVERWRITE: _overwrite,
    Policy.NEWEST: _newest,
}


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
