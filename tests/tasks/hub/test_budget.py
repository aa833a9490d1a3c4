"""The shared request budget: exact windows, for all processes of a hub together."""

from __future__ import annotations

import itertools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.hub import schema
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


def test_of_several_windows_the_one_that_is_full_longest_says_how_long(hub: Hub, clock: list[int]) -> None:
    budget = SharedBudget(hub, "lusha:a", Quota.of([(2, 1_000), (3, 60_000)]))
    assert [budget.reserve().wait_ms for _ in range(3)] == [0, 0, 1_001]
    clock[0] += 1_001
    assert budget.reserve() == Grant()
    assert budget.reserve().wait_ms == 60_001 - 1_001  # of the three in the minute, the first
    clock[0] += 59_000
    assert [budget.reserve().wait_ms for _ in range(3)] == [0, 0, 1_001]


def test_another_process_keeps_to_the_windows_that_this_one_was_told(hub: Hub, clock: list[int]) -> None:
    budget = SharedBudget(hub, "lusha:a", GUESS)
    budget.learn(Quota.of([(2, 1_000), (40, 60_000), (2, 86_400_000)]))
    assert budget.reserve() == Grant()
    clock[0] += 3_600_000
    assert budget.reserve() == Grant()
    assert SharedBudget(hub, "lusha:a", GUESS).reserve().wait_ms == 86_400_001 - 3_600_000


def test_a_window_is_longer_for_requests_that_arrive_late_beyond_its_margin(
    hub: Hub, clock: list[int]
) -> None:
    budget = SharedBudget(hub, "lusha:a", Quota.of([(1, 1_000), (1, 101_000)]))
    budget.reserve()
    assert budget.reserve(late_ms=500).wait_ms == 101_001  # a hundredth of it is 1,000
    assert budget.reserve(late_ms=1_500).wait_ms == 101_501


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


HOUR_MS = 3_600_000


@pytest.mark.parametrize("quota", [GUESS, Quota(max_requests=3, daily_remaining=0, daily_reset_ms=HOUR_MS)])
def test_a_clock_that_was_ahead_and_is_right_again_costs_one_interval_at_most(
    hub: Hub, clock: list[int], quota: Quota
) -> None:
    budget = SharedBudget(hub, "highlevel:a", GUESS)
    clock[0] += 24 * HOUR_MS
    assert [budget.reserve().wait_ms > 0 for _ in range(4)] == [False, False, False, True]
    budget.pause(30_000)
    budget.learn(quota)
    clock[0] -= 24 * HOUR_MS
    assert 0 < budget.reserve().wait_ms <= quota.interval_ms + 1  # those three may have been sent just now
    clock[0] += quota.interval_ms + 1
    assert budget.reserve() == Grant()


def test_no_pause_is_longer_than_any_can_be(hub: Hub, clock: list[int]) -> None:
    budget = SharedBudget(hub, "highlevel:a", GUESS)
    budget.pause(HOUR_MS)
    assert budget.reserve().wait_ms == 30_000


FAST_CLOCK = "import time; right = time.time_ns; time.time_ns = lambda: right() + 600 * 10**9\n"


def test_a_process_on_a_fast_clock_does_not_hold_up_the_next(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"  # a file's clock is the machine's; a server has its own
    with closing(Hub(url)) as hub:
        schema.upgrade(hub)
        program = FAST_CLOCK + SPEND.replace("60_000", "500").replace("range(20)", "range(40)")
        spent = subprocess.run(
            [sys.executable, "-c", program, url], capture_output=True, text=True, check=True
        )
        assert int(spent.stdout) >= 30
        assert SharedBudget(hub, "highlevel:a", GUESS).reserve().wait_ms <= 501
