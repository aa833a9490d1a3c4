"""HighLevel's quota: taken from its headers, never from what is known of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import pytest

from tasks.core.errors import QuotaExhaustedError
from tasks.hub.budget import Quota, announced
from tasks.hub.engine import Hub
from tasks.vendors import pacing
from tasks.vendors.highlevel.limits import FIRST_GUESS, account, request_budget
from tasks.vendors.pacing import LEARN_EVERY, RequestBudget
from tasks.vendors.transport import Answer

OFTEN = {"max": 40, "interval_milliseconds": 10_000}


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def waits(_seconds: float) -> None:
        raise AssertionError("nobody is to wait")

    monkeypatch.setattr(pacing.asyncio, "sleep", waits)


def told(**numbers: Any) -> dict[str, str]:
    return {f"x-ratelimit-{name.replace('_', '-')}": str(number) for name, number in numbers.items()}


def run(hub: Hub, what: Callable[[RequestBudget], Awaitable[Any]]) -> None:
    async def go() -> None:
        await what(request_budget(hub, "loc"))

    asyncio.run(go())


async def answered(budget: RequestBudget, status: int = 200, **numbers: Any) -> None:
    counted = await budget.reserve()
    await budget.learn(Answer(status, told(**numbers), b"{}"), counted)


def kept(hub: Hub, location: str = "loc") -> tuple[int | None, int] | None:
    """What all processes of the hub go by."""
    quota = announced(hub, account(location))
    return quota and (quota.max_requests, quota.interval_ms)


def test_before_the_first_answer_the_smaller_quota_is_assumed(hub: Hub) -> None:
    assert kept(hub) is None
    run(hub, lambda budget: budget.reserve())
    assert kept(hub) == (25, FIRST_GUESS.interval_ms)


def test_the_first_answer_tells_the_quota_of_its_location_with_a_margin(hub: Hub) -> None:
    run(hub, lambda budget: answered(budget, **OFTEN))
    assert kept(hub) == (40, 10_100)
    assert kept(hub, "elsewhere") is None


def test_without_such_headers_nothing_is_paced(hub: Hub) -> None:
    async def go(budget: RequestBudget) -> None:
        await answered(budget)
        for _ in range(200):
            await budget.reserve()

    run(hub, go)
    assert kept(hub) == (None, 10_100)


@pytest.mark.parametrize("status", [400, 429, 502])
def test_an_error_page_without_them_says_nothing_about_the_quota(hub: Hub, status: int) -> None:
    async def go(budget: RequestBudget) -> None:
        await answered(budget, **OFTEN)
        await answered(budget, status)

    run(hub, go)
    assert kept(hub) == (40, 10_100)


def test_a_number_that_is_none_is_no_quota(hub: Hub) -> None:
    run(hub, lambda budget: answered(budget, 400, max="many", interval_milliseconds="-1"))
    assert kept(hub) == (25, FIRST_GUESS.interval_ms)


def test_a_day_s_quota_that_is_used_up_is_an_error_with_the_time_that_is_left(hub: Hub) -> None:
    async def go(budget: RequestBudget) -> None:
        await answered(budget, **OFTEN, daily_remaining=0, daily_reset=5_400_000)
        await budget.reserve()

    with pytest.raises(QuotaExhaustedError, match=r"location loc is used up; it is reset in 1:") as caught:
        run(hub, go)
    assert "continues where it stopped" in caught.value.remedy


def test_the_hub_is_told_what_is_news_and_the_rest_now_and_then(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Quota] = []

    async def go(budget: RequestBudget) -> None:
        monkeypatch.setattr(budget._shared, "learn", written.append)
        for _ in range(LEARN_EVERY):
            await budget.learn(Answer(200, told(max=1000), b"{}"), monotonic())
        await budget.learn(Answer(200, told(max=50), b"{}"), monotonic())

    run(hub, go)
    assert [quota.max_requests for quota in written] == [1000, 1000, 50]


def test_a_day_that_draws_to_its_end_is_told_each_time(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Quota] = []

    async def go(budget: RequestBudget) -> None:
        monkeypatch.setattr(budget._shared, "learn", written.append)
        for left in (101, 100, 99):
            await budget.learn(Answer(200, told(max=40, daily_remaining=left), b"{}"), monotonic())

    run(hub, go)
    assert [quota.daily_remaining for quota in written] == [101, 100, 99]
