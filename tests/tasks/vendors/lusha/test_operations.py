"""Lusha's operations by name: what each may cost is said first, none costs more, and all of it is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.errors import BadConfigurationError, CreditCapError, UnknownOutcomeError
from tasks.hub.caps import Caps
from tasks.hub.credits import Who
from tasks.hub.engine import Hub
from tasks.hub.tables import spending
from tasks.vendors.lusha import operations
from tasks.vendors.lusha.catalog import action_of, load_catalog
from tasks.vendors.lusha.operations import Purse
from tests.tasks.vendors.lusha.conftest import OWNER, Talk

WHO = Who("lusha:test", "loc", "run-1", "run_operation")
SEARCH, ENRICH = "lusha-contacts.search", "lusha-contacts.enrich"


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


def call(talk: Talk, hub: Hub, name: str, parameters: dict[str, Any], most: float = 0, **caps: float) -> Any:
    purse = Purse(hub, WHO, Caps(run=most, **caps), most)
    return talk(lambda leads: operations.call(leads.client, name, parameters, purse, OWNER))


def spent(hub: Hub) -> list[tuple[str, float | None]]:
    with hub.read() as connection:
        rows = connection.execute(sa.select(spending.c.action, spending.c.charged)).all()
    return [(action, charged) for action, charged in rows]


@pytest.fixture
def ids(talk: Talk) -> list[str]:
    people = talk.vendor.records("people")
    return [one["id"] for one in people if one["emails"] and one["phones"] and not one.get("status")][:3]


def test_a_dry_run_tells_the_request_and_what_it_may_cost_by_the_live_prices(
    talk: Talk, ids: list[str]
) -> None:
    talk.vendor.set_prices(revealPhone={"credits": 7, "perQuantity": 1})
    given = {"ids": ids, "reveal": ["emails", "phones"]}
    shown = talk(lambda leads: operations.try_out(leads.client, ENRICH, given))
    assert shown == {
        "method": "POST",
        "path": "/v3/contacts/enrich",
        "query": {},
        "body": {**given, "waterfallEnabled": False},
        "costs": {
            "charges": {"revealEmail": 3, "revealPhone": 3},
            "credits_at_most": 24,
            "credits_left": 10_000,
        },
    }
    assert talk.vendor.bill()["credits"] == 0
    free = talk(lambda leads: operations.try_out(leads.client, "lusha-contacts.list-filters", {}))
    assert free["costs"]["credits_at_most"] == 0


def test_nothing_is_spent_that_was_not_allowed(talk: Talk, hub: Hub, ids: list[str]) -> None:
    given = {"ids": ids, "reveal": ["phones"]}
    with pytest.raises(
        BadConfigurationError, match=r"up to 15 credits of 10,000 that are left; it may spend 14"
    ):
        call(talk, hub, ENRICH, given, most=14)
    with pytest.raises(CreditCapError, match="day"):
        call(talk, hub, ENRICH, given, most=15, day=10)
    with pytest.raises(BadConfigurationError, match="`reveal` is required"):
        call(talk, hub, ENRICH, {"ids": ids}, most=100)
    assert talk.vendor.bill()["credits"] == 0
    assert spent(hub) == []


def test_what_it_cost_is_counted_as_lusha_says(talk: Talk, hub: Hub, ids: list[str]) -> None:
    given = {"ids": ids, "reveal": ["emails"]}
    answer = call(talk, hub, ENRICH, given, most=3)
    assert answer["billing"]["creditsCharged"] == 3
    call(talk, hub, ENRICH, given, most=6)  # a repeat is free
    found = call(talk, hub, SEARCH, {"contacts": [{"id": ids[0]}]}, most=6)
    assert found["results"][0]["id"] == ids[0]
    assert sorted(spent(hub)) == [("contactSearch", 1), ("revealEmail", 0), ("revealEmail", 3)]
    assert talk.vendor.bill()["credits"] == 4


def test_what_may_have_been_charged_counts_as_charged(talk: Talk, hub: Hub, ids: list[str]) -> None:
    talk.fail("POST /v3/contacts/search", "reset_after")
    with pytest.raises(UnknownOutcomeError, match="POST /v3/contacts/search"):
        call(talk, hub, SEARCH, {"contacts": [{"id": ids[0]}]}, most=1)
    assert spent(hub) == [("contactSearch", 1)]
    talk.fail("POST /v3/contacts/search", "402")
    with pytest.raises(Exception, match="402"):
        call(talk, hub, SEARCH, {"contacts": [{"id": ids[0]}]}, most=2)
    assert spent(hub) == [("contactSearch", 1)]


def test_what_is_free_asks_for_no_price(talk: Talk, hub: Hub) -> None:
    made = call(talk, hub, "lusha-contact-tables.create", {"name": "Inbox"})
    table = made["data"]["tableId"]
    assert call(talk, hub, "lusha-contact-tables.get", {"table_id": table})["data"]["name"] == "Inbox"
    assert "GET /v3/account/usage" not in talk.vendor.requests()["operations"]
    assert spent(hub) == []


def test_every_action_says_what_it_does_and_is_asked_again_only_where_that_costs_nothing() -> None:
    catalog = load_catalog()
    assert len(catalog) == 59
    assert len({action.request for action in catalog.values()}) == 59
    for action in catalog.values():
        assert action.about.endswith(".")
        assert not action.look_up or action.look_up in catalog
        parameters = action.spelling("v3").parameters
        names = {one.partition("=")[0].split(".")[0] for charge in action.costs for one in charge.of}
        names |= {name for charge in action.costs for name in charge.where} | set(action.defaults)
        assert names <= set(parameters), action.name
    repeated = {action.name for action in catalog.values() if action.costs and action.idempotent}
    assert repeated == {
        "lusha-contacts.enrich",
        "lusha-companies.enrich",
        "lusha-company-tables.add-rows",
    }


@pytest.mark.parametrize(
    ("name", "parameters", "charges"),
    [
        ("lusha-contacts.prospect", {"pagination": {"page": 0, "size": 50}}, {"contactSearch": 50}),
        ("lusha-contacts.prospect", {}, {"contactSearch": 25}),
        (
            "lusha-contacts.find-buying-group",
            {"companies": [{}, {}], "contactsLimit": 5},
            {"buyingGroup": 10},
        ),
        ("lusha-contacts.list-signals", {"ids": ["a"], "maxResultsPerSignal": 3}, {"showSignalsContact": 6}),
        ("lusha-contact-tables.list-rows", {"size": "20"}, {"tableRead": 20}),
        ("lusha-contact-tables.list-rows", {}, {"tableRead": 100}),
        ("lusha-webhooks.list-subscriptions", {}, {}),
    ],
)
def test_how_much_is_charged_follows_from_the_parameters(
    name: str, parameters: dict[str, Any], charges: dict[str, int]
) -> None:
    assert action_of(name).charges(parameters) == charges
