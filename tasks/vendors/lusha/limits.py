"""Lusha's request budget: three rolling windows from its headers, and what its pages say beside them.

``x-rate-limit-{minute,hourly,daily}`` come with every answer; a plan may have no hourly window. The windows
roll (an account's ``resetsAt`` is no full minute or day), and are counted for the account, not for the key.
"""

from __future__ import annotations

from tasks.hub.budget import MARGIN, Quota, SharedBudget, Window
from tasks.hub.engine import Hub
from tasks.vendors.pacing import RequestBudget
from tasks.vendors.transport import Answer

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

WINDOWS_MS = {"minute": MINUTE_MS, "hourly": HOUR_MS, "daily": DAY_MS}
"""By their name in headers and in the account's usage."""


def _window(most: int, interval_ms: int) -> Window:
    return most, int(interval_ms * MARGIN)


BURST = _window(25, SECOND_MS)
"""Of all requests (docs.lusha.com/rate-limiting); no header tells it."""

OF_PATHS = {"/v3/account/usage": _window(5, MINUTE_MS), "/api/": _window(100, MINUTE_MS)}
"""What paths that begin so have for themselves beside the account's windows; no header tells it."""

FIRST_GUESS = Quota.of([BURST, _window(40, MINUTE_MS)])
"""Until the first answer has come: the smallest plan's."""


class Limits:
    """The budgets of one account, shared by all processes of the hub.

    Args:
        account: Under which name the hub keeps them.
    """

    def __init__(self, hub: Hub, account: str) -> None:
        shared = SharedBudget(hub, account, FIRST_GUESS, longest_pause_ms=HOUR_MS)
        self._general = RequestBudget(shared, _announced, "Lusha's request quota")
        self._told = False
        self._of_paths = {
            path: RequestBudget(
                SharedBudget(hub, f"{account}{path}", Quota.of([window])),
                _announced,
                f"Lusha's request quota of {path}",
            )
            for path, window in OF_PATHS.items()
        }

    async def reserve(self, path: str) -> float:
        """Wait until one more request to a path is within the quota, and count it.

        Returns:
            When it was counted, for ``learn``.

        Raises:
            QuotaExhaustedError: The hour's or the day's requests are used up for longer than a run waits.
        """
        own = self._own(path)
        if own is not None:
            await own.reserve()
        return await self._general.reserve()

    async def learn(self, answer: Answer, counted: float) -> None:
        """Take the windows from an answer's headers; one that tells none takes nothing back."""
        self._told = self._told or bool(_announced(answer).windows)
        if _announced(answer).windows or not self._told:
            await self._general.learn(answer, counted)

    async def pause(self, path: str, seconds: float) -> None:
        """After a 429: nobody sends for ``seconds``, where the path has a budget of its own to that path."""
        await (self._own(path) or self._general).pause(seconds)

    def _own(self, path: str) -> RequestBudget | None:
        return next((own for prefix, own in self._of_paths.items() if path.startswith(prefix)), None)


def _announced(answer: Answer) -> Quota:
    told = {name: answer.headers.get(f"x-rate-limit-{name}", "") for name in WINDOWS_MS}
    windows = [_window(int(most), WINDOWS_MS[name]) for name, most in told.items() if most.isdigit()]
    return Quota.of([BURST, *windows]) if windows else Quota(None)
