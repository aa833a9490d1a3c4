"""Plans that the release before left in every state are found out, carried out and taken back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.upgrade.commands import Command, changes, names, run

INTERRUPTED = ("creates", "updates", "notes", "tags", "deletes")


def test_what_was_under_way_is_found_out(lusha_connect: Command, upgraded: Any) -> None:
    """By any run that writes; what took effect is done, and the rest is planned."""
    there = upgraded.vendor.records
    ids = {
        "contacts": {one["id"] for one in there("contacts")},
        "notes": {one["id"] for one in there("notes")},
    }
    made = {one["firstName"]: one["id"] for one in there("contacts")}
    run(lusha_connect, "plan", "apply", upgraded.plan("ready"), "--dry-run")
    assert upgraded.writes() == 0
    ended = {name: changes(lusha_connect, upgraded.plan(name)) for name in INTERRUPTED}
    for name in INTERRUPTED:
        states = Counter(one["state"] for one in ended[name])
        assert set(states) <= {"done", "planned"}, name
        assert states["done"], name
        assert states["planned"], name
    for one in ended["creates"]:
        if one["kind"] == "create":
            assert (one["state"] == "done") == (one["label"].split()[0] in made)
            assert one["state"] != "done" or one["result"]["id"] == made[one["label"].split()[0]]
    for one in ended["notes"]:
        if one["kind"] == "create_note" and one["state"] == "done":
            assert one["result"]["id"] in ids["notes"]
    for one in ended["deletes"]:
        assert (one["state"] == "done") == (one["target_id"] not in ids["contacts"])


def once(upgraded: Any) -> None:
    """Everybody, every note and every task of the interrupted plans is there, and nothing twice."""
    everybody, notes = upgraded.vendor.records("contacts"), upgraded.vendor.records("notes")
    firsts, bodies = names(everybody, "firstName"), names(notes, "body")
    made, changed = [f"Made{n}" for n in range(7)], [f"Changed{n}" for n in range(5)]
    for word in ("Vera", "Viktor", "Noted", *made, *changed):
        assert firsts[word] == 1, word
    for n in range(5):
        [contact] = upgraded.called("firstName", f"Changed{n}")
        assert contact["city"] == "Newtown"
        assert contact.get("companyName") == ("Halfway" if n in (0, 3) else None)
    for body in ("First of all", "Second of all", *(f"Note {n}" for n in range(5))):
        assert bodies[body] == 1, body
    assert names(upgraded.vendor.records("tasks"), "title") == {"Ring back": 2 + 1 + 2}
    tags = Counter(tag for one in everybody for tag in one.get("tags", ()))
    assert (tags["made"], tags["spring"], tags["autumn"]) == (4, 2, 2)


def test_interrupted_plans_are_carried_out_once(lusha_connect: Command, upgraded: Any) -> None:
    for name in INTERRUPTED:
        applied = run(lusha_connect, "plan", "apply", upgraded.plan(name))["applied"]
        assert {word.split()[1] for word in applied} == {"done"}, (name, applied)
        assert "nothing is open" in lusha_connect("plan", "apply", upgraded.plan(name)).out
    once(upgraded)
    emails = names(upgraded.vendor.records("contacts"), "email")
    assert not [email for email in upgraded.emails("made") if emails[email]]
    written = upgraded.writes()
    again = upgraded.again("first", "chain", "creates", "updates", "notes", "tags")
    summary = run(lusha_connect, "run", "import_contacts", *again)
    assert (summary["read"], summary["rejected"], summary["bill"]["writes"]) == (30, 2, 0)
    assert upgraded.writes() == written


def test_the_same_records_are_imported_beside_the_interrupted_plans(
    lusha_connect: Command, upgraded: Any
) -> None:
    names_ = ("creates", "updates", "notes", "tags")
    run(lusha_connect, "run", "import_contacts", *upgraded.again(*names_))
    once(upgraded)
    everybody = upgraded.vendor.records("contacts")
    for name in names_:
        assert run(lusha_connect, "plan", "apply", upgraded.plan(name))["created"] == 0, name
    assert upgraded.vendor.records("contacts") == everybody
    once(upgraded)


def test_plans_of_both_programs_are_taken_back(lusha_connect: Command, upgraded: Any) -> None:
    """Begun by the old program, carried out to the end and undone by this one."""
    plans = [upgraded.plan(name) for name in ("creates", "updates", "notes", "tags")]
    for plan in plans:
        run(lusha_connect, "plan", "apply", plan)
    told = [one for plan in plans for one in changes(lusha_connect, plan)]
    for plan in reversed(plans):
        run(lusha_connect, "plan", "undo", plan, "--delete-created")
    there = {one["id"]: one for one in upgraded.vendor.records("contacts")}
    for one in told:
        if one["kind"] == "create":
            assert one["target_id"] not in there
        for field in one["fields"] if one["kind"] == "update" else ():
            assert there[one["target_id"]].get(field["field"]) == field["old"], field
    assert {"made", "spring", "autumn"}.isdisjoint(
        tag for one in there.values() for tag in one.get("tags", ())
    )
    assert names(upgraded.vendor.records("notes"), "body").keys() == {
        "Met at the fair",
        "Called",
        "Left a card",
    }
    assert names(upgraded.vendor.records("tasks"), "title") == {"Ring back": 2}


def test_an_old_plan_that_is_ready_is_applied(lusha_connect: Command, upgraded: Any) -> None:
    """What somebody changed since it was made is planned anew, by what the plan keeps."""
    [prepared] = [one for one in upgraded.story["files"]["ready"]["records"] if one["id"] == "r2"]
    [contact] = upgraded.called("email", prepared["email"])
    upgraded.vendor.edit(kind="contacts", id=contact["id"], set={"firstName": "By hand"})
    applied = run(lusha_connect, "plan", "apply", upgraded.plan("ready"))
    assert applied["applied"]["update stale"] == 1
    assert len(applied["follow_ups"]) == 1
    assert upgraded.contact(contact["id"])["firstName"] == "By hand"
    assert upgraded.contact(contact["id"])["tags"] == ["ready"]
    assert len(upgraded.called("email", "ready@import.example")) == 1
    assert names(upgraded.vendor.records("notes"), "body")["Waits"] == 1


def test_what_an_old_plan_was_followed_by_is_not_planned_again(lusha_connect: Command, upgraded: Any) -> None:
    for name in ("chain", "first", "undone"):
        applied = lusha_connect("plan", "apply", upgraded.plan(name))
        assert applied.code == 0
        assert "nothing is open" in applied.out
    assert upgraded.writes() == 0


def test_an_old_plan_is_taken_back(lusha_connect: Command, upgraded: Any) -> None:
    """What its changes found before is there again; what a person has edited since stays."""
    plan = upgraded.plan("first")
    told = changes(lusha_connect, plan)
    made = {one["result"]["id"] for one in told if one["kind"] == "create"}
    edited = upgraded.story["contacts"]["edited_since"]
    run(lusha_connect, "plan", "undo", plan, "--delete-created")
    there = {one["id"]: one for one in upgraded.vendor.records("contacts")}
    assert [one["error"] for one in changes(lusha_connect, "last", "delete") if one["error"]] == []
    assert not made & there.keys()
    for one in told:
        contact = there.get(one["target_id"])
        if contact is None or one["kind"] not in ("update", "tag_add", "link_business"):
            continue
        for field in one["fields"]:
            if field["field"] == "business":
                assert contact.get("businessId") is None
            elif field["field"] == "tags":
                assert not set(contact.get("tags", ())) & {"fair", "vip"}
            elif not field["field"].startswith("custom."):  # HighLevel takes no empty one
                now = "Edited" if (contact["id"], field["field"]) == (edited, "firstName") else field["old"]
                assert contact.get(field["field"]) == now, field
    assert {"Met at the fair", "Called", "Left a card"}.isdisjoint(
        names(upgraded.vendor.records("notes"), "body")
    )
    assert upgraded.vendor.records("tasks") == []
    [left] = [
        one
        for one in changes(lusha_connect, "last")
        if one["target_id"] == edited and one["kind"] == "update"
    ]
    assert "firstName" in str(left)
    run(lusha_connect, "plan", "undo", upgraded.plan("query"), "--delete-created")
    assert upgraded.called("firstName", "Quentin") == []


def test_what_an_old_plan_made_is_left_where_somebody_has_worked_on_it(
    lusha_connect: Command, upgraded: Any
) -> None:
    """By what the plan did not hold, too: it did not keep what the contact was like."""
    made = {
        one["label"].split()[0]: one["target_id"]
        for one in changes(lusha_connect, upgraded.plan("first"))
        if one["kind"] == "create"
    }
    edits = {"Nora": {"website": "https://by.hand.example"}, "Nils": {"tags": ["by hand"]}}
    for name, edit in edits.items():
        upgraded.vendor.edit(kind="contacts", id=made[name], set=edit)
    run(lusha_connect, "plan", "undo", upgraded.plan("first"), "--delete-created")
    there = {one["id"] for one in upgraded.vendor.records("contacts")}
    assert made["Nora"] in there
    assert made["Nils"] in there
    assert made["Nobody"] not in there
    left = {
        one["target_id"]: one["error"] for one in changes(lusha_connect, "last") if one["state"] == "left"
    }
    assert "website" in left[made["Nora"]]
    assert "tags" in left[made["Nils"]]


def test_an_old_plan_is_taken_back_with_what_followed_it(lusha_connect: Command, upgraded: Any) -> None:
    run(lusha_connect, "plan", "undo", upgraded.plan("follow-up"))
    assert upgraded.contact("overtaken")["city"] == "Springfield"
    assert upgraded.contact("overtaken")["firstName"] == "Overtaken"
    [told] = [one for one in changes(lusha_connect, upgraded.plan("chain")) if one["state"] == "done"]
    [was] = [field["old"] for field in told["fields"] if field["field"] == "firstName"]
    assert upgraded.contact("chained")["firstName"] == was


def test_what_was_undone_is_not_undone_again(lusha_connect: Command, upgraded: Any) -> None:
    run(lusha_connect, "plan", "undo", upgraded.plan("undone"), "--delete-created")
    assert upgraded.writes() == 0
    for email in upgraded.emails("undone"):
        assert upgraded.called("email", email) == [
            one for one in upgraded.records["contacts"] if one.get("email") == email
        ]
