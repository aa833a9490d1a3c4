"""Reading tasks, notes and appointments takes hardly more requests than it must."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.bounds import Account
from sandbox import process
from sandbox.process import RunningSandbox

CONTACTS, MOVED = 600, 6

WHATEVER_THE_SIZE = 3
"""Requests for the token's check, the second list of calendars, and the page behind the last tasks."""


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def vendor() -> Iterator[RunningSandbox]:
    with process.start(contacts=CONTACTS, seed=5, quota="off", activity=True) as running:
        yield running


def test_the_first_load_and_a_sync_of_one_percent_take_hardly_more_than_they_must(
    run: Any, vendor: RunningSandbox
) -> None:
    there = Account(CONTACTS, len(vendor.records("tasks")), len(vendor.records("calendars")))
    assert run("backfill_activity").error is None
    first = vendor.requests()["total"]
    assert first <= 1.02 * there.first_load()
    for contact in vendor.records("contacts")[:MOVED]:
        vendor.edit(kind="contacts", id=contact["id"], set={"city": "Graz"})
    assert run("sync_activity", contacts_in_turn=0).error is None
    assert vendor.requests()["total"] - first - WHATEVER_THE_SIZE <= 1.05 * there.sync(MOVED)


def test_the_least_is_what_was_counted_by_hand() -> None:
    """1,000 notes, 2 pages of contacts, 15 of tasks, 2 calendars, and the lists of calendars and users."""
    there = Account(1_000, 1_500, 2)
    assert there.first_load() == 1_000 + 2 + 15 + 2 + 2 == 1_021
    assert there.sync(10) == 10 + 1 + 15 + 2 + 2
    assert there.naive() == 2_017
