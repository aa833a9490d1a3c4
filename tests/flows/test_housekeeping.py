"""Housekeeping: what is over goes when its time has come, told before and after; HighLevel is not asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey

from sandbox.process import RunningSandbox
from tasks.core.errors import BadConfigurationError
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.tables import changes, links, provenance, runs
from tasks.hub.tables import plans as plan_table

AGO = datetime.now(UTC) - timedelta(days=400)


@pytest.fixture
def past(run: Any, opened: Hub, vendor: RunningSandbox, tmp_path: Path) -> str:
    """An import of 400 days ago, applied; its plan."""
    vendor.edit(kind="contacts", create={"firstName": "Old", "email": "known@old.example"})
    file = tmp_path / "people.csv"
    file.write_text("Email,First Name,Notes\nknown@old.example,Old Changed,Hi\nnew@old.example,New,Hello\n")
    plan = run("import_contacts", file=str(file)).tally.more["plan"]
    with opened.write() as connection:
        connection.execute(sa.update(plan_table).values(made_at=AGO, applied_at=AGO))
        connection.execute(sa.update(runs).values(started_at=AGO, finished_at=AGO))
    return str(plan)


def rows(hub: Hub, *tables: sa.Table) -> list[int]:
    with hub.read() as connection:
        return [
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables
        ]


def test_what_is_over_goes_and_later_imports_know_all_that_they_need(
    run: Any, opened: Hub, vendor: RunningSandbox, past: str, tmp_path: Path
) -> None:
    held = rows(opened, links, provenance)
    many = rows(opened, changes)[0]
    asked = vendor.requests()["total"]
    told = run("housekeeping").tally.more["removed"]
    assert told == {"plans": 1, "changes": many, "runs": 2, "reviews": 0, "notices": 0, "journal": 0}
    assert vendor.requests()["total"] == asked
    assert rows(opened, plan_table, changes) == [0, 0]
    assert rows(opened, links, provenance) == held
    # The same file again: nobody and nothing is made twice.
    writes = len(vendor.records("notes")), len(vendor.records("contacts"))
    again = run("import_contacts", file=str(tmp_path / "people.csv"))
    assert again.counts()["created"] == 0
    assert (len(vendor.records("notes")), len(vendor.records("contacts"))) == writes
    assert isinstance(run("undo_plan", plan=past).error, BadConfigurationError)


def test_a_dry_run_tells_the_same_and_removes_nothing(run: Any, opened: Hub, past: str) -> None:
    foretold = run("housekeeping", dry_run=True).tally.more
    assert "removed" not in foretold
    assert plans.find(opened, past).id == past
    assert run("housekeeping").tally.more["removed"] == foretold["to_remove"]


@pytest.mark.parametrize(("days", "left"), [("0", 1), ("401", 1), ("399", 0)])
def test_the_setting_says_how_long(
    run: Any, opened: Hub, past: str, monkeypatch: pytest.MonkeyPatch, days: str, left: int
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_KEEP_DAYS", days)
    run("housekeeping").counts()
    assert rows(opened, plan_table) == [left]


def test_no_token_is_needed(run: Any, past: str, opened: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN")
    assert run("housekeeping").tally.more["removed"]["plans"] == 1


def test_the_ledger_and_the_artifact_tell_what_was_removed(run: Any, opened: Hub, past: str) -> None:
    run("housekeeping").counts()
    with opened.read() as connection:
        [entry] = connection.execute(sa.select(runs).where(runs.c.automation == "housekeeping")).mappings()
    assert entry["state"] == "completed"
    assert entry["parameters"] == {"dry_run": False, "keep_days": 365}

    key = f"housekeeping-summary-{entry['location_id'].lower()}"

    async def summary() -> str:
        wanted = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key]))
        async with get_client() as client:
            [found] = await client.read_latest_artifacts(limit=1, artifact_filter=wanted)
            return str(found.data)

    assert '"removed: plans", "count": 1' in asyncio.run(summary())
