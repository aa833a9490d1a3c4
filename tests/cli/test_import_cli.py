"""An import from the command line: shown, applied, stopped and gone on with; its rejects tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.core.batch import Reason, Reject, canonical_json
from tasks.hub import rejects
from tasks.hub.engine import Hub

Command = Callable[..., Any]
Known = list[dict[str, Any]]
MAPPING = Path(__file__).parents[2] / "mappings" / "file_to_contact.yaml"


def of(vendor: RunningSandbox, contact_id: str) -> dict[str, Any]:
    return next(one for one in vendor.records("contacts") if one["id"] == contact_id)


def test_a_dry_run_shows_every_field_and_writes_nothing_and_its_plan_is_applied(
    lusha_connect: Command,
    people: Callable[..., str],
    known: Known,
    vendor: RunningSandbox,
    written: Callable[[], int],
) -> None:
    one = known[0]
    name = f"{one['firstName']} Jo"
    file = people(
        {"ID": "1", "Email": "new@import.example", "First Name": "Newcomer", "Tags": "fair"},
        {
            "ID": "2",
            "Email": one["email"],
            "First Name": name,
            "Last Name": one["lastName"],
            "Tags": "fair",
            "Phone": "+12125550177",
        },
        {"ID": "3", "Email": "no address"},
    )
    shown = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--dry-run")
    assert shown.code == 0, shown.err
    assert written() == 0
    told = "\n".join(shown.lines)
    for change in (
        "tags - fair",
        f"firstName {one['firstName']} {name} newest: ",
        f"phone {one['phone']} ✗ +12125550177 kept, fill_empty: ",
        "\nnew contacts 1\n",
        "\ncontacts updated 1\n",
        "\nrejected 1\n",
    ):
        assert change in told
    assert "nothing was written to HighLevel" in shown.out
    assert "requests, 3 of them writing" in shown.out

    plan = lusha_connect("plans", "list", "--json").json[0]
    for step in (f"plans show {plan['id']}", f"plans apply {plan['id']}", "rejects list"):
        assert f"lusha-connect {step} " in shown.out
    assert "plans undo" not in shown.out

    applied = lusha_connect("plans", "apply", plan["id"][:8])
    assert applied.code == 0, applied.err
    assert of(vendor, one["id"])["firstName"] == name
    assert "what planned done" in applied.lines
    assert f"lusha-connect plans undo {plan['id']} " in applied.out


def test_what_is_left_out_is_told_by_field_and_reason(
    lusha_connect: Command, people: Callable[..., str], vendor: RunningSandbox
) -> None:
    odd = [{"Email": f"n{at}@import.example", "First Name": "N", "Birthday": "02/28"} for at in range(5)]
    file = people(*odd, {"Email": "x@import.example, y@import.example", "First Name": "X", "Birthday": ""})
    shown = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--dry-run")
    assert shown.code == 0, shown.err
    told = "\n".join(shown.lines)
    for line in (
        "values left out",
        "dateOfBirth │ has no year │ 5 │ '02/28'",
        "email │ is a further e-mail address │ 1 │ 'y@import.example'",
        "Most of `dateOfBirth` was left out: 5 of 5 values.",
    ):
        assert line in told
    done = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--json").json
    assert (done["read"], done["mapped"], done["rejected"], done["created"]) == (6, 6, 0, 6)
    assert done["dropped"] == [
        {"field": "dateOfBirth", "problem": "has no year", "values": 5, "examples": ["'02/28'"]},
        {
            "field": "email",
            "problem": "is a further e-mail address",
            "values": 1,
            "examples": ["'y@import.example'"],
        },
    ]
    assert vendor.requests()["total"] > 0


def test_an_import_ends_with_one_json_object(lusha_connect: Command, people: Callable[..., str]) -> None:
    file = people({"Email": "one@import.example"})
    done = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--json")
    assert done.code == 0, done.err
    summary = done.json
    assert (summary["read"], summary["created"], summary["planned"]["create"]) == (1, 1, 1)
    assert summary["applied"] == {"create done": 1}
    assert summary["bill"]["writes"] == 1
    assert summary["follow_ups"] == []
    assert lusha_connect("plans", "show", summary["plan"], "--json").json["state"] == "applied"


def test_an_import_that_stops_tells_how_to_go_on(
    lusha_connect: Command, people: Callable[..., str], known: Known, vendor: RunningSandbox
) -> None:
    file = people({"Email": known[0]["email"], "Phone": known[0]["phone"], "First Name": "Late"})
    vendor.set_faults([{"operation": "PUT /contacts/{contactId}", "fault": "500"}])
    stopped = lusha_connect("run", "import_contacts", "-p", f"file={file}")
    assert stopped.code == 1
    assert "error: " in stopped.err
    plan = lusha_connect("plans", "list", "--json").json[0]
    assert plan["state"] == "stopped"
    assert f"lusha-connect plans apply {plan['id']} " in stopped.out
    vendor.set_faults([])
    gone_on = lusha_connect("plans", "apply", "last", "--json").json
    assert (gone_on["plan"], gone_on["applied"]) == (plan["id"], {"update done": 1})
    assert of(vendor, known[0]["id"])["firstName"] == "Late"


def test_what_a_file_says_is_shown_as_text(lusha_connect: Command, people: Callable[..., str]) -> None:
    file = people(
        {
            "ID": "1",
            "Email": "odd@import.example",
            "First Name": "[red]Odd[/bold]",
            "Last Name": "\x1b[2JGone",
            "Notes": "two\nlines",
        },
        {"ID": "[/blue]", "Email": "no [/green] address"},
    )
    shown = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--dry-run")
    assert shown.code == 0, shown.err
    assert "[red]Odd[/bold]" in shown.out
    assert "two lines" in shown.out
    assert "\x1b" not in shown.out
    for words in (("list",), ("show", "[/blue]")):
        rejects = lusha_connect("rejects", *words)
        assert rejects.code == 0, rejects.err
        assert "[/blue]" in rejects.out
        assert "no [/green] address" in rejects.out


def test_a_dry_run_is_refused_where_there_is_none(lusha_connect: Command, vendor: RunningSandbox) -> None:
    refused = lusha_connect("run", "sync_contacts", "--dry-run")
    assert refused.code == 2
    assert "sync_contacts has no dry run" in refused.err
    twice = lusha_connect("run", "import_contacts", "-p", "dry_run=false", "--dry-run")
    assert twice.code == 2
    assert "both given" in twice.err
    assert vendor.requests()["total"] == 0


def test_rejects_are_tried_again_by_the_mended_mapping(
    lusha_connect: Command, people: Callable[..., str], tmp_path: Path, vendor: RunningSandbox
) -> None:
    mapping = tmp_path / "mine.yaml"
    mended = MAPPING.read_text().replace("stop_when: {rejected_share: 0.5}\n", "")
    strict = "{expect: expect_column_values_to_match_regex, column: firstName, regex: '^[A-Z]'}"
    mapping.write_text(f"{mended}checks:\n  - {strict}\n")
    file = people(
        {"ID": "1", "Email": "one@import.example", "First Name": "One"},
        {"ID": "2", "Email": "two@import.example", "First Name": "two"},
    )
    given = ("-p", f"file={file}", "-p", f"mapping={mapping}")
    first = lusha_connect("run", "import_contacts", *given, "--json").json
    assert (first["created"], first["rejected"]) == (1, 1)

    mapping.write_text(mended)
    words = ("rejects", "replay", "file.contact", "--mapping", str(mapping))
    done = lusha_connect(*words)
    assert done.code == 0, done.err
    assert "replay_rejects file.contact, done: plan " in done.out
    assert "two@import.example" in {one.get("email") for one in vendor.records("contacts")}
    assert lusha_connect(*words).out == "No rejects.\n"


def test_rejects_can_be_tried_without_writing(
    lusha_connect: Command, opened: Hub, vendor: RunningSandbox, written: Callable[[], int]
) -> None:
    reject(opened, vendor, "file.contact", "file_to_contact", {"id": "9", "email": "nine@import.example"})
    shown = lusha_connect("rejects", "replay", "--dry-run")
    assert shown.code == 0, shown.err
    assert "replay_rejects file.contact, dry run: plan " in shown.out
    assert "nine@import.example" in shown.out
    assert written() == 0


def test_every_stream_that_has_rejects_is_tried_again(
    lusha_connect: Command, opened: Hub, vendor: RunningSandbox, known: Known
) -> None:
    assert lusha_connect("rejects", "replay").out == "No rejects.\n"
    assert lusha_connect("rejects", "replay", "--json").json == {"replayed": []}
    reject(opened, vendor, "file.contact", "file_to_contact", {"id": "9", "email": "nine@import.example"})
    reject(opened, vendor, "highlevel.contact", "highlevel_contact", known[0])
    done = lusha_connect("rejects", "replay", "--json")
    assert done.code == 0, done.err
    highlevel, file = done.json["replayed"]  # what fills the hub goes before what is compared with it
    assert (file["stream"], file["created"], file["applied"]) == ("file.contact", 1, {"create done": 1})
    assert (highlevel["stream"], highlevel["mapped"], "plan" in highlevel) == ("highlevel.contact", 1, False)
    assert lusha_connect("rejects", "replay", "file.contact", "--json").json == {"replayed": []}


def reject(hub: Hub, vendor: RunningSandbox, stream: str, mapping: str, raw: dict[str, Any]) -> None:
    """Keep a record as rejected that the mapping takes by now."""
    source = {
        "location_id": vendor.location_id,
        "stream": stream,
        "run_id": "before",
        "synced_at": datetime.now(UTC),
    }
    found = [Reject(raw["id"], [Reason("shape", "id", "was wrong then")], canonical_json(raw))]
    with hub.write() as connection:
        rejects.replace(connection, source, found, mapping)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["replay", "file.contacts"], "file.contact"),
        (["replay", "--mapping", "file_to_contact"], "Say which"),
        (["show", "nobody"], "rejects list"),
    ],
)
def test_a_wrong_word_about_rejects_is_refused(lusha_connect: Command, words: list[str], says: str) -> None:
    refused = lusha_connect("rejects", *words)
    assert refused.code == 2
    assert says in refused.err


def test_approval_needs_a_server_whose_ui_a_person_can_open(
    lusha_connect: Command,
    people: Callable[..., str],
    vendor: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cli.prefect_server.configured_api", lambda: None)
    file = people({"Email": "new@import.example"})
    refused = lusha_connect("run", "import_contacts", "-p", f"file={file}", "-p", "approve=true")
    assert refused.code == 2
    assert "PREFECT_API_URL" in refused.err
    assert vendor.requests()["total"] == 0
