"""Two processes of which one was held up: each change is written once, and nothing is sent after a loss."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import State
from tasks.core.errors import LeaseLostError
from tasks.hub import leases
from tasks.hub.tables import changes
from tasks.hub.tables import leases as lease_table
from tasks.load.rolling import BLOCK
from tasks.run import applying
from tasks.run.planning import Work
from tasks.vendors import network
from tests import chance
from tests.forks import Forks
from tests.tasks.load.importer import LEASE_SECONDS, PATIENCE, Importer
from tests.tasks.load.machine import Machine

CREATE = "POST /contacts/"
KINDS = ("sqlite", "postgresql")
LOCKED_SECONDS = 4.0
FREEZES = chance.many("RANDOM_FREEZES", 1)
"""At random moments; spread over both kinds of database."""


@pytest.fixture
def importer(forks: Forks, tmp_path: Path) -> Any:
    started: list[Importer] = []

    def start(office: Any, records: list[dict[str, Any]], *lease_seconds: float) -> Importer:
        place = tmp_path / f"process {len(started)}"
        started.append(Importer(forks, office, records, place, *lease_seconds))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "SECONDS", LEASE_SECONDS)


@pytest.fixture(params=KINDS)
def two_hubs(request: pytest.FixtureRequest, make_office: Callable[..., Any], short_leases: None) -> Any:
    """An office on each kind of database, whose leases are short."""
    return make_office(kind=request.param)


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


def done(office: Any) -> int:
    """Creates whose end is recorded."""
    with office.hub.engine.connect() as connection:
        found = sa.select(sa.func.count()).where(changes.c.verb == "create", changes.c.state == "done")
        return int(connection.execute(found).scalar_one())


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
    frozen.wake()
    assert frozen.end() == "LeaseLostError"
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
    frozen.wake()
    assert frozen.end() == "through"
    assert len(office.called("Frozen")) == len(office.vendor.records("notes")) == len(records)


def test_what_was_answered_is_recorded_though_the_lease_is_lost_and_nothing_new_leaves(
    two_hubs: Any, importer: Any
) -> None:
    office, records = two_hubs, people(150)
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
    assert done(office) == made
    office.give_up_leases()
    office.vendor.set_faults([])
    office.load(records)
    assert len(office.called("Frozen")) == len(office.vendor.records("notes")) == len(records)


def test_nothing_more_is_sent_once_somebody_took_over_though_no_clock_says_so(
    make_office: Callable[..., Any],
) -> None:
    """The lease lasts for a minute, and another has it all the same: the hub is asked, not the clock."""
    taken: list[str] = []

    def somebody_takes_over(moment: str) -> None:
        if moment != "request" or taken or not office.hub.seen[CREATE]:
            return
        with office.outside() as connection:
            values = {"holder": "elsewhere/1/x", "generation": lease_table.c.generation + 1}
            connection.execute(sa.update(lease_table).values(values))
        taken.append("elsewhere")

    office = make_office(befall=somebody_takes_over)
    records = people(4 * BLOCK)
    with pytest.raises(LeaseLostError):
        office.load(records)
    made = len(office.called("Frozen"))
    assert 0 < made < 1.5 * BLOCK  # two were marked: when the third is refused, the second is not sent
    assert done(office) == made
    office.give_up_leases()
    office.load(records)
    assert len(office.called("Frozen")) == len(office.vendor.records("notes")) == len(records)


def test_what_somebody_else_has_brought_to_its_end_is_not_sent(make_office: Callable[..., Any]) -> None:
    """That a change is still planned is asked in the transaction that marks, whatever was read before."""
    records = people(4 * BLOCK)

    def somebody_ends_the_last(moment: str) -> None:
        if moment == "request" and office.hub.seen[CREATE] == 1:
            mine = (changes.c.verb == "create", changes.c.record_id == records[-1]["id"])
            with office.outside() as connection:
                connection.execute(sa.update(changes).where(*mine).values(state=State.LEFT.value))

    office = make_office(befall=somebody_ends_the_last)
    office.load(records)
    assert len(office.called("Frozen")) == len(records) - 1


def somebody_writes(office: Any) -> threading.Thread:
    """Another program holds SQLite's write lock for some seconds."""
    held = threading.Event()

    def hold() -> None:
        path = office.hub_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            time.sleep(LOCKED_SECONDS)
            connection.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(PATIENCE)
    return thread


def test_a_hub_that_somebody_else_writes_to_holds_up_no_answer(make_office: Callable[..., Any]) -> None:
    """SQLite's lock may last; meanwhile answers are heard, the lease is renewed, its loss is noticed."""
    locks: list[threading.Thread] = []

    def locked(moment: str) -> None:
        if moment == "request" and not locks and office.hub.seen[CREATE]:
            locks.append(somebody_writes(office))

    async def importing(work: Work) -> float:
        plan, longest = await office.plan(work, people(60)), 0.0
        applying_it = asyncio.create_task(applying.apply(work, plan, office.recheck, follow_up=True))
        while not applying_it.done():
            before = time.monotonic()
            await asyncio.sleep(0.05)
            longest = max(longest, time.monotonic() - before)
        await applying_it
        return longest

    office = make_office(befall=locked)
    longest = office.act(importing)
    locks[0].join()
    assert longest < LOCKED_SECONDS / 2
    assert len(office.called("Frozen")) == 60


def test_two_imports_that_begin_together_make_everybody_once_though_one_is_killed(
    two_hubs: Any, importer: Any
) -> None:
    """The second had looked for what interrupted plans left open before the first one began to write."""
    office, records = two_hubs, people(30)
    office.vendor.set_faults([{"operation": CREATE, "fault": "slow", "seconds": 0.3}])
    # Long enough that a busy machine does not lose one by itself.
    first, second = importer(office, records, 5.0), importer(office, records, 5.0)
    first.begin()
    second.begin()
    until(lambda: creates(office) >= 6)
    with office.hub.engine.connect() as connection:
        holder = connection.execute(sa.select(lease_table.c.holder)).scalar_one()
    killed, survivor = (first, second) if f"/{first.process.pid}/" in holder else (second, first)
    killed.kill()
    assert survivor.end() == "through"
    assert len(office.called("Frozen")) == len(office.vendor.records("notes")) == len(records)


def test_an_answer_is_kept_though_the_lease_is_lost_when_the_whole_request_has_just_left(
    office: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave = network._Stream.write

    async def losing(stream: Any, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await leave(stream, buffer, timeout)
        if b"heard@trap.example" in buffer and not machine.held_up:
            machine.held_up = leases.SECONDS
            with office.outside() as connection:
                taken = {"holder": "elsewhere/1/x", "generation": lease_table.c.generation + 1}
                connection.execute(sa.update(lease_table).values(taken))

    monkeypatch.setattr(network._Stream, "write", losing)
    with pytest.raises(LeaseLostError):
        office.load([{"id": "1", "email": "heard@trap.example", "first_name": "Heard", "note": "Hi"}])
    [made] = office.called("Heard")
    with office.hub.engine.connect() as connection:
        query = sa.select(changes.c.stream, changes.c.state, changes.c.target_id).order_by(changes.c.n)
        found = connection.execute(query).all()
    assert found == [("highlevel.contact", "done", made["id"]), ("highlevel.note", "planned", None)]


@pytest.mark.parametrize("number", range(FREEZES))
def test_whoever_is_frozen_at_whatever_moment_everything_is_done_once(
    number: int, make_office: Callable[..., Any], importer: Any, short_leases: None
) -> None:
    dice = chance.dice("freeze", number)
    office = make_office(kind=KINDS[number % 2])
    known = office.known(6)
    records = people(18) + [
        {"id": one["id"], "email": one["email"], "city": "Springfield", "tags": ["fair"], "note": "Met"}
        for one in known
    ]
    office.vendor.set_faults([{"operation": "*", "fault": "slow", "seconds": 0.05}])
    frozen, other = importer(office, records), importer(office, records)
    for one in dice.sample((frozen, other), 2):
        one.begin()
        time.sleep(dice.uniform(0, 0.3))
    time.sleep(dice.uniform(0, 1.5))
    frozen.freeze()
    begun, killed = time.monotonic(), dice.random() < 0.4
    if killed:
        time.sleep(dice.uniform(0, LEASE_SECONDS))
        other.kill()
    time.sleep(max(0.0, begun + 1.2 * LEASE_SECONDS - time.monotonic()))
    frozen.wake()
    ends = {frozen.end(), other.end()}
    assert ends <= {"through", "LeaseLostError"} | ({"killed"} if killed else set()), frozen.told + other.told
    office.vendor.set_faults([])
    if "through" not in ends:
        office.load(records)
    sent = office.writes()
    office.load(records)
    assert (office.writes(), under_way(office)) == (sent, 0)
    assert len(office.called("Frozen")) == 18
    assert len(office.vendor.records("notes")) == len(records)
    assert {office.contact(one["id"])["city"] for one in known} == {"Springfield"}
