"""Conditions: what each operator holds for, what is no value for it, and what is said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tasks.mapping.rules.comparing import matches
from tasks.mapping.rules.moments import At
from tasks.mapping.rules.refusal import CannotEvaluateError

RuleOf = Callable[..., Any]
Context = dict[str, Any]

TRUE = [
    "contact.type: {is: Lead}",
    "contact.type: {is: ' LEAD '}",
    "contact.type: {is_not: customer}",
    "contact.company_name: {is_not: Acme}",
    "contact.type: {in: [customer, lead]}",
    "contact.company_name: {not_in: [Acme]}",
    "contact.company_name: {empty: true}",
    "contact.tags: {empty: false}",
    "contact.dnd: {empty: false}",
    "contact.dnd: {is: false}",
    "contact.email: {contains: EXAMPLE}",
    "contact.email: {starts_with: ann}",
    "contact.email: {ends_with: .com}",
    "contact.email: {like: 'a?n@*.com'}",
    "contact.custom.size: {more_than: 11}",
    "contact.custom.size: {at_least: 12}",
    "contact.custom.size: {less_than: 12.5}",
    "contact.custom.size: {at_most: '12'}",
    "contact.custom.size: {is: 12}",
    "contact.custom.seats: {is: '3'}",
    "contact.custom.size: {between: [12, 20]}",
    "contact.date_added: {between: [2026-12-20, 2026-12-21]}",
    "contact.date_added: {before: now}",
    "contact.date_added: {before: today}",
    "contact.date_added: {before: '2026-12-20T10:30'}",  # half past ten in Vienna, half an hour later
    "contact.date_added: {after: 2026-12-19}",
    "contact.date_added: {on: 2026-12-20}",
    "contact.date_of_birth: {on: 1990-12-22}",
    "contact.date_of_birth: {is: 1990-12-22}",
    "contact.date_added: {within_last: 3 days}",
    "contact.date_added: {older_than: 2 days}",
    "contact.date_added: {older_than: 40 hours}",
    "contact.custom.since: {within_last: 1 month}",
    "contact.custom.since: {older_than: 2 weeks}",
    "contact.tags: {has: vip}",
    "contact.tags: {has_any: [a, vip]}",
    "contact.tags: {has_all: [NEW, vip]}",
    "contact.tags: {has_none: [a, b]}",
    "contact.custom.kinds: {has: A}",
    "contact.custom.missing: {has_none: [a]}",
    "contact.first_name: {is: {path: record.first_name}}",
    "contact.email: {starts_with: {path: contact.first_name}}",
    "contact.type: {is: lead, starts_with: le}",
    "now: {after: 2026-12-01}",
    "today: {on: 2026-12-22}",
    "business: {empty: true}",
    "tasks: {empty: true}",
    "length(contact.tags): {is: 2}",
    "'contact.tags[0]': {is: vip}",
    "'tasks[?completed == `false`].title | [0]': {empty: true}",
    "all: [{contact.type: {is: lead}}, {contact.tags: {has: vip}}]",
    "any: [{contact.type: {is: customer}}, {contact.tags: {has: vip}}]",
    "not: {contact.type: {is: customer}}",
]

FALSE = [
    "contact.type: {is: customer}",
    "contact.type: {is_not: lead}",
    "contact.company_name: {is: Acme}",
    "contact.company_name: {in: [Acme]}",
    "contact.company_name: {empty: false}",
    "contact.dnd: {is: true}",
    "contact.email: {like: 'ann'}",
    "contact.custom.size: {more_than: 12}",
    "contact.custom.size: {between: [13, 20]}",
    "contact.date_added: {after: 2026-12-20}",
    "contact.date_added: {before: 2026-12-20}",
    "contact.date_added: {within_last: 1 day}",
    "contact.date_added: {within_next: 3 days}",
    "contact.date_added: {older_than: 1 year}",
    "contact.tags: {has: customer}",
    "contact.tags: {has_all: [vip, customer]}",
    "contact.tags: {has_none: [vip]}",
    "contact.tags: {has_none: [vip, b]}",
    "contact.custom.missing: {has: a}",
    "contact.tags: {changed: true}",
    "contact.type: {changed_to: lead}",
    "contact.type: {is: lead, starts_with: cu}",
    "all: [{contact.type: {is: lead}}, {contact.tags: {has: customer}}]",
    "any: [{contact.type: {is: customer}}, {contact.tags: {has: customer}}]",
    "not: {all: [{contact.type: {is: lead}}]}",
]


@pytest.mark.parametrize(
    ("condition", "holds"), [(one, True) for one in TRUE] + [(one, False) for one in FALSE]
)
def test_what_holds(condition: str, holds: bool, rule_of: RuleOf, context: Context, at: At) -> None:
    assert bool(rule_of(f"{{{condition}}}").holds(context, at)) is holds


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("contact.company_name: {contains: a}", "`contact.company_name` has no value"),
        ("contact.custom.missing: {more_than: 1}", "`contact.custom.missing` has no value"),
        ("contact.custom.plan: {more_than: 1}", "`contact.custom.plan` is no number: 'Gold'"),
        ("contact.custom.since: {less_than: 1}", "there is `after` and `before`"),
        ("contact.custom.plan: {before: now}", "`contact.custom.plan` is no date: 'Gold'"),
        ("contact.custom.kinds: {starts_with: a}", "is no text: for lists there is `has`"),
        ("contact.custom.kinds: {in: [a]}", "is a list: there is `has_any`"),
        ("contact.custom.plan: {has: a}", "is no list: for single values there is `in`"),
        ("business.name: {starts_with: A}", "`business.name` has no value"),
        ("contact.first_name: {starts_with: {path: business.name}}", "`business.name` has no value"),
        ("'sum(contact.tags)': {is: 1}", "does not fit this record"),
    ],
)
def test_a_record_that_cannot_be_judged(
    condition: str, message: str, rule_of: RuleOf, context: Context, at: At
) -> None:
    with pytest.raises(CannotEvaluateError) as refused:
        rule_of(f"{{{condition}}}").holds(context, at)
    assert message in refused.value.message
    assert refused.value.key == "example"


@pytest.mark.parametrize(
    "condition",
    [
        "all: [{business.name: {empty: false}}, {business.name: {starts_with: a}}]",
        "not: {any: [{business.name: {empty: true}}, {business.name: {starts_with: a}}]}",
        "business.name: {empty: false, starts_with: a}",
    ],
)
def test_a_condition_guards_what_follows_it(
    condition: str, rule_of: RuleOf, context: Context, at: At
) -> None:
    assert not rule_of(f"{{{condition}}}").holds(context, at)


@pytest.mark.parametrize(
    ("condition", "fields", "holds"),
    [
        ("contact.type: {changed: true}", {"type": ["lead", "customer"]}, True),
        ("contact.type: {changed: false}", {"type": ["lead", "customer"]}, False),
        ("contact.tags: {changed: false}", {"type": ["lead", "customer"]}, True),
        ("record.type: {changed_from: Lead}", {"type": ["lead", "customer"]}, True),
        ("contact.type: {changed_to: customer}", {"type": ["lead", "customer"]}, True),
        ("contact.type: {changed_to: lead}", {"type": ["lead", "customer"]}, False),
        ("contact.tags: {changed_to: vip}", {"tags": [["new"], ["new", "VIP"]]}, True),
        ("contact.tags: {changed_to: new}", {"tags": [["new"], ["new", "VIP"]]}, False),
        ("contact.tags: {changed_from: new}", {"tags": [["new"], None]}, True),
        ("contact.custom.plan: {changed_to: gold}", {"custom.plan": (None, "Gold")}, True),
        ("change.whose: {is: highlevel}", {}, True),
    ],
)
def test_the_change_is_judged(
    condition: str, fields: Any, holds: bool, rule_of: RuleOf, context: Context, at: At
) -> None:
    rule = rule_of(f"{{{condition}}}")
    change = {"kind": "updated", "whose": "highlevel", "fields": fields}
    assert bool(rule.holds(context | {"change": change}, at)) is holds
    assert rule.by_change


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("contact.type: {is: lead}", "contact.type is `lead`"),
        ("contact.type: {is: customer}", "contact.type is `lead`, not `customer`"),
        ("contact.tags: {has: vip}", "contact.tags has `vip`"),
        ("contact.tags: {has: customer}", "contact.tags does not have `customer`"),
        ("contact.company_name: {is: Acme}", "contact.company_name is empty, not `Acme`"),
        ("contact.company_name: {empty: false}", "contact.company_name is empty"),
        ("contact.type: {empty: false}", "contact.type has a value"),
        ("contact.tags: {changed: true}", "contact.tags did not change"),
        (
            "all: [{contact.type: {is: lead}}, {contact.tags: {has: vip}}]",
            "contact.type is `lead` and contact.tags has `vip`",
        ),
        (
            "all: [{contact.tags: {has: vip}}, {contact.type: {is: customer}}]",
            "contact.type is `lead`, not `customer`",
        ),
        ("not: {contact.tags: {has: vip}}", "contact.tags has `vip`"),
        (
            "any: [{contact.type: {is: customer}}, {contact.tags: {has: customer}}]",
            "contact.type is `lead`, not `customer` and contact.tags does not have `customer`",
        ),
    ],
)
def test_why(condition: str, why: str, rule_of: RuleOf, context: Context, at: At) -> None:
    assert rule_of(f"{{{condition}}}").holds(context, at).why == why


def test_a_rule_without_a_condition_holds_for_every_record(
    rules: Callable[[str], Any], context: Context, at: At
) -> None:
    text = "on: {stream: hub.contact}\nrules: [{key: a, then: [{highlevel.note: {body: x}}]}]"
    held = rules(text).rules[0].holds(context, at)
    assert held
    assert held.why == "it has no condition"


@pytest.mark.parametrize(
    ("text", "pattern", "fits"),
    [
        ("", "", True),
        ("", "*", True),
        ("", "?", False),
        ("abc", "abc", True),
        ("abc", "a*", True),
        ("abc", "*c", True),
        ("abc", "*b*", True),
        ("abc", "**?**", True),
        ("abc", "a?c", True),
        ("abc", "?", False),
        ("abc", "abcd", False),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("aXbXc", "a*b*c", True),
        ("abcabd", "*abd", True),
    ],
)
def test_a_pattern(text: str, pattern: str, fits: bool) -> None:
    assert matches(text, pattern) is fits


def test_a_day_is_the_locations_day(rule_of: RuleOf, context: Context, at: At) -> None:
    late = dt.datetime(2026, 12, 20, 23, 30, tzinfo=dt.UTC)  # half past midnight on the 21st in Vienna
    contact = context["contact"] | {"date_added": late}
    rule = rule_of("{contact.date_added: {on: 2026-12-21}}")
    assert rule.holds(context | {"contact": contact}, at)
