"""What carrying out a plan takes: requests, time and what does not fit into today."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.change import Change, FieldChange
from tasks.hub.budget import Quota
from tasks.plan.bill import Bill, bill_of
from tasks.plan.preview import bill_in_words
from tasks.streams import Operation, operation_of
from tests import operations


def change(one: Operation, *fields: str, target: str = "c1", new: Any = "x", old: Any = None) -> Change:
    return operations.change(one, "r", target, fields=[FieldChange(name, old, new, "") for name in fields])


def tagged(kind: Operation, number: int, tag: str) -> list[Change]:
    return [change(kind, "tags", new=[tag], old=[], target=f"c{n}") for n in range(number)]


def bill(*some: Change, quota: Quota | None = None, recheck: bool = False) -> Bill:
    slices = [[one for one in some if operation_of(one) is kind] for kind in operations.ALL]
    rechecked = (operations.UPDATE, operations.LINK_BUSINESS, operations.TAG_REMOVE)
    found = [some for some in slices if some]
    return bill_of(found, quota, rechecked=lambda one: recheck and operation_of(one) in rechecked)


@pytest.mark.parametrize(
    ("one", "writes", "reads"),
    [
        (change(operations.CREATE, "firstName", "companyName", target=""), 1, 0),
        (change(operations.UPDATE, "firstName", "city", "custom.x"), 1, 1),
        (change(operations.UPDATE, "city", "companyName"), 2, 1),
        (change(operations.LINK_BUSINESS, "business"), 1, 1),
        (change(operations.LINK_BUSINESS, "business", target=""), 1, 1),
        (change(operations.TAG_REMOVE, "tags", old=["a"], new=[]), 1, 1),
        (change(operations.TAG_ADD, "tags", new=["a"]), 1, 0),
        (change(operations.CREATE_NOTE, "body"), 1, 0),
        (change(operations.CREATE_TASK, "title"), 1, 0),
    ],
)
def test_each_change_has_its_price(one: Change, writes: int, reads: int) -> None:
    assert bill(one) == Bill(writes, writes, None, 0)
    assert bill(one, recheck=True) == Bill(writes + reads, writes, None, 0)


def test_what_only_an_upsert_writes_needs_the_address_as_highlevel_has_it() -> None:
    assert bill(change(operations.UPDATE, "companyName")).requests == 2
    assert bill(change(operations.UPDATE, "companyName"), recheck=True).requests == 2


def test_what_may_be_there_from_before_the_hub_is_looked_for() -> None:
    note = change(operations.CREATE_NOTE, "note")
    note.look_first = True
    assert bill(note).requests == 2


@pytest.mark.parametrize(
    ("kind", "requests"), [(operations.DELETE, 5), (operations.DELETE_NOTE, 2), (operations.DELETE_TASK, 2)]
)
def test_what_is_deleted_is_looked_at_in_any_case(kind: Operation, requests: int) -> None:
    """A contact with its notes, tasks and appointments."""
    assert bill(change(kind)).requests == bill(change(kind), recheck=True).requests == requests


def test_the_same_tags_of_a_hundred_contacts_are_one_request() -> None:
    assert bill(*tagged(operations.TAG_ADD, 100, "a")).requests == 1
    assert bill(*tagged(operations.TAG_ADD, 101, "a")).requests == 2
    assert bill(*tagged(operations.TAG_ADD, 3, "a"), *tagged(operations.TAG_ADD, 3, "b")).requests == 2
    assert bill(*tagged(operations.TAG_ADD, 1, "a"), *tagged(operations.TAG_REMOVE, 1, "a")).requests == 2


@pytest.mark.parametrize(
    ("requests", "seconds"), [(1, 0.0), (100, 0.0), (101, 10.0), (200, 10.0), (1_000, 90.0)]
)
def test_the_time_is_that_of_the_windows_after_the_first(requests: int, seconds: float) -> None:
    quota = Quota(max_requests=100, interval_ms=10_000)
    assert bill(*[change(operations.CREATE)] * requests, quota=quota).seconds == seconds


def test_without_an_announced_quota_no_time_is_told() -> None:
    assert bill(change(operations.CREATE), quota=None).seconds is None
    assert bill(change(operations.CREATE), quota=Quota(max_requests=None, interval_ms=10_000)).seconds is None


def test_what_is_left_today_bounds_it() -> None:
    quota = Quota(max_requests=100, interval_ms=10_000, daily_remaining=3)
    assert bill(*[change(operations.CREATE)] * 5, quota=quota).beyond_today == 2
    assert bill(*[change(operations.CREATE)] * 3, quota=quota).beyond_today == 0


def test_nothing_costs_nothing() -> None:
    assert bill(quota=Quota(max_requests=100, interval_ms=10_000)) == Bill(0, 0, 0.0, 0)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Bill(0, 0, 0.0, 0), "It takes no request at all."),
        (Bill(1_200, 800, None, 0), "It takes 1,200 requests, 800 of them writing."),
        (Bill(5, 3, 0.0, 0), "3 of them writing: at least a moment under the present quota."),
        (Bill(5, 3, 59.6, 0), "at least 1 min 00 s under"),
        (Bill(5, 3, 42.0, 0), "at least 42 s under"),
        (Bill(5, 3, 7_260.0, 2), "at least 2 h 01 min under the present quota; 2 more than are left today."),
        (Bill(5, 3, None, 0, credits=9), "3 of them writing; 9 Lusha credits."),
    ],
)
def test_the_bill_in_words(known: Bill, told: str) -> None:
    assert bill_in_words(known.plain()).endswith(told) or told in bill_in_words(known.plain())
