"""How a request is tried again, whoever the vendor: its failure's type says whether, a budget says when."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

import stamina
from stamina.instrumentation import RetryDetails

from tasks.core.errors import (
    ConnectionFaultError,
    RateLimitedError,
    RetryableError,
    ServerFaultError,
    UnknownOutcomeError,
    VendorFailedError,
)

ATTEMPTS = 6
RETRY_SECONDS = 180.0
"""After so long, waits for the quota included, no further attempt is made."""
FIRST_WAIT_SECONDS = 0.5
"""Before the second attempt; it doubles from there, with jitter, up to twenty times as much."""

log = logging.getLogger(__name__)

T = TypeVar("T")

Check = Callable[[], Awaitable[None]]
"""Raises where a request must not be sent again."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How one vendor's requests are tried again.

    Args:
        vendor: What the vendor is called.
        unknown: What to do where the answer was lost to a request that must not be sent twice.
        first_wait: Seconds before the second attempt.
    """

    vendor: str
    unknown: str
    first_wait: float | None = None

    async def send(
        self, once: Callable[[], Awaitable[T]], *, repeatable: bool = True, again: Check | None = None
    ) -> T:
        """Send a request, and again as its failure's type allows.

        Args:
            once: Sends it one time.
            repeatable: False for what must not take effect twice: that is repeated only when it cannot
                have taken effect.
            again: Asked before every attempt after the first: it comes late, and things may have changed.

        Raises:
            UnknownOutcomeError: The answer was lost to what is not repeatable; it may have taken effect.
            VendorFailedError: Every attempt failed.
        """
        began, tries = monotonic(), 0
        wait = FIRST_WAIT_SECONDS if self.first_wait is None else self.first_wait
        try:
            async for attempt in stamina.retry_context(
                on=_retry_any if repeatable else _retry_unsent,
                attempts=ATTEMPTS,
                timeout=RETRY_SECONDS,
                wait_initial=wait,
                wait_max=wait * 20,
            ):
                tries = attempt.num
                with attempt:
                    if again is not None and attempt.num > 1:
                        await again()
                    return await once()
        except RetryableError as error:
            if not repeatable and not _retry_unsent(error):
                raise UnknownOutcomeError(
                    f"No answer to what must not be done twice: {error.what}", remedy=self.unknown
                ) from None
            raise self._gave_up(error, tries, monotonic() - began) from None
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _gave_up(self, error: RetryableError, tries: int, seconds: float) -> VendorFailedError:
        """What a request ends with that was tried until no attempt or no time was left."""
        tried = f"{tries} attempt{'' if tries == 1 else 's'}"
        ended = "" if tries >= ATTEMPTS else f" in {seconds:.0f} s, when the time for it was over"
        return VendorFailedError(
            f"Gave up after {tried}{ended}: {error.what}",
            remedy=f"{self.vendor} or the network is failing; what was done is kept, run again to continue.",
        )


def _tell(details: RetryDetails) -> None:
    log.info(
        "tried again in %.1f s, for the %d. time: %s", details.wait_for, details.retry_num, details.caused_by
    )


stamina.instrumentation.set_on_retry_hooks([_tell])  # its own ones warn on the terminal, line after line


def _retry_unsent(error: Exception) -> bool | float:
    """Only what cannot have taken effect."""
    if isinstance(error, RateLimitedError):
        return _retry_any(error)
    if isinstance(error, ServerFaultError):
        return error.undone
    return isinstance(error, ConnectionFaultError) and not error.sent


def _retry_any(error: Exception) -> bool | float:
    if isinstance(error, RateLimitedError):
        return 0.01  # the budget, paused for everybody, does the waiting
    return isinstance(error, RetryableError)
