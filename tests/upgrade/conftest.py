"""A hub that an old program filled, and the vendor as that program left it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from sandbox.process import RunningSandbox
from tasks.hub import schema
from tasks.hub.engine import Hub

HERE = Path(__file__).parent
Json = dict[str, Any]
READING = ("GET ", "POST /contacts/search", "POST /locations/{locationId}/tasks/search")


@cache
def fixture_of(kind: str) -> Json:
    found: Json = json.loads((HERE / f"{kind}.json").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Kept:
    """The old hub and its vendor.

    Args:
        tables: By name, the columns and rows of the hub as it was.
        folder: Where files to import are written.
    """

    url: str
    vendor: RunningSandbox
    tables: Json
    records: Json
    story: Json
    folder: Path

    def plan(self, name: str) -> str:
        """The id of a plan."""
        found: str = self.story["plans"][name]
        return found

    def rows(self, table: str) -> list[Json]:
        """A table's rows as they were."""
        columns = self.tables[table]["columns"]
        return [dict(zip(columns, row, strict=True)) for row in self.tables[table]["rows"]]

    def again(self, *names: str) -> list[str]:
        """Parameters that import what files said once, as one file that is as old as the first of them."""
        files = [self.story["files"][name] for name in names]
        records: dict[str, Json] = {}
        for one in (one for told in files for one in told["records"]):
            records[one["id"]] = records.get(one["id"], {}) | one
        file = self.folder / f"{'_'.join(names)}.jsonl"
        file.write_text("".join(f"{json.dumps(one)}\n" for one in records.values()), encoding="utf-8")
        since = min(told["mtime_ns"] for told in files)
        os.utime(file, ns=(since, since))
        return ["-p", f"file={file}", "-p", f"mapping={HERE / 'people.yaml'}"]

    def emails(self, name: str) -> list[str]:
        """Of the records of a file."""
        return [one["email"] for one in self.story["files"][name]["records"] if "email" in one]

    def contact(self, name: str) -> Json:
        """A contact as HighLevel has it now, by what the story calls it, or by its id."""
        id_ = self.story["contacts"].get(name, name)
        return next(one for one in self.vendor.records("contacts") if one["id"] == id_)

    def before(self, id_: str) -> Json:
        """A contact as HighLevel had it when the old program ended."""
        return next(one for one in self.records["contacts"] if one["id"] == id_)

    def called(self, field: str, value: str) -> list[Json]:
        """The contacts that hold a value now."""
        return [one for one in self.vendor.records("contacts") if one.get(field) == value]

    def writes(self) -> int:
        """Requests so far that may have written."""
        operations = self.vendor.requests()["operations"].items()
        return sum(sum(outcomes.values()) for name, outcomes in operations if not name.startswith(READING))

    def counts(self) -> dict[str, int]:
        """How many rows each table has now that the old hub had."""
        hub = Hub(self.url)
        with hub.read() as connection:
            found = {
                name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
                for name in self.tables
            }
        hub.close()
        return found


@pytest.fixture
def kept(
    environment: dict[str, str],
    hub_url: str,
    vendor: RunningSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Kept:
    """The old hub, not upgraded yet; the settings lead to it."""
    fixture = fixture_of("sqlite" if hub_url.startswith("sqlite") else "postgresql")
    monkeypatch.setenv("LUSHA_CONNECT_ENCRYPTION_KEYS", fixture["story"]["key"])
    vendor.load(**fixture["vendor"])
    hub = Hub(hub_url)
    with hub.write() as connection:
        _fill(connection, fixture["hub"])
    hub.close()
    return Kept(hub_url, vendor, fixture["hub"], fixture["vendor"], fixture["story"], tmp_path)


def _fill(connection: sa.Connection, tables: Json) -> None:
    """Make the schema that the old hub had, and put its rows into it as the database's driver gave them."""
    [[revision]] = tables[schema.VERSION_TABLE]["rows"]
    command.upgrade(schema._config(connection), revision)
    for name, table in tables.items():
        columns, rows = table["columns"], table["rows"]
        if name == schema.VERSION_TABLE or not rows:
            continue
        place = "?" if connection.dialect.name == "sqlite" else "%s"
        into = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join([place] * len(columns))})"
        connection.exec_driver_sql(into, list(map(tuple, rows)))


@pytest.fixture
def upgraded(kept: Kept, lusha_connect: Callable[..., Any]) -> Kept:
    """The old hub after ``lusha-connect hub upgrade``."""
    done = lusha_connect("hub", "upgrade")
    assert done.code == 0, done.err
    return kept


@pytest.fixture
def lusha_connect(
    kept: Kept, prefect_api: str, command_line: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Runs a command against the old hub to its exit."""
    return command_line
