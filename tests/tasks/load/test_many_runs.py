"""A process that runs for months: run after run costs as much as the first, in memory and in the hub."""

from __future__ import annotations

import gc
import threading
from datetime import UTC, datetime
from typing import Any

import psutil
import sqlalchemy as sa

from tasks.hub.tables import runs

RUNS, WARM, CLOSE = 300, 100, 10
PART = 100
"""Steps of SQLite's virtual machine that count as one: what reading a handful of rows takes."""


class Meter:
    """What a process holds, and what its runs ask of the hub."""

    def __init__(self, office: Any) -> None:
        self._office = office
        self.parts = 0
        sa.event.listen(office.hub.engine, "connect", self._watch)
        office.hub.close()  # so that every connection is watched

    def _watch(self, connection: Any, _record: Any) -> None:
        connection.set_progress_handler(self._count, PART)

    def _count(self) -> int:
        self.parts += 1
        return 0

    def held(self) -> dict[str, int]:
        gc.collect()
        return {
            "objects": len(gc.get_objects()) + gc.get_freeze_count(),
            "files": psutil.Process().num_fds(),
            "threads": threading.active_count(),
            "connections in use": self._office.hub.engine.pool.checkedout(),
        }


def close_runs(office: Any) -> None:
    """As a session does at its end."""
    with office.hub.write() as connection:
        ended = {"state": "completed", "finished_at": datetime.now(UTC)}
        connection.execute(sa.update(runs).where(runs.c.state == "running").values(ended))


def test_the_300th_import_holds_no_more_and_reads_no_more_than_the_100th(office: Any) -> None:
    known, meter = office.known(4), Meter(office)
    asked: list[int] = []
    read: list[int] = []
    held: dict[int, dict[str, int]] = {}
    for number in range(1, RUNS + 1):
        requests, parts = office.vendor.requests()["total"], meter.parts
        office.load([{"id": one["id"], "email": one["email"], "city": f"Town {number}"} for one in known])
        close_runs(office)
        asked.append(office.vendor.requests()["total"] - requests)
        read.append(meter.parts - parts)
        if number in (WARM, RUNS):
            held[number] = meter.held()
    print(f"hub, parts a run: {read[0]} … {read[WARM]} … {read[-1]}; requests a run: {asked[-1]}; {held}")
    assert len({office.contact(one["id"])["city"] for one in known} - {f"Town {RUNS}"}) == 0
    assert asked[-1] == asked[WARM]
    early, late = sum(read[WARM - CLOSE : WARM]), sum(read[-CLOSE:])
    assert late <= early * 1.03, (
        early,
        late,
    )  # a row read for each plan that there has been is 15 % and more
    # A run that left one object behind, a file, a thread, would show 200 of them.
    assert held[RUNS]["objects"] - held[WARM]["objects"] < (RUNS - WARM) / 2
    for name in ("files", "threads", "connections in use"):
        assert held[RUNS][name] <= held[WARM][name]
