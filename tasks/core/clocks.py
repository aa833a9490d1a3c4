"""A clock of this machine that nobody sets."""

from __future__ import annotations

import time


def elapsed() -> float:
    """Seconds since some moment; they go on while the machine sleeps, where it can tell."""
    clock: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
