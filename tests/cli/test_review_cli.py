"""A person's word on records whose contact is not certain, and the import that follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.process import RunningSandbox

Command = Callable[..., Any]
Known = list[dict[str, Any]]


@pytest.fixture
def conflict(lusha_connect: Command, people: Callable[..., str], known: Known) -> Callable[[], Any]:
    """Imports a record that has the e-mail of one contact and the phone of another; how the run ended."""
    one, other = known[:2]
    file = people({"ID": "7", "Email": one["email"], "Phone": other["phone"], "First Name": "Decided"})

    def run() -> Any:
        done = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--json")
        assert done.code == 0, done.err
        return done.json

    return run


def first_name(vendor: RunningSandbox, contact_id: str) -> str:
    return str(next(one for one in vendor.records("contacts") if one["id"] == contact_id)["firstName"])


def test_a_record_waits_with_its_candidates(
    lusha_connect: Command, conflict: Callable[[], Any], known: Known, written: Callable[[], int]
) -> None:
    assert lusha_connect("reviews", "list").out == "Nothing to review.\n"
    assert lusha_connect("reviews", "list", "--json").json == []
    assert conflict()["planned"]["conflict"] == 1
    assert written() == 0
    [review] = lusha_connect("reviews", "list", "--json").json
    assert (review["record_id"], review["label"], review["system"]) == ("7", "Decided", "file")
    assert {one["id"]: one["by"] for one in review["candidates"]} == {
        known[0]["id"]: f"e-mail {known[0]['email']}",
        known[1]["id"]: f"phone {known[1]['phone']}",
    }
    shown = lusha_connect("reviews", "list").out
    for word in (review["id"], "Decided", "file 7", known[0]["id"], known[1]["id"], "reviews split"):
        assert word in shown
    assert "lusha-connect reviews list " in lusha_connect("plans", "show", "last").out


def test_the_next_import_updates_the_contact_that_was_accepted(
    lusha_connect: Command, conflict: Callable[[], Any], known: Known, vendor: RunningSandbox
) -> None:
    conflict()
    [review] = lusha_connect("reviews", "list", "--json").json
    accepted = lusha_connect("reviews", "accept", review["id"], known[1]["id"])
    assert accepted.code == 0, accepted.err
    assert accepted.out == f"Decided (file 7) is contact {known[1]['id']}: the next import updates it.\n"
    assert lusha_connect("reviews", "list").out == "Nothing to review.\n"
    assert conflict()["updated"] == 1
    assert first_name(vendor, known[1]["id"]) == "Decided"
    assert first_name(vendor, known[0]["id"]) == known[0]["firstName"]
    again = lusha_connect("reviews", "accept", review["id"], known[1]["id"])
    assert again.code == 2
    assert "decided already" in again.err


def test_the_next_import_makes_a_contact_of_one_that_was_split(
    lusha_connect: Command, conflict: Callable[[], Any], vendor: RunningSandbox
) -> None:
    conflict()
    [review] = lusha_connect("reviews", "list", "--json").json
    done = lusha_connect("reviews", "split", "7")
    assert done.code == 0, done.err
    assert "Decided (file 7) is a contact of its own: the next import makes it" in done.out
    assert len(done.out.splitlines()) == 1
    before = {one["id"] for one in vendor.records("contacts")}
    assert conflict()["created"] == 1
    [made] = [one for one in vendor.records("contacts") if one["id"] not in before]
    assert (made["firstName"], made.get("email"), made.get("phone")) == ("Decided", None, None)
    assert lusha_connect("reviews", "split", review["id"]).code == 2


def test_what_is_no_candidate_or_no_review_is_refused(
    lusha_connect: Command, conflict: Callable[[], Any], known: Known
) -> None:
    unknown = lusha_connect("reviews", "accept", "nobody")
    assert (unknown.code, unknown.out) == (2, "")
    assert "no review 'nobody'" in unknown.err
    conflict()
    for words in (("accept", "7"), ("accept", "7", known[2]["id"])):
        refused = lusha_connect("review", *words)
        assert refused.code == 2
        assert known[0]["id"] in refused.err
    assert len(lusha_connect("reviews", "list", "--json").json) == 1


@pytest.mark.parametrize(("word", "state"), [("accept", "accepted"), ("split", "split")])
def test_a_decision_is_told_to_programs(
    lusha_connect: Command, conflict: Callable[[], Any], known: Known, word: str, state: str
) -> None:
    conflict()
    chosen = [known[1]["id"]] if word == "accept" else []
    decided = lusha_connect("review", word, "7", *chosen, "--json").json
    assert (decided["record_id"], decided["state"]) == ("7", state)
    assert word == "split" or decided["decision"] == known[1]["id"]
    assert lusha_connect("reviews", "list", "--json").json == []


def test_a_decision_is_taken_back_until_an_import_has_followed_it(
    lusha_connect: Command, conflict: Callable[[], Any], known: Known, vendor: RunningSandbox
) -> None:
    conflict()
    assert lusha_connect("reviews", "list", "--decided").out == "Nothing is decided.\n"
    accepted = lusha_connect("reviews", "accept", "last", known[1]["id"], "--json").json
    assert known[1]["id"] in lusha_connect("reviews", "list", "--decided").out
    assert [one["id"] for one in lusha_connect("reviews", "list", "--decided", "--json").json] == [
        accepted["id"]
    ]
    back = lusha_connect("reviews", "reopen", accepted["id"][2:])
    assert back.code == 0, back.err
    assert back.out == "Decided (file 7) waits for a decision again: lusha-connect reviews list\n"
    assert conflict()["planned"]["conflict"] == 1

    lusha_connect("reviews", "accept", "7", known[1]["id"])
    plan = conflict()["plan"]
    refused = lusha_connect("reviews", "reopen", "7", "--json")
    assert refused.code == 2
    assert f"plan {plan}" in refused.json["error"]
    assert f"undo {plan}" in refused.json["remedy"]
    assert lusha_connect("plans", "undo", plan).code == 0
    assert lusha_connect("reviews", "reopen", "7", "--json").json["state"] == "open"
    assert conflict()["planned"]["conflict"] == 1


def test_who_does_not_say_which_candidate_is_told_them(
    lusha_connect: Command, conflict: Callable[[], Any], known: Known
) -> None:
    conflict()
    refused = lusha_connect("reviews", "accept", "7")
    assert refused.code == 2
    for one, by in ((known[0], known[0]["email"]), (known[1], known[1]["phone"])):
        assert one["id"] in refused.err
        assert by in refused.err
