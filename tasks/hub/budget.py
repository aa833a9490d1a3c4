"""The request budget's memory: what was sent when, shared by every process that uses the hub.

Exact sliding windows: each request is a row with its time; pyrate-limiter's algorithm (kept, exact
where leaky buckets let twice the limit through) decides on the counts. The quota itself is what the
vendor's headers last said. Reserving happens in one write transaction, so that processes cannot
overdraw it together.

A clock that was ahead and is right again leaves moments behind that are still to come. What cannot be, a
request that was sent later than now or a pause that is longer than any, is no reason to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import sqlalchemy as sa
from pyrate_limiter import Rate
from pyrate_limiter.abstracts.algorithm import SlidingWindowLog
from sqlalchemy.dialects import postgresql, sqlite

from tasks.hub.engine import Hub
from tasks.hub.tables import request_log, request_quotas

LONGEST_PAUSE_MS = 30_000
"""No pause after a 429 is longer, where a vendor has no longer window."""

LONGEST_DAY_MS = 24 * 60 * 60 * 1000
"""No daily quota is reset later than that."""

MARGIN = 1.01
"""Requests are counted when they leave here and again when they arrive there; one per cent of the
interval keeps a request that hurried from falling into the window before."""

Window = tuple[int, int]
"""So many requests in so many milliseconds."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What a vendor announced.

    Args:
        max_requests: Requests per interval; None where none is announced.
        interval_ms: The interval, in milliseconds.
        further: Windows that count beside this one.
        daily_remaining: Requests left today; None where no daily quota is announced.
        daily_reset_ms: Milliseconds until the daily quota is reset.
    """

    max_requests: int | None
    interval_ms: int = 10_000
    daily_remaining: int | None = None
    daily_reset_ms: int | None = None
    further: tuple[Window, ...] = ()

    @property
    def windows(self) -> tuple[Window, ...]:
        """All that count; none where none is announced."""
        first = () if self.max_requests is None else ((self.max_requests, self.interval_ms),)
        return (*first, *self.further)

    @classmethod
    def of(cls, windows: Sequence[Window]) -> Quota:
        """Of several windows, all of which count."""
        if not windows:
            return cls(None)
        (most, interval_ms), *further = windows
        return cls(most, interval_ms, further=tuple(further))


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to a reservation.

    Args:
        wait_ms: 0: go ahead, it is counted. Otherwise: nothing was counted, ask again after this long.
        limited: False when the vendor announces no quota, so that asking is not needed.
        exhausted_ms: Milliseconds until the used-up daily quota is reset; 0 when it is not used up.
        counted: When the request was counted, at the earliest, by this process's monotonic clock.
    """

    wait_ms: int = 0
    limited: bool = True
    exhausted_ms: int = 0
    counted: float = field(default=0.0, compare=False)


def announced(hub: Hub, account: str) -> Quota | None:
    """The quota that a vendor's headers announced last; None where they never did."""
    held = request_quotas.c
    daily = (held.daily_remaining, held.daily_reset_at_ms)
    query = sa.select(held.max_requests, held.interval_ms, held.windows, *daily)
    with hub.read() as connection:
        row = connection.execute(query.where(held.account == account)).one_or_none()
        if row is None:
            return None
        ended = row.daily_reset_at_ms is not None and row.daily_reset_at_ms <= hub.now_ms(connection)
    left = None if ended else row.daily_remaining
    return Quota(row.max_requests, row.interval_ms, left, further=_further(row.windows))


class SharedBudget:
    """One vendor account's request budget in the hub.

    Args:
        account: Whose quota, e.g. ``highlevel:<location>``.
        first_guess: The quota assumed until the vendor has announced one.
        longest_pause_ms: No pause after a 429 is longer.
    """

    def __init__(
        self, hub: Hub, account: str, first_guess: Quota, *, longest_pause_ms: int = LONGEST_PAUSE_MS
    ) -> None:
        self._hub = hub
        self._account = account
        self._first_guess = first_guess
        self._longest_pause_ms = longest_pause_ms
        self._policy = SlidingWindowLog()

    def reserve(self, late_ms: int = 0) -> Grant:
        """Count one request, or say how long to wait.

        Args:
            late_ms: How much later than they are counted requests may arrive at the vendor.

        Raises:
            HubUnavailableError: The hub cannot be written.
        """
        with self._hub.write() as connection:
            quota = self._locked_quota(connection)
            counted = monotonic()
            now = self._now_ms(connection)
            if quota.daily_remaining is not None and quota.daily_remaining <= 0:
                left = (quota.daily_reset_at_ms or 0) - now
                if 0 < left <= LONGEST_DAY_MS:
                    return Grant(exhausted_ms=left)
            if 0 < quota.paused_until_ms - now <= self._longest_pause_ms:
                return Grant(wait_ms=quota.paused_until_ms - now)
            windows = Quota(quota.max_requests, quota.interval_ms, further=_further(quota.windows)).windows
            if not windows:
                return Grant(limited=False)
            rates = [Rate(most, _lengthened(interval_ms, late_ms)) for most, interval_ms in windows]
            wait_ms = self._reserve_in_windows(connection, rates, now)
            return Grant(wait_ms=wait_ms, counted=counted)

    def learn(self, quota: Quota) -> None:
        """Keep what the vendor's headers said."""
        with self._hub.write() as connection:
            self._locked_quota(connection)
            left = quota.daily_reset_ms
            reset_at = None if left is None else self._now_ms(connection) + min(left, LONGEST_DAY_MS)
            self._update(
                connection,
                max_requests=quota.max_requests,
                interval_ms=quota.interval_ms,
                windows=quota.further or None,
                daily_remaining=quota.daily_remaining,
                daily_reset_at_ms=reset_at,
            )

    def pause(self, milliseconds: int) -> None:
        """Let no process send for a while: the vendor answered 429."""
        with self._hub.write() as connection:
            self._locked_quota(connection)
            pause = min(milliseconds, self._longest_pause_ms)
            self._update(connection, paused_until_ms=self._now_ms(connection) + pause)

    def _reserve_in_windows(self, connection: sa.Connection, rates: list[Rate], now: int) -> int:
        """Count a request, or say how many milliseconds to wait."""
        sent, mine = request_log.c.sent_at_ms, request_log.c.account == self._account
        starts = [self._policy.window_start(rate, now) for rate in rates]
        connection.execute(sa.delete(request_log).where(mine, sent < min(starts)))
        counts = [sa.func.count().filter(sent >= start) for start in starts]
        query = sa.select(sa.func.max(sent), *(counts if len(rates) > 1 else (sa.func.count(),)))
        newest, *used = connection.execute(query.where(mine)).one()
        if newest is not None and newest > now:  # sent now at the latest: counted, but not for longer
            connection.execute(sa.update(request_log).where(mine, sent > now).values(sent_at_ms=now))

        def sent_at(offset: int) -> int | None:
            newest_first = sa.select(sent).where(mine)
            query = newest_first.order_by(sent.desc()).offset(offset).limit(1)
            return connection.execute(query).scalar_one_or_none()

        wait_ms = 0
        for rate, count in zip(rates, used, strict=True):
            decision = self._policy.decide([rate], [count], 1, now, sent_at)
            if not decision.allowed:
                wait_ms = max(wait_ms, decision.retry_after_ms or 1)
        if not wait_ms:
            connection.execute(sa.insert(request_log).values(account=self._account, sent_at_ms=now))
        return wait_ms

    def _locked_quota(self, connection: sa.Connection) -> sa.Row[str, int, int, int, int, int, Any]:
        query = sa.select(request_quotas).where(request_quotas.c.account == self._account).with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            guess = self._first_guess
            insert = sqlite.insert if self._hub.is_sqlite else postgresql.insert
            first = {
                "max_requests": guess.max_requests,
                "interval_ms": guess.interval_ms,
                "windows": guess.further or None,
            }
            connection.execute(
                insert(request_quotas).values(account=self._account, **first).on_conflict_do_nothing()
            )
            row = connection.execute(query).one()
        return row

    def _update(self, connection: sa.Connection, **values: Any) -> None:
        connection.execute(
            sa.update(request_quotas).where(request_quotas.c.account == self._account).values(**values)
        )

    def _now_ms(self, connection: sa.Connection) -> int:
        return self._hub.now_ms(connection)


def _further(held: Sequence[Sequence[int]] | None) -> tuple[Window, ...]:
    return tuple((most, interval_ms) for most, interval_ms in held or ())


def _lengthened(interval_ms: int, late_ms: int) -> int:
    """A window for requests that may arrive so late, beyond what the margin allows already."""
    allowed = interval_ms - round(interval_ms / MARGIN)
    return interval_ms + max(0, late_ms - allowed)
