"""A contact gets the tasks of its playbook, each once, whatever becomes of them and however often it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.process import RunningSandbox
from tests.flows.conftest import Flow

LATER = "2036-01-01T00:00:00.000Z"
Go = Callable[..., dict[str, Any]]
CALL = """
on: {stream: hub.contact, when: [created, updated]}
rules:
  - key: call
    if: {contact.type: {is: lead}}
    then:
      - highlevel.crm_task:
          title: "Call {contact.first_name}"
          dueDate: {in: 2 working days, at: "09:00"}
          assignedTo: {round_robin: [%s]}
"""


def call(vendor: RunningSandbox) -> str:
    names = [f"{one['firstName']} {one['lastName']}" for one in vendor.records("users")][:2]
    return CALL % ", ".join(f'"{name}"' for name in names)


def new(vendor: RunningSandbox, n: int, **more: Any) -> list[str]:
    """Contacts that a person makes; their ids."""
    found = []
    for i in range(n):
        body = {"firstName": f"Ada{i}", "lastName": "New", "email": f"ada{i}@new.example", "type": "lead"}
        found.append(vendor.edit(kind="contacts", create=body | more)["record"]["id"])
    return found


def test_new_contacts_get_their_tasks_once_and_in_turn(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    rules, ids = rules_file(call(loaded)), new(loaded, 4)
    dry = go("create_first_tasks", rules=rules, dry_run=True)
    assert (dry["rules"], loaded.records("tasks")) == ({"call": 4}, [])
    go("create_first_tasks", rules=rules)
    tasks = loaded.records("tasks")
    assert {one["contactId"] for one in tasks} == set(ids)
    assert {one["title"] for one in tasks} == {f"Call Ada{i}" for i in range(4)}
    assert all(one["dueDate"].endswith(("T15:00:00.000Z", "T14:00:00.000Z")) for one in tasks)  # 9 in Chicago
    turns = [one["assignedTo"] for one in tasks]
    assert sorted(turns.count(user) for user in set(turns)) == [2, 2]
    again = go("create_first_tasks", rules=rules)
    assert (again["judged"], again["rules"]) == (0, {"call": 0})
    assert len(loaded.records("tasks")) == 4


def test_a_contact_is_called_by_both_its_names(go: Go, loaded: RunningSandbox) -> None:
    new(loaded, 1)
    go("create_first_tasks")
    titles = {one["title"] for one in loaded.records("tasks")}
    assert titles == {
        "Call Ada0 New",
        "Complete the record of Ada0 New",
    }  # the shipped rules; it has no phone


def test_historical_contacts_get_theirs_and_nobody_gets_two(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    rules = rules_file(call(loaded))
    new(loaded, 1)
    go("create_first_tasks", rules=rules)
    go("create_first_tasks", rules=rules, scope="all")
    leads = {one["id"] for one in loaded.records("contacts") if one["type"] == "lead"}
    with_task = [one["contactId"] for one in loaded.records("tasks")]
    assert len(with_task) == len(set(with_task))
    assert len(leads - set(with_task)) == 1  # a contact that the hub rejects
    assert set(with_task) <= leads
    assert go("create_first_tasks", rules=rules, scope="all")["rules"] == {"call": 0}


def test_a_task_that_is_done_renamed_or_deleted_is_not_made_again(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    rules, ids = rules_file(call(loaded)), new(loaded, 3)
    go("create_first_tasks", rules=rules)
    done, renamed, deleted = loaded.records("tasks")
    loaded.edit(kind="tasks", id=done["id"], set={"completed": True})
    loaded.edit(kind="tasks", id=renamed["id"], set={"title": "Something else"})
    loaded.edit(kind="tasks", id=deleted["id"], delete=True)
    for id_ in ids:
        loaded.edit(kind="contacts", id=id_, set={"city": "Vienna", "dateUpdated": LATER})
    go("create_first_tasks", rules=rules)
    go("create_first_tasks", rules=rules, ids=ids)
    go("create_first_tasks", rules=rules, scope="all")
    mine = [one for one in loaded.records("tasks") if one["contactId"] in ids]
    assert {one["id"] for one in mine} == {done["id"], renamed["id"]}


def test_a_record_that_cannot_be_judged_is_a_reject_and_the_others_go_on(
    go: Go, run: Flow, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    old = call(loaded).replace("{contact.type: {is: lead}}", "{contact.city: {starts_with: V}}")
    rules, [ada, eve] = rules_file(old), new(loaded, 2)
    loaded.edit(kind="contacts", id=ada, set={"city": "Vienna"})
    told = go("create_first_tasks", rules=rules)
    assert (told["could_not_judge"], told["rules"]) == (1, {"call": 1})
    assert [one["contactId"] for one in loaded.records("tasks")] == [ada]
    loaded.edit(kind="contacts", id=eve, set={"city": "Venice", "dateUpdated": LATER})
    assert go("create_first_tasks", rules=rules)["could_not_judge"] == 0
    assert len(loaded.records("tasks")) == 2


def test_more_records_than_at_most_stop_the_run_before_anything_is_written(
    go: Go, run: Flow, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    rules = rules_file("at_most: 2" + call(loaded))
    new(loaded, 3)
    ended = run("create_first_tasks", rules=rules)
    assert "would touch 3 records" in str(ended.error)
    assert loaded.records("tasks") == []
    rules_file("at_most: 3" + call(loaded))
    assert go("create_first_tasks", rules=rules)["rules"] == {"call": 3}


def test_names_that_highlevel_does_not_know_are_refused_with_their_lines(
    run: Flow, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    text = CALL % '"Nobody Atall"'
    ended = run("create_first_tasks", rules=rules_file(text))
    assert "the location has no user `Nobody Atall`" in str(ended.error)
    assert "mine.yaml:10:" in str(ended.error)


def test_undone_its_tasks_are_gone_and_the_journal_says_why_they_were_there(
    go: Go, loaded: RunningSandbox, rules_file: Callable[[str], str], command_line: Any
) -> None:
    rules, [ada] = rules_file(call(loaded)), new(loaded, 1)
    plan = go("create_first_tasks", rules=rules)["plan"]
    shown = command_line("journal", "show", ada).out
    assert "why: rule call (mine.yaml, line 4), journal entry" in shown
    assert "journal entry" in shown
    go("undo_plan", plan=plan, delete_created=True)
    assert loaded.records("tasks") == []
