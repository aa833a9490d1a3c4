"""``lusha-connect status``: how a location stands, and whether somebody has to do something."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.hub import notices
from tasks.hub.engine import Hub
from tasks.hub.notices import Notice
from tasks.hub.tables import plans, runs

Command = Callable[..., Any]


def looked_at(done: Any) -> dict[str, dict[str, str]]:
    return {one["name"]: one for one in json.loads(done.out)["checks"]}


def test_all_is_well_after_a_sync(lusha_connect: Command) -> None:
    assert lusha_connect("run", "sync_contacts").code == 0
    done = lusha_connect("status", "--json")
    found = looked_at(done)
    assert found["sync_contacts"]["status"] == "ok"
    assert "Completed" in found["sync_contacts"]["found"]
    assert "of highlevel.contact" in found["rejects"]["found"]
    assert found["sync_businesses"]["found"] == "It has not run yet."
    assert {one["status"] for one in found.values()} == {"ok"}
    assert done.code == 0


def test_a_sync_that_failed_needs_a_person(lusha_connect: Command, vendor: RunningSandbox) -> None:
    search = {"operation": "POST /contacts/search"}
    vendor.set_faults([search | {"fault": "slow", "seconds": 0.1, "times": 1}, search | {"fault": "401"}])
    assert lusha_connect("run", "sync_contacts", "-p", "batch_size=500").code == 2
    vendor.set_faults([])
    done = lusha_connect("status")
    assert done.code == 1
    assert "✗ sync_contacts: The last run failed" in done.out
    assert "never completed" in done.out
    assert "run sync_contacts" in done.out


def test_notices_that_did_not_arrive_need_a_person(
    lusha_connect: Command, vendor: RunningSandbox, hub: Hub
) -> None:
    told = ("channels", "done", "team", "Done", "Call her.", datetime.now(UTC), "run")
    with hub.write() as connection:
        notices.put(
            connection, vendor.location_id, [Notice(key, *told) for key in ("waits", "failed", "sent")]
        )
        notices.failed(connection, vendor.location_id, ["failed", "sent"], "the answer was 500")
        notices.sent(connection, vendor.location_id, ["sent"], datetime.now(UTC))
    done = lusha_connect("status", "--json")
    found = looked_at(done)["notices"]
    assert done.code == 1
    assert found["status"] == "warning"
    assert found["found"].startswith("1 notice did not arrive")


def test_an_old_sync_and_a_plan_that_stopped_need_a_person(lusha_connect: Command, hub: Hub) -> None:
    lusha_connect("run", "sync_contacts")
    before = datetime.now(UTC) - timedelta(days=3, hours=1)
    with hub.write() as connection:
        connection.execute(sa.update(runs).values(started_at=before, finished_at=before))
        [location_id] = set(connection.execute(sa.select(runs.c.location_id)).scalars())
        connection.execute(sa.insert(plans).values(stopped(location_id)))
    done = lusha_connect("status", "--json")
    found = looked_at(done)
    assert done.code == 1
    assert found["sync_contacts"]["status"] == "warning"
    assert "3 days ago" in found["sync_contacts"]["found"]
    assert found["unfinished plans"]["status"] == "warning"
    assert "plans apply stoppedplan1" in found["unfinished plans"]["remedy"]


def stopped(location_id: str) -> dict[str, Any]:
    texts = {
        "run_id": "r",
        "kind": "import",
        "automation": "import_contacts",
        "about": "a file",
        "digest": "",
    }
    tables = {"spec": {}, "counts": {}, "bill": {}}
    own = {"id": "stoppedplan1", "location_id": location_id, "state": "stopped", "made_at": datetime.now(UTC)}
    return texts | tables | own


def test_records_for_review_need_a_person(
    lusha_connect: Command, known: list[dict[str, Any]], people: Callable[..., str]
) -> None:
    file = people({"Email": known[0]["email"], "First Name": "Somebody", "Last Name": "Else"})
    assert lusha_connect("run", "import_contacts", "-p", f"file={file}", "--dry-run").code == 0
    done = lusha_connect("status", "--json")
    assert looked_at(done)["reviews"]["found"] == "1 open."
    assert done.code == 1


def test_a_hub_that_is_not_there_is_told_and_not_made(lusha_connect: Command, hub: Hub) -> None:
    place = hub.place
    hub.close()
    for file in (place, f"{place}-wal", f"{place}-shm"):
        Path(file).unlink(missing_ok=True)
    done = lusha_connect("status")
    assert done.code == 1
    assert "There is no hub at" in done.out
