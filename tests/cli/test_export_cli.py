"""Exports are safe to open in a spreadsheet program, and come back as they were."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.process import RunningSandbox

FORMULA = '=HYPERLINK("http://x.example","Ada")'


def test_a_csv_export_holds_nothing_that_a_spreadsheet_runs(
    lusha_connect: Callable[..., Any], vendor: RunningSandbox, tmp_path: Path
) -> None:
    vendor.edit(
        kind="contacts",
        create={
            "firstName": FORMULA,
            "lastName": "-Dash",
            "email": "formula@export.example",
            "phone": "+12125550199",
        },
    )
    assert lusha_connect("run", "backfill_contacts").code == 0
    safe, raw = tmp_path / "safe.csv", tmp_path / "raw.csv"
    assert lusha_connect("hub", "export", "contacts", "--format", "csv", "-o", str(safe)).code == 0
    assert lusha_connect("hub", "export", "contacts", "--format", "csv", "--raw", "-o", str(raw)).code == 0
    assert of(safe)["first_name"] == f"'{FORMULA}"
    assert of(safe)["phone"] == "+12125550199"
    assert of(raw)["first_name"] == FORMULA
    exported = (json.loads(line) for line in lusha_connect("hub", "export", "contacts").out.splitlines())
    assert next(one for one in exported if one["email"] == "formula@export.example")["first_name"] == FORMULA

    only = tmp_path / "only.csv"
    with only.open("w", newline="", encoding="utf-8") as stream:
        row = of(safe)
        writer = csv.DictWriter(stream, row.keys())
        writer.writeheader()
        writer.writerow(row)
    told = lusha_connect("run", "import_contacts", "-p", f"file={only}", "--dry-run", "--json").json
    assert (told["read"], told["unchanged"], told["planned"]["create"], told["planned"]["update"]) == (
        1,
        1,
        0,
        0,
    )


def test_raw_is_for_csv(lusha_connect: Callable[..., Any]) -> None:
    refused = lusha_connect("hub", "export", "contacts", "--raw")
    assert refused.code == 2
    assert "--format csv" in refused.err


def of(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8") as stream:
        return next(row for row in csv.DictReader(stream) if row["email"] == "formula@export.example")
