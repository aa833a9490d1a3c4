"""Whom Lusha knows, how they are found, and every irregularity that its answers are known for."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from sandbox.core.options import Options
from sandbox.highlevel.people import contacts
from sandbox.lusha.export import COLUMNS, write_csv
from sandbox.lusha.world import World

WORLD = World(Options(contacts=400, lusha_people=600))
PEOPLE = list(WORLD.people.values())


def test_the_same_seed_gives_the_same_people() -> None:
    again = World(Options(contacts=400, lusha_people=600))
    assert list(again.people.values()) == PEOPLE
    assert again.companies == WORLD.companies


def test_a_part_of_the_contacts_is_known_and_as_many_leads_as_asked_for() -> None:
    known = {one["contactId"] for one in PEOPLE} - {None}
    assert known <= {contact["id"] for contact in contacts(1, 400)}
    assert 0.5 < len(known) / 400 < 0.7
    assert sum(one["contactId"] is None for one in PEOPLE) == 600


def test_a_lead_has_no_address_and_no_number_of_a_contact_s() -> None:
    taken = {contact.get("email", "").lower() for contact in contacts(1, 400)}
    taken |= {contact.get("phone", "") for contact in contacts(1, 400)}
    for one in PEOPLE:
        if one["contactId"] is None:
            values = {email["email"] for email in one["emails"]}
            values |= {"+" + "".join(filter(str.isdigit, phone["number"])) for phone in one["phones"]}
            assert not values & taken


def test_everybody_is_found_by_each_of_their_identifiers() -> None:
    by_id = {contact["id"]: contact for contact in contacts(1, 400)}
    found = Counter[str]()
    for one in PEOPLE:
        contact = by_id.get(one["contactId"], {})
        if contact.get("email", "").count("@") == 1 and " " not in contact["email"]:
            found["email"] += WORLD.find_person({"email": contact["email"]}) == one
        if one["socialLinks"]:
            address = one["socialLinks"]["linkedin"].replace("https://www.", "http://") + "/?x=1"
            assert WORLD.find_person({"linkedinUrl": address}) == one
        assert WORLD.find_person({"id": one["id"]}) == one
        assert WORLD.find_person({"id": str(one["personId"])}) == one
        name = {"firstName": one["firstName"].upper(), "lastName": one["lastName"]}
        company = WORLD.employer(one)
        namesake = WORLD.find_person({**name, "companyName": company["name"]})
        assert namesake is not None
        assert (namesake["fullName"], WORLD.employer(namesake)["name"]) == (one["fullName"], company["name"])
        if company["domain"]:
            assert WORLD.find_person({**name, "companyDomain": f"WWW.{company['domain']}"}) is not None
    assert found["email"] > 200


def test_every_irregularity_is_there() -> None:
    emails = [email for one in PEOPLE for email in one["emails"]]
    phones = [phone for one in PEOPLE for phone in one["phones"]]
    assert {email["type"] for email in emails} == {"work", "private", "unknown"}
    assert {email["confidence"] for email in emails} == {"A+", "A", "B", None}
    assert {phone["type"] for phone in phones} == {"mobile", "direct", "work", "unknown"}
    assert {phone["doNotCall"] for phone in phones} == {True, False}
    assert {" " in phone["number"] for phone in phones} == {True, False}
    assert {one["status"] for one in PEOPLE} == {"", "COMPLIANCE_RESTRICTED", "ENRICH_FAILED"}
    assert {one["location"]["isEuContact"] for one in PEOPLE} == {True, False}
    assert {one["id"].startswith("v1.") for one in PEOPLE} == {True, False}
    assert {bool(one["emails"]) for one in PEOPLE} == {bool(one["phones"]) for one in PEOPLE} == {True, False}
    assert {bool(company["domain"]) for company in WORLD.companies.values()} == {True, False}
    elsewhere = [
        email for one in PEOPLE for email in one["emails"]
        if email["type"] == "work" and WORLD.employer(one)["domain"] not in email["email"]
    ]  # fmt: skip
    assert 0 < len(elsewhere) < len(emails) / 10


def test_restricted_and_failing_people_are_errors_of_their_item_alone(lusha: Any) -> None:
    restricted = next(one for one in lusha.people if one["status"] == "COMPLIANCE_RESTRICTED")
    failing = next(one for one in lusha.people if one["status"] == "ENRICH_FAILED")
    [good] = lusha.some(1)
    ids = [one["id"] for one in (restricted, failing, good)]
    found = {one.get("clientReferenceId"): one for one in lusha.search(
        *({"id": one, "clientReferenceId": one} for one in ids), {"email": "nobody@example.com"}
    )["results"]}  # fmt: skip
    assert found[restricted["id"]]["error"]["code"] == "COMPLIANCE_RESTRICTED"
    assert found[failing["id"]]["canReveal"]
    assert found[None] == {"error": {"code": "NOT_FOUND", "message": "Contact not found"}}
    answer = lusha.enrich(*ids, "v1.unknown", reveal=["emails"])
    codes = {one["id"]: one.get("error", {}).get("code") for one in answer["results"]}
    assert codes == {
        restricted["id"]: "COMPLIANCE_RESTRICTED",
        failing["id"]: "ENRICH_FAILED",
        good["id"]: None,
        "v1.unknown": "NOT_FOUND",
    }
    assert answer["billing"] == {"creditsCharged": 1, "resultsReturned": 1}


def test_results_come_in_an_order_that_is_not_the_request_s(lusha: Any) -> None:
    ids = [one["id"] for one in lusha.some(30)]
    orders = [[one["id"] for one in lusha.enrich(*ids, reveal=[])["results"]] for _ in range(2)]
    assert all(sorted(order) == sorted(ids) for order in orders)
    assert orders[0] != ids != orders[1]


def test_domain_and_seniority_are_spelt_differently_where_they_are_searched_and_prospected(
    lusha: Any,
) -> None:
    person = next(one for one in lusha.some(100) if one["company"]["hasWww"] and one["company"]["domain"])
    [searched] = lusha.search({"id": person["id"]})["results"]
    filters = {"contacts": {"include": {"ids": [person["id"]]}}}
    body = {"pagination": {"page": 0, "size": 10}, "filters": filters}
    [prospected] = lusha.good("/v3/contacts/prospecting", body)["results"]
    assert searched["company"]["domain"] == "www." + prospected["company"]["domain"]
    assert searched["jobTitle"]["seniority"].lower() == prospected["jobTitle"]["seniority"]


def test_an_export_has_lusha_s_columns_with_what_was_revealed_or_without(tmp_path: Path, lusha: Any) -> None:
    people = lusha.some(20)
    for revealed in (False, True):
        path = tmp_path / "leads.csv"
        write_csv(path, people, revealed=revealed)
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 20
        assert tuple(rows[0]) == COLUMNS
        assert [row["Full Name"] for row in rows] == [one["fullName"] for one in people]
        assert any(row["Work Email"] or row["Private Email"] for row in rows) is revealed
        assert any(row["Mobile Phone 1"] for row in rows) is revealed
