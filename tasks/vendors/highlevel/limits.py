"""HighLevel's request budget: paced from its headers, shared through the hub, never by constants.

Documented are 100 requests per 10 seconds and 200,000 a day for each app and location; 25 and 10,000
were measured on a trial account with a private integration token. So the first answer's
``x-ratelimit-*`` headers decide, and until it has come the smaller quota is assumed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from http import HTTPStatus
from time import monotonic

from tasks.core.errors import QuotaExhaustedError
from tasks.hub.budget import Quota, SharedBudget
from tasks.hub.engine import Hub
from tasks.vendors.transport import Answer

FIRST_GUESS = Quota(max_requests=25)


def account(location_id: str) -> str:
    """Under which name the hub keeps a location's budget."""
    return f"highlevel:{location_id}"


MARGIN = 1.01
"""Requests are counted when they leave here and again when they arrive there; one per cent of the
interval keeps a request that hurried from falling into the window before."""

LONGEST_SLACK_MS = 2_000
"""A request that takes longer than this was slow at HighLevel, which had counted it long before."""

LEARN_EVERY = 100
"""The remaining daily quota is written to the hub each so many requests, and whenever it is low."""


class RequestBudget:
    """Lets requests go as the vendor's quota allows, across all processes of the hub."""

    def __init__(self, hub: Hub, location_id: str) -> None:
        self._location_id = location_id
        self._shared = SharedBudget(hub, account(location_id), FIRST_GUESS)
        self._turn = asyncio.Lock()  # first come, first served within the process
        self._known: tuple[int | None, int] | None = None
        self._unlimited = False
        self._answers = 0
        self._late_ms: deque[float] = deque(maxlen=LEARN_EVERY)

    async def reserve(self) -> float:
        """Wait until one more request is within the quota, and count it.

        A request that hangs about here is counted later there, and falls into the window of those that
        do not. So a window is as much longer as the slowest of the last requests took altogether.

        Returns:
            When it was counted, by the monotonic clock, for ``learn``.

        Raises:
            QuotaExhaustedError: The daily quota is used up.
            HubUnavailableError: The hub cannot be written.
        """
        if self._unlimited:
            return monotonic()
        async with self._turn:
            while True:
                counted = monotonic()
                grant = await asyncio.to_thread(self._shared.reserve, self._slack_ms())
                if grant.exhausted_ms:
                    raise self._exhausted(grant.exhausted_ms)
                if not grant.wait_ms:
                    self._unlimited = not grant.limited
                    return counted
                await asyncio.sleep(grant.wait_ms / 1000)

    async def learn(self, answer: Answer, counted: float) -> None:
        """Take the quota from an answer's headers; tell the hub when it is news.

        Args:
            counted: What ``reserve`` gave for the request.
        """
        self._late_ms.append((monotonic() - counted) * 1000)
        quota = _announced(answer)
        self._answers += 1
        window = (quota.max_requests, quota.interval_ms)
        low = quota.daily_remaining is not None and quota.daily_remaining <= LEARN_EVERY
        if window == self._known and not low and self._answers % LEARN_EVERY:
            return
        if quota.max_requests is None and answer.status >= HTTPStatus.BAD_REQUEST:
            return  # a gateway's error page says nothing about the quota
        self._known, self._unlimited = window, False
        await asyncio.to_thread(self._shared.learn, quota)

    async def pause(self, seconds: float) -> None:
        """After a 429: nobody sends for ``seconds``.

        Raises:
            QuotaExhaustedError: The daily quota is what was refused.
        """
        self._unlimited = False
        await asyncio.to_thread(self._shared.pause, int(seconds * 1000))

    def _slack_ms(self) -> int:
        """Beyond what the margin allows already."""
        slowest = min(max(self._late_ms, default=0.0), LONGEST_SLACK_MS)
        interval = self._known[1] if self._known else FIRST_GUESS.interval_ms
        return max(0, int(slowest - interval * (1 - 1 / MARGIN)))

    def _exhausted(self, milliseconds: int) -> QuotaExhaustedError:
        left = timedelta(seconds=milliseconds // 1000)
        return QuotaExhaustedError(
            f"HighLevel's daily request quota of location {self._location_id} is used up;"
            f" it is reset in {left}.",
            remedy="Run again then: the run continues where it stopped.",
        )


def _announced(answer: Answer) -> Quota:
    def number(name: str) -> int | None:
        value = answer.headers.get(name, "")
        return int(value) if value.isdigit() else None

    interval = number("x-ratelimit-interval-milliseconds") or FIRST_GUESS.interval_ms
    return Quota(
        max_requests=number("x-ratelimit-max"),
        interval_ms=int(interval * MARGIN),
        daily_remaining=number("x-ratelimit-daily-remaining"),
        daily_reset_ms=number("x-ratelimit-daily-reset"),  # a duration, not a moment
    )
