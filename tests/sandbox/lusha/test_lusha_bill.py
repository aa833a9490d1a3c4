"""What costs credits, what is free the second time, and what happens when they are used up."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.process import start

BOTH = ["emails", "phones"]


def test_a_search_costs_a_credit_for_25_who_are_found_and_nobody_is_free(lusha: Any) -> None:
    known = [{"id": one["id"]} for one in lusha.some(60)]
    nobody = {"email": "nobody@example.com"}
    assert lusha.search(nobody)["billing"] == {"creditsCharged": 0, "resultsReturned": 0}
    assert lusha.search(*known[:25], nobody)["billing"]["creditsCharged"] == 1
    assert lusha.search(*known[:26])["billing"]["creditsCharged"] == 2
    assert lusha.running.bill() == {
        "credits": 3,
        "charges": [
            {"record": "", "datapoint": "contactSearch", "credits": 1},
            {"record": "", "datapoint": "contactSearch", "credits": 2},
        ],
    }


def test_each_datapoint_is_paid_for_once_and_told_free_afterwards(lusha: Any) -> None:
    [person] = lusha.some(1)
    before = lusha.search({"id": person["id"]})["results"][0]["canReveal"]
    assert before == [{"field": "emails", "credits": 1}, {"field": "phones", "credits": 5}]
    assert lusha.enrich(person["id"], reveal=["emails"])["billing"]["creditsCharged"] == 1
    assert lusha.enrich(person["id"], reveal=BOTH)["billing"]["creditsCharged"] == 5
    again = lusha.good("/v3/contacts/search-and-enrich", {"contacts": [{"id": person["id"]}]})
    assert again["billing"]["creditsCharged"] == 1  # the search again, both reveals for nothing
    after = lusha.search({"id": person["id"]})["results"][0]["canReveal"]
    assert [one["credits"] for one in after] == [0, 0]
    reveals = [one for one in lusha.running.bill()["charges"] if one["record"]]
    assert reveals == [
        {"record": person["id"], "datapoint": "emails", "credits": 1},
        {"record": person["id"], "datapoint": "phones", "credits": 5},
    ]


def test_both_are_revealed_where_the_request_does_not_say(lusha: Any) -> None:
    [person] = lusha.some(1)
    answer = lusha.good("/v3/contacts/enrich", {"ids": [person["id"]]})
    assert answer["billing"]["creditsCharged"] == 6
    assert {"emails", "phones"} <= answer["results"][0].keys()


def test_what_a_person_does_not_have_costs_nothing(lusha: Any) -> None:
    [person] = lusha.some(1, phones=False)
    answer = lusha.enrich(person["id"], reveal=BOTH)
    assert answer["results"][0]["phones"] == []
    assert answer["billing"]["creditsCharged"] == 1
    assert "phones" not in lusha.enrich(person["id"], reveal=["emails"])["results"][0]


def test_credits_that_do_not_last_refuse_the_whole_request_and_charge_none_of_it(lusha: Any) -> None:
    first, second, third = (one["id"] for one in lusha.some(3))
    lusha.running.set_credits(13)
    lusha.enrich(first, reveal=BOTH)
    refused = lusha("POST", "/v3/contacts/enrich", {"ids": [second, third], "reveal": BOTH})
    assert (refused.status_code, refused.json()["message"]) == (
        402,
        "Insufficient credits for this operation",
    )
    assert lusha.running.bill()["credits"] == 6
    assert lusha.enrich(first, second, reveal=BOTH)["billing"]["creditsCharged"] == 6
    usage = lusha("GET", "/v3/account/usage").json()
    assert usage["credits"] == {"total": 13, "used": 12, "remaining": 1}


def test_another_price_list_is_told_and_charged(lusha: Any) -> None:
    lusha.running.set_prices(revealPhone={"credits": 7, "perQuantity": 1})
    assert lusha("GET", "/v3/account/usage").json()["pricing"]["revealPhone"] == {
        "credits": 7,
        "perQuantity": 1,
    }
    [person] = lusha.some(1)
    assert lusha.enrich(person["id"], reveal=["phones"])["billing"]["creditsCharged"] == 7


def test_a_company_is_paid_for_once_and_its_details_each(lusha: Any) -> None:
    [company] = lusha.running.records("companies")[:1]
    wanted = {"ids": [company["id"]], "reveal": ["employeesByLocation"]}
    charged = [lusha.good("/v3/companies/enrich", wanted)["billing"]["creditsCharged"] for _ in range(2)]
    assert charged == [2, 0]


def test_with_the_waterfall_an_answer_is_partial_and_a_job_gives_the_rest() -> None:
    with start(contacts=0, lusha_people=60, lusha_plan="off", lusha_waterfall=True) as running:
        lusha = running.lusha
        people = [one for one in lusha.records("people") if one["emails"] and not one["status"]]
        without = [one for one in people if not one["phones"]][:2]
        with httpx.Client(base_url=lusha.url, headers={"api_key": lusha.key}) as http:
            body = {"ids": [one["id"] for one in without]}
            off = http.post("/v3/contacts/enrich", json={**body, "waterfallEnabled": False}).json()
            partial, twin = (http.post("/v3/contacts/enrich", json=body).json() for _ in range(2))
            path = f"/v3/contacts/jobs/{partial['job']['id']}"
            running_job, done, again = (http.get(path).json() for _ in range(3))
            for _ in range(2):
                same = http.get(f"/v3/contacts/jobs/{twin['job']['id']}").json()
            gone = http.get("/v3/contacts/jobs/unknown")
            lusha.set_credits(lusha.bill()["credits"] + 2)
            more = [one["id"] for one in people if one["phones"]][:3]
            out = http.post("/v3/contacts/enrich", json={"ids": more, "reveal": ["phones"]}).json()
        charges = [(one["datapoint"], one["credits"]) for one in lusha.bill()["charges"]]
    assert "job" not in off
    assert partial["status"] == "partial"
    absent = [{"type": "phone", "status": "NOT_FOUND"}]
    assert [one["missingDataPoints"] for one in partial["results"]] == [absent] * 2
    assert (running_job["status"], done["status"]) == ("processing", "complete")
    assert sorted(len(one.get("phones", [])) for one in done["contacts"]) == [0, 1]
    assert done == again
    assert (done["creditsCharged"], same["creditsCharged"]) == (8, 0)  # both found the same, paid for once
    assert same["contacts"] == done["contacts"]
    assert charges == [("emails", 1), ("emails", 1), ("phones", 8)]
    assert gone.status_code == 404
    assert out["status"] == "OUT_OF_CREDITS"
    assert {one["missingDataPoints"][0]["status"] for one in out["results"]} == {"BILLING_FAILED"}


@pytest.mark.parametrize(("misses", "charged"), [(False, 0), (True, 1)])
def test_a_search_without_a_hit_may_cost_a_credit(misses: bool, charged: int) -> None:
    with start(contacts=0, lusha_people=1, lusha_charge_misses=misses) as running:
        body = {"contacts": [{"email": "nobody@example.com"}]}
        headers = {"api_key": running.lusha.key}
        answer = httpx.post(f"{running.lusha.url}/v3/contacts/search", json=body, headers=headers).json()
        assert answer["billing"]["creditsCharged"] == running.lusha.bill()["credits"] == charged
