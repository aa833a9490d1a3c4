"""How credits stand, in words: what the account has, what is reserved, what caps leave, what was spent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.core.errors import LushaConnectError
from tasks.core.settings import Settings
from tasks.core.words import counted
from tasks.edge.connectors import leads_connected
from tasks.hub.caps import in_credits
from tasks.hub.engine import Hub
from tasks.hub.spent import CreditStatus, Spent, WouldCost
from tasks.vendors.leads import Usage

COLUMNS = {
    "when (UTC)": "left",
    "automation": "left",
    "location": "left",
    "run": "left",
    "action": "left",
    "credits": "right",
    "datapoints": "right",
}
"""Of the table of what was spent, each with its alignment."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What the vendor says of the account's credits.

    Args:
        usage: None where that is not known.
        problem: Why it is not; empty where it is.
    """

    usage: Usage | None = None
    problem: str = ""

    @property
    def remaining(self) -> float | None:
        """Credits that are left; None where that is not known, or the plan counts none."""
        return self.usage.remaining if self.usage else None

    def told(self) -> dict[str, object]:
        """The same for programs."""
        one = self.usage
        account = one and {"total": one.total, "used": one.used, "remaining": one.remaining, "plan": one.plan}
        return {"balance": self.remaining, "account": account, "problem": self.problem}


async def balance_of(settings: Settings, hub: Hub) -> Balance:
    """Ask the vendor, which is free; where it cannot be asked, the answer says why."""
    try:
        async with leads_connected(settings, hub) as leads:
            return Balance(await leads.usage())
    except LushaConnectError as error:
        return Balance(problem=f"{error.told} {error.remedy}".strip())


def sentences(balance: Balance, status: CreditStatus) -> Iterator[str]:
    """How it stands, a line each."""
    yield f"Balance: {_balance(balance)}"
    yield f"Reserved: {_reserved(status)}"
    yield f"Caps: {_caps(status)}"
    yield from map(_would_cost, status.would_cost)
    yield f"Spent since {status.since:%Y-%m-%d %H:%M} UTC: {_spent(status.spent)}"


def rows(spent: Sequence[Spent]) -> list[tuple[str, ...]]:
    """What was spent, a row each, with ``COLUMNS``."""
    return [
        (
            f"{one.at:%Y-%m-%d %H:%M}",
            one.automation,
            one.location_id,
            one.run[:8],
            one.action,
            f"{one.credits:,g}",
            f"{one.datapoints:,}",
        )
        for one in spent
    ]


def _balance(balance: Balance) -> str:
    if balance.usage is None:
        return f"not known: {balance.problem}"
    usage, plan = balance.usage, f"plan {balance.usage.plan or 'not told'}"
    if usage.remaining is None:
        return f"the account counts none ({plan})"
    of = "" if usage.total is None else f" of {usage.total:,g}"
    return f"{in_credits(usage.remaining)}{of} left ({plan})"


def _reserved(status: CreditStatus) -> str:
    unclear = sum(one.credits for one in status.held if one.unclear)
    lost = " may have been charged by a run that is over; the next run of its location asks again"
    return in_credits(status.reserved) + (f", of which {in_credits(unclear)}{lost}" if unclear else "")


def _caps(status: CreditStatus) -> str:
    caps = status.caps
    told = [f"{in_credits(caps.run)} a run" if caps.run is not None else "none for a run"]
    for name in ("day", "month"):
        cap, left = getattr(caps, name), status.left.get(name, 0.0)
        told.append(
            f"{in_credits(cap)} a {name} (UTC), {left:,g} left" if cap is not None else f"none for a {name}"
        )
    return "; ".join(told)


def _would_cost(one: WouldCost) -> str:
    run = f"{one.automation} ({one.location_id})"
    return f"{run}: would cost {in_credits(one.credits)} at most, as of {one.at:%Y-%m-%d %H:%M} UTC"


def _spent(spent: Sequence[Spent]) -> str:
    runs = len({one.run for one in spent})
    return f"{in_credits(sum(one.credits for one in spent))}, by {counted(runs, 'run')}"
