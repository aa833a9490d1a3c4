"""The ledger and the cursors: where each automation stands, and which of its runs are alive."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from tasks.hub import ledger
from tasks.hub.engine import Hub
from tasks.hub.ledger import Cursor, Run
from tasks.hub.tables import runs

CURSOR = Cursor("loc", "sync_contacts", "dateUpdated")


def test_two_first_moves_at_once_are_one_cursor(hub: Hub) -> None:
    together = Barrier(2)

    def move(number: int) -> None:
        with hub.write() as connection:
            if not hub.is_sqlite:  # where the second waits for the first from its first statement on
                together.wait()
            CURSOR.move(connection, {"at": number}, "run")

    for number in range(5):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(move, (number, number)))
        with hub.write() as connection:
            assert CURSOR.read(connection) == {"at": number}
            CURSOR.clear(connection)


def run_of_the_sync(location_id: str = "loc") -> Run:
    return Run("sync_contacts", location_id, "highlevel_contact", "digest", {})


def states(hub: Hub, *of: Run) -> list[str]:
    with hub.read() as connection:
        found = dict(connection.execute(sa.select(runs.c.id, runs.c.state)).all())
    return [found[run.id] for run in of]


def silent_for(hub: Hub, run: Run, seconds: float) -> None:
    with hub.write() as connection:
        moment = hub.now_ms(connection) - int(seconds * 1000)
        connection.execute(sa.update(runs).where(runs.c.id == run.id).values(alive_at_ms=moment))


def test_a_run_that_is_alive_is_left_alone_by_the_next(hub: Hub) -> None:
    one, next_ = run_of_the_sync(), run_of_the_sync()
    one.open(hub)
    next_.open(hub)
    assert states(hub, one, next_) == ["running", "running"]
    one.close(hub)
    next_.close(hub, "no more")
    assert states(hub, one, next_) == ["completed", "failed"]


DYING = """
import os, signal, sys
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
run = Run("sync_contacts", "loc", "highlevel_contact", "digest", {})
run.open(Hub(sys.argv[1]))
print(run.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_whose_process_is_dead_was_interrupted(hub: Hub, hub_url: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", DYING, hub_url], capture_output=True, text=True, check=False
    )
    dead = run_of_the_sync()
    dead.id = killed.stdout.strip()
    assert states(hub, dead) == ["running"]
    elsewhere, next_ = run_of_the_sync("elsewhere"), run_of_the_sync()
    elsewhere.open(hub)
    assert states(hub, dead) == ["running"]
    next_.open(hub)
    assert states(hub, dead, elsewhere, next_) == ["interrupted", "running", "running"]


def test_a_run_of_another_machine_lives_as_long_as_it_says_so(hub: Hub) -> None:
    speaking, silent = run_of_the_sync(), run_of_the_sync()
    for run in (speaking, silent):
        run.holder = "another machine/1/1"
        run.open(hub)
        silent_for(hub, run, 3600)
    speaking.beat(hub)
    run_of_the_sync().open(hub)
    assert states(hub, speaking, silent) == ["running", "interrupted"]


def test_a_run_that_was_frozen_for_long_is_running_again(hub: Hub) -> None:
    run = run_of_the_sync()
    run.open(hub)
    silent_for(hub, run, 3600)
    run_of_the_sync().open(hub)
    assert states(hub, run) == ["interrupted"]
    run.beat(hub)
    assert states(hub, run) == ["running"]
    run.close(hub)
    run.beat(hub)
    assert states(hub, run) == ["completed"]


def test_a_run_says_now_and_then_that_it_is_alive(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "BEAT_SECONDS", 0.01)

    async def working(run: Run) -> None:
        async with ledger.beating(hub, run):
            run_of_the_sync().open(hub)
            while states(hub, run) != ["running"]:  # noqa: ASYNC110 - until the hub has it
                await asyncio.sleep(0.01)

    run = run_of_the_sync()
    run.open(hub)
    silent_for(hub, run, 3600)
    asyncio.run(asyncio.wait_for(working(run), 60))


def test_only_a_run_that_was_completed_tells_that_a_mapping_was_carried(hub: Hub) -> None:
    def carried(automation: str = "sync_contacts", location_id: str = "loc", digest: str = "digest") -> bool:
        return ledger.was_carried(hub, automation, location_id, digest)

    failed, waits, done = run_of_the_sync(), run_of_the_sync(), run_of_the_sync()
    waits.waits = True
    for run in (failed, waits, done):
        run.open(hub)
    failed.close(hub, "it failed")
    waits.close(hub)
    assert not carried()
    done.close(hub)
    assert carried()
    assert not carried(digest="another")
    assert not carried(automation="import_contacts")
    assert not carried(location_id="elsewhere")
