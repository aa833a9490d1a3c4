"""Requests that go as a vendor's quota allows: paced from its headers, shared through the hub."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from time import monotonic

from tasks.core.errors import QuotaExhaustedError
from tasks.hub.budget import Quota, SharedBudget
from tasks.vendors.transport import Answer

LONGEST_LATE_MS = 2_000
"""A request that takes longer than this was slow at the vendor, which had counted it long before."""

LONGEST_WAIT_MS = 65 * 60 * 1000
"""A quota that leaves nothing for longer than this is used up: no run waits for it."""

LEARN_EVERY = 100
"""The remaining daily quota is written to the hub each so many requests, and whenever it is low."""


class RequestBudget:
    """Lets requests go as a vendor's quota allows, across all processes of the hub.

    Args:
        announced: The quota that an answer's headers tell; None where they tell none.
        whose: What is used up, in words, e.g. "Lusha's request quota".
    """

    def __init__(self, shared: SharedBudget, announced: Callable[[Answer], Quota], whose: str) -> None:
        self._shared = shared
        self._announced = announced
        self._whose = whose
        self._turn = asyncio.Lock()  # first come, first served within the process
        self._known: Quota | None = None
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
            QuotaExhaustedError: The quota is used up for longer than a run waits.
            HubUnavailableError: The hub cannot be written.
        """
        if self._unlimited:
            return monotonic()
        async with self._turn:
            while True:
                late = min(max(self._late_ms, default=0.0), LONGEST_LATE_MS)
                grant = await asyncio.to_thread(self._shared.reserve, int(late))
                if grant.exhausted_ms or grant.wait_ms > LONGEST_WAIT_MS:
                    raise self._exhausted(grant.exhausted_ms or grant.wait_ms)
                if not grant.wait_ms:
                    self._unlimited = not grant.limited
                    return grant.counted if grant.limited else monotonic()
                await asyncio.sleep(grant.wait_ms / 1000)

    async def learn(self, answer: Answer, counted: float) -> None:
        """Take the quota from an answer's headers; tell the hub when it is news.

        Args:
            counted: What ``reserve`` gave for the request.
        """
        self._late_ms.append((monotonic() - counted) * 1000)
        quota = self._announced(answer)
        self._answers += 1
        low = quota.daily_remaining is not None and quota.daily_remaining <= LEARN_EVERY
        if self._known and quota.windows == self._known.windows and not low and self._answers % LEARN_EVERY:
            return
        if not quota.windows and answer.status >= HTTPStatus.BAD_REQUEST:
            return  # a gateway's error page says nothing about the quota
        self._known, self._unlimited = quota, False
        await asyncio.to_thread(self._shared.learn, quota)

    async def pause(self, seconds: float) -> None:
        """After a 429: nobody sends for ``seconds``.

        Raises:
            QuotaExhaustedError: The daily quota is what was refused.
        """
        self._unlimited = False
        await asyncio.to_thread(self._shared.pause, int(seconds * 1000))

    def _exhausted(self, milliseconds: int) -> QuotaExhaustedError:
        left = timedelta(seconds=milliseconds // 1000)
        return QuotaExhaustedError(
            f"{self._whose} is used up; it is reset in {left}.",
            remedy="Run again then: the run continues where it stopped.",
        )
