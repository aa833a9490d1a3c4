"""Mappings on the command line: drafted from a file, and tried on rows of files and queries."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub
from tasks.hub.tables import raw

Command = Callable[..., Any]
ADA = {
    "First Name": "Ada",
    "E-Mail": "ADA@example.org",
    "Phone": "call me",
    "Lead Score": "17",
    "Tags": "vip;new",
}
BAD = {"First Name": "", "E-Mail": "nowhere", "Phone": "", "Lead Score": "", "Tags": ""}


def test_a_draft_is_good_and_tried_at_once(
    command_line: Command, people: Callable[..., str], tmp_path: Path
) -> None:
    file, mapping = people(ADA), str(tmp_path / "mine.yaml")
    made = command_line("mappings", "new", file, "-o", mapping)
    assert (made.code, "Lead Score" in made.out) == (0, True), made.err
    assert command_line("mappings", "validate", mapping).code == 0
    tried = command_line("mappings", "preview", mapping, "--file", file, "--json")
    assert tried.code == 0, tried.err
    assert json.loads(tried.out)["email"] == "ada@example.org"
    again = command_line("mappings", "new", file, "-o", mapping)
    assert (again.code, "there already" in again.err) == (2, True)


def test_a_draft_without_a_file_is_shown(command_line: Command, people: Callable[..., str]) -> None:
    shown = command_line("mappings", "new", people(ADA))
    assert "source: file.contact" in shown.out
    told = json.loads(command_line("mappings", "new", people(ADA), "--json").out)
    assert told["unread"] == ["Lead Score"]
    assert told["text"].rstrip() == shown.out.rstrip()
    assert command_line("mappings", "new", people(ADA), "--kind", "contct").code == 2


def test_a_preview_of_a_file_tells_how_it_was_read_and_what_would_be_rejected(
    command_line: Command, people: Callable[..., str]
) -> None:
    done = command_line("mappings", "preview", "file_to_contact", "--file", people(ADA, BAD))
    assert done.code == 0, done.err
    assert "not recognised" in done.out
    assert "vip, new" in done.out
    assert "['vip'" not in done.out
    assert "1 would be loaded, 1 rejected" in done.out
    assert "Nothing was written" in done.out
    assert not Path(".lusha-connect").exists()
    one = command_line("mappings", "preview", "file_to_contact", "--file", people(ADA, BAD), "--sample", "1")
    assert "1 would be loaded, 0 rejected" in one.out


def test_a_preview_of_a_file_reads_dates_as_the_whole_column_tells(
    command_line: Command, people: Callable[..., str]
) -> None:
    rows = [
        {"Name": "Ada B", "E-Mail": "a@example.org", "Birthday": day} for day in ("03/04/1980", "31/12/1990")
    ]
    done = command_line(
        "mappings", "preview", "file_to_contact", "--file", people(*rows), "--sample", "1", "--json"
    )
    assert json.loads(done.out)["dateOfBirth"] == "1980-04-03"


def test_a_preview_of_a_query_reads_the_hub(
    environment: dict[str, str], hub: Hub, command_line: Command
) -> None:
    with hub.write() as connection:
        connection.execute(
            sa.text("CREATE TABLE prospects AS SELECT 'Ada' AS first_name, 'a@example.org' AS email")
        )
    done = command_line(
        "mappings", "preview", "file_to_contact", "--query", "SELECT * FROM prospects", "--json"
    )
    assert done.code == 0, done.err
    assert json.loads(done.out)["firstName"] == "Ada"


def test_a_preview_of_businesses_shows_businesses(
    environment: dict[str, str], hub: Hub, vendor: RunningSandbox, command_line: Command
) -> None:
    done = command_line("mappings", "preview", "highlevel_business", "--sample", "3", "--json")
    assert done.code == 0, done.err
    ids = {one["id"] for one in vendor.records("businesses")}
    assert {json.loads(line)["id"] for line in done.out.splitlines()} <= ids


def test_a_preview_of_leads_reads_a_file_of_theirs_or_the_hub(
    environment: dict[str, str], hub: Hub, vendor: RunningSandbox, command_line: Command, tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("LinkedIn URL,Work Email\nlinkedin.com/in/ada,Ada@acme.example\n,\nn/a,n/a\n")
    preview = ("mappings", "preview", "lusha_lead_to_contact")
    done = command_line(*preview, "--file", str(file), "--json")
    found, rejected = map(json.loads, done.out.splitlines())
    assert (found["id"], found["email"], "names nobody" in rejected["rejected"][0]) == (
        "row 2",
        "ada@acme.example",
        True,
    )
    nobody = command_line(*preview)
    assert (nobody.code, "nobody of Lusha's" in nobody.err) == (2, True)
    record = {"location_id": vendor.location_id, "stream": "lusha.contact", "id": "v1.a", "run_id": "r"}
    told = {"payload": '{"id": "v1.a", "firstName": "Ada"}', "fingerprint": "f"}
    with hub.write() as connection:
        connection.execute(sa.insert(raw).values(**record, **told, synced_at=datetime.now(UTC)))
    assert json.loads(command_line(*preview, "--json").out)["firstName"] == "Ada"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["file_to_contact"], "--file people.csv"),
        (["file_to_contact", "--file", "a.csv", "--query", "SELECT 1"], "either a file or a query"),
        (["highlevel_contact", "--file", "a.csv"], "file_to_contact"),
        (["lusha_lead_to_contact", "--query", "SELECT 1"], "no query"),
        (["lusha_company_to_business"], "run push_leads"),
        (["file_to_contact", "--file", "a.pdf"], "a.pdf"),
    ],
)
def test_what_does_not_go_together_is_refused(command_line: Command, words: list[str], told: str) -> None:
    done = command_line("mappings", "preview", *words)
    assert (done.code, told in done.err) == (2, True), done.err


@pytest.mark.parametrize(
    ("automation", "mapping", "fits"),
    [
        ("import_contacts", "highlevel_contact", "file_to_contact"),
        ("backfill_contacts", "file_to_contact", "highlevel_contact"),
    ],
)
def test_a_run_with_a_mapping_of_the_wrong_source_says_which_fit(
    lusha_connect: Command, people: Callable[..., str], automation: str, mapping: str, fits: str
) -> None:
    more = ["--param", f"file={people(ADA)}"] if automation.startswith("import") else []
    done = lusha_connect("run", automation, "--param", f"mapping={mapping}", *more)
    assert done.code == 2
    assert f"Mappings that fit: {fits}" in done.err


def test_mappings_are_validated_by_name_as_well(command_line: Command) -> None:
    done = command_line("mappings", "validate", "highlevel_contact")
    assert (done.code, "highlevel.contact → hub.contact" in done.out) == (0, True)
    missing = command_line("mappings", "validate", "highlevel_contract")
    assert (missing.code, "no such file" in missing.out) == (2, True)
