"""The five policies against every origin: what goes in, what stays, and the reason that is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.hub.provenance import BY_HAND, Origin
from tasks.plan.policy import PRIORITY, Case, Source, decide
from tasks.streams import Policy

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLDER, NEWER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
WRITING = [policy for policy in Policy if policy is not Policy.NEVER]


def case(
    current: Any = "is",
    wanted: Any = "new",
    origin: Origin | None = None,
    *,
    source: str = "file",
    since: datetime | None = None,
) -> Case:
    return Case(current, wanted, origin, since, Source(source, NOON))


@pytest.mark.parametrize("policy", [Policy.OVERWRITE, Policy.NEWEST])
def test_a_word_of_unknown_age_gives_way_to_a_hand_edit_however_old(policy: Policy) -> None:
    undated = Source("file", NOON, yields=True)
    asked = Case("is", "new", origin(BY_HAND, OLDER), None, undated)
    verdict = decide(policy, asked)
    assert (verdict.write, "does not say how old" in verdict.why) == (False, True)
    assert decide(policy, replace(asked, origin=origin("file", OLDER))).write
    emptied = replace(asked, current=None, origin=origin(BY_HAND, OLDER, None))
    assert not decide(policy, emptied).write
    assert decide(policy, replace(asked, source=Source("file", NOON))).write


def origin(system: str, at: datetime, value: Any = "is", dropped: Any = None) -> Origin:
    return Origin(system, at, value, dropped)


ORIGINS = {
    "unknown": None,
    "hand, older": origin(BY_HAND, OLDER),
    "hand, same moment": origin(BY_HAND, NOON),
    "hand, newer": origin(BY_HAND, NEWER),
    "file, older": origin("file", OLDER),
    "file, newer": origin("file", NEWER),
    "hub, older": origin("hub", OLDER),
    "hub, newer": origin("hub", NEWER),
    "lusha, older": origin("lusha", OLDER),
    "lusha, newer": origin("lusha", NEWER),
    "hand, of another value": origin(BY_HAND, NEWER, "was"),
}

OVERWRITTEN = {
    "file": set(ORIGINS) - {"hand, newer", "file, newer"},
    "hub": {"unknown", "hub, older", "lusha, older", "lusha, newer", "hand, of another value"},
    "lusha": {"unknown", "lusha, older", "hand, of another value"},
}
"""Source system: by which origins its word may take a value's place under ``overwrite``."""

NOT_OLDER = {name for name, found in ORIGINS.items() if found is not None and found.at >= NOON} - {
    "hand, of another value"
}


@pytest.mark.parametrize("source", OVERWRITTEN)
@pytest.mark.parametrize("name", ORIGINS)
def test_overwrite_yields_to_the_weightier_and_among_equals_to_the_newer(name: str, source: str) -> None:
    verdict = decide(Policy.OVERWRITE, case(origin=ORIGINS[name], source=source))
    assert verdict.write is (name in OVERWRITTEN[source]), verdict.why


@pytest.mark.parametrize("source", OVERWRITTEN)
@pytest.mark.parametrize("name", ORIGINS)
def test_newest_writes_only_over_what_is_older_and_not_weightier(name: str, source: str) -> None:
    verdict = decide(Policy.NEWEST, case(origin=ORIGINS[name], source=source))
    assert verdict.write is (name in OVERWRITTEN[source] - NOT_OLDER), verdict.why


@pytest.mark.parametrize("name", ORIGINS)
@pytest.mark.parametrize(
    ("policy", "write"), [(Policy.FILL_EMPTY, False), (Policy.NEVER, False), (Policy.ADD, True)]
)
def test_the_other_policies_do_not_ask_for_the_origin(policy: Policy, write: bool, name: str) -> None:
    assert decide(policy, case(origin=ORIGINS[name])).write is write


@pytest.mark.parametrize(("since", "write"), [(None, True), (OLDER, True), (NOON, False), (NEWER, False)])
def test_newest_takes_an_unknown_value_for_as_new_as_its_record(since: datetime | None, write: bool) -> None:
    assert decide(Policy.NEWEST, case(since=since)).write is write


@pytest.mark.parametrize("empty", [None, "", [], {}])
@pytest.mark.parametrize("policy", WRITING)
def test_an_empty_field_is_filled_under_every_policy_but_never(policy: Policy, empty: Any) -> None:
    assert decide(policy, case(empty)).write
    assert not decide(Policy.NEVER, case(empty)).write


@pytest.mark.parametrize("policy", WRITING)
@pytest.mark.parametrize(
    ("system", "at", "source", "write"),
    [
        (BY_HAND, NEWER, "file", False),
        (BY_HAND, OLDER, "file", True),
        (BY_HAND, OLDER, "lusha", False),
        ("file", NEWER, "file", True),
    ],
)
def test_what_a_person_emptied_is_an_edit_like_any_other(
    policy: Policy, system: str, at: datetime, source: str, write: bool
) -> None:
    verdict = decide(policy, case(None, origin=origin(system, at, None), source=source))
    assert verdict.write is write
    assert ("emptied in HighLevel" in verdict.why) is not write


@pytest.mark.parametrize("policy", WRITING)
def test_what_highlevel_did_not_take_is_not_offered_again_but_another_value_is(policy: Policy) -> None:
    refused = origin(BY_HAND, NEWER, None, dropped="new")
    assert decide(policy, case(None, "new", refused)).why == "HighLevel did not take this value before"
    assert decide(policy, case(None, "other", refused)).write


def test_zero_and_false_are_values() -> None:
    for value in (0, False):
        assert not decide(Policy.FILL_EMPTY, case(value, 1)).write


@pytest.mark.parametrize(
    ("policy", "origin", "why"),
    [
        (Policy.OVERWRITE, origin(BY_HAND, NEWER), "edited in HighLevel on 2026-06-01 13:00, newer than"),
        (Policy.OVERWRITE, origin("file", NEWER), "written from file on 2026-06-01 13:00, newer than"),
        (Policy.NEWEST, origin(BY_HAND, NOON), "newest: HighLevel's value is of 2026-06-01 12:00"),
        (Policy.FILL_EMPTY, None, "fill_empty: there is a value"),
        (Policy.NEVER, None, "never: only when it is new"),
    ],
)
def test_what_is_kept_says_on_what_grounds(policy: Policy, origin: Origin | None, why: str) -> None:
    assert why in decide(policy, case(origin=origin)).why


def test_a_weightier_origin_says_whom_it_outranks() -> None:
    verdict = decide(Policy.OVERWRITE, case(origin=origin(BY_HAND, OLDER), source="lusha"))
    assert verdict.why == "edited in HighLevel, which outranks lusha"


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
VALUES = st.one_of(st.none(), st.text(max_size=3), st.integers(), st.lists(st.text(max_size=2), max_size=2))


@given(
    policy=st.sampled_from([policy for policy in Policy if policy is not Policy.ADD]),
    source=st.sampled_from([*PRIORITY, "somebody"]),
    said=MOMENTS,
    edited=MOMENTS,
    value=VALUES,
    wanted=VALUES,
    since=st.one_of(st.none(), MOMENTS),
)
def test_a_hand_edit_is_never_overwritten_by_an_older_or_lower_source(
    policy: Policy, source: str, said: datetime, edited: datetime, value: Any, wanted: Any, since: Any
) -> None:
    by_hand = Origin(BY_HAND, edited, value)
    verdict = decide(policy, Case(value, wanted, by_hand, since, Source(source, said)))
    if edited > said or PRIORITY.get(source, 0) < PRIORITY[BY_HAND]:
        assert not verdict.write
    assert verdict.why
