"""People looked for, revealed and listed at Lusha: what comes back, of whom not, and what it cost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.core.errors import (
    BadConfigurationError,
    InvalidRequestError,
    NoCreditsError,
    UnknownOutcomeError,
)
from tasks.vendors.leads import NOT_FOUND, RESTRICTED, Action, Datapoint, Wanted
from tasks.vendors.lusha.apart import REFUSED
from tests.tasks.vendors.lusha.conftest import OWNER, Talk

EMAILS, PHONES = Datapoint.EMAILS, Datapoint.PHONES
SEARCH, ENRICH = "POST /v3/contacts/search", "POST /v3/contacts/enrich"
TABLES = "/v3/contacts/tables"


def known(talk: Talk, number: int = 1) -> list[dict[str, Any]]:
    """People with an e-mail address, a phone number and a LinkedIn page, whom Lusha may tell of."""
    people = talk.vendor.records("people")
    full = [
        one
        for one in people
        if one["emails"] and one["phones"] and one["socialLinks"].get("linkedin") and not one.get("status")
    ]
    return full[:number]


def test_people_are_found_by_whatever_is_known_of_them_and_told_by_reference(talk: Talk) -> None:
    by_id, by_page, by_email, by_name = known(talk, 4)
    first, last, company = by_name["firstName"], by_name["lastName"], by_name["company"]
    wanted = [
        Wanted("d", first_name=first, last_name=last, company=company["name"]),
        Wanted("a", id=by_id["id"]),
        Wanted("nobody", email="nobody@nowhere.example"),
        Wanted("b", linkedin=by_page["socialLinks"]["linkedin"], email="nobody@nowhere.example"),
        Wanted("c", email=by_email["emails"][0]["email"]),
    ]
    told = talk(lambda leads: leads.search(wanted))
    found = {reference: person["id"] for reference, person in told.people.items()}
    assert found == {"a": by_id["id"], "b": by_page["id"], "c": by_email["id"], "d": by_name["id"]}
    assert {one: problem.code for one, problem in told.problems.items()} == {"nobody": NOT_FOUND}
    assert told.problems["nobody"].is_final
    assert told.charged == talk.vendor.bill()["credits"] == 1
    assert "emails" not in told.people["a"]
    assert {one["field"]: one["credits"] for one in told.people["a"]["canReveal"]} == {
        "emails": 1,
        "phones": 5,
    }


def test_only_what_is_named_is_revealed_and_a_repeat_is_free(talk: Talk) -> None:
    one, two = known(talk, 2)
    ids = [one["id"], two["id"]]
    told = talk(lambda leads: leads.reveal(ids, {EMAILS}))
    assert set(told.people) == set(ids)
    assert told.people[one["id"]]["emails"] == one["emails"]
    assert "phones" not in told.people[one["id"]]
    assert told.charged == talk.vendor.bill()["credits"] == 2
    again = talk(lambda leads: leads.reveal(ids, {EMAILS, PHONES}))
    assert again.charged == 10
    assert talk(lambda leads: leads.reveal(ids, {EMAILS, PHONES})).charged == 0
    with pytest.raises(ValueError, match="nothing"):
        talk(lambda leads: leads.reveal(ids, set()))
    assert talk.vendor.bill()["credits"] == 12


@pytest.mark.parametrize("fault", ["reset_after", "499", "500_after", "truncated_json", "502_html", "503"])
def test_a_reveal_whose_answer_was_lost_is_asked_again_and_paid_once(talk: Talk, fault: str) -> None:
    [one] = known(talk)
    talk.fail(ENRICH, fault)
    told = talk(lambda leads: leads.reveal([one["id"]], {EMAILS, PHONES}))
    assert told.people[one["id"]]["phones"] == one["phones"]
    assert talk.vendor.bill()["credits"] == 6
    assert talk.vendor.requests()["total"] == 2


@pytest.mark.parametrize("fault", ["reset_after", "499", "500_after", "truncated_json", "502_html"])
def test_a_search_whose_answer_was_lost_is_not_asked_again(talk: Talk, fault: str) -> None:
    [one] = known(talk)
    talk.fail(SEARCH, fault)
    with pytest.raises(UnknownOutcomeError, match="POST /v3/contacts/search") as caught:
        talk(lambda leads: leads.search([Wanted("a", id=one["id"])]))
    assert "may have been charged" in caught.value.remedy
    assert talk.vendor.requests()["total"] == 1


@pytest.mark.parametrize("fault", ["503", "429"])
def test_a_search_is_asked_again_where_nothing_can_have_been_charged(
    talk: Talk, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.vendors.lusha.answers.WAIT_SECONDS", 0.01)
    [one] = known(talk)
    talk.fail(SEARCH, fault)
    assert talk(lambda leads: leads.search([Wanted("a", id=one["id"])])).people
    assert talk.vendor.requests()["total"] == 2


def test_credits_that_are_too_few_end_it_before_anything_is_revealed(talk: Talk) -> None:
    ids = [one["id"] for one in known(talk, 3)]
    talk.vendor.set_credits(2)
    with pytest.raises(NoCreditsError, match="402"):
        talk(lambda leads: leads.reveal(ids, {PHONES}))
    assert talk.vendor.bill()["credits"] == 0


def test_an_address_that_is_none_is_that_lead_s_problem_alone(talk: Talk) -> None:
    one, two = known(talk, 2)
    wanted = [
        Wanted("a", id=one["id"]),
        Wanted("odd", email="not an address"),
        Wanted("b", id=two["id"]),
    ]
    told = talk(lambda leads: leads.search(wanted))
    assert set(told.people) == {"a", "b"}
    assert told.problems["odd"].code == REFUSED
    assert "not an address" not in told.problems["odd"].message
    assert told.charged == 1
    assert talk.vendor.requests()["total"] == 2
    assert talk(lambda leads: leads.reveal([one["id"], "?"], {EMAILS})).problems["?"].code == REFUSED


def test_what_the_law_forbids_is_that_person_s_problem_alone(talk: Talk) -> None:
    people = known(talk, 5)
    ids = [one["id"] for one in people]
    forbidden = {"operation": ENRICH, "fault": "451", "share": 1.0, "seed": 1, "record": ids[3]}
    talk.vendor.set_faults([forbidden])
    told = talk(lambda leads: leads.reveal(ids, {EMAILS}))
    assert set(told.people) == {*ids} - {ids[3]}
    assert told.problems[ids[3]].code == RESTRICTED
    assert told.charged == talk.vendor.bill()["credits"] == 4


def test_what_was_told_before_the_credits_ended_is_not_lost(talk: Talk) -> None:
    ids = [one["id"] for one in known(talk, 4)]
    talk.vendor.set_faults(
        [
            {"operation": ENRICH, "fault": "451", "share": 1.0, "seed": 1, "times": 1},
            {"operation": ENRICH, "fault": "402", "share": 1.0, "seed": 1, "record": ids[3]},
        ]
    )
    told = talk(lambda leads: leads.reveal(ids, {EMAILS}))
    assert set(told.people) == set(ids[:2])
    assert set(told.problems) == set(ids[2:])
    assert told.out_of_credits
    assert told.charged == talk.vendor.bill()["credits"] == 2


def test_a_restricted_person_among_others_is_told_so(talk: Talk) -> None:
    one, two = known(talk, 2)
    talk.vendor.edit(one["id"], optOut=True)
    told = talk(lambda leads: leads.reveal([one["id"], two["id"]], {EMAILS}))
    assert told.problems[one["id"]].code == RESTRICTED
    assert set(told.people) == {two["id"]}
    assert told.charged == 1


def test_pages_of_a_search_by_filters_tell_everybody_once_and_then_end(talk: Talk) -> None:
    filters = {"contacts": {"include": {"departments": ["Sales"]}}}
    seen: list[str] = []
    pages = 0
    more, total, charged = True, None, 0.0
    while more:
        told = talk(lambda leads, page=pages: leads.prospect(filters, page, 25))
        seen += told.people
        more, total, pages = told.more, told.total, pages + 1
        charged += told.charged or 0
    assert len(seen) == len(set(seen)) == total
    assert pages == -(-len(seen) // 25) > 2
    assert charged == talk.vendor.bill()["credits"] == pages
    with pytest.raises(InvalidRequestError, match="retry will not help"):
        talk(lambda leads: leads.prospect({"contacts": {"include": {"departements": ["Sales"]}}}, 0, 25))


def make_table(talk: Talk, name: str, ids: list[str]) -> str:
    made = talk.call("POST", TABLES, json={"name": name, "owner": {"email": OWNER}}, repeatable=False)
    table: str = made["data"]["tableId"]
    if ids:
        talk.call("POST", f"{TABLES}/{table}/entities", json={"entityIds": ids, "owner": {"email": OWNER}})
    return table


def test_a_table_is_found_by_name_read_row_by_row_and_emptied(talk: Talk) -> None:
    people = known(talk, 3)
    ids = [one["id"] for one in people]
    table_id = make_table(talk, "Inbox", ids)
    make_table(talk, "Inbox of last year", [])
    table = talk(lambda leads: leads.table("inbox"))
    assert (table.id, table.name, table.rows) == (table_id, "Inbox", 3)
    assert talk(lambda leads: leads.table(table_id)) == table
    told = talk(lambda leads: leads.table_rows(table.id, 0, 2))
    rest = talk(lambda leads: leads.table_rows(table.id, 1, 2))
    assert {**told.people, **rest.people}.keys() == set(ids)
    assert (told.charged, told.more, rest.charged, rest.more) == (2, True, 1, False)
    row = told.people[ids[0]]
    assert row["firstName"] == people[0]["firstName"]
    assert row["company"]["name"] == people[0]["company"]["name"]
    talk(lambda leads: leads.remove_rows(table.id, [*ids[:2], "v1.nobody"]))
    assert talk(lambda leads: leads.table("Inbox")).rows == 1


def test_a_table_that_is_not_there_or_there_twice_or_nobody_s_is_refused(talk: Talk) -> None:
    make_table(talk, "Inbox", [])
    with pytest.raises(BadConfigurationError, match="no table 'Inbux'") as caught:
        talk(lambda leads: leads.table("Inbux"))
    assert "Inbox" in caught.value.remedy
    assert OWNER not in str(caught.value)
    with pytest.raises(BadConfigurationError, match="LUSHA_TABLE_OWNER"):
        talk(lambda leads: leads.table("Inbox"), owner="")


def test_rows_whose_answer_was_lost_are_not_read_again(talk: Talk) -> None:
    table_id = make_table(talk, "Inbox", [known(talk)[0]["id"]])
    talk.fail(f"GET {TABLES}/{{table_id}}/entities", "reset_after")
    with pytest.raises(UnknownOutcomeError):
        talk(lambda leads: leads.table_rows(table_id, 0, 10))
    assert talk.vendor.bill()["credits"] == 1


def test_changes_of_job_come_as_one_list_the_latest_first(talk: Talk) -> None:
    one, two = known(talk, 2)
    talk.vendor.edit(one["id"], job={"companyId": two["company"]["id"], "title": "Chief"})
    told = talk(lambda leads: leads.signals([one["id"], two["id"]], datetime(2026, 1, 1, tzinfo=UTC)))
    [*_, first] = sorted(told.people[one["id"]]["signals"], key=lambda signal: signal["signalDate"])
    assert told.people[one["id"]]["signals"][0] == first
    assert first["type"] == "companyChange"
    counted = sum(len(person["signals"]) for person in told.people.values())
    assert told.charged == talk.vendor.bill()["credits"] == counted


def test_the_account_tells_its_credits_its_prices_and_its_plan(talk: Talk) -> None:
    talk(lambda leads: leads.reveal([known(talk)[0]["id"]], {PHONES}))
    usage = talk(lambda leads: leads.usage())
    assert (usage.total, usage.used, usage.remaining) == (10_000, 5, 9_995)
    assert usage.prices[Action.REVEAL_PHONE].of(2) == 10
    assert usage.prices[Action.SEARCH].of(26) == 2
    assert usage.plan
