"""HighLevel's request budget: paced from its headers, shared through the hub, never by constants.

Documented are 100 requests per 10 seconds and 200,000 a day for each app and location; 25 and 10,000
were measured on a trial account with a private integration token. So the first answer's
``x-ratelimit-*`` headers decide, and until it has come the smaller quota is assumed.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus

from tasks.errors import QuotaExhaustedError
from tasks.http import Answer
from tasks.hub.budget import Quota, SharedBudget
from tasks.hub.engine import Hub

FIRST_GUESS = Quota(max_requests=25)


def account(location_id: str) -> str:
    """Under which name the hub keeps a location's budget."""
    return f"highlevel:{location_id}"


MARGIN = 1.01
"""Requests are counted when they leave here and again when they arrive there; one per cent of the
interval keeps a request that hurried from falling into the window before."""

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

    async def reserve(self) -> None:
        """Wait until one more request is within the quota, and count it.

        Raises:
            QuotaExhaustedError: The daily quota is used up.
            HubUnavailableError: The hub cannot be written.
        """
        if self._unlimited:
            return
        async with self._turn:
            while True:
                grant = await asyncio.to_thread(self._shared.reserve)
                if grant.exhausted_ms:
                    raise self._exhausted(grant.exhausted_ms)
                if not grant.wait_ms:
                    self._unlimited = not grant.limited
                    return
                await asyncio.sleep(grant.wait_ms / 1000)

    async def learn(self, answer: Answer) -> None:
        """Take the quota from an answer's headers; tell the hub when it is news."""
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

    def _exhausted(self, milliseconds: int) -> QuotaExhaustedError:
        left = timedelta(seconds=milliseconds // 1000)
        return QuotaExhaustedError(
            f"HighLevel's daily request quota of location {self._location_id} is used up;"
            f" it starts anew in {left}.",
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
