"""Rules for tests: written as a person would write them, judged at a fixed moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks.mapping.rules.compile import Rules, compile_rules
from tasks.mapping.rules.language import load_rules
from tasks.mapping.rules.moments import At, WorkingDays

NOW = dt.datetime(2026, 12, 22, 10, 30, tzinfo=dt.UTC)
"""A Tuesday, half past eleven in Vienna."""

VIENNA = ZoneInfo("Europe/Vienna")

CONTACT = {
    "id": "c1",
    "first_name": "Ann",
    "last_name": "Lee",
    "email": "Ann@Example.com",
    "type": "lead",
    "tags": ["VIP", "new"],
    "company_name": None,
    "assigned_to": None,
    "dnd": False,
    "date_added": dt.datetime(2026, 12, 20, 9, 0, tzinfo=dt.UTC),
    "date_of_birth": dt.date(1990, 12, 22),
    "custom": {"size": "12", "plan": "Gold", "seats": 3, "since": "2026-12-01", "kinds": ["a", "b"]},
}

RULES = """\
on: {{stream: hub.contact, when: [created, updated]}}
rules:
  - key: example
    if: {condition}
    then: [{{highlevel.crm_task: {{title: {title}}}}}]
"""


@pytest.fixture
def rules(mapping_file: Callable[[str], Path]) -> Callable[[str], Rules]:
    """Compiles the text of a rules file."""
    return lambda text: compile_rules(load_rules(mapping_file(text)))


@pytest.fixture
def rule_of(rules: Callable[[str], Rules]) -> Callable[..., Any]:
    """The rule with a condition, written as YAML in one line, and a title."""

    def compiled(condition: str = "{contact.id: {empty: false}}", title: str = "Call") -> Any:
        return rules(RULES.format(condition=condition, title=title)).rules[0]

    return compiled


@pytest.fixture
def at() -> At:
    """Half past eleven on 22 December 2026 in Vienna, with Austria's holidays."""
    return At(NOW, WorkingDays(VIENNA, "AT"))


@pytest.fixture
def context() -> dict[str, Any]:
    """What the hub knows of one contact."""
    return {"record": CONTACT, "contact": CONTACT, "change": None, "business": None, "tasks": []}
