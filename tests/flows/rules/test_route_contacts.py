"""Contacts get tags, an owner and workflows by rules, once for each change of state; nobody enters twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tests.flows.conftest import Flow
from tests.flows.rules.test_create_first_tasks import LATER, new

Go = Callable[..., dict[str, Any]]
ROUTE = """
on: {stream: hub.contact, when: [created, updated]}
rules:
  - key: vip
    if: {contact.city: {is: Vienna}}
    then:
      - highlevel.contact: {tags: [%s], tagsRemoved: [%s], workflows: Welcome, assignedTo: "%s"}
"""
JOIN = "POST /contacts/{contactId}/workflow/{workflowId}"


def names(vendor: RunningSandbox) -> tuple[str, str, str, str]:
    tags = [one["name"] for one in vendor.records("tags")][:2]
    user = vendor.records("users")[0]
    return tags[0], tags[1], f"{user['firstName']} {user['lastName']}", user["id"]


def route(vendor: RunningSandbox) -> str:
    return ROUTE % names(vendor)[:3]


def contact(vendor: RunningSandbox, id_: str) -> dict[str, Any]:
    return next(one for one in vendor.records("contacts") if one["id"] == id_)


def moves(vendor: RunningSandbox, id_: str, city: str, year: int = 2036) -> None:
    vendor.edit(kind="contacts", id=id_, set={"city": city, "dateUpdated": LATER.replace("2036", str(year))})


def joined(vendor: RunningSandbox) -> dict[str, int]:
    """How often each contact entered a workflow."""
    return {one["contactId"]: one["times"] for one in vendor.records("enrolments")}


def test_tags_owner_and_workflow_once_for_each_change_of_state(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    rules = rules_file(route(loaded))
    added, removed, _, owner = names(loaded)
    [ada] = new(loaded, 1, tags=[removed, "own"], city="Vienna")
    go("route_contacts", rules=rules)
    now = contact(loaded, ada)
    assert (sorted(now["tags"]), now["assignedTo"], joined(loaded)) == (
        sorted([added, "own"]),
        owner,
        {ada: 1},
    )
    go("route_contacts", rules=rules)
    go("route_contacts", rules=rules, scope="all")
    assert joined(loaded)[ada] == 1
    loaded.edit(kind="contacts", id=ada, set={"tags": ["own"], "lastName": "Byron", "dateUpdated": LATER})
    go("route_contacts", rules=rules)
    assert contact(loaded, ada)["tags"] == ["own"]  # a person took the tag away; the state is the same
    moves(loaded, ada, "Graz", 2037)
    go("route_contacts", rules=rules)
    moves(loaded, ada, "Vienna", 2038)
    go("route_contacts", rules=rules)
    assert (joined(loaded)[ada], added in contact(loaded, ada)["tags"]) == (2, True)


@pytest.mark.parametrize("fault", ["reset_after", "timeout_after"])
def test_an_enrolment_whose_answer_was_lost_is_unknown_and_not_repeated(
    go: Go,
    run: Flow,
    loaded: RunningSandbox,
    rules_file: Callable[[str], str],
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HTTP_TIMEOUT", "0.5")
    rules = rules_file(route(loaded))
    [ada] = new(loaded, 1, city="Vienna")
    loaded.set_faults([{"operation": JOIN, "fault": fault, "times": 1}])
    run("route_contacts", rules=rules)
    loaded.set_faults([])
    told = go("route_contacts", rules=rules, scope="all")
    assert joined(loaded) == {ada: 1}
    assert told["rules"] == {"vip": 0}


def test_a_workflow_that_is_a_draft_is_told_and_nothing_is_sent(
    run: Flow, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    rules = rules_file(route(loaded).replace("Welcome", "Survey"))
    new(loaded, 1, city="Vienna")
    tally = run("route_contacts", rules=rules).tally
    assert (tally.rejected, joined(loaded)) == (1, {})
    assert dict(tally.reasons) == {"vip: is a draft": 1}


def test_two_rules_that_undo_each_other_are_told_at_once_and_over_runs(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    one, other, *_ = names(loaded)
    ping = f"""
on: {{stream: hub.contact, when: [created, updated]}}
rules:
  - key: ping
    if: {{contact.tags: {{has: {one}}}}}
    then: [{{highlevel.contact: {{tags: [{other}], tagsRemoved: [{one}]}}}}]
  - key: pong
    if: {{contact.tags: {{has: {other}}}}}
    then: [{{highlevel.contact: {{tags: [{one}], tagsRemoved: [{other}]}}}}]
"""
    rules = rules_file(ping)
    [ada] = new(loaded, 1, tags=[one])
    told = [go("route_contacts", rules=rules) for _ in range(5)]
    assert [sum(run["rules"].values()) for run in told] == [1, 1, 0, 0, 0]
    assert told[2]["could_not_judge"] == 1
    assert contact(loaded, ada)["tags"] == [one]
    both = ping.replace(f"has: {other}", f"has: {one}")
    [eve] = new(loaded, 1, tags=[one], email="eve@new.example")
    assert go("route_contacts", rules=rules_file(both, "both"))["rejected"] == 4  # two rules, two contacts
    assert contact(loaded, eve)["tags"] == [one]


def test_a_rule_that_answers_its_own_effect_comes_to_rest(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    one, other, *_ = names(loaded)
    text = f"""
on: {{stream: hub.contact, when: [created, updated], fields: [tags]}}
rules:
  - key: again
    if: {{contact.tags: {{changed: true}}}}
    then: [{{highlevel.contact: {{tags: [{other}]}}}}]
"""
    rules = rules_file(text)
    [ada] = new(loaded, 1, tags=[one])
    fired = [go("route_contacts", rules=rules)["rules"]["again"] for _ in range(4)]
    assert fired == [1, 0, 0, 0]
    assert sorted(contact(loaded, ada)["tags"]) == sorted([one, other])


def test_a_contact_that_nobody_has_gets_whoever_has_its_open_task(go: Go, loaded: RunningSandbox) -> None:
    user = loaded.records("users")[0]["id"]
    [ada, bob, cyd] = new(loaded, 3)
    task = {"title": "Call", "dueDate": LATER, "completed": False}
    loaded.edit(kind="tasks", create=task | {"contactId": ada, "assignedTo": user})
    loaded.edit(kind="tasks", create=task | {"contactId": bob})
    loaded.edit(kind="tasks", create=task | {"contactId": cyd, "assignedTo": user, "completed": True})
    told = go("route_contacts")
    assert (told["rules"], told["rejected"]) == ({"owner_of_its_task": 1}, 0)
    assert [contact(loaded, one).get("assignedTo") for one in (ada, bob, cyd)] == [user, None, None]
    assert go("route_contacts")["rules"] == {"owner_of_its_task": 0}
    loaded.edit(kind="contacts", id=ada, unset=["assignedTo"], set={"dateUpdated": LATER})
    assert go("route_contacts")["rules"] == {"owner_of_its_task": 0}  # a person took the owner away
    assert contact(loaded, ada).get("assignedTo") is None


def test_a_contact_that_was_deleted_meanwhile_is_left_with_its_reason(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    rules = rules_file(route(loaded))
    [ada] = new(loaded, 1, city="Vienna")
    gone = {"kind": "contacts", "id": ada, "delete": True}
    loaded.set_faults([{"operation": "GET /contacts/{contactId}", "fault": "gone", "times": 1, "then": gone}])
    told = go("route_contacts", rules=rules)
    ended = {"tag_add left": 1, "join_workflow left": 1, "update stale": 1}
    assert told["applied"] == ended | {"conflict planned": 1}  # what is planned anew is for a person


def test_unknown_names_are_refused_at_load(
    run: Flow, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    error = str(run("route_contacts", rules=rules_file(ROUTE % ("nosuch", "vpi", "Nobody"))).error)
    for told in ("no tag `nosuch`", "no tag `vpi`", "no user `Nobody`"):
        assert told in error
    assert "mine.yaml:7" in error
