"""With ``LUSHA_CONNECT_ARTIFACT_VALUES=off`` what Prefect shows of a run holds no value of a record."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub
from tests import prefect_server

FIRST, LAST, EMAIL, PHONE = "Zebulonia", "Quastenflosser", "zebulonia@private.example", "+4930901820"
VALUES = (FIRST, LAST, "private.example", "901820", "kein Datum", "Windgasse")


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def file(tmp_path: Path, vendor: RunningSandbox) -> str:
    """People: new, known, twice in the file, doubtful, and with values that cannot be read."""
    known = next(
        one
        for one in vendor.records("contacts")
        if "@" in str(one.get("email"))
        and str(one["email"]).isascii()
        and str(one.get("phone")).startswith("+1")
    )
    rows = [
        ("First name", "Last name", "Email", "Phone", "Date of birth", "Street"),
        (FIRST, LAST, EMAIL, PHONE, "kein Datum", "Windgasse 1"),
        (FIRST, LAST, EMAIL, PHONE, "", "Windgasse 2"),
        (FIRST, LAST, known["email"], "", "1980-02-03", "Windgasse 3"),
        (FIRST, LAST, EMAIL, known["phone"], "", ""),
        (FIRST, "", "no address", "call me at 901820", "", ""),
    ]
    path = tmp_path / "people.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["Teilnehmer der Windgasse"], [], *rows])
    return str(path)


def artifacts(api: str) -> str:
    """All that Prefect shows of what runs did, as text: artifacts, and the states with their messages."""
    found = []
    for what in ("artifacts", "states"):
        path = "/artifacts/filter" if what == "artifacts" else "/flow_runs/filter"
        asked = {"limit": 40} | ({"sort": "CREATED_DESC"} if what == "artifacts" else {})
        some = prefect_server.ask(api, path, asked)
        found += some if what == "artifacts" else [(one["name"], one["state"]) for one in some]
    return json.dumps(found, ensure_ascii=False)


def told(text: str) -> list[str]:
    return [value for value in VALUES if value in text]


def remove_artifacts(api: str) -> None:
    """The session's server has other tests' as well."""
    while found := prefect_server.ask(api, "/artifacts/filter", {}):
        for one in found:
            prefect_server.remove(api, f"/artifacts/{one['id']}")


def import_it(run: Any, prefect_api: str, file: str) -> str:
    remove_artifacts(prefect_api)
    assert run("import_contacts", file=file, dry_run=True).error is None
    assert run("import_contacts", file=file).error is None
    search = {"pageLimit": 20, "filters": [{"field": "email", "operator": "eq", "value": EMAIL}]}
    for dry_run in (True, False):
        asked = {"operation": "contacts.search-contacts-advanced", "dry_run": dry_run, "parameters": search}
        assert run("run_operation", **asked).error is None
    return artifacts(prefect_api)


def test_with_values_a_person_sees_what_is_written(
    run: Any, opened: Hub, prefect_api: str, file: str
) -> None:
    assert {FIRST, LAST, "private.example"} <= set(told(import_it(run, prefect_api, file)))


def test_without_values_ids_fields_and_counts_are_left(
    run: Any, opened: Hub, prefect_api: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_ARTIFACT_VALUES", "off")
    shown = import_it(run, prefect_api, file)
    assert not told(shown)
    for word in ("How the file was read", "(left out)", "| new contacts | 2 |", "pageLimit"):
        assert word in shown
