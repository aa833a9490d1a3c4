"""Rejects in words: found, filtered, mended in a file and imported again."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import console
from sandbox.process import RunningSandbox

Command = Callable[..., Any]

ROWS = (
    {"Email": "no address", "Shoe Size": "=40+4"},
    {"Email": "odd at odd.example", "Shoe Size": "45"},
    {"Email": "good@import.example", "Shoe Size": "46"},
)


@pytest.fixture
def imported(lusha_connect: Command, people: Callable[..., str]) -> Any:
    """How an import ended of which two records of three were rejected."""
    done = lusha_connect("run", "import_contacts", "-p", f"file={people(*ROWS)}")
    assert done.code == 0, done.err
    return done


def test_a_run_with_rejects_says_what_is_wrong_in_words_and_points_to_them(
    imported: Any, lusha_connect: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "│ email: is no e-mail address │ 2 │" in imported.lines
    assert "lusha-connect rejects list --stream file.contact what failed a check, and why" in imported.lines
    monkeypatch.setattr(console.out, "width", console.WIDE)
    listed = lusha_connect("rejects", "list", "--stream", "file.contact")
    assert "2 of 2 rejects" in listed.out
    assert "email: 'no address' is no e-mail address" in listed.out
    shown = lusha_connect("rejects", "show", "last")
    assert re.search("✗ email: '.*' is no e-mail address", shown.out)


def test_rejects_are_filtered_by_stream_and_reason(imported: Any, lusha_connect: Command) -> None:
    def listed(*words: str) -> list[str]:
        found = lusha_connect("rejects", "list", "--json", *words).json
        return sorted(one["raw"].get("shoe_size", "HighLevel's") for one in found)

    assert set(listed()) == {"=40+4", "45", "HighLevel's"}
    assert listed("--stream", "file.contact") == ["45", "=40+4"]
    assert listed("--reason", "Odd.example address") == ["45"]
    assert listed("--stream", "file.contact", "--reason", "phone") == []
    assert listed("--stream", "highlevel.contact", "--reason", "odd.example") == []
    assert len(listed("--limit", "1")) == 1
    refused = lusha_connect("rejects", "list", "--stream", "file.contacts")
    assert refused.code == 2
    assert "Did you mean `file.contact`" in refused.err


def test_rejects_are_exported_mended_and_imported_again(
    imported: Any, lusha_connect: Command, tmp_path: Path, vendor: RunningSandbox
) -> None:
    file = tmp_path / "mend.csv"
    done = lusha_connect("rejects", "export", "--stream", "file.contact", "--output", str(file))
    assert (done.code, done.out) == (0, "")
    assert f"2 rows written to {file}" in done.err
    rows = of(file)
    assert list(rows[0]) == ["email", "id", "shoe_size", "rejected_because"]
    bad = next(row for row in rows if row["email"] == "no address")
    assert bad["shoe_size"] == "'=40+4"  # no spreadsheet program runs it
    assert bad["rejected_because"] == "email: 'no address' is no e-mail address"
    for number, row in enumerate(rows):
        row["email"] = f"mended{number}@import.example"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)

    again = lusha_connect("run", "import_contacts", "-p", f"file={file}", "--json").json
    assert (again["read"], again["created"]) == (2, 2)
    made = {one.get("email") for one in vendor.records("contacts")}
    assert {"mended0@import.example", "mended1@import.example"} <= made
    assert lusha_connect("rejects", "list", "--stream", "file.contact", "--json").json == []


def test_an_export_of_rejects_may_be_raw_or_for_programs(
    imported: Any, lusha_connect: Command, tmp_path: Path
) -> None:
    file = tmp_path / "raw.csv"
    wanted = ("--stream", "file.contact", "--reason", "'no address'")
    assert lusha_connect("rejects", "export", *wanted, "--raw", "-o", str(file)).code == 0
    assert [row["shoe_size"] for row in of(file)] == ["=40+4"]
    told = lusha_connect("rejects", "export", *wanted, "--json").json
    assert (told["shoe_size"], told["rejected_because"]) == (
        "=40+4",
        "email: 'no address' is no e-mail address",
    )
    refused = lusha_connect("rejects", "export", "--json", "--format", "csv")
    assert refused.code == 2
    assert "both given" in refused.json["error"]


def test_rows_that_cannot_be_read_are_left_out_of_an_export_and_told(
    lusha_connect: Command, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Notes,Email\n,ada@import.example\n,no address\n,eve@import.example,too,much\n")
    assert lusha_connect("run", "import_contacts", "-p", f"file={path}", "--dry-run").code == 0
    several = lusha_connect("rejects", "export")
    assert (several.code, "--stream STREAM" in several.err) == (2, True)
    done = lusha_connect("rejects", "export", "--stream", "file.contact")
    assert done.code == 0
    assert len(done.out.splitlines()) == 2
    assert "1 row that cannot be read at all left out" in done.err


def of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
