"""Lusha's request limits: rolling windows of a minute, an hour and a day, and bursts.

The windows are the account's, whatever key is used, and none is aligned to the clock. Every answer tells them
in nine headers; a plan without an hourly window tells six. A refused request does not count.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sandbox.core.answers import Answer, Headers, answer

__all__ = ["PLANS", "Plan", "Windows"]

_BURST = 25
"""Requests in any second."""
_TOO_MANY = "Too many requests. Please wait before making another request."
_SECONDS = {"minute": 60, "hourly": 3600, "daily": 86_400}
_ROUTES = {"usage": 5, "webhooks": 100}
"""Requests a minute of routes that have a limit of their own."""


class Plan(NamedTuple):
    """What an account's plan allows; no limit at all where none is given."""

    minute: int | None = None
    hourly: int | None = None
    daily: int | None = None
    callable_only: bool = False
    website_visits: bool = False


PLANS = {
    "free": Plan(40, None, 100),
    "pro": Plan(50, 150, 1_500),
    "premium": Plan(300, 1_800, 18_000),
    "scale": Plan(300, 5_000, 50_000, callable_only=True, website_visits=True),
    "off": Plan(callable_only=True, website_visits=True),
}
"""Plans by name; ``off`` is the largest one without limits."""


class _Window:
    """So many requests in so many seconds, to the instant."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit, self.seconds = limit, seconds
        self.recent: deque[float] = deque()

    def roll(self, now: float) -> None:
        """Let go of what is too long ago."""
        while self.recent and self.recent[0] <= now - self.seconds:
            self.recent.popleft()

    @property
    def is_full(self) -> bool:
        """Whether nothing more goes through."""
        return len(self.recent) >= self.limit

    def frees_in(self, now: float) -> float:
        """Seconds until there is room for one more request than now."""
        return self.recent[0] + self.seconds - now if self.recent else 0.0


class Windows:
    """Admits or refuses the account's requests.

    Args:
        clock: Seconds; a test may bring its own.
    """

    def __init__(self, plan: Plan, clock: Callable[[], float] = time.time) -> None:
        self._plan, self._clock = plan, clock
        self.reset()

    def reset(self) -> None:
        """Forget all requests."""
        limits = {name: getattr(self._plan, name) for name in _SECONDS}
        self._windows = {
            name: _Window(limit, _SECONDS[name]) for name, limit in limits.items() if limit is not None
        }
        limited = bool(self._windows)
        self._burst = _Window(_BURST, 1.0) if limited else None
        self._routes = {name: _Window(limit, 60.0) for name, limit in _ROUTES.items()} if limited else {}

    def admit(self, route: str = "") -> tuple[Answer | None, Headers]:
        """Count a request: why it is refused, or None, and the headers that tell the windows.

        Args:
            route: Whose limit of its own the request is under, too: ``usage``, ``webhooks``, or none.
        """
        now = self._clock()
        extra = [one for one in (self._burst, self._routes.get(route)) if one is not None]
        every = [*self._windows.values(), *extra]
        for window in every:
            window.roll(now)
        refused = self._refusal(now, extra)
        if refused is None:
            for window in every:
                window.recent.append(now)
        return refused, self._headers()

    def _refusal(self, now: float, extra: list[_Window]) -> Answer | None:
        daily, hourly = self._windows.get("daily"), self._windows.get("hourly")
        if daily is not None and daily.is_full:
            return _refused(f"Daily API quota limit exceeded. Limit {daily.limit} calls per day")
        if hourly is not None and hourly.is_full:
            seconds = int(hourly.frees_in(now)) + 1
            limit = f"Limit: {hourly.limit} calls per hour. Reset in {seconds} seconds"
            return _refused(f"Hourly API rate limit exceeded. {limit}")
        full = any(window.is_full for window in (*self._windows.values(), *extra))
        return _refused(_TOO_MANY) if full else None

    def _headers(self) -> Headers:
        headers: Headers = []
        for name, window in self._windows.items():
            used, word = len(window.recent), name.encode()
            headers += [
                (b"x-rate-limit-" + word, b"%d" % window.limit),
                (b"x-" + word + b"-requests-left", b"%d" % (window.limit - used)),
                (b"x-" + word + b"-usage", b"%d" % used),
            ]
        return headers

    def summary(self) -> dict[str, Any]:
        """The windows as the usage route tells them; the hourly one is null where the plan has none."""
        now = self._clock()
        told: dict[str, Any] = {"hourly": None}
        for name, window in self._windows.items():
            used = len(window.recent)
            resets = datetime.fromtimestamp(now + window.frees_in(now), UTC).isoformat(
                timespec="milliseconds"
            )
            told[name] = {
                "limit": window.limit,
                "used": used,
                "remaining": window.limit - used,
                "resetsAt": resets.replace("+00:00", "Z"),
            }
        return told


def _refused(message: str) -> Answer:
    return answer(429, {"statusCode": 429, "message": message})
