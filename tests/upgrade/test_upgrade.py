"""A hub that the release before filled is upgraded, and everything goes on where it was."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import mappings
from tasks.hub import schema
from tests.upgrade.commands import Command, names, run

HERE = Path(__file__).parent
MAPPINGS = Path(mappings.__file__).parent
NEW_KEY = "YW5vdGhlci10ZXN0LWtleS1vZi11cGdyYWRlLXRlc3Q="


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


def test_a_backfill_that_was_stopped_begins_anew_where_the_upgrade_reads_contacts_otherwise(
    lusha_connect: Command, upgraded: Any
) -> None:
    everybody = len(upgraded.vendor.records("contacts"))
    again = run(lusha_connect, "run", "backfill_contacts", "-p", "batch_size=10")
    assert again["read"] == everybody
    assert run(lusha_connect, "run", "backfill_contacts")["unchanged"] == again["mapped"]


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
    text = (HERE / "people.yaml").read_text(encoding="utf-8")
    mended.write_text(text[: text.index("checks:")], encoding="utf-8")
    assert lusha_connect("rejects", "show", "8").code == 0
    [replayed] = run(lusha_connect, "rejects", "replay", "file.contact", "--mapping", str(mended))
    assert replayed["applied"] == {"create done": 1, "conflict planned": 1}
    assert "8" in {
        one["record_id"] for one in run(lusha_connect, "review", "list")
    }  # it has another's e-mail
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


def by_query(lusha_connect: Command, query: str) -> dict[str, Any]:
    words = ("-p", f"query={query}", "-p", f"mapping={HERE / 'hub.yaml'}")
    summary: dict[str, Any] = run(lusha_connect, "run", "import_contacts", *words)
    return summary


def outranked(lusha_connect: Command, upgraded: Any, *contacts: str) -> set[str]:
    """Those of the contacts whose city a person in HighLevel has given: a query of the hub leaves it."""
    people = [upgraded.contact(name) for name in contacts]
    values = ", ".join(f"('{one['id']}', '{one['email']}', 'Hubville')" for one in people)
    query = f"WITH people (id, email, city) AS (VALUES {values}) SELECT id, email, city FROM people"
    summary = by_query(lusha_connect, query)
    left = {name for name in contacts if upgraded.contact(name)["city"] != "Hubville"}
    assert summary["update"] == len(contacts) - len(left)
    return left


def test_only_edits_by_hand_outrank_what_weighs_less(lusha_connect: Command, upgraded: Any) -> None:
    """What the old program took for edits when its mirror's mapping was edited does not."""
    names_ = ("untouched", "edited", "edited_around", "chained", "edited_since")
    # The last one holds what a file said, which weighs more than a query.
    left = outranked(lusha_connect, upgraded, *names_)
    assert left == {"edited", "edited_around", "edited_since"}


def test_what_highlevel_spells_or_does_not_tell_is_nobodys_edit(
    lusha_connect: Command, upgraded: Any
) -> None:
    """The old program took a tag with a capital for refused, and a zone that it gave for an edit by hand."""
    told = "'q1' AS id, 'quentin@import.example' AS email"
    by_query(lusha_connect, f"SELECT {told}, 'Europe/Rome' AS zone, 'Client' AS tags")
    [quentin] = upgraded.called("firstName", "Quentin")
    assert quentin["timezone"] == "Europe/Rome"
    assert quentin["tags"] == ["client"]


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
    left = outranked(lusha_connect, upgraded, "untouched", "edited", "accepted", "chained")
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
