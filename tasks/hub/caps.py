"""How much may be spent: caps on the credits of a run, a day and a month, over the whole hub.

A cap counts what was charged, and what may be charged any moment: so nothing that is under way when it is
asked takes the sum beyond it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from tasks.core.settings import Settings
from tasks.hub.tables import spending

AS_GOOD_AS_NOTHING = 1e-9
"""Credits; sums of fractions are not exact."""

ONE_REQUEST = timedelta(days=1)
"""No request is under way for longer: what was left open before that was charged then, or never."""

OPEN = spending.c.settled_at.is_(None)
"""It is reserved, or was asked for and nobody knows yet."""

AMOUNT = sa.func.coalesce(spending.c.charged, spending.c.expected)
"""Credits that a row stands for: what it cost, or else will at most."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Credits that may be spent at most; None for no limit. Days and months are those of UTC."""

    run: float | None = None
    day: float | None = None
    month: float | None = None

    @classmethod
    def of(cls, settings: Settings, max_credits: float | None = None) -> Caps:
        """The settings' caps, in which 0 is no limit; a run's own may only be lower, and 0 means nothing."""
        run = settings.lusha_credits_a_run or None
        asked = [cap for cap in (run, max_credits) if cap is not None]
        day, month = settings.lusha_credits_a_day or None, settings.lusha_credits_a_month or None
        return cls(min(asked, default=None), day, month)

    def called(self, name: str) -> str:
        """One of them in words: "the day's cap of 200 credits (UTC)"."""
        return f"the {name}'s cap of {in_credits(getattr(self, name))}{'' if name == 'run' else ' (UTC)'}"


def in_credits(credits_: float) -> str:
    """A number of credits: "1 credit", "2.5 credits"."""
    number = f"{credits_:,.2f}".rstrip("0").rstrip(".")
    return f"{number} credit{'s' * (credits_ != 1)}"


def room(connection: sa.Connection, run_id: str, caps: Caps, now: datetime) -> dict[str, float]:
    """Credits that are left under each cap that there is: ``run``, ``day``, ``month``."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    counts = {
        "run": spending.c.run_id == run_id,
        "day": _counts_since(today),
        "month": _counts_since(today.replace(day=1)),
    }
    found = {}
    for name, cap in asdict(caps).items():
        if cap is not None:
            used = connection.execute(sa.select(sa.func.sum(AMOUNT)).where(counts[name])).scalar_one()
            found[name] = cap - (used or 0.0)
    return found


def _counts_since(begin: datetime) -> sa.ColumnElement[bool]:
    """What was charged since then, and what may be charged any moment."""
    under_way = sa.and_(OPEN, spending.c.reserved_at >= begin - ONE_REQUEST)
    return sa.or_(spending.c.settled_at >= begin, under_way)
