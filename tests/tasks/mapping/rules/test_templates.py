"""Templates: what is put into a text, and how its filters take it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tasks.mapping.rules.moments import At
from tasks.mapping.rules.refusal import CannotEvaluateError

RuleOf = Callable[..., Any]
Context = dict[str, Any]


def title_of(rule: Any, context: Context, at: At) -> Any:
    [(stream, row)] = rule.rows(context, at)
    assert stream == "highlevel.crm_task"
    return row.get("title")


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Call", "Call"),
        ("'Call {contact.first_name} {contact.last_name}'", "Call Ann Lee"),
        ("'{contact.first_name}'", "Ann"),
        ("'{{{contact.first_name}}}'", "{Ann}"),
        ("'a {{b}} c'", "a {b} c"),
        ("'{contact.company_name | default: \"the company\"} calls'", "the company calls"),
        ("'{contact.company_name | default: contact.last_name | upper}'", "LEE"),
        ("'{contact.company_name | upper | default: \"none\"}'", "none"),
        ("'Call {contact.company_name} now'", "Call now"),
        ("'Call {contact.company_name}'", "Call"),
        ("'{contact.company_name} calls'", "calls"),
        ("'{contact.email | lower}'", "ann@example.com"),
        ("'{contact.custom.plan | upper} x'", "GOLD x"),
        ("'{contact.email | title}'", "Ann@Example.Com"),
        ("'{contact.first_name | truncate: 2}'", "A…"),
        ("'{contact.tags | join: \" + \"}'", "VIP + new"),
        ("'Tags: {contact.tags}'", "Tags: VIP, new"),
        ("'{contact.custom.seats} seats'", "3 seats"),
        ("'dnd: {contact.dnd}'", "dnd: no"),
        ("'{contact.date_added}!'", "2026-12-20 10:00!"),
        ("'{contact.date_added}'", "2026-12-20 10:00"),
        ("'{contact.date_added | date}'", "2026-12-20"),
        ("'{now | date: \"DD.MM.YYYY HH:mm\"}'", "22.12.2026 11:30"),
        ("'{contact.custom.since | date: \"DD/MM/YY\"}'", "01/12/26"),
        ("'{contact.company_name || contact.last_name}'", "Lee"),
        ("'{(contact.tags | [0])} x'", "VIP x"),
        ("\"{contact.tags[?@ == '}'] | join: ''}x\"", "x"),
        ("'{today}'", "2026-12-22"),
    ],
)
def test_a_text(title: str, found: str | None, rule_of: RuleOf, context: Context, at: At) -> None:
    assert title_of(rule_of(title=title), context, at) == found


def test_a_task_whose_title_has_no_value_is_no_task(rule_of: RuleOf, context: Context, at: At) -> None:
    rule = rule_of(title="'{contact.company_name} {contact.company_name}'")
    with pytest.raises(CannotEvaluateError, match="`title` has no value here"):
        title_of(rule, context, at)


def test_what_a_record_says_is_no_template(rule_of: RuleOf, context: Context, at: At) -> None:
    contact = context["contact"] | {"first_name": "{contact.email} {{x}} {"}
    rule = rule_of(title="'Call {contact.first_name}'")
    assert title_of(rule, context | {"contact": contact}, at) == "Call {contact.email} {{x}} {"


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("'{contact.tags | upper}'", "`contact.tags` is no text: ['VIP', 'new']"),
        ("'{contact.email | join: \"-\"}'", "`contact.email` is no list"),
        ("'{contact.custom.plan | date}'", "`contact.custom.plan` is no date: 'Gold'"),
        ("'{contact.custom} x'", "a value is an object"),
        ("'{contact.custom}'", "`title` cannot be"),
    ],
)
def test_a_value_that_a_text_cannot_hold(
    title: str, message: str, rule_of: RuleOf, context: Context, at: At
) -> None:
    with pytest.raises(CannotEvaluateError) as refused:
        rule_of(title=title).rows(context, at)
    assert message in refused.value.message


def test_a_moment_is_told_by_the_locations_clock(rule_of: RuleOf, context: Context, at: At) -> None:
    contact = context["contact"] | {"date_added": dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)}
    rule = rule_of(title="'{contact.date_added | date}'")
    assert title_of(rule, context | {"contact": contact}, at) == "2027-01-01"
