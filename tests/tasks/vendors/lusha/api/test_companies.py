"""Companies at Lusha: found by domain, name or id, and enriched once for their price."""

from __future__ import annotations

from tasks.vendors.leads import NOT_FOUND
from tasks.vendors.lusha.api import companies
from tasks.vendors.lusha.api.companies import WantedCompany
from tests.tasks.vendors.lusha.conftest import Talk


def test_companies_are_found_and_enriched_once(talk: Talk) -> None:
    one, two, three = [company for company in talk.vendor.records("companies") if company["domain"]][:3]
    wanted = [
        WantedCompany("c", name=three["name"]),
        WantedCompany("a", id=one["id"]),
        WantedCompany("none", domain="nowhere.example"),
        WantedCompany("b", domain=two["domain"]),
    ]
    found = talk(lambda leads: companies.search(leads.client, wanted))
    assert {name: company["id"] for name, company in found.people.items()} == {
        "a": one["id"],
        "b": two["id"],
        "c": three["id"],
    }
    assert found.problems["none"].code == NOT_FOUND
    assert found.charged == 1
    ids = [one["id"], two["id"]]
    told = talk(lambda leads: companies.enrich(leads.client, ids))
    assert told.people[one["id"]]["name"] == one["name"]
    again = talk(lambda leads: companies.enrich(leads.client, ids))
    assert (told.charged, again.charged) == (2, 0)
