"""Prospecting page by page, tables, signals, and what a person at Lusha changes behind the client's back."""

from __future__ import annotations

from collections import Counter
from typing import Any

OWNER = {"email": "owner@example.com"}


def prospect(lusha: Any, page: int = 0, size: int = 50, **include: Any) -> Any:
    filters = {"contacts": {"include": include}}
    return lusha.good(
        "/v3/contacts/prospecting", {"pagination": {"page": page, "size": size}, "filters": filters}
    )


def test_pages_of_a_search_hold_everybody_once_and_are_charged_by_25(lusha: Any) -> None:
    answers = [prospect(lusha, page, departments=["Sales"]) for page in range(3)]
    found = [one["id"] for answer in answers for one in answer["results"]]
    wanted = {
        one["id"]
        for one in lusha.people
        if one["jobTitle"]["departments"] == ["Sales"] and one["status"] != "COMPLIANCE_RESTRICTED"
    }
    assert len(found) == len(set(found))
    assert set(found) == wanted
    total = len(wanted)
    assert answers[0]["pagination"] == {"page": 0, "size": min(total, 50), "total": total}
    whole = [min(50, total - page * 50) for page in range(3)]
    assert [answer["billing"]["creditsCharged"] for answer in answers] == [-(-max(n, 0) // 25) for n in whole]


def test_filters_hold_together_and_what_is_left_out_is_left_out(lusha: Any) -> None:
    both = prospect(lusha, seniorityIds=[5, 6], countries=["US", "FR"], existingDataPoints=["mobile_phone"])
    assert both["results"]
    for one in both["results"]:
        assert one["jobTitle"]["seniority"] in ("manager", "director")
        assert one["location"]["country"] in ("United States", "France")
        assert {"field": "phones", "credits": 5} in one["canReveal"]
    page = {"page": 0, "size": 100}
    wanted = {"include": {"departments": ["Sales"]}, "exclude": {"countries": ["US"]}}
    others = lusha.good("/v3/contacts/prospecting", {"pagination": page, "filters": {"contacts": wanted}})
    assert all(one["location"]["country"] != "United States" for one in others["results"])
    assert 0 < others["pagination"]["total"] < prospect(lusha, departments=["Sales"])["pagination"]["total"]


def test_an_inbox_is_read_for_a_credit_a_row_each_time_and_emptied_for_nothing(lusha: Any) -> None:
    ids = [one["id"] for one in lusha.some(3)]
    made = lusha("POST", "/v3/contacts/tables", {"name": "Inbox", "owner": OWNER}).json()
    table = f"/v3/contacts/tables/{made['data']['tableId']}"
    given = {"entityIds": [*ids, "v1.unknown"], "owner": OWNER}
    added = lusha.good(f"{table}/entities", given)["data"]
    assert (added["added"], added["alreadyPresent"], added["invalidIds"]) == (3, 0, ["v1.unknown"])
    assert lusha.good(f"{table}/entities", given)["data"]["alreadyPresent"] == 3
    assert lusha("GET", table, params=OWNER).json()["data"]["entityCount"] == 3
    assert lusha.running.bill()["credits"] == 0
    read = [lusha("GET", f"{table}/entities", params={**OWNER, "size": 2}).json() for _ in range(2)]
    assert [one["billing"]["creditsCharged"] for one in read] == [2, 2]
    assert {one["datapoint"] for one in lusha.running.bill()["charges"]} == {"tableRead"}
    gone = lusha("DELETE", f"{table}/entities", {"entityIds": ids[:1], "owner": OWNER}).json()["data"]
    assert gone == {"removed": 1, "invalidIds": []}
    assert lusha.running.records("tables")[0]["rows"] == ids[1:]


def test_a_table_is_its_owner_s_until_it_is_shared(lusha: Any) -> None:
    made = lusha("POST", "/v3/contacts/tables", {"name": "Inbox", "owner": OWNER}).json()
    again = lusha("POST", "/v3/contacts/tables", {"name": "Inbox", "owner": OWNER})
    assert (again.status_code, again.json()["message"][:19]) == (409, "TABLE_NAME_CONFLICT")
    table = f"/v3/contacts/tables/{made['data']['tableId']}"
    assert lusha("GET", table).status_code == 400
    other = {"email": "other@example.com"}
    refused = lusha("GET", table, params=other)
    assert (refused.status_code, refused.json()["message"][:15]) == (404, "TABLE_NOT_FOUND")
    lusha("PATCH", table, {"visibility": "shared", "owner": OWNER})
    assert lusha("GET", table, params=other).status_code == 200


def test_a_new_job_shows_in_search_enrichment_and_signals(lusha: Any) -> None:
    person, company = lusha.some(1)[0], lusha.running.records("companies")[3]
    assert company["id"] != person["companyId"]
    lusha.running.edit(person["id"], job={"companyId": company["id"], "title": "Chief Scientist"})
    [found] = lusha.search({"id": person["id"]})["results"]
    assert (found["company"]["name"], found["jobTitle"]["title"]) == (company["name"], "Chief Scientist")
    assert lusha.search({"firstName": person["firstName"], "lastName": person["lastName"],
                         "companyName": company["name"]})["results"][0]["id"] == person["id"]  # fmt: skip
    work = next(one["email"] for one in person["emails"] if one["type"] == "work")
    assert "error" in lusha.search({"email": work})["results"][0]
    [enriched] = lusha.enrich(person["id"], reveal=["emails"])["results"]
    assert enriched["previousEmployment"][0]["company"]["name"] == person["company"]["name"]
    assert enriched["emails"][0]["email"].endswith("@" + company["domain"])
    wanted = {"ids": [person["id"]], "signalTypes": ["companyChange"], "startDate": "2026-11-02"}
    signals = lusha.good("/v3/contacts/signals", wanted)
    assert signals["billing"]["creditsCharged"] == 1
    [moved] = signals["results"][0]["companyChange"]
    assert (moved["previousCompanyName"], moved["currentCompanyName"]) == (
        person["company"]["name"],
        company["name"],
    )


def test_who_opted_out_is_restricted_until_the_reset(lusha: Any) -> None:
    [person] = lusha.some(1)
    lusha.running.edit(person["id"], optOut=True)
    [found] = lusha.search({"id": person["id"]})["results"]
    assert found["error"]["code"] == "COMPLIANCE_RESTRICTED"
    lusha.running.reset()
    assert "error" not in lusha.search({"id": person["id"]})["results"][0]


def test_a_buying_group_costs_a_credit_for_each_of_its_people_and_is_large_unless_limited(lusha: Any) -> None:
    staff = Counter(one["companyId"] for one in lusha.people if not one["status"])
    company, size = staff.most_common(1)[0]
    assert size > 2
    whole = lusha.good("/v3/contacts/buying-group", {"companies": [{"id": company}]})
    few = lusha.good("/v3/contacts/buying-group", {"companies": [{"id": company}], "contactsLimit": 2})
    assert [one["billing"]["creditsCharged"] for one in (whole, few)] == [size, 2]
    assert len(few["results"][0]["contacts"]) == 2


def test_lookalikes_of_one_session_come_once(lusha: Any) -> None:
    seeds = {"seeds": {"ids": [one["id"] for one in lusha.some(5)]}, "limit": 10}
    first = lusha.good("/v3/contacts/lookalike", seeds)
    second = lusha.good("/v3/contacts/lookalike", {**seeds, "dedupeSessionId": first["dedupeSessionId"]})
    ids = [one["id"] for answer in (first, second) for one in answer["results"]]
    assert len(set(ids)) == len(ids) == 20
    assert first["billing"]["creditsCharged"] == 2
    unknown = {**seeds, "dedupeSessionId": "00000000-0000-4000-8000-000000000000"}
    gone = lusha("POST", "/v3/contacts/lookalike", unknown)
    assert (gone.status_code, gone.json()["code"]) == (410, "DEDUPE_SESSION_INVALID")
