"""Subscriptions at Lusha: made in groups, some refused, listed whole, lifted and deleted."""

from __future__ import annotations

import pytest

from tasks.core.errors import InvalidRequestError, RecordNotFoundError
from tasks.vendors.lusha.api import subscriptions
from tasks.vendors.lusha.api.subscriptions import DUPLICATE
from tests.tasks.vendors.lusha.conftest import Talk

URL = "https://hooks.example.com/lusha"
CHANGES = ("companyChange", "promotion")


@pytest.fixture
def ids(talk: Talk) -> list[str]:
    talk(lambda leads: subscriptions.new_secret(leads.client))
    return [one["id"] for one in talk.vendor.records("people")[:60]]


def test_many_are_made_by_groups_and_each_has_an_outcome_of_its_own(talk: Talk, ids: list[str]) -> None:
    first = talk(lambda leads: subscriptions.create(leads.client, URL, ids[10:12], CHANGES))
    assert all(outcome.id for outcome in first)
    made = talk(lambda leads: subscriptions.create(leads.client, URL, ids, CHANGES))
    assert [outcome.item for outcome in made] == ids
    assert {outcome.item: outcome.code for outcome in made if outcome.code} == dict.fromkeys(
        ids[10:12], DUPLICATE
    )
    listed = talk(lambda leads: subscriptions.list_all(leads.client))
    assert {one.id for one in listed} == {outcome.id for outcome in (*first, *made) if outcome.id}
    assert {one.signal_types for one in listed} == {CHANGES}
    assert talk.vendor.requests()["operations"]["POST /api/subscriptions"] == {"201": 4}


def test_a_lost_answer_to_a_creation_makes_none_twice(talk: Talk, ids: list[str]) -> None:
    talk.fail("POST /api/subscriptions", "reset_after")
    made = talk(lambda leads: subscriptions.create(leads.client, URL, ids[:3], CHANGES))
    assert [outcome.code for outcome in made] == [DUPLICATE] * 3
    assert len(talk(lambda leads: subscriptions.list_all(leads.client))) == 3


def test_one_that_lusha_switched_off_says_why_and_is_lifted(talk: Talk, ids: list[str]) -> None:
    [made] = talk(lambda leads: subscriptions.create(leads.client, URL, ids[:1], CHANGES))
    talk.vendor.block(made.id)
    [blocked] = talk(lambda leads: subscriptions.list_all(leads.client))
    assert not blocked.is_active
    assert blocked.block_reason
    assert blocked.blocked_at
    talk(lambda leads: subscriptions.update(leads.client, made.id, isActive=True))
    [lifted] = talk(lambda leads: subscriptions.list_all(leads.client))
    assert lifted.is_active
    assert (lifted.block_reason, lifted.blocked_at) == ("", None)
    with pytest.raises(RecordNotFoundError):
        talk(lambda leads: subscriptions.update(leads.client, "0" * 24, isActive=True))


def test_some_are_deleted_and_one_that_is_gone_is_told(talk: Talk, ids: list[str]) -> None:
    made = talk(lambda leads: subscriptions.create(leads.client, URL, ids[:2], CHANGES))
    outcomes = talk(lambda leads: subscriptions.delete(leads.client, [made[0].id, "0" * 24, made[1].id]))
    assert [outcome.code for outcome in outcomes] == ["", "NOT_FOUND", ""]
    assert talk(lambda leads: subscriptions.list_all(leads.client)) == []


def test_there_is_one_secret_and_one_subscription_of_opt_outs(talk: Talk) -> None:
    assert talk(lambda leads: subscriptions.secret(leads.client)) is None
    new = talk(lambda leads: subscriptions.new_secret(leads.client))
    assert new == talk(lambda leads: subscriptions.secret(leads.client))
    assert "whsec" not in repr(new)
    assert talk(lambda leads: subscriptions.opt_out(leads.client, URL, name="Opt-outs"))
    with pytest.raises(InvalidRequestError, match="already exists"):
        talk(lambda leads: subscriptions.opt_out(leads.client, URL))
