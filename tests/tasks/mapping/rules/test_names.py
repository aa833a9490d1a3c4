"""Names in a file that the location must know: each with its kind and line."""

from __future__ import annotations

from collections.abc import Callable

from tasks.mapping.rules.compile import Rules

TEXT = """\
on: {stream: hub.contact}
rules:
  - key: a
    if:
      all:
        - contact.tags: {has_any: [vip, customer]}
        - contact.custom.plan: {is: gold}
    then:
      - highlevel.contact:
          tags: [called, "{contact.type}"]
          tagsRemoved: new
          assignedTo: {choose: [{if: {contact.custom.size: {at_least: 5}}, value: Sam}, {else: Kim}]}
          workflows: [Welcome]
          workflowsLeft: Trial
          business: Acme
          custom.stage: "{contact.custom.level}"
      - highlevel.crm_task:
          title: Call
          assignedTo: {first: [contact.assigned_to, {round_robin: [Lou, "{owner.name}"]}]}
      - notice: {channel: sales, text: Hello}
"""


def test_every_name_is_told_with_its_line(rules: Callable[[str], Rules]) -> None:
    found = rules(TEXT)
    lines = {(one.kind, one.name): found.error("not known", one.where, "").line for one in found.names()}
    assert lines == {
        ("tag", "vip"): 6,
        ("tag", "customer"): 6,
        ("custom field", "plan"): 7,
        ("tag", "called"): 10,
        ("tag", "new"): 11,
        ("custom field", "size"): 12,
        ("user", "Sam"): 12,
        ("user", "Kim"): 12,
        ("workflow", "Welcome"): 13,
        ("workflow", "Trial"): 14,
        ("business", "Acme"): 15,
        ("custom field", "stage"): 16,
        ("custom field", "level"): 16,
        ("user", "Lou"): 19,
        ("channel", "sales"): 20,
    }


def test_the_roots_are_those_that_are_read(rules: Callable[[str], Rules]) -> None:
    assert rules(TEXT).roots == {"contact", "owner"}
    text = """\
on: {stream: hub.contact}
rules:
  - key: a
    if: {'length(tasks[?completed == `false`])': {is: 0}, record.type: {is: lead}}
    then: [{highlevel.note: {body: "{business.name} {company.domain | default: notes[0].body} {now | date}"}}]
"""
    assert rules(text).roots == {"tasks", "record", "business", "company", "notes", "now"}
