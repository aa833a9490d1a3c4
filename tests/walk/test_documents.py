"""Every block of commands of README and docs runs as a stranger meets it: in order, in a fresh folder."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from cli.children import free_port
from sandbox import process
from sandbox.lusha.export import write_csv
from sandbox.process import RunningSandbox
from tests.walk.blocks import COMMANDS, SETTINGS, blocks_of, documents
from tests.walk.instead import INSTEAD, KEY, as_run, settings
from tests.walk.stranger import ROOT, Stranger, arrives

BLOCKS = blocks_of(ROOT)
TOLD = ("dotenv", "yaml", "sql", "json", "")
"""Kinds of blocks that are no commands: what a file holds, what is printed, drawings."""
PICTURE = re.compile(r"(?:<img src=\"|!\[[^]]*\]\()([^\")]+)")
FIRST_WORDS = (
    "make",
    "lusha-connect",
    "prefect",
    "export",
    "pip",
    "uv",
    "git",
    "docker",
    "psql",
    "createdb",
    ".",
)
REVIEW = """
test "$1" = decided && which=--decided
lusha-connect reviews list $which --json | python -c '
import json, sys
first = json.load(sys.stdin)[0]
print(first["candidates"][0]["id"] if sys.argv[1] == "candidate" else first["id"])
' "$1"
"""
"""A program that tells the first review that waits or was decided, or its first candidate."""

OPT_OUT = {
    "contactId": 4389064704,
    "fullName": "Una Walk",
    "contactOptOutDate": "2026-11-20 10:00:00.000",
    "contactExposureDate": "2026-10-01 10:00:00",
    "datapoints": [{"datapointId": "una@walk.example", "datapointType": "email"}],
    "partnerClientId": None,
}
"""What Lusha delivers where somebody opts out."""


@pytest.fixture
def account() -> Iterator[RunningSandbox]:
    """HighLevel with two locations."""
    with process.start(contacts=300, locations=2, quota="off") as running:
        yield running


@pytest.fixture
def stranger(tmp_path: Path, prefect_template: Path, account: RunningSandbox) -> Iterator[Stranger]:
    """Someone who filled in ``.env``, as README's first step says, and has files to import."""
    with arrives(tmp_path, prefect_template) as found:
        contact = prepare(found, account)
        found.variables |= {
            "CALLBACK_PORT": str(free_port()),
            "CONTACT": contact,
            "BROWSER": f"{sys.executable} {ROOT / 'tests/walk/person.py'} %s &",
        }
        yield found


def prepare(stranger: Stranger, account: RunningSandbox) -> str:
    """What the documents take for granted that a reader has; the id of a contact."""
    stranger.sets(
        {
            "LUSHA_CONNECT_HIGHLEVEL_URL": account.url,
            "LUSHA_CONNECT_HIGHLEVEL_TOKEN": account.token,
            "LUSHA_CONNECT_LOCATION_ID": account.location_id,
            "LUSHA_CONNECT_ENCRYPTION_KEYS": KEY,
            "LUSHA_CONNECT_HIGHLEVEL_CONSENT_URL": f"{account.url}/oauth/chooselocation",
            "LUSHA_CONNECT_LUSHA_URL": account.lusha.url,
            "LUSHA_CONNECT_LUSHA_API_KEY": account.lusha.key,
        }
    )
    write_csv(stranger.folder / "leads.csv", account.lusha.records("people")[:5])
    (stranger.folder / "DELIVERY.json").write_text(json.dumps(OPT_OUT), encoding="utf-8")
    mappings = stranger.folder / "mappings"
    (mappings / "mine.yaml").write_bytes((mappings / "highlevel_contact.yaml").read_bytes())
    write_leads(stranger.folder / ".lusha-connect" / "hub.db")
    stranger.has_program("review", REVIEW)
    return write_people(stranger.folder / "people.csv", account)


def write_leads(hub: Path) -> None:
    """A table of the reader's own in the hub's database."""
    with closing(sqlite3.connect(hub)) as connection:
        connection.execute("CREATE TABLE leads (id TEXT, mail TEXT)")
        connection.execute("INSERT INTO leads VALUES ('1', 'lead@walk.example')")
        connection.commit()


def write_people(file: Path, account: RunningSandbox) -> str:
    """A new person, and two with one contact's e-mail and another's phone; the id of a contact."""
    known = [
        one
        for one in account.records("contacts")
        if isinstance(one.get("email"), str)
        and one["email"].isascii()
        and str(one.get("phone")).startswith("+1")
    ]
    rows = [["Email", "Phone", "First name"], ["new@walk.example", "", "New"]]
    rows += [[known[n]["email"], known[n + 1]["phone"], "Nobody"] for n in (0, 2)]
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return str(known[0]["id"])


def test_every_block_runs_as_printed(stranger: Stranger) -> None:
    for block in BLOCKS:
        if block.kind == SETTINGS:
            stranger.sets(settings(block))
        if block.kind not in COMMANDS:
            continue
        text, _ = as_run(block)
        done = stranger.types(text)
        print(f"{done.seconds:6.1f} s {block.place}")
        assert done.code == 0, f"{block.place} ends with {done.code}:\n{text}\n{done.output[-4000:]}"
    assert workers_online(stranger) == 1, (stranger.folder / ".lusha-connect/worker.log").read_text()


def workers_online(stranger: Stranger) -> int:
    """How many workers of the pool tell the stranger's Prefect server that they are there."""
    url = f"http://127.0.0.1:{stranger.variables['PREFECT_SERVER_API_PORT']}/api"
    found = httpx.post(f"{url}/work_pools/lusha-connect/workers/filter", json={}, timeout=30)
    return sum(one["status"] == "ONLINE" for one in found.raise_for_status().json())


def test_no_command_stands_in_a_block_that_is_not_run() -> None:
    for block in BLOCKS:
        if block.kind not in COMMANDS:
            assert block.kind in TOLD, f"{block.place}: is a block of {block.kind!r} something to run?"
            commands = [line for line in block.text.splitlines() if line.split(" ")[0] in FIRST_WORDS]
            assert not commands, f"{block.place} holds commands: begin it with ```sh"


def test_what_is_done_otherwise_is_still_printed_and_says_why() -> None:
    used = {one for block in BLOCKS for one in as_run(block)[1]}
    assert [one.printed for one in INSTEAD if one not in used] == []
    assert all(one.why for one in INSTEAD)


def test_every_document_is_walked_in_reading_order() -> None:
    there = {file.relative_to(ROOT).as_posix() for file in (ROOT / "docs").glob("*.md")}
    assert documents(ROOT)[0] == "README.md"
    assert sorted(documents(ROOT)) == sorted({"README.md"} | there)


def test_every_picture_is_there_and_small() -> None:
    for name in documents(ROOT):
        folder = (ROOT / name).parent
        for picture in PICTURE.findall((ROOT / name).read_text(encoding="utf-8")):
            assert 0 < (folder / picture).stat().st_size < 150_000, picture


def test_a_block_is_known_by_its_fence_and_its_place(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(
        "Go:\n\n1. so\n\n   ```sh\n   make demo\n   make test  # all\n   ```\n\n[a](docs/b.md)\n",
        encoding="utf-8",
    )
    (tmp_path / "docs" / "a.md").write_text(
        "```dotenv\nLUSHA_CONNECT_LOCATION_ID=…  # yours\n```\n", encoding="utf-8"
    )
    (tmp_path / "docs" / "b.md").write_text("```\na picture\n```\n", encoding="utf-8")
    run, picture, env = blocks_of(tmp_path)
    assert (run.place, run.kind, as_run(run)[0]) == ("README.md:6", "sh", "make demo\n")
    assert (picture.place, picture.kind) == ("docs/b.md:2", "")
    assert settings(env) == {"LUSHA_CONNECT_LOCATION_ID": "sandboxLocation00001"}
