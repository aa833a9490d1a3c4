"""HighLevel's request budget: an exact sliding window and a day, told on every answer.

Header names and the 429's body as measured on a live account; ``Retry-After`` has never been seen, and
``x-ratelimit-daily-reset`` is the milliseconds until the reset, not an instant. Documented quota: 100
requests in 10 s and 200,000 a day; a trial account was granted 25 and 10,000. A refused request does not
count against the window. The day is 24 hours from the first request.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.core.answers import Headers
from sandbox.core.options import Window

__all__ = ["Quota"]

_DAY = 86_400.0


@dataclass(slots=True)
class _Spent:
    """What one token has used on one location."""

    day_began: float
    recent: deque[float] = field(default_factory=deque)
    today: int = 0


class Quota:
    """Admits or refuses, per token and location.

    Args:
        window: The burst quota, None for no limiting and no headers.
        daily: Requests a day.
        clock: Seconds; a test may bring its own.
    """

    def __init__(
        self, window: Window | None, daily: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._window = window
        self._daily = daily
        self._clock = clock
        self._spent: dict[tuple[str, str], _Spent] = {}
        if window is not None:
            self._fixed = [
                (b"x-ratelimit-max", b"%d" % window.requests),
                (b"x-ratelimit-interval-milliseconds", b"%d" % round(window.seconds * 1000)),
                (b"x-ratelimit-limit-daily", b"%d" % daily),
            ]

    def reset(self) -> None:
        """Forget everything that was spent."""
        self._spent.clear()

    def admit(self, token: str, location_id: str) -> tuple[bool, Headers]:
        """Whether this request goes through, and the headers that say what is left."""
        if self._window is None:
            return True, []
        now = self._clock()
        spent = self._account(token, location_id, now)
        while spent.recent and spent.recent[0] <= now - self._window.seconds:
            spent.recent.popleft()
        admitted = len(spent.recent) < self._window.requests and spent.today < self._daily
        if admitted:
            spent.recent.append(now)
            spent.today += 1
        return admitted, [
            *self._fixed,
            (b"x-ratelimit-remaining", b"%d" % (self._window.requests - len(spent.recent))),
            (b"x-ratelimit-daily-remaining", b"%d" % (self._daily - spent.today)),
            (b"x-ratelimit-daily-reset", b"%d" % round((spent.day_began + _DAY - now) * 1000)),
        ]

    def _account(self, token: str, location_id: str, now: float) -> _Spent:
        spent = self._spent.setdefault((token, location_id), _Spent(day_began=now))
        if now - spent.day_began >= _DAY:
            spent.day_began, spent.today = now, 0
        return spent
