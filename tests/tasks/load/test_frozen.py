"""Two processes of which one was held up: each change is written once, and nothing is sent after a loss."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import State
from tasks.hub import leases
from tasks.hub.tables import changes
from tasks.hub.tables import leases as lease_table

ROOT = Path(__file__).parents[3]
LEASE_SECONDS = 1.5
CREATE = "POST /contacts/"
PATIENCE = 60.0

PROGRAM = """
import json, sys
sys.path.insert(0, {root!r})
from pathlib import Path
import pytest
from sandbox.process import RunningSandbox
from tasks.hub import leases
from tests.tasks.load import conftest
leases.SECONDS = {lease_seconds}
with pytest.MonkeyPatch.context() as patch:
    conftest.hurry(patch)
    office = conftest.Office(RunningSandbox(**json.loads({vendor!r})), Path({folder!r}), {url!r})
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        office.load(json.loads({records!r}))
    except Exception as error:
        print(type(error).__name__, flush=True)
    else:
        print("through", flush=True)
"""
"""An import of records in a process of its own, which begins when it is told to."""


class Importer:
    """Another process that imports records.

    Args:
        folder: Of its own.
    """

    def __init__(self, office: Any, records: list[dict[str, Any]], folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        program = PROGRAM.format(
            root=str(ROOT),
            lease_seconds=LEASE_SECONDS,
            vendor=json.dumps(asdict(office.vendor)),
            folder=str(folder),
            url=office.hub_url,
            records=json.dumps(records),
        )
        with (folder / "stderr").open("w") as complaints:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        assert self._line() == "ready", (folder / "stderr").read_text()

    def begin(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> str:
        """Let it go on; how it ended."""
        self.process.send_signal(signal.SIGCONT)
        return self.end()

    def end(self) -> str:
        line = self._line()
        self.process.wait(PATIENCE)
        return line

    def close(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            stream.close()

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@pytest.fixture
def importer(tmp_path: Path) -> Any:
    started: list[Importer] = []

    def start(office: Any, records: list[dict[str, Any]]) -> Importer:
        started.append(Importer(office, records, tmp_path / f"process {len(started)}"))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def two_hubs(
    request: pytest.FixtureRequest, make_office: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Any:
    """An office on each kind of database, whose leases are short."""
    monkeypatch.setattr(leases, "SECONDS", LEASE_SECONDS)
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return make_office(hub_url=url)


def people(number: int) -> list[dict[str, Any]]:
    """New people, most without an address: nothing but our own bookkeeping tells them apart."""
    return [
        {"id": f"p{n}", "first_name": "Frozen", "last_name": f"Only{n}", "note": f"Note {n}"}
        | ({"email": f"frozen{n}@trap.example"} if n % 3 == 0 else {})
        for n in range(number)
    ]


def creates(office: Any) -> int:
    return sum(office.vendor.requests()["operations"].get(CREATE, {}).values())


def until(fact: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.01)


def under_way(office: Any) -> int:
    with office.hub.engine.connect() as connection:
        query = sa.select(sa.func.count()).where(changes.c.state == State.SENDING.value)
        return int(connection.execute(query).scalar_one())


def test_a_process_that_was_frozen_past_its_lease_writes_nothing_more(two_hubs: Any, importer: Any) -> None:
    office, records = two_hubs, people(60)
    office.vendor.set_faults([{"operation": CREATE, "fault": "slow", "seconds": 0.2}])
    frozen = importer(office, records)
    frozen.begin()
    until(lambda: creates(office) >= 12)
    frozen.freeze()
    time.sleep(LEASE_SECONDS * 1.2)
    office.vendor.set_faults([])
    office.load(records)
    sent = office.writes()
    assert frozen.wake() == "LeaseLostError"
    assert office.writes() == sent
    assert len(office.called("Frozen")) == len(office.vendor.records("notes")) == len(records)
    office.load(records)
    assert (office.writes(), under_way(office)) == (sent, 0)


def test_a_process_that_woke_in_time_goes_on(two_hubs: Any, importer: Any) -> None:
    office, records = two_hubs, people(40)
    office.vendor.set_faults([{"operation": CREATE, "fault": "slow", "seconds": 0.1}])
    frozen = importer(office, records)
    frozen.begin()
    until(lambda: creates(office) >= 8)
    frozen.freeze()
    time.sleep(LEASE_SECONDS * 1.2)  # its lease ran out, and nobody took it
    assert frozen.wake() == "through"
    assert len(office.called("Frozen")) == len(office.vendor.records("notes")) == len(records)


def test_what_was_answered_is_recorded_though_the_lease_is_lost_and_nothing_new_leaves(
    two_hubs: Any, importer: Any
) -> None:
    office, records = two_hubs, people(90)
    office.vendor.set_faults([{"operation": CREATE, "fault": "slow", "seconds": 0.1}])
    loser = importer(office, records)
    loser.begin()
    until(lambda: creates(office) >= 16)
    with office.hub.engine.begin() as connection:  # as if it had been held up, and another had taken over
        taken = {"holder": "elsewhere/1/x", "generation": lease_table.c.generation + 1}
        connection.execute(sa.update(lease_table).values(taken))
    assert loser.end() == "LeaseLostError"
    made = len(office.called("Frozen"))
    assert made < len(records)
    with office.hub.engine.connect() as connection:
        done = sa.select(sa.func.count()).where(changes.c.kind == "create", changes.c.state == "done")
        assert connection.execute(done).scalar_one() == made
        connection.execute(sa.text("UPDATE leases SET until_ms = 0"))
        connection.commit()
    office.vendor.set_faults([])
    office.load(records)
    assert len(office.called("Frozen")) == len(office.vendor.records("notes")) == len(records)


def test_two_imports_that_begin_together_make_everybody_once_though_one_is_killed(
    two_hubs: Any, importer: Any
) -> None:
    """The second had looked for what interrupted plans left open before the first one began to write."""
    office, records = two_hubs, people(30)
    office.vendor.set_faults([{"operation": CREATE, "fault": "slow", "seconds": 0.3}])
    first, second = importer(office, records), importer(office, records)
    first.begin()
    second.begin()
    until(lambda: creates(office) >= 6)
    with office.hub.engine.connect() as connection:
        holder = connection.execute(sa.select(lease_table.c.holder)).scalar_one()
    killed, survivor = (first, second) if f"/{first.process.pid}/" in holder else (second, first)
    killed.process.kill()
    assert survivor.end() == "through"
    assert len(office.called("Frozen")) == len(office.vendor.records("notes")) == len(records)
