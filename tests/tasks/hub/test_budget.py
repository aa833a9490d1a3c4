"""The shared request budget: exact windows, for all processes of a hub together."""

from __future__ import annotations

import itertools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from tasks.hub.budget import Grant, Quota, SharedBudget
from tasks.hub.engine import Hub
from tasks.hub.tables import request_log

GUESS = Quota(max_requests=3, interval_ms=60_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The budget's clock in milliseconds, moved by hand."""
    now = [1_000_000]
    monkeypatch.setattr(SharedBudget, "_now_ms", lambda _self, _connection: now[0])
    return now


def test_the_window_is_exact_and_slides(hub: Hub, clock: list[int]) -> None:
    budget = SharedBudget(hub, "highlevel:a", GUESS)
    for moment in (1_000_000, 1_010_000, 1_020_000):
        clock[0] = moment
        assert budget.reserve() == Grant()
    clock[0] = 1_030_000
    assert budget.reserve().wait_ms == 30_001  # until the first has left the window
    clock[0] += 30_001
    assert budget.reserve() == Grant()
    assert budget.reserve().wait_ms == 10_000  # until the second has


def test_what_the_headers_say_replaces_the_guess(hub: Hub, clock: list[int]) -> None:
    budget = SharedBudget(hub, "highlevel:a", GUESS)
    budget.learn(Quota(max_requests=100, interval_ms=10_000))
    assert sum(budget.reserve().wait_ms == 0 for _ in range(150)) == 100
    clock[0] += 10_001
    assert budget.reserve() == Grant()


def test_locations_have_their_own_budgets(hub: Hub) -> None:
    one, two = (SharedBudget(hub, f"highlevel:{name}", GUESS) for name in "ab")
    assert [one.reserve().wait_ms > 0 for _ in range(4)] == [False, False, False, True]
    assert two.reserve().wait_ms == 0


def test_a_vendor_without_quota_is_not_paced(hub: Hub) -> None:
    budget = SharedBudget(hub, "highlevel:a", GUESS)
    budget.learn(Quota(max_requests=None))
    assert budget.reserve() == Grant(limited=False)


def test_after_a_429_nobody_sends(hub: Hub, clock: list[int]) -> None:
    SharedBudget(hub, "highlevel:a", GUESS).pause(10_000)
    another_process = SharedBudget(hub, "highlevel:a", GUESS)
    assert another_process.reserve().wait_ms == 10_000
    clock[0] += 10_000
    assert another_process.reserve() == Grant()


def test_a_used_up_day_says_how_long_it_lasts(hub: Hub, clock: list[int]) -> None:
    budget = SharedBudget(hub, "highlevel:a", GUESS)
    budget.learn(Quota(max_requests=100, daily_remaining=0, daily_reset_ms=3_600_000))
    clock[0] += 600_000
    assert budget.reserve().exhausted_ms == 3_000_000
    clock[0] += 3_000_000
    assert budget.reserve() == Grant()


def test_threads_cannot_overdraw_it_together(hub: Hub) -> None:
    budget = SharedBudget(hub, "highlevel:a", Quota(max_requests=20, interval_ms=60_000))
    with ThreadPoolExecutor(8) as pool:
        grants = list(pool.map(lambda _: budget.reserve(), range(60)))
    assert sum(grant.wait_ms == 0 for grant in grants) == 20


SPEND = """
import sys
from tasks.hub.budget import Quota, SharedBudget
from tasks.hub.engine import Hub
budget = SharedBudget(Hub(sys.argv[1]), "highlevel:a", Quota(max_requests=30, interval_ms=60_000))
print(sum(budget.reserve().wait_ms == 0 for _ in range(20)))
"""


def test_processes_cannot_overdraw_it_together(hub: Hub, hub_url: str) -> None:
    spenders = [
        subprocess.Popen([sys.executable, "-c", SPEND, hub_url], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    granted = [int(spender.communicate(timeout=60)[0]) for spender in spenders]
    assert sum(granted) == 30
    with hub.read() as connection:
        times = connection.execute(sa.select(request_log.c.sent_at_ms)).scalars().all()
    assert len(times) == 30
    assert all(a <= b for a, b in itertools.pairwise(sorted(times)))
