"""The rows that rules make: of a contact one, of anything else each once, and nobody's turn twice."""

from __future__ import annotations

from typing import Any

from tests.tasks.run.conftest import Location

CONTACT, TASK, BUSINESS = "highlevel.contact", "highlevel.crm_task", "highlevel.business"
HEAD = "on: {stream: hub.contact, when: [created, updated]}\nrules:\n"


def rows(location: Location, text: str, *ids: str, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    rules = location.rules(HEAD + text)
    for id_ in ids:
        location.make(id_, first_name=id_.title(), **fields)
    ran = location.run(rules)
    return ran.rows, [reason.told for one in ran.refused for reason in one.reasons]


def test_what_rules_want_of_a_contact_is_one_record(location: Location) -> None:
    text = """
  - key: one
    then: [{highlevel.contact: {tags: [a, b], assignedTo: kim, workflows: Welcome}}]
  - key: other
    then: [{highlevel.contact: {tags: [b, c], tagsRemoved: d, assignedTo: robin, workflows: Welcome}}]
"""
    found, _ = rows(location, text, "ada", "bob")
    assert [row["id"] for row in found[CONTACT]] == ["ada", "bob"]
    first = found[CONTACT][0]
    assert (first["tags"], first["tagsRemoved"], first["assignedTo"]) == (["a", "b", "c"], ["d"], "kim")


def test_rules_that_undo_each_other_are_refused_and_the_other_contacts_are_not(location: Location) -> None:
    text = """
  - key: one
    then: [{highlevel.contact: {tags: [hot]}}]
  - key: other
    if: {contact.first_name: {is: Bob}}
    then: [{highlevel.contact: {tagsRemoved: [hot]}}]
"""
    found, told = rows(location, text, "ada", "bob")
    assert [row["id"] for row in found[CONTACT]] == ["ada"]
    assert len(told) == 2
    assert all("one adds the tag hot, one removes it" in one for one in told)


def test_tasks_are_named_by_their_rule_and_record_and_hang_on_the_contact(location: Location) -> None:
    text = """
  - key: call
    then:
      - highlevel.crm_task: {title: "Call {contact.first_name}", dueDate: {in: 1 day}}
      - highlevel.crm_task: {title: "Write to {contact.first_name}", dueDate: {in: 2 days}}
"""
    found, _ = rows(location, text, "ada")
    assert [(row["id"], row["title"]) for row in found[TASK]] == [
        ("mine.call · ada", "Call Ada"),
        ("mine.call.2 · ada", "Write to Ada"),
    ]
    assert {row["contact"] for row in found[TASK]} == {"ada"}


def test_several_records_make_one_of_the_same_id(location: Location) -> None:
    text = """
  - key: group
    then: [{highlevel.business: {id: "{contact.company_name}", name: "{contact.company_name}"}}]
"""
    found, _ = rows(location, text, "ada", "bob", company_name="Engines")
    assert [row["id"] for row in found[BUSINESS]] == ["Engines"]
    with location.hub.read() as connection:
        assert connection is not None


def test_turns_go_round_over_runs_and_a_run_that_dies_takes_none(location: Location) -> None:
    text = """
  - key: call
    then:
      - highlevel.crm_task: {title: Call, dueDate: {in: 1 day}, assignedTo: {round_robin: [kim, robin]}}
"""
    rules = location.rules(HEAD + text)
    owners = []
    for id_ in ("ada", "bob", "eve"):
        location.make(id_)
        location.run(rules, dies_after=0)
        owners += [row["assignedTo"] for row in location.run(rules, ids=(id_,)).rows[TASK]]
    assert owners == ["kim", "robin", "kim"]
