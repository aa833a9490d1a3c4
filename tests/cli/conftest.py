"""The command line in this process: words in, exit code and output out; a hub and a sandbox of its own."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import console, main
from sandbox.process import RunningSandbox
from tasks.vendors.highlevel import client
from tests.flows.conftest import opened, run

__all__ = ["opened", "run"]  # fixtures

READING = ("GET ", "POST /contacts/search")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The output without the room between columns."""
        return [" ".join(line.split()) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        [line] = self.out.splitlines()
        return json.loads(line)


Command = Callable[..., Done]


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def lusha_connect(
    environment: dict[str, str],
    hub: Any,
    prefect_api: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Runs a command to its exit, the way its installed script does."""
    monkeypatch.setattr(client, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(console.out, "width", 110)
    for name in ("PREFECT_LOGGING_EXTRA_LOGGERS", "PREFECT_LOGGING_LEVEL"):
        monkeypatch.setenv(name, "tasks" if "EXTRA" in name else "CRITICAL")  # a run sets them for good

    def go(*words: str) -> Done:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["lusha-connect", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    return go


@pytest.fixture
def people(tmp_path: Path) -> Callable[..., str]:
    """Writes a CSV file of contacts; its path."""

    def write(*rows: dict[str, str]) -> str:
        path = tmp_path / "people.csv"
        names = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    return write


@pytest.fixture
def known(vendor: RunningSandbox) -> list[dict[str, Any]]:
    """Contacts of the sandbox with an e-mail and a phone that nobody shares."""
    contacts = vendor.records("contacts")
    emails = [str(one.get("email")).lower() for one in contacts]
    phones = [one.get("phone") for one in contacts]
    return [
        one
        for one in contacts
        if isinstance(one.get("email"), str)
        and emails.count(one["email"].lower()) == 1
        and one["email"].isascii()
        and str(one.get("phone")).startswith("+1")
        and phones.count(one["phone"]) == 1
        and not one.get("additionalEmails")
        and not one.get("additionalPhones")
        and one.get("firstName")
    ]


@pytest.fixture
def written(vendor: RunningSandbox) -> Callable[[], int]:
    """How many requests wrote to HighLevel."""

    def count() -> int:
        operations = vendor.requests()["operations"]
        return sum(
            sum(answers.values()) for name, answers in operations.items() if not name.startswith(READING)
        )

    return count
