"""Businesses from the command line: into the hub, from a file into HighLevel, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox

FILE = """Company,Website,Phone,City
Acme Anvils,https://anvils.example,+1 650 253 0000,Graz
Globex,globex.example,,Springfield
"""

Command = Callable[..., Any]


@pytest.fixture
def lusha_connect(environment: dict[str, str], prefect_api: str, command_line: Command) -> Command:
    assert command_line("hub", "upgrade").code == 0
    return command_line


def exported(lusha_connect: Command) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lusha_connect("hub", "export", "businesses").out.splitlines()]


def test_every_business_reaches_the_hub_and_a_deleted_one_is_marked(
    lusha_connect: Command, vendor: RunningSandbox
) -> None:
    theirs = vendor.records("businesses")
    done = lusha_connect("run", "sync_businesses", "--json")
    assert (done.code, done.json["created"]) == (0, len(theirs))
    assert {one["id"] for one in exported(lusha_connect)} == {one["id"] for one in theirs}
    vendor.edit(kind="businesses", id=theirs[0]["id"], delete=True)
    vendor.edit(kind="businesses", id=theirs[1]["id"], set={"city": "Graz"})
    done = lusha_connect("run", "sync_businesses", "--param", "full_pass=now", "--json")
    assert (done.json["updated"], done.json["deleted"]) == (1, 1)
    assert theirs[0]["id"] not in {one["id"] for one in exported(lusha_connect)}


def test_a_file_of_companies_is_imported_once_and_taken_back(
    lusha_connect: Command, vendor: RunningSandbox, tmp_path: Path
) -> None:
    file = tmp_path / "companies.csv"
    file.write_text(FILE, encoding="utf-8")
    before = len(vendor.records("businesses"))
    run = ("run", "import_businesses", "--param", f"file={file}", "--json")
    assert lusha_connect(*run, "--dry-run").json["planned"]["create"] == 2
    assert len(vendor.records("businesses")) == before
    done = lusha_connect(*run).json
    assert (done["created"], done["applied"]["create done"]) == (2, 2)
    again = lusha_connect(*run).json
    assert (again["created"], again["unchanged"], again["bill"]["writes"]) == (0, 2, 0)
    shown = lusha_connect("plans", "show", done["plan"]).out
    assert "new businesses" in shown
    assert "anvils.example" in shown
    undone = lusha_connect("plans", "undo", done["plan"], "--delete-created", "--json")
    assert (undone.code, undone.json["deleted"]) == (0, 2)
    assert len(vendor.records("businesses")) == before


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("highlevel.busines", "did you mean `highlevel.business`?"),
        ("highlevel.note", "Mappings that fit: file_to_business."),
    ],
)
def test_a_mapping_of_what_cannot_be_filled_is_refused_before_anything_is_read(
    target: str, says: str, lusha_connect: Command, tmp_path: Path
) -> None:
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(
        f"source: file.business\ntarget: {target}\nmatch: [link]\nfields:\n  id: {{from: id}}\n",
        encoding="utf-8",
    )
    (tmp_path / "companies.csv").write_text(FILE, encoding="utf-8")
    done = lusha_connect(
        "run", "import_businesses", "-p", f"file={tmp_path}/companies.csv", "-p", f"mapping={mapping}"
    )
    assert done.code == 2
    assert says in done.err
