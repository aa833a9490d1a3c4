"""A hub that the release before filled is upgraded, and everything goes on where it was."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mappings
from tasks.hub import schema

Command = Callable[..., Any]
MAPPINGS = Path(mappings.__file__).parent
INTERRUPTED = ("creates", "updates", "notes", "tags", "deletes")
NEW_KEY = "YW5vdGhlci10ZXN0LWtleS1vZi11cGdyYWRlLXRlc3Q="


def changes(lusha_connect: Command, plan: str, *kinds: str) -> list[dict[str, Any]]:
    words = [word for kind in kinds for word in ("--kind", kind)]
    found: list[dict[str, Any]] = lusha_connect("plan", "show", plan, *words, "--json").json["changes"]
    return found


def run(lusha_connect: Command, *words: str) -> Any:
    done = lusha_connect(*words, "--json")
    assert done.code == 0, done.err
    return done.json


def names(records: list[dict[str, Any]], field: str) -> Counter[str]:
    return Counter(str(one.get(field)) for one in records)


def test_an_old_hub_is_refused_until_it_is_upgraded(lusha_connect: Command, kept: Any) -> None:
    for words in (
        ("plan", "list"),
        ("review", "list"),
        ("hub", "export", "contacts"),
        ("run", "sync_contacts"),
    ):
        refused = lusha_connect(*words)
        assert refused.code == 2
        assert "lusha-connect hub upgrade" in refused.err
    assert kept.vendor.requests()["total"] == 0
    first, second = lusha_connect("hub", "upgrade"), lusha_connect("hub", "upgrade")
    assert "upgraded from 0003 to schema" in first.out
    assert "is up to date" in second.out
    assert lusha_connect("plan", "list").code == 0


def test_an_older_program_refuses_the_upgraded_hub(
    lusha_connect: Command, upgraded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "migrations"
    known = shutil.ignore_patterns("__pycache__", *(f"{number:04}_*" for number in range(4, 100)))
    shutil.copytree(schema.MIGRATIONS, older, ignore=known)
    monkeypatch.setattr(schema, "MIGRATIONS", older)
    for words in (("hub", "upgrade"), ("plan", "list"), ("run", "sync_contacts")):
        refused = lusha_connect(*words)
        assert refused.code == 2
        assert "newer lusha-connect" in refused.err
    assert upgraded.vendor.requests()["total"] == 0


def test_nothing_is_lost(lusha_connect: Command, upgraded: Any) -> None:
    before = {name: len(table["rows"]) for name, table in upgraded.tables.items()}
    after = upgraded.counts()
    invented = before.pop("provenance") - after.pop("provenance")
    assert after == before
    assert invented > 20

    listed = run(lusha_connect, "plan", "list")
    held = {row["id"]: row for row in upgraded.rows("plans")}
    assert {one["id"]: one["state"] for one in listed} == {id_: row["state"] for id_, row in held.items()}
    told = Counter(row["plan_id"] for row in upgraded.rows("changes"))
    for plan in listed:
        shown = run(lusha_connect, "plan", "show", plan["id"])
        assert len(shown["changes"]) == told[plan["id"]] == sum(shown["applied"].values())
        assert lusha_connect("plan", "show", plan["id"]).code == 0

    contacts = [json.loads(line) for line in lusha_connect("hub", "export", "contacts").out.splitlines()]
    there = [row for row in upgraded.rows("contacts") if row["deleted_at"] is None]
    assert names(contacts, "id") == names(there, "id")
    assert names(contacts, "email") == names(there, "email")
    [waiting] = run(lusha_connect, "review", "list")
    assert (waiting["record_id"], waiting["label"]) == ("u0", "Unclear0")
    rejects = run(lusha_connect, "rejects", "list")
    assert {"8", "9"} < {one["id"] for one in rejects}
    assert len(rejects) == before["rejects"]


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
    assert {"made", "spring", "autumn"}.isdisjoint(*(one.get("tags", ()) for one in there.values()))
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
    assert lusha_connect("plan", "undo", plan).code == 0


def test_what_an_old_plan_made_is_left_where_somebody_has_worked_on_it(
    lusha_connect: Command, upgraded: Any
) -> None:
    """By what the plan did not hold, too: it did not keep what the contact was like."""
    made = {
        one["label"].split()[0]: one["target_id"] for one in changes(lusha_connect, upgraded.plan("first"))
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


def test_a_backfill_goes_on_where_it_was_stopped(lusha_connect: Command, upgraded: Any) -> None:
    everybody = len(upgraded.vendor.records("contacts"))
    rest = run(lusha_connect, "run", "backfill_contacts", "-p", "batch_size=10")
    assert rest["read"] == everybody - 20
    assert run(lusha_connect, "run", "backfill_contacts", "-p", "restart=true")["read"] == everybody


def test_credentials_are_decrypted_and_encrypted_anew(
    lusha_connect: Command, upgraded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN")
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_CREDENTIAL", "main")
    assert [one["name"] for one in run(lusha_connect, "credentials", "list")] == ["app", "main"]
    assert run(lusha_connect, "credentials", "test", "main")["works"]
    assert run(lusha_connect, "run", "sync_contacts")["rejected"] >= 0
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", f"{NEW_KEY},{upgraded.story['key']}")
    assert run(lusha_connect, "credentials", "rotate-key")["encrypted"] == 2
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", NEW_KEY)
    assert run(lusha_connect, "credentials", "test", "main")["works"]


def test_old_rejects_are_tried_again_by_the_mended_mapping(
    lusha_connect: Command, upgraded: Any, tmp_path: Path
) -> None:
    mended = tmp_path / "people.yaml"
    text = (Path(__file__).parent / "people.yaml").read_text(encoding="utf-8")
    mended.write_text(text[: text.index("checks:")], encoding="utf-8")
    assert lusha_connect("rejects", "show", "8").code == 0
    [replayed] = run(lusha_connect, "rejects", "replay", "file.contact", "--mapping", str(mended))
    assert replayed["applied"] == {"create done": 1, "update done": 1}
    assert names(upgraded.vendor.records("contacts"), "firstName")["Rita"] == 1
    assert names(upgraded.vendor.records("contacts"), "firstName")["Rolf"] == 1
    assert lusha_connect("rejects", "replay", "file.contact", "--mapping", str(mended)).out == "No rejects.\n"
    vendors = run(lusha_connect, "rejects", "replay", "highlevel.contact")[0]
    assert vendors["read"] == vendors["rejected"] > 0


def test_what_a_person_decided_is_followed(lusha_connect: Command, upgraded: Any) -> None:
    [waiting] = run(lusha_connect, "review", "list")
    chosen = waiting["candidates"][1]["id"]
    assert lusha_connect("review", "accept", waiting["id"], chosen).code == 0
    imported = run(lusha_connect, "run", "import_contacts", *upgraded.again("unclear"))
    assert imported["applied"] == {"update done": 2, "create done": 1}
    assert upgraded.contact(chosen)["firstName"] == "Unclear0"
    assert upgraded.contact("accepted")["firstName"] == "Unclear1"
    assert [one["id"] for one in upgraded.called("firstName", "Unclear2")] != []
    assert run(lusha_connect, "review", "list") == []


MAPPING_OF_THE_HUB = """
source: hub.contact
target: highlevel.contact
match: [link, email]
fields:
  id: {from: id}
  email: {from: email, policy: never}
  city: {from: city, policy: overwrite}
"""


def outranked(lusha_connect: Command, upgraded: Any, folder: Path, *contacts: str) -> set[str]:
    """Those of the contacts whose city a person in HighLevel has given: a query of the hub leaves it."""
    mapping = folder / "of_the_hub.yaml"
    mapping.write_text(MAPPING_OF_THE_HUB, encoding="utf-8")
    people = [upgraded.contact(name) for name in contacts]
    values = ", ".join(f"('{one['id']}', '{one['email']}', 'Hubville')" for one in people)
    query = f"WITH people (id, email, city) AS (VALUES {values}) SELECT id, email, city FROM people"
    summary = run(lusha_connect, "run", "import_contacts", "-p", f"query={query}", "-p", f"mapping={mapping}")
    left = {name for name in contacts if upgraded.contact(name)["city"] != "Hubville"}
    assert summary["update"] == len(contacts) - len(left)
    return left


def test_only_edits_by_hand_outrank_what_weighs_less(
    lusha_connect: Command, upgraded: Any, tmp_path: Path
) -> None:
    """What the old program took for edits when its mirror's mapping was edited does not."""
    names_ = ("untouched", "edited", "edited_around", "chained", "edited_since")
    # The last one holds what a file said, which weighs more than a query.
    left = outranked(lusha_connect, upgraded, tmp_path, *names_)
    assert left == {"edited", "edited_around", "edited_since"}


def test_an_edit_of_the_mirrors_mapping_after_the_upgrade_is_nobodys(
    lusha_connect: Command, upgraded: Any, tmp_path: Path
) -> None:
    """The hub does not know by which mapping its old rows were made."""
    shipped = (MAPPINGS / "highlevel_contact.yaml").read_text(encoding="utf-8")
    edited = tmp_path / "highlevel_contact.yaml"
    edited.write_text(
        shipped.replace("{from: city, clean: text}", "{from: city, clean: upper}"), encoding="utf-8"
    )
    upgraded.vendor.edit(kind="contacts", id=upgraded.contact("chained")["id"], set={"city": "Late"})
    assert run(lusha_connect, "run", "sync_contacts", "-p", f"mapping={edited}")["updated"] > 20
    left = outranked(lusha_connect, upgraded, tmp_path, "untouched", "edited", "accepted", "chained")
    assert left == {"edited", "chained"}


def test_syncs_go_on(lusha_connect: Command, upgraded: Any) -> None:
    """The mirror is what HighLevel holds, and its mapping is the one that it had."""
    run(lusha_connect, "run", "sync_contacts", "-p", "full_pass=now")
    contacts = [json.loads(line) for line in lusha_connect("hub", "export", "contacts").out.splitlines()]
    rejected = {one["id"] for one in run(lusha_connect, "rejects", "list")}
    assert {one["id"] for one in contacts} == {
        one["id"] for one in upgraded.vendor.records("contacts") if one["id"] not in rejected
    }
    again = run(lusha_connect, "run", "sync_contacts", "-p", "full_pass=now")
    assert (again["created"], again["updated"], again["deleted"]) == (0, 0, 0)
