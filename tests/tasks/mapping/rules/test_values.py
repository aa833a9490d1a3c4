"""Values of rows: paths, lists, choices, round robins and dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tasks.mapping.rules.compile import Rules
from tasks.mapping.rules.moments import At
from tasks.mapping.rules.refusal import CannotEvaluateError

Compile = Callable[[str], Rules]
Context = dict[str, Any]

ROW = """\
on: {{stream: {stream}}}
rules: [{{key: a, then: [{{{target}: {{{fields}}}}}]}}]
"""


@pytest.fixture
def row(rules: Compile, context: Context, at: At) -> Callable[..., dict[str, Any]]:
    def made(
        fields: str, target: str = "highlevel.contact", stream: str = "hub.contact", **further: Any
    ) -> dict[str, Any]:
        [rule] = rules(ROW.format(stream=stream, target=target, fields=fields)).rules
        [(_, found)] = rule.rows(context | further, at)
        return found

    return made


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("tags: [a, b]", {"tags": ["a", "b"]}),
        ("tags: a", {"tags": ["a"]}),
        ("tags: '{contact.tags}'", {"tags": ["VIP", "new"]}),
        ("tags: [x, {path: contact.tags}, '{contact.company_name}']", {"tags": ["x", "VIP", "new"]}),
        ("tags: {path: contact.custom.missing}", {}),
        ("dnd: true", {"dnd": True}),
        ("dnd: {path: contact.dnd}", {"dnd": False}),
        ("custom.plan: Gold", {"custom.plan": "Gold"}),
        ("custom.seats: {path: contact.custom.seats}", {"custom.seats": 3}),
        ("custom.due: {in: 2 days}", {"custom.due": "2026-12-24"}),
        ("city: '{contact.custom.seats}'", {"city": "3"}),
        ("dateOfBirth: {path: contact.custom.since}", {"dateOfBirth": dt.date(2026, 12, 1)}),
        ("workflows: [Welcome]", {"workflows": ["Welcome"]}),
        ("assignedTo: {first: [contact.assigned_to, contact.company_name, Sam]}", {"assignedTo": "Sam"}),
        ("assignedTo: {first: [contact.first_name, Sam]}", {"assignedTo": "Ann"}),
        ("assignedTo: {first: ['{contact.company_name}']}", {}),
        (
            "source: {choose: [{if: {contact.dnd: {is: true}}, value: a}, {if: {now: {on: now}}, value: b}]}",
            {"source": "b"},
        ),
        ("source: {choose: [{if: {contact.type: {is: customer}}, value: a}, {else: c}]}", {"source": "c"}),
        ("source: {choose: [{if: {contact.type: {is: customer}}, value: a}]}", {}),
        ("source: {choose: [{else: contact.first_name}]}", {"source": "Ann"}),
        ("source: {first: [contact, a.b]}", {"source": "contact"}),
    ],
)
def test_a_value(fields: str, found: dict[str, Any], row: Callable[..., dict[str, Any]]) -> None:
    assert row(fields) == found


@pytest.mark.parametrize(
    ("date", "found"),
    [
        ('{in: 2 working days, at: "09:00"}', "2026-12-24T09:00+01:00"),
        ('{in: 3 working days, at: "09:00"}', "2026-12-28T09:00+01:00"),
        ("{in: 2 hours}", "2026-12-22T13:30+01:00"),
        ("{in: 3 days}", "2026-12-25T11:30+01:00"),
        ('{at: "17:00"}', "2026-12-22T17:00+01:00"),
        ('{from: contact.date_added, in: -1 day, at: "08:00"}', "2026-12-19T08:00+01:00"),
        ("{from: {path: contact.custom.since}, in: 1 week}", "2026-12-08T00:00+01:00"),
        ("{from: contact.date_added}", "2026-12-20T10:00+01:00"),
        ("{path: contact.date_added}", "2026-12-20T10:00+01:00"),
    ],
)
def test_a_date(date: str, found: str, row: Callable[..., dict[str, Any]]) -> None:
    made = row(f"title: x, dueDate: {date}", target="highlevel.crm_task")
    assert made["dueDate"] == dt.datetime.fromisoformat(found)


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ("{from: contact.custom.missing, in: 1 day}", "`contact.custom.missing` has no value"),
        ("{from: contact.custom.plan, in: 1 day}", "`contact.custom.plan` is no date: 'Gold'"),
        ("{from: contact.custom.last, in: 1 year}", "`contact.custom.last` is too far from 1 year"),
        ("{path: contact.custom.plan}", "`dueDate` cannot be 'Gold'"),
    ],
)
def test_a_date_that_cannot_be_told(
    date: str, message: str, row: Callable[..., dict[str, Any]], context: Context
) -> None:
    custom = context["contact"]["custom"] | {"last": "9999-12-30"}
    with pytest.raises(CannotEvaluateError) as refused:
        row(
            f"title: x, dueDate: {date}",
            target="highlevel.crm_task",
            contact=context["contact"] | {"custom": custom},
        )
    assert message in refused.value.message


def test_the_turns_of_a_round_robin_are_taken_where_they_are_needed(
    rules: Compile, context: Context, at: At
) -> None:
    text = """\
on: {stream: hub.contact}
rules:
  - key: call
    then:
      - highlevel.crm_task:
          title: {round_robin: [a, b]}
          assignedTo: {first: [contact.assigned_to, {round_robin: [Sam, Kim, Lou]}]}
"""
    asked: list[tuple[str, int]] = []

    def turn(name: str, size: int) -> int:
        asked.append((name, size))
        return 1

    [rule] = rules(text).rules
    [(_, made)] = rule.rows(context, at.with_turns(turn))
    assert made == {"title": "b", "assignedTo": "Kim"}
    assert asked == [("call.0", 2), ("call.1", 3)]
    asked.clear()
    owned = context | {"contact": context["contact"] | {"assigned_to": "u1"}}
    [(_, made)] = rule.rows(owned, at.with_turns(turn))
    assert made["assignedTo"] == "u1"
    assert asked == [("call.0", 2)], "whoever has an owner takes nobody's turn"


def test_a_rule_about_a_task_reads_the_task(row: Callable[..., dict[str, Any]]) -> None:
    task = {"id": "t1", "title": "Call", "due_date": dt.datetime(2026, 12, 24, 9, tzinfo=dt.UTC)}
    made = row(
        "channel: sales, text: '{task.title} is due {record.due_date | date}'",
        target="notice",
        stream="hub.crm_task",
        record=task,
        task=task,
    )
    assert made == {"channel": "sales", "text": "Call is due 2026-12-24"}
