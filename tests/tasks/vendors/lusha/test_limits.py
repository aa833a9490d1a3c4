"""Lusha's windows: taken from its headers, shared by all processes, and kept to without a 429."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sandbox import process
from tasks.core.errors import QuotaExhaustedError
from tasks.hub.budget import MARGIN, SharedBudget, announced
from tasks.hub.engine import Hub
from tasks.vendors import pacing
from tasks.vendors.lusha.api import contacts
from tasks.vendors.lusha.connection import LushaConnection
from tasks.vendors.lusha.limits import BURST, DAY_MS, HOUR_MS, MINUTE_MS, Limits
from tasks.vendors.transport import Answer
from tests.tasks.vendors.lusha.conftest import Talk

ACCOUNT = "lusha:windows"


def told(**windows: Any) -> Answer:
    return Answer(200, {f"x-rate-limit-{name}": str(most) for name, most in windows.items()}, b"{}")


def kept(hub: Hub) -> tuple[tuple[int, int], ...]:
    quota = announced(hub, ACCOUNT)
    return quota.windows if quota else ()


async def answered(limits: Limits, answer: Answer, path: str = "/v3/contacts/search") -> None:
    await limits.learn(answer, await limits.reserve(path))


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    """These tests are about the client; one kind of hub will do."""
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were waited for: whoever waits does so by moving the hub's clock."""
    now = [1_000_000]
    waited: list[float] = []
    monkeypatch.setattr(SharedBudget, "_now_ms", lambda _self, _connection: now[0])

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += round(seconds * 1000)

    monkeypatch.setattr(pacing.asyncio, "sleep", sleep)
    return waited


def test_a_plan_s_windows_come_from_its_headers_and_a_missing_one_is_none(hub: Hub) -> None:
    limits = Limits(hub, ACCOUNT)
    asyncio.run(answered(limits, told(minute=40, hourly="null", daily=100)))
    assert kept(hub) == (BURST, (40, int(MINUTE_MS * MARGIN)), (100, int(DAY_MS * MARGIN)))
    asyncio.run(answered(limits, Answer(502, {}, b"")))
    asyncio.run(answered(limits, Answer(200, {}, b"{}")))
    assert len(kept(hub)) == 3  # an answer that tells none takes nothing back
    asyncio.run(answered(limits, told(minute=300, hourly=1800, daily=18000)))
    assert kept(hub)[2] == (1800, int(HOUR_MS * MARGIN))


def test_another_process_goes_by_what_this_one_sent_and_was_told(hub: Hub, waits: list[float]) -> None:
    async def go() -> None:
        one, other = Limits(hub, ACCOUNT), Limits(hub, ACCOUNT)
        await answered(one, told(minute=3))
        await one.reserve("/v3/contacts/search")
        await other.reserve("/v3/contacts/enrich")
        await other.reserve("/v3/contacts/enrich")

    asyncio.run(go())
    assert waits == [pytest.approx(60.601, abs=2)]


def test_bursts_and_paths_with_a_limit_of_their_own_are_paced(hub: Hub, waits: list[float]) -> None:
    async def go() -> None:
        limits = Limits(hub, ACCOUNT)
        await answered(limits, told(minute=300))
        for _ in range(25):
            await limits.reserve("/v3/contacts/search")
        for _ in range(6):
            await limits.reserve("/v3/account/usage")

    asyncio.run(go())
    burst, usage = waits
    assert 1.011 <= burst < 1.011 + pacing.LONGEST_LATE_MS / 1000
    assert usage == pytest.approx(60.6, abs=2)


def test_a_minute_s_requests_are_used_to_95_in_100_at_least(hub: Hub, waits: list[float]) -> None:
    async def go() -> None:
        limits = Limits(hub, ACCOUNT)
        await answered(limits, told(minute=50))
        for _ in range(2 * 50):
            await limits.reserve("/v3/contacts/search")

    asyncio.run(go())
    assert 2 * 60 < sum(waits) < 2 * 60 / 0.95


def test_an_hour_is_waited_for_and_a_day_is_not(hub: Hub, waits: list[float]) -> None:
    async def go() -> None:
        limits = Limits(hub, ACCOUNT)
        await answered(limits, told(hourly=2, daily=4))
        for _ in range(3):
            await limits.reserve("/v3/contacts/search")
        await limits.pause("/v3/contacts/search", 1200)
        with pytest.raises(QuotaExhaustedError, match="Lusha's request quota is used up; it is reset in 2"):
            await limits.reserve("/v3/contacts/search")

    asyncio.run(go())
    assert waits == [HOUR_MS * MARGIN / 1000 + 0.001, 1200.0]


def test_requests_at_once_stay_within_a_burst_and_none_is_refused(hub: Hub) -> None:
    with process.start(contacts=0, lusha_people=0, lusha_plan="scale") as running:

        async def go(leads: LushaConnection) -> None:
            await asyncio.gather(*(contacts.filter_types(leads.client) for _ in range(30)))

        Talk(running.lusha, hub, ACCOUNT)(go)
        assert running.lusha.requests()["operations"] == {"GET /v3/contacts/prospecting/filters": {"200": 30}}
        found = announced(hub, ACCOUNT)
    assert found
    assert [most for most, _ in found.windows] == [25, 300, 5000, 50000]
