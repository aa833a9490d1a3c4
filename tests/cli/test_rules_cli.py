"""Rules on the command line: checked with all their mistakes at once, and tried without writing anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox

Command = Callable[..., Any]
GOOD = """\
on: {stream: hub.contact, when: [created, updated]}
rules:
  - key: call
    if: {contact.first_name: {is: Ada}}
    then:
      - highlevel.crm_task: {title: "Call {contact.first_name}", dueDate: {in: 1 day}}
  - key: size
    if: {contact.company_name: {more_than: 3}}
    then: [{highlevel.contact: {tags: [large]}}]
"""
BAD = """\
on: {stream: hub.contact, when: [created]}
rules:
  - key: call
    if: {contact.frist_name: {is: Ada}}
    then:
      - highlevel.crm_task: {titel: Call}
  - key: other
    if: {contact.city: {iss: Vienna}}
    then: [{highlevel.contact: {tags: [large]}}]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Callable[..., str]:
    """Writes a rules file; its path."""

    def write(text: str = GOOD, name: str = "mine") -> str:
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def good(rules: Callable[..., str], vendor: RunningSandbox) -> str:
    """A rules file whose names the location knows."""
    return rules(GOOD.replace("large", vendor.records("tags")[0]["name"]))


def test_a_good_file_is_told_with_what_it_reads_and_writes(
    command_line: Command, rules: Callable[..., str]
) -> None:
    done = command_line("rules", "validate", rules(), "--offline")
    assert done.code == 0
    assert "2 rules, hub.contact → highlevel.crm_task, highlevel.contact" in done.out
    assert "Names in HighLevel: not asked for" in done.out
    assert "Names in HighLevel: not checked:" in command_line("rules", "validate", rules()).out  # no settings


def test_all_mistakes_are_told_with_line_and_nearest_word(
    command_line: Command, rules: Callable[..., str]
) -> None:
    done = command_line("rules", "validate", rules(BAD, "bad"), rules(), "--offline")
    assert done.code == 2
    assert "bad.yaml: 4 mistakes" in done.out
    for told in (
        "bad.yaml:4:",
        "first_name",
        "bad.yaml:6:",
        "needs `title`",
        "did you mean `title`",
        "bad.yaml:8:",
        "`is`",
    ):
        assert told in done.out, told
    assert "mine.yaml: 2 rules" in done.out
    [told] = command_line("rules", "validate", rules(BAD, "bad"), "--json").json
    assert ([one["line"] for one in told["findings"]], told["ok"]) == ([4, 6, 6, 8], False)


def test_names_that_highlevel_does_not_know_are_told_where_it_can_be_asked(
    lusha_connect: Command, rules: Callable[..., str], good: str
) -> None:
    assert "Names in HighLevel: checked" in lusha_connect("rules", "validate", good).out
    unknown = rules(GOOD.replace("large", "newsleter"), "unknown")
    done = lusha_connect("rules", "validate", unknown)
    assert (done.code, "unknown.yaml:9: the location has no tag `newsleter`" in done.out) == (2, True)
    assert "newsletter" in done.out.replace("newsleter`", "")
    assert lusha_connect("rules", "validate", unknown, "--offline").code == 0
    assert lusha_connect("rules", "preview", unknown).code == 2


def test_what_is_no_rules_file_is_said_to_be_none(command_line: Command) -> None:
    missing = command_line("rules", "validate", "nowhere")
    assert (missing.code, "there is no such file" in missing.out) == (2, True)
    untried = command_line("rules", "preview", "nowhere")
    assert (untried.code, "there is no rules file `nowhere`" in untried.err) == (2, True)
    mapping = command_line("rules", "validate", "file_to_contact")
    assert (mapping.code, "1 mistake" in mapping.out, "mappings validate" in mapping.out) == (2, True, True)
    preview = command_line("rules", "preview", "nowhere")
    assert (preview.code, preview.out, "nowhere" in preview.err) == (2, "", True)


def test_the_shipped_rules_are_good(command_line: Command) -> None:
    assert command_line("rules", "validate", "--offline").code == 0


def test_an_empty_hub_is_told_with_what_fills_it(lusha_connect: Command, good: str) -> None:
    done = lusha_connect("rules", "preview", good)
    assert done.code == 0
    assert "The hub has no record of hub.contact: backfill_contacts" in done.out


def test_a_preview_tells_what_each_rule_would_do_with_real_records_and_why(
    lusha_connect: Command, good: str, vendor: RunningSandbox
) -> None:
    lusha_connect("run", "backfill_contacts", "--json")
    vendor.edit(kind="contacts", create={"firstName": "Ada", "email": "1@rules.example", "companyName": "9"})
    lusha_connect("run", "create_first_tasks", "-p", f"rules={good}", "--json")
    vendor.edit(kind="contacts", create={"firstName": "Ada", "lastName": "New", "email": "2@rules.example"})
    vendor.edit(kind="contacts", create={"firstName": "Eve", "email": "3@rules.example", "companyName": "2"})
    lusha_connect("run", "sync_contacts", "--json")
    before = len(vendor.records("tasks"))
    done = lusha_connect("rules", "preview", good, "--sample", "3")
    assert done.code == 0
    for told in (
        "Ada New (hub.contact ",
        "call fires: contact.first_name is `Ada`",
        "title: 'Call Ada'",
        "call does not: contact.first_name is `Eve`, not `Ada`",
        "call did before: on 20",
        "size cannot judge: `contact.company_name` has no value",
        "3 records tried.",
        "call fires for 1, does not for 1, did before for 1",
        "size does not for 1, did before for 1, cannot judge for 1",
        "Nothing was written.",
    ):
        assert told in done.out, told
    assert len(vendor.records("tasks")) == before
    found = lusha_connect("rules", "preview", good, "--sample", "3", "--json").json
    assert sorted(one["would"] for one in found if one["rule"] == "call") == [
        "did before",
        "does not",
        "fires",
    ]
    [fires] = [one for one in found if one["would"] == "fires"]
    assert (fires["line"], fires["rows"][0]["stream"]) == (3, "highlevel.crm_task")


def test_rejects_of_rules_say_which_run_judges_them_again(
    lusha_connect: Command, good: str, vendor: RunningSandbox
) -> None:
    lusha_connect("run", "backfill_contacts", "--json")
    ada = vendor.edit(kind="contacts", create={"firstName": "Eve", "email": "1@rules.example"})["record"][
        "id"
    ]
    lusha_connect("run", "create_first_tasks", "-p", f"rules={good}", "--json")
    again = f"""run create_first_tasks --param rules=mine --param 'ids=["{ada}"]'"""
    listed = lusha_connect("rejects", "list", "--stream", "rules.contact")
    assert "1 of 1 reject" in listed.out
    assert "What rules could not judge: lusha-connect rejects replay STREAM says how" in listed.lines
    shown = lusha_connect("rejects", "show", f"mine.size · {ada}")
    assert (shown.code, again in shown.out) == (0, True)
    replayed = lusha_connect("rejects", "replay", "rules.contact")
    assert (replayed.code, again in replayed.err) == (2, True), replayed.err
    everything = lusha_connect("rejects", "replay")  # the others are replayed all the same
    assert (everything.code, again in everything.err) == (0, True)
    assert "replay_rejects highlevel.contact: done" in everything.out
    assert lusha_connect("rejects", "replay", "--json").code == 0
