"""How a file was read is told before what comes of it: what was guessed, left out, left over or damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.edge.report import artifact_key
from tests import prefect_server

Command = Callable[..., Any]

OUTLOOK = """\
Contacts of the fair

First Name,E-mail Address,Business Phone,Mobile Phone,Shoe Size,Contact Owner
Ada,ada@import.example,,+1 212 555 0123,44,Sam
Bea,bea@import.example,+1 212 555 0124,+1 212 555 0125,,Sam
Cy,cy@import.example
Dee,dee@import.example,,,,,,too much
Total: 4 records
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "outlook.csv"
    path.write_text(OUTLOOK, encoding="utf-8")
    return path


def test_a_dry_run_shows_first_how_the_file_was_read(lusha_connect: Command, file: Path) -> None:
    shown = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--dry-run")
    assert shown.code == 0, shown.err
    told = "\n".join(shown.lines)
    assert "outlook.csv: encoding `UTF-8`, delimiter `,`, header in row 3, 4 rows" in told
    for sentence in (
        "Above the header, left out: row 1 “Contacts of the fair”.",
        "Below the records, left out: row 8 “Total: 4 records”.",
        "Without their last cells, which count as empty: row 6.",
        "Cannot be read, and are rejects: row 7.",
        "Column `Mobile Phone`: 1 of 2 values left over, where the row has another phone.",
    ):
        assert sentence in told
    for column in (
        "E-mail Address email by its name ada@import.example, bea@import.example",
        "Mobile Phone phone a second phone column +1 212 555 0123, +1 212 555 0125",
        "Shoe Size shoe_size: not imported not recognised 44",
        "Contact Owner assigned_to: not imported by its name Sam, Sam",
    ):
        assert column in told
    assert told.index("is taken for") < told.index("import_contacts, dry run")
    assert "\nrejected 1\n" in told


def test_the_page_in_prefect_says_the_same(
    lusha_connect: Command, file: Path, prefect_api: str, vendor: RunningSandbox
) -> None:
    assert lusha_connect("run", "import_contacts", "-p", f"file={file}", "--dry-run").code == 0
    key = artifact_key("import_contacts", vendor.location_id, "plan")
    body = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC", "limit": 1}
    page = prefect_server.ask(prefect_api, "/artifacts/filter", body)[0]["data"]
    for told in (
        "encoding \\`UTF-8\\`, delimiter \\`,\\`, header in row 3, 4 rows",
        "* Cannot be read, and are rejects: row 7.",
        "| Mobile Phone | phone | a second phone column | +1 212 555 0123, +1 212 555 0125 |",
        "| Shoe Size | shoe\\_size: not imported | not recognised | 44 |",
    ):
        assert told in page


def test_what_was_read_is_data_as_well_and_adds_up(lusha_connect: Command, file: Path) -> None:
    told = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--dry-run", "--json").json
    assert (told["read"], told["mapped"], told["rejected"]) == (4, 3, 1)
    assert (told["file"]["rows"], told["file"]["facts"]["header"]) == (4, 3)
    mobile = next(one for one in told["file"]["columns"] if one["header"] == "Mobile Phone")
    assert (mobile["field"], mobile["values"], mobile["left_over"]) == ("phone", 2, 1)


def test_a_row_that_cannot_be_read_is_a_reject_whatever_the_mapping(
    lusha_connect: Command, file: Path
) -> None:
    done = lusha_connect("run", "import_contacts", "-p", f"file={file}")
    assert done.code == 0, done.err
    assert "Cannot be read, and are rejects: row 7." in done.out
    assert "is taken for" not in done.out
    (reject,) = rejects(lusha_connect)
    assert reject["reasons"][0]["message"] == "outlook.csv, row 7: 8 cells, but the header has 6"
    assert "Dee,dee@import.example,,,,,,too much" in str(reject)
    again = lusha_connect("rejects", "replay", "file.contact", "--json").json["replayed"]
    assert [(one["read"], one["rejected"]) for one in again] == [(1, 1)]
    assert [one["reasons"] for one in rejects(lusha_connect)] == [reject["reasons"]]


def test_a_run_that_stops_shows_how_the_file_was_read_as_well(lusha_connect: Command, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Email,Shoe Size\n" + "".join(f"no address {n},44\n" for n in range(12)))
    stopped = lusha_connect("run", "import_contacts", "-p", f"file={path}", "--dry-run")
    assert (stopped.code, "12 of 12 records rejected" in stopped.err) == (1, True)
    assert "Shoe Size shoe_size: not imported not recognised 44, 44" in "\n".join(stopped.lines)


def rejects(lusha_connect: Command) -> list[dict[str, Any]]:
    every = lusha_connect("rejects", "list", "--json").json
    return [one for one in every if one["stream"] == "file.contact"]


def test_businesses_of_a_file_are_told_in_the_same_way(lusha_connect: Command, tmp_path: Path) -> None:
    path = tmp_path / "companies.csv"
    path.write_bytes("Company;Website;Colour\nMüller;mueller.example;red\n".encode("cp1252"))
    shown = lusha_connect("run", "import_businesses", "-p", f"file={path}", "--dry-run")
    assert shown.code == 0, shown.err
    told = "\n".join(shown.lines)
    assert "encoding `Windows-1252`, delimiter `;`" in told
    assert "Read as Windows-1252, a guess: it makes Müller of what is no UTF-8." in told
    assert "Website website by its name mueller.example" in told
    assert "Colour colour: not imported not recognised red" in told
