"""The command line in this process: words in, exit code and output out; a hub and a sandbox of its own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tests.flows.conftest import opened, run

__all__ = ["opened", "run"]  # fixtures

READING = ("GET ", "POST /contacts/search")


Command = Callable[..., Any]


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def lusha_connect(environment: dict[str, str], hub: Any, prefect_api: str, command_line: Command) -> Command:
    """Runs a command to its exit, against a new hub."""
    return command_line


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
