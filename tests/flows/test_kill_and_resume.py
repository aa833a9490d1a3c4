"""Killed at any moment and started again, a backfill ends in the hub of an undisturbed run."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox import process
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS, cursors, leases, metadata, request_log, request_quotas, runs
from tests import chance
from tests.databases import new_file

KILLS = chance.many("RANDOM_KILLS", 1)
"""On each kind of database."""
CONTACTS = 2_500
BACKFILL = ("run", "backfill_contacts", "--param", "batch_size=100", "--json")


@pytest.fixture(scope="module")
def slow_vendor() -> Any:
    """A sandbox that takes its time, so that a kill falls anywhere in the run."""
    with process.start(contacts=CONTACTS, seed=11, quota="off", latency=0.02) as running:
        yield running


def settings(vendor: process.RunningSandbox, hub_url: str, api: str) -> dict[str, str]:
    return {
        "PREFECT_API_URL": api,
        "LUSHA_CONNECT_HUB_URL": hub_url,
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
    }


OF_RUNS = ("run_id", "synced_at", "since", "began_at", "noted_at")


def content(hub: Hub) -> dict[str, list[str]]:
    """What the hub holds about records, without when and by which run it was written."""
    found = {}
    for table in metadata.sorted_tables:
        if table in (runs, cursors, leases, request_log, request_quotas):
            continue
        columns = [column for column in table.columns if column.name not in OF_RUNS]
        with hub.read() as connection:
            rows = connection.execute(sa.select(*columns).order_by(*table.primary_key)).all()
        found[table.name] = [repr(row) for row in rows]
    return found


def wait_for_requests(vendor: process.RunningSandbox, running: Any, more_than: int) -> None:
    while vendor.requests()["total"] <= more_than and running.is_alive():
        time.sleep(0.01)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_any_kill_is_survived(
    kind: str,
    slow_vendor: Any,
    forks: Any,
    prefect_api: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    dice = chance.dice("kills of a backfill", kind)
    undisturbed = Hub(new_file(tmp_path / "undisturbed.db"))
    disturbed_url = (
        new_file(tmp_path / "killed.db") if kind == "sqlite" else request.getfixturevalue("postgres_url")
    )
    plain = settings(slow_vendor, str(undisturbed.engine.url), prefect_api)
    forks.through(plain, *BACKFILL)

    environment = settings(slow_vendor, disturbed_url, prefect_api)
    killed = finished = 0
    while killed < KILLS:
        before = slow_vendor.requests()["total"]
        running = forks.run(environment, *BACKFILL)
        # The credential's check is one request; from the next on the hub is being written.
        wait_for_requests(slow_vendor, running, before + 1)
        time.sleep(dice.uniform(0, 0.25))
        running.kill()
        running.join()
        if running.exitcode == -signal.SIGKILL:
            killed += 1
        else:
            finished += 1
    forks.through(environment, *BACKFILL)

    hub = Hub(disturbed_url)
    schema.require_current(hub)
    assert content(hub) == content(undisturbed)
    with hub.read() as connection:
        assert connection.execute(sa.select(cursors)).all() == []
        states = connection.execute(sa.select(runs.c.state)).scalars().all()
        mirrored = connection.execute(
            sa.select(sa.func.count()).select_from(MIRRORS["hub.contact"])
        ).scalar_one()
    print(f"{killed} kills, {finished} runs that finished first, {states.count('interrupted')} in the ledger")
    assert mirrored > CONTACTS * 0.9
    assert states.count("interrupted") >= killed // 2  # some are killed before they enter the ledger
    hub.close()
    undisturbed.close()
