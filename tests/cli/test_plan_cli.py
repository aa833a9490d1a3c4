"""Plans on the command line: found by a word, read field by field, applied once, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.core.change import Change, FieldChange, State
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.plan import preview
from tasks.plan.spec import PlanSpec
from tasks.streams import operation_of
from tests import operations

Command = Callable[..., Any]
Known = list[dict[str, Any]]


@pytest.fixture
def keep(hub: Hub, vendor: RunningSandbox) -> Callable[..., Plan]:
    """Keeps a plan in the hub as if an import had made it."""

    def kept(id_: str, *changes: Change, state: str = "ready", **more: Any) -> Plan:
        counts = {"read": len(changes)}
        for change in changes:
            name = operation_of(change).name
            counts[name] = counts.get(name, 0) + 1
        known = {"kind": "import", "about": "people.csv", "spec": {}, "counts": counts} | more
        plan = Plan(f"run-{id_}", "import_contacts", vendor.location_id, id=id_, state=state, **known)
        with hub.write() as connection:
            plans.insert(connection, plan)
            plans.add(connection, plan.id, 0, changes)
        return plan

    return kept


def update(record: str, state: State = State.PLANNED, error: str | None = None) -> Change:
    fields = [FieldChange("firstName", "Before", f"After {record}", "overwrite")]
    kept = [FieldChange("email", "a@b.example", "c@d.example", "fill_empty: there is a value")]
    change = operations.change(
        operations.UPDATE, record, f"contact{record}", f"Person {record}", fields, kept, "known link"
    )
    change.state, change.error = state, error
    return change


def ended(hub: Hub, plan: Plan, *changes: Change) -> None:
    with hub.write() as connection:
        plans.end(connection, changes)


def test_plans_are_listed_the_newest_first(lusha_connect: Command, keep: Callable[..., Plan]) -> None:
    assert lusha_connect("plans", "list").out == "No plans.\n"
    assert lusha_connect("plans", "list", "--json").json == []
    keep("aaaa00000001", update("1"), update("2"), state="applied")
    keep("bbbb00000002", kind="undo", about="undoing it", parent_id="aaaa00000001")
    listed = lusha_connect("plans", "list", "--json").json
    assert [plan["id"] for plan in listed] == ["bbbb00000002", "aaaa00000001"]
    assert listed[1]["counts"] == {"read": 2, "update": 2}
    assert listed[0]["parent_id"] == "aaaa00000001"
    assert len(lusha_connect("plans", "list", "--limit", "1", "--json").json) == 1
    shown = lusha_connect("plans", "list").out
    for word in ("aaaa00000001", "bbbb00000002", "undo", "people.csv", "applied", "updated 2", "of plan"):
        assert word in shown


@pytest.mark.parametrize("word", ["abcd11111111", "abcd1", "run-abcd11111111", "last"])
def test_a_plan_is_shown_by_any_word_for_it(
    lusha_connect: Command, keep: Callable[..., Plan], word: str
) -> None:
    keep("abcd00000000", update("1"))
    keep("abcd11111111", update("2"), update("3"))
    done = lusha_connect("plans", "show", word)
    assert done.code == 0, done.err
    assert "plan abcd11111111, people.csv: ready" in done.out
    assert "Person 2 firstName Before After 2 overwrite" in done.lines
    assert "known link email a@b.example ✗ c@d.example kept, fill_empty: there is a value" in done.lines
    assert "2 changes" in done.out
    assert "lusha-connect plans apply abcd11111111 " in done.out


def test_a_plan_for_programs_is_one_json_object(lusha_connect: Command, keep: Callable[..., Plan]) -> None:
    changes = [
        update("1"),
        update("2"),
        operations.change(operations.CONFLICT, "3", label="Third", why="two contacts"),
    ]
    keep("abcd11111111", *changes)
    plan = lusha_connect("plans", "show", "last", "--json").json
    assert plan["id"] == "abcd11111111"
    assert plan["applied"] == {"update planned": 2, "conflict planned": 1}
    assert plan["changes"] == list(map(preview.as_json, changes))
    assert "spec" not in plan
    limited = lusha_connect("plans", "show", "last", "--limit", "1", "--json").json
    assert [change["record_id"] for change in limited["changes"]] == ["1"]
    conflicts = lusha_connect("plans", "show", "last", "--kind", "conflict", "--json").json
    assert [change["record_id"] for change in conflicts["changes"]] == ["3"]


def test_changes_are_told_by_how_they_ended(
    lusha_connect: Command, hub: Hub, keep: Callable[..., Plan]
) -> None:
    done, failed, left = update("1"), update("2"), update("3")
    plan = keep("abcd11111111", done, failed, left, state="applied")
    done.state, failed.state, left.state = State.DONE, State.FAILED, State.LEFT
    failed.error, left.error = "HighLevel does not take it", "somebody deleted the contact"
    ended(hub, plan, done, failed, left)
    keep("bbbb22222222", update("4"), kind="follow-up", about="1 record", parent_id=plan.id)
    shown = lusha_connect("plans", "show", plan.id)
    assert "what planned done left alone failed" in shown.lines
    assert "contacts updated 3 1 1 1" in shown.lines
    for words in ("HighLevel does not take it", "somebody deleted the contact"):
        assert words in shown.out
    for step in (f"plans show {plan.id} --state failed", f"plans undo {plan.id}", "plans apply bbbb22222222"):
        assert f"lusha-connect {step} " in shown.out
    only = lusha_connect("plans", "show", plan.id, "--state", "failed").out
    assert "Person 2" in only
    assert "Person 1" not in only


def test_long_plans_are_cut_and_say_so(lusha_connect: Command, keep: Callable[..., Plan]) -> None:
    keep("abcd11111111", *(update(str(number)) for number in range(60)))
    assert "50 of 60 changes" in lusha_connect("plans", "show", "last").out
    assert "3 of 60 changes" in lusha_connect("plans", "show", "last", "--limit", "3").out


@pytest.mark.parametrize("command", ["show", "apply", "undo"])
def test_a_word_that_is_no_plan_or_several_is_refused(
    lusha_connect: Command, keep: Callable[..., Plan], vendor: RunningSandbox, command: str
) -> None:
    for word in ("last", "zz"):
        unknown = lusha_connect("plan", command, word)
        assert unknown.code == 2
        assert f"no plan {word!r}" in unknown.err
    keep("abcd00000000")
    keep("abcd11111111")
    several = lusha_connect("plan", command, "abcd")
    assert several.code == 2
    for words in (
        "Several plans match 'abcd'",
        "abcd00000000 (people.csv, ready",
        "abcd11111111 (people.csv",
    ):
        assert words in several.err
    assert vendor.requests()["total"] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "last", "--kind", "updates"), "Did you mean `update`"),
        (("show", "last", "--state", "fialed"), "Did you mean `failed`"),
        (("apply", "last", "--recheck", "never"), "by search"),
    ],
)
def test_a_wrong_word_is_refused_with_what_is_right(
    lusha_connect: Command, keep: Callable[..., Plan], words: tuple[str, ...], says: str
) -> None:
    keep("abcd00000000", update("1"))
    refused = lusha_connect("plan", *words)
    assert refused.code == 2
    assert says in refused.err


def test_there_is_nothing_to_apply_or_undo_twice(
    lusha_connect: Command, hub: Hub, keep: Callable[..., Plan], vendor: RunningSandbox
) -> None:
    change = update("1", State.DONE)
    ended(hub, keep("abcd00000000", change, state="applied"), change)
    applied = lusha_connect("plans", "apply", "last")
    assert (applied.code, applied.out) == (0, "Plan abcd00000000 was applied; nothing is open.\n")
    assert lusha_connect("plans", "apply", "last", "--json").json["applied"] == {"update done": 1}
    keep("bbbb11111111", update("1"))
    undone = lusha_connect("plans", "undo", "bbbb")
    assert (undone.code, undone.out) == (
        0,
        "Plan bbbb11111111 has written nothing that could be taken back.\n",
    )
    assert lusha_connect("plans", "undo", "bbbb", "--json").json["created"] == 0
    assert vendor.requests()["total"] == 0


def test_the_last_plan_is_taken_back_with_the_one_that_it_followed(
    lusha_connect: Command, hub: Hub, keep: Callable[..., Plan], known: Known, vendor: RunningSandbox
) -> None:
    changes = [update(one["id"], State.DONE) for one in known[:2]]
    for one, change in zip(known, changes, strict=False):
        change.target_id, change.fields = one["id"], [FieldChange("city", "Was", "Is", "overwrite")]
        vendor.edit(kind="contacts", id=one["id"], set={"city": "Is"})
    spec = PlanSpec(vendor.location_id, "file", "file", datetime.now(UTC), ("link",), (), {}).plain()
    ended(hub, keep("aaaa11111111", changes[0], state="applied", spec=spec), changes[0])
    followed = {"kind": "follow-up", "parent_id": "aaaa11111111", "state": "applied"}
    ended(hub, keep("bbbb22222222", changes[1], spec=spec, **followed), changes[1])
    shown = lusha_connect("plans", "undo", "last", "--dry-run")
    assert shown.code == 0, shown.err
    assert "undoing plan aaaa11111111 (people.csv), and what followed it: bbbb22222222" in " ".join(
        shown.lines
    )
    assert "contacts updated 2" in shown.lines


def test_a_plan_is_taken_back(
    lusha_connect: Command,
    people: Callable[..., str],
    known: Known,
    vendor: RunningSandbox,
    written: Callable[[], int],
) -> None:
    one = known[0]
    file = people(
        {"Email": one["email"], "Phone": one["phone"], "First Name": "Changed", "Notes": ""},
        {"Email": "made@import.example", "First Name": "Made", "Notes": "Called"},
    )
    imported = lusha_connect("run", "import_contacts", "-p", f"file={file}")
    assert imported.code == 0, imported.err
    before = written()
    shown = lusha_connect("plans", "undo", "last", "--delete-created", "--dry-run")
    assert shown.code == 0, shown.err
    assert written() == before
    assert f"firstName Changed {one['firstName']} as it was" in "\n".join(shown.lines)
    assert "contacts deleted 1" in shown.lines
    assert "notes deleted 1" in shown.lines
    inverse, plan = lusha_connect("plans", "list", "--json").json
    assert (inverse["kind"], inverse["parent_id"]) == ("undo", plan["id"])

    hint = lusha_connect("plans", "undo", "last").out
    assert f"lusha-connect plans apply {inverse['id']}" in hint
    undone = lusha_connect("plans", "undo", plan["id"], "--delete-created")
    assert undone.code == 0, undone.err
    assert "plans undo" not in undone.out
    contacts = vendor.records("contacts")
    assert next(c for c in contacts if c["id"] == one["id"])["firstName"] == one["firstName"]
    assert "made@import.example" not in {c.get("email") for c in contacts}


def test_what_failed_is_taken_up_again_when_it_is_asked_for(
    lusha_connect: Command, people: Callable[..., str], known: list[dict[str, Any]], vendor: RunningSandbox
) -> None:
    file = people({"id": "1", "email": known[0]["email"], "city": "Springfield", "updated_at": "2031-01-01"})
    refused = {"operation": "PUT /contacts/{contactId}", "fault": "422_before"}
    vendor.set_faults([refused])
    imported = lusha_connect("run", "import_contacts", "-p", f"file={file}")
    assert "--retry-failed" in imported.out
    vendor.set_faults([])
    assert "nothing is open" in lusha_connect("plans", "apply", "last").out
    again = lusha_connect("plans", "apply", "last", "--retry-failed", "--json")
    assert again.json["applied"]["update done"] == 1
    [now] = [one for one in vendor.records("contacts") if one["id"] == known[0]["id"]]
    assert now["city"] == "Springfield"


def test_no_json_tells_what_is_planned_and_what_was_done_under_words_that_are_alike(
    lusha_connect: Command, people: Callable[..., str]
) -> None:
    file = people({"Email": "made@import.example", "First Name": "Made"})
    told = [lusha_connect("run", "import_contacts", "-p", f"file={file}", "--json").json]
    told += lusha_connect("plans", "list", "--json").json
    told.append(lusha_connect("plans", "show", "last", "--json").json)
    told.append(lusha_connect("plans", "undo", "last", "--dry-run", "--json").json)
    for found in told:
        assert not any({"create", "created"} <= one.keys() for one in objects(found))


def objects(value: Any) -> list[dict[str, Any]]:
    """Every JSON object in a value, itself among them."""
    if isinstance(value, list):
        return [found for one in value for found in objects(one)]
    return [value, *objects(list(value.values()))] if isinstance(value, dict) else []
