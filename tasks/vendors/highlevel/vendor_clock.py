"""HighLevel's clock, by which its records are dated; ours may be minutes ahead of it, or be set.

Every answer tells it in the header ``Date``, in whole seconds. It was told somewhere between the request and
the answer, so each answer is a bound on how far it is from a clock of this machine that nobody sets; many
together are better than a second.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tasks.core.clocks import elapsed

RESOLUTION = timedelta(seconds=1)
"""What the header leaves open."""


class VendorClock:
    """The vendor's clock, as far as its answers have told it."""

    def __init__(self) -> None:
        self._apart: tuple[float, float] | None = None

    def hear(self, date: str, asked: float, heard: float) -> None:
        """Take what an answer says.

        Args:
            date: Its header ``Date``; one that cannot be read says nothing.
            asked: When the request left, by ``elapsed``.
            heard: When the answer was there, by ``elapsed``.
        """
        try:
            told = parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError):
            return
        least, most = told - heard, told + RESOLUTION.total_seconds() - asked
        if self._apart is not None:
            before = self._apart
            if max(least, before[0]) <= min(most, before[1]):
                least, most = max(least, before[0]), min(most, before[1])
        self._apart = (least, most)

    def now(self) -> datetime:
        """This instant by the vendor's clock; by ours while no answer contradicts it."""
        return self._ours() or self._at(sum(self._apart or ()) / 2)

    def earliest(self) -> datetime:
        """The same, or before: what is dated earlier by the vendor has happened earlier."""
        return self._ours() or self._at(min(self._apart or (0.0,)))

    def theirs(self, ours: datetime) -> datetime:
        """A moment of our clock by the vendor's; the same where no answer contradicts it."""
        return ours if self._ours() is not None else ours + (self.now() - datetime.now(UTC))

    def _ours(self) -> datetime | None:
        """Our own clock, which is finer, where it may be the vendor's as well."""
        now = datetime.now(UTC)
        if self._apart is None or self._apart[0] <= now.timestamp() - elapsed() <= self._apart[1]:
            return now
        return None

    def _at(self, apart: float) -> datetime:
        return datetime.fromtimestamp(elapsed() + apart, UTC)
