"""Contacts come into the business of their company, which is made if there is none; doubt is for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.process import RunningSandbox
from tasks.hub import reviews
from tasks.hub.engine import Hub

Go = Callable[..., dict[str, Any]]


def make(vendor: RunningSandbox, name: str, email: str, company: str, **more: Any) -> str:
    body = {"firstName": name, "lastName": "Link", "email": email, "companyName": company, "type": "lead"}
    made: str = vendor.edit(kind="contacts", create=body | more)["record"]["id"]
    return made


def business_of(vendor: RunningSandbox, contact: str) -> str:
    return str(
        next(one for one in vendor.records("contacts") if one["id"] == contact).get("businessId") or ""
    )


def test_contacts_of_a_company_come_into_one_business_and_a_second_run_does_nothing(
    go: Go, loaded: RunningSandbox
) -> None:
    ada = make(loaded, "Ada", "ada@engines.example", "Engines Ltd")
    bob = make(loaded, "Bob", "bob@engines.example", "ENGINES Limited")
    eve = make(loaded, "Eve", "eve@gmail.com", "Engines")
    there = len(loaded.records("businesses"))
    dry = go("link_businesses", dry_run=True)
    assert (dry["rules"], len(loaded.records("businesses"))) == ({"business_of_the_company": 3}, there)
    told = go("link_businesses")
    assert told["applied"] == {"create done": 1, "link_business done": 3}  # of both of its plans
    assert len(loaded.records("businesses")) == there + 1
    linked = {business_of(loaded, one) for one in (ada, bob, eve)}
    assert len(linked) == 1
    assert linked != {""}
    made = next(one for one in loaded.records("businesses") if one["id"] in linked)
    assert made["website"].endswith("engines.example")
    again = go("link_businesses")
    assert again["rules"] == {"business_of_the_company": 0}
    assert len(loaded.records("businesses")) == there + 1


def test_a_business_that_is_there_is_found_by_its_domain(go: Go, loaded: RunningSandbox) -> None:
    known = loaded.records("businesses")[0]
    domain = known["website"].removeprefix("https://")
    ada = make(loaded, "Ada", "ada@private.example", known["name"], website=f"https://www.{domain}/about")
    there = len(loaded.records("businesses"))
    go("link_businesses")
    assert business_of(loaded, ada) == known["id"]
    assert len(loaded.records("businesses")) == there


def test_a_name_that_is_only_alike_waits_for_a_person_and_then_the_contact_is_linked(
    go: Go, loaded: RunningSandbox, opened: Hub
) -> None:
    known = loaded.records("businesses")[1]
    ada = make(loaded, "Ada", "ada@gmail.com", known["name"].replace("oo", "o"))  # Granite Rofing & Co
    there = len(loaded.records("businesses"))
    told = go("link_businesses")
    assert told.get("waiting") == 1, told
    assert business_of(loaded, ada) == ""
    [review] = reviews.waiting(opened, 5)[0]
    assert known["id"] in {one.id for one in review.candidates}
    reviews.accept(opened, review.id, known["id"])
    go("link_businesses")
    assert business_of(loaded, ada) == known["id"]
    assert len(loaded.records("businesses")) == there


def test_a_contact_that_has_a_business_keeps_it(go: Go, loaded: RunningSandbox) -> None:
    known = loaded.records("businesses")[0]
    ada = make(loaded, "Ada", "ada@other.example", "Other", businessId=known["id"])
    go("link_businesses")
    go("link_businesses", scope="all", dry_run=True)
    assert business_of(loaded, ada) == known["id"]


def test_two_companies_of_one_hosting_domain_stay_two(go: Go, loaded: RunningSandbox) -> None:
    ada = make(loaded, "Ada", "ada@gmail.com", "First", website="https://first.github.io")
    bob = make(loaded, "Bob", "bob@gmail.com", "Second", website="https://second.github.io")
    go("link_businesses")
    assert business_of(loaded, ada) != business_of(loaded, bob)
