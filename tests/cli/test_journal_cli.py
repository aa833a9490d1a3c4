"""``lusha-connect journal``: the changes listed, and the history of one contact."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox

Command = Callable[..., Any]


@pytest.fixture
def edited(lusha_connect: Command, vendor: RunningSandbox) -> dict[str, Any]:
    """A contact that was loaded, edited by somebody in HighLevel, and read again."""
    lusha_connect("run", "sync_contacts")
    one: dict[str, Any]
    [one, *_] = [
        one for one in vendor.records("contacts") if "@" in one.get("email", "") and one.get("firstName")
    ]
    vendor.edit(kind="contacts", id=one["id"], set={"city": "Graz", "tags": ["vip", "fair"]})
    assert lusha_connect("run", "sync_contacts").code == 0
    return one


def test_the_list_tells_what_changed_and_whose_doing_it_was(
    lusha_connect: Command, edited: dict[str, Any]
) -> None:
    done = lusha_connect("journal", "list", "--kind", "updated", "--json")
    [entry] = json.loads(done.out)
    assert (entry["stream"], entry["record_id"], entry["whose"]) == ("hub.contact", edited["id"], "highlevel")
    assert entry["fields"]["city"] == {"old": edited.get("city"), "new": "Graz"}
    shown = lusha_connect("journal", "list", "--kind", "updated").out
    assert "→ Graz" in shown
    assert "HighLevel" in shown
    assert "1 change\n" in shown or "1 change " in shown


def test_the_history_of_a_contact_reads_as_a_story(
    lusha_connect: Command, edited: dict[str, Any], tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(f"email,city\n{edited['email']},Springfield\n", encoding="utf-8")
    options = ("-p", f"file={people}", "-p", "approve=false", "-p", "hand_edits=by age")
    assert lusha_connect("run", "import_contacts", *options).code == 0
    lines = lusha_connect("journal", "show", edited["email"]).out.splitlines()
    told = [line.split("UTC")[1].strip() for line in lines if "UTC" in line]
    assert told[0] == "contact loaded into the hub"
    assert told[1] == "contact updated in HighLevel"
    assert told[2].startswith("contact updated by plan ")
    assert "people.csv" in told[2]
    assert any("city: Graz → Springfield" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--stream", "contcts"), "contacts"),
        (("--kind", "update"), "updated"),
        (("--since", "soon"), "2026-11-01"),
    ],
)
def test_what_is_not_understood_is_refused(lusha_connect: Command, options: Any, told: str) -> None:
    done = lusha_connect("journal", "list", *options)
    assert done.code == 2
    assert told in done.err


def test_of_a_record_that_nobody_knows_it_says_so(lusha_connect: Command) -> None:
    lusha_connect("run", "sync_contacts")
    done = lusha_connect("journal", "show", "nobody")
    assert done.code == 2
    assert "journal list" in done.err
