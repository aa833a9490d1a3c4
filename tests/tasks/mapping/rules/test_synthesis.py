"""The mapping that takes what rules made into the planner: what a person has is a person's."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from tasks.core.batch import Batch, canonical_json
from tasks.core.errors import BadMappingError
from tasks.mapping.rules.compile import Rules
from tasks.mapping.rules.moments import At
from tasks.mapping.transform.compile import compile_mapping
from tasks.streams import SOURCES, Policy

Compile = Callable[[str], Rules]

TEXT = """\
on: {stream: hub.contact}
rules:
  - key: a
    then:
      - highlevel.crm_task: {title: "Call {contact.first_name}", dueDate: {in: 1 day, at: "09:00"}}
      - highlevel.contact:
          {tags: [called], city: Wien, dateOfBirth: {path: contact.date_of_birth}, custom.a-b.c: x}
      - highlevel.business: {id: "{contact.id}", name: Acme, domain: acme.com}
      - highlevel.note: {body: Hello}
"""


def mapped(found: Rules, target: str, record: dict[str, Any]) -> dict[str, Any]:
    mapping = found.mapping(target)
    batch = Batch(mapping.source, "location", [record], position={})
    result = compile_mapping(mapping).apply(batch)
    assert not result.rejects
    return result.rows[0]


def test_a_task_is_found_by_its_link_alone_and_never_written_again(rules: Compile) -> None:
    mapping = rules(TEXT).mapping("highlevel.crm_task")
    assert (mapping.source, mapping.target, mapping.match) == (
        "rules.crm_task",
        "highlevel.crm_task",
        ["link"],
    )
    assert set(mapping.fields) == {"id", "contact", "title", "dueDate"}
    assert {one.policy for one in mapping.fields.values()} == {Policy.NEVER}


def test_tags_are_added_and_what_else_a_rule_says_of_a_contact_it_goes_on_saying(rules: Compile) -> None:
    mapping = rules(TEXT).mapping("highlevel.contact")
    assert mapping.match == ["link"]
    policies = {name: one.policy for name, one in mapping.fields.items()}
    assert policies.pop("tags") is Policy.ADD
    assert set(policies) == {"id", "city", "dateOfBirth", "custom.a-b.c"}
    assert set(policies.values()) == {Policy.OVERWRITE}


def test_a_business_is_found_by_its_domain_and_name_too(rules: Compile) -> None:
    assert rules(TEXT).mapping("highlevel.business").match == ["link", "domain", "name"]


@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept as text"])
def test_what_a_rule_made_comes_through_the_mapping(
    rules: Compile, context: dict[str, Any], at: At, kept: bool
) -> None:
    found = rules(TEXT)
    made = {target: {"id": "r1", **row} for target, row in found.rules[0].rows(context, at)}
    if kept:  # as a reject is, until it is replayed
        made = json.loads(canonical_json(made))
    task = mapped(found, "highlevel.crm_task", made["highlevel.crm_task"] | {"contact": "c1"})
    assert task == {
        "id": "r1",
        "contact": "c1",
        "title": "Call Ann",
        "dueDate": dt.datetime(2026, 12, 23, 8, tzinfo=dt.UTC),
    }
    contact = mapped(found, "highlevel.contact", made["highlevel.contact"])
    assert contact == {
        "id": "r1",
        "tags": ["called"],
        "city": "Wien",
        "dateOfBirth": dt.date(1990, 12, 22),
        "custom.a-b.c": "x",
    }


def test_what_is_wrong_with_it_is_told_of_the_rules_file(rules: Compile) -> None:
    error = rules(TEXT).mapping("highlevel.note").error("wrong")
    assert isinstance(error, BadMappingError)
    assert error.file.endswith("example.yaml")


def test_rules_have_priority_over_bought_data_and_yield_to_persons() -> None:
    rules_made = [one for one in SOURCES.values() if one.system == "rules"]
    assert {one.name for one in rules_made} == {
        "rules.contact",
        "rules.business",
        "rules.crm_task",
        "rules.note",
    }
    assert {one.priority for one in rules_made} == {2}


def test_the_calendar_is_the_locations_unless_the_file_has_its_own(rules: Compile) -> None:
    now = dt.datetime(2026, 12, 24, 12, tzinfo=dt.UTC)
    plain = rules(TEXT)
    at = plain.at(now, lambda _name, _size: 0, country="US", zone="America/New_York")
    assert (str(at.zone), at.calendar.country) == ("America/New_York", "US")
    own = rules(f"calendar: {{country: AT, zone: Europe/Vienna, closed: ['2026-12-28']}}\n{TEXT}")
    at = own.at(now, lambda _name, _size: 0, country="US", zone="America/New_York")
    assert at.calendar.after(now, 1) == dt.date(2026, 12, 29)
    none = rules(f"calendar: {{country: ''}}\n{TEXT}")
    at = none.at(now, lambda _name, _size: 0, country="US", zone="America/New_York")
    assert at.calendar.after(now, 1) == dt.date(2026, 12, 25)


@pytest.mark.parametrize(("country", "zone"), [("XX", "Europe/Vienna"), ("AT", "Nowhere/City"), ("AT", "")])
def test_a_location_without_a_known_calendar_is_told_what_to_write(
    rules: Compile, country: str, zone: str
) -> None:
    with pytest.raises(BadMappingError, match=r"write `calendar: \{"):
        rules(TEXT).at(dt.datetime.now(dt.UTC), lambda _name, _size: 0, country=country, zone=zone)
