"""Judging: each event is answered once, what is unfinished is ended, and no rule does for another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tasks.core.errors import StoppedError
from tasks.hub import rejects
from tasks.hub.journal import Kind
from tests.tasks.run.conftest import NOON, Location

CALL = """
on: {stream: hub.contact, when: [created, updated]}
rules:
  - key: call
    if: {contact.city: {is: Vienna}}
    then: [{highlevel.crm_task: {title: "Call {contact.first_name}", dueDate: {in: 1 day}}}]
"""
TELL = """
channels:
  team: {block: slack-webhook/team}
on: {stream: hub.crm_task, when: [created, updated]}
rules:
  - key: told
    then: [{notice: {channel: team, text: "{task.title}"}}]
  - key: late
    on: {stream: hub.crm_task, passed: due_date}
    then: [{notice: {channel: team, text: "{task.title} is late"}}]
"""


def test_a_new_record_is_judged_once_and_what_was_loaded_never(location: Location) -> None:
    rules = location.rules(CALL)
    location.make("old", kind=Kind.LOADED, city="Vienna")
    location.make("ada", city="Vienna", first_name="Ada")
    location.make("bob", city="Graz")
    ran = location.run(rules)
    assert (ran.fired, ran.told["judged"]) == ([("call", "ada")], 2)
    again = location.run(rules)
    assert (again.fired, again.told["judged"]) == ([], 0)
    everybody = location.run(rules, "all")
    assert (everybody.fired, everybody.told["done_before"]) == ([("call", "old")], 1)


def test_a_rule_fires_again_only_after_its_condition_was_false(location: Location) -> None:
    rules = location.rules(CALL)
    location.make("ada", city="Vienna")
    fired = [len(location.run(rules).fired)]
    for change in ({"last_name": "Byron"}, {"city": "Graz"}, {"city": "Vienna"}, {"city": "vienna"}):
        location.edit("ada", **change)
        fired.append(len(location.run(rules).fired))
    assert fired == [1, 0, 0, 1, 0]


def test_single_records_say_nothing_of_the_others(location: Location) -> None:
    rules = location.rules(CALL)
    for id_ in ("ada", "bob"):
        location.make(id_, city="Vienna")
    assert location.run(rules, ids=("bob",)).fired == [("call", "bob")]
    assert location.run(rules).fired == [("call", "ada")]


def test_what_is_deleted_concerns_nobody(location: Location) -> None:
    rules = location.rules(CALL)
    location.make("ada", city="Vienna")
    location.delete("ada")
    for scope in ("new", "all"):
        assert location.run(rules, scope).fired == []
    assert location.run(rules, ids=("ada", "nobody")).fired == []


def test_each_event_is_told_and_a_moment_when_it_has_passed(location: Location) -> None:
    rules = location.rules(TELL)
    location.make("ada")
    location.run(rules)
    soon = NOON + timedelta(hours=1)
    location.make("t1", "hub.crm_task", title="Call", contact_id="ada", due_date=soon)
    location.edit("t1", "hub.crm_task", title="Ring")
    assert location.run(rules).fired == [("told", "t1")] * 2
    assert location.run(rules, now=soon - timedelta(minutes=1)).fired == []
    assert location.run(rules, now=soon).fired == [("late", "t1")]
    assert location.run(rules, now=soon + timedelta(days=1)).fired == []


BIRTHDAY = """
channels:
  team: {block: slack-webhook/team}
on: {stream: hub.contact, passed: date_of_birth}
rules:
  - key: born
    then: [{notice: {channel: team, text: "{contact.first_name}"}}]
"""


def test_a_notice_without_a_text_is_a_reject_and_the_others_are_made(location: Location) -> None:
    rules = location.rules(TELL)
    location.run(rules)
    for id_, title in (("t1", None), ("t2", "Call")):
        location.make(id_, "hub.crm_task", title=title, contact_id="ada")
    done = location.run(rules)
    assert (done.told["notices"], done.told["could_not_judge"]) == (1, 1)
    with location.hub.read() as connection:
        [kept] = rejects.matching(connection, rejects.Wanted(location.id))
    assert (kept.record_id, kept.reasons[0].told) == ("mine.told · t1", "told: `text` has no value here")


def test_a_day_passes_with_its_beginning_and_work_through_all_takes_only_what_has_come(
    location: Location,
) -> None:
    rules = location.rules(BIRTHDAY)
    location.run(rules)
    for id_, days in (("ada", 0), ("bob", 1), ("eve", 9)):
        location.make(id_, first_name=id_, date_of_birth=(NOON + timedelta(days=days)).date())
    assert location.run(rules, scope="all").fired == [("born", "ada")]
    assert location.run(rules, ids=("bob", "eve")).fired == []
    midnight = NOON + timedelta(hours=12)
    assert location.run(rules, now=midnight - timedelta(minutes=1)).fired == []
    assert location.run(rules, now=midnight).fired == [("born", "bob")]


def test_more_than_a_rule_may_touch_stops_all_of_them(location: Location) -> None:
    rules = location.rules(CALL.replace("- key: call", "- key: call\n    at_most: 1"))
    for id_ in ("ada", "bob"):
        location.make(id_, city="Vienna")
    with pytest.raises(StoppedError, match=r"(?s)Rule call .*line 4.* would touch 2 records; 1 is the most"):
        location.run(rules)


BOTH = """
on: {stream: hub.contact, when: [created, updated]}
rules:
  - key: welcome
    if: {not: {contact.tags: {has: hello}}}
    then:
      - highlevel.contact: {tags: [hello]}
      - highlevel.crm_task: {title: "Call {contact.first_name}", dueDate: {in: 1 day}}
  - key: other
    if: {contact.city: {is: Vienna}}
    then: [{highlevel.contact: {tags: [vienna]}}]
"""
TASK, CONTACT = "highlevel.crm_task", "highlevel.contact"


def begun(location: Location, state: str = "applied", **fields: Any) -> tuple[Any, Any]:
    """A run that died after its first plan."""
    rules = location.rules(BOTH)
    location.make("ada", first_name="Ada", **fields)
    ran = location.run(rules, dies_after=1, state=state)
    assert list(ran.rows) == [CONTACT]
    return rules, ran


def test_what_was_begun_is_ended_though_its_condition_is_false_by_then(location: Location) -> None:
    rules, _ = begun(location)
    assert location.held("ada")["tags"] == ["hello"]
    ran = location.run(rules)
    assert (ran.fired, [row["title"] for row in ran.rows[TASK]]) == ([("welcome", "ada")], ["Call Ada"])
    assert location.run(rules).fired == []


@pytest.mark.parametrize("state", ["ready", "applying", "stopped"])
def test_what_was_begun_waits_for_its_plan(location: Location, state: str) -> None:
    rules, first = begun(location, state)
    for scope in ("new", "all"):
        assert location.run(rules, scope).fired == []
    location.settle(first.plan, "applied")
    assert location.run(rules).fired == [("welcome", "ada")]


def test_of_what_was_declined_nothing_more_is_done(location: Location) -> None:
    rules, _ = begun(location, "declined")
    location.edit("ada", first_name="Augusta")
    for scope in ("new", "all"):
        assert location.run(rules, scope).fired == []


def test_a_record_of_which_one_rule_is_unfinished_is_not_judged_by_the_others(location: Location) -> None:
    tell = """
channels:
  team: {block: slack-webhook/team}
"""
    told = """
  - key: told
    then: [{notice: {channel: team, text: "{contact.first_name} is new"}}]
"""
    rules = location.rules(tell + BOTH + told)
    location.make("ada", first_name="Ada")
    assert ("told", "ada") in location.run(rules, dies_after=1, state="ready").fired
    plan = location.run(rules)
    assert plan.fired == []
