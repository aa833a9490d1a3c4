"""Answers that come in parts, while other providers are still being asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import process
from tasks.hub.engine import Hub
from tasks.vendors.leads import Datapoint
from tasks.vendors.lusha.api import contacts, jobs
from tests.tasks.vendors.lusha.conftest import Talk


@pytest.fixture(scope="module")
def waterfall() -> Iterator[process.RunningSandbox]:
    """An account that may ask other providers."""
    with process.start(contacts=0, lusha_people=200, lusha_plan="off", lusha_waterfall=True) as running:
        yield running


@pytest.fixture
def ask(waterfall: process.RunningSandbox, leads_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Talk:
    waterfall.lusha.reset()
    monkeypatch.setattr(jobs, "LONGEST_WAIT_SECONDS", 0.01)
    return Talk(waterfall.lusha, leads_hub)


def lacking(ask: Talk, number: int) -> list[str]:
    people = ask.vendor.records("people")
    return [one["id"] for one in people if one["emails"] and not one["phones"]][:number]


def test_other_providers_are_asked_only_where_it_is_wished_and_waited_for(ask: Talk) -> None:
    ids = lacking(ask, 4)
    both = {Datapoint.EMAILS, Datapoint.PHONES}
    alone = ask(lambda leads: leads.reveal(ids, both))
    assert [person["phones"] for person in alone.people.values()] == [[]] * 4
    assert alone.charged == 4
    told = ask(lambda leads: contacts.enrich(leads.client, ids, both, waterfall=True))
    found = [id_ for id_, person in told.people.items() if person.get("phones")]
    assert len(found) == 2
    assert all(person["emails"] and person["firstName"] for person in told.people.values())
    assert told.charged == 16
    assert ask.vendor.bill()["credits"] == 20


def test_credits_that_run_out_at_another_provider_s_price_are_told(ask: Talk) -> None:
    ids = lacking(ask, 4)
    ask.vendor.set_credits(4 + 8)
    both = {Datapoint.EMAILS, Datapoint.PHONES}
    told = ask(lambda leads: contacts.enrich(leads.client, ids, both, waterfall=True))
    assert told.out_of_credits
    assert told.charged == ask.vendor.bill()["credits"] == 12


@pytest.mark.parametrize("fault", ["500", "503", "reset_after"])
def test_what_has_come_counts_even_where_the_rest_is_lost(ask: Talk, fault: str) -> None:
    ids = lacking(ask, 2)
    faults = [
        {
            "operation": "GET /v3/contacts/jobs/{jobId}",
            "fault": fault,
            "share": 1.0,
            "seed": 1,
            "times": 99 if fault == "500" else 1,
        }
    ]
    ask.vendor.set_faults(faults)
    told = ask(
        lambda leads: contacts.enrich(leads.client, ids, {Datapoint.EMAILS, Datapoint.PHONES}, waterfall=True)
    )
    assert all(told.people[id_]["emails"] for id_ in ids)
    assert (fault == "500") != any(person.get("phones") for person in told.people.values())
