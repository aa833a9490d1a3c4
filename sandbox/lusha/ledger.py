"""What the account has paid for: its credits, its price list, and what it has revealed once.

Prices are those read live on a free account in summer 2026. A datapoint is paid for once for each account;
searches are charged by 25 results a call.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.lusha.calls import RefusalError

__all__ = ["Charge", "Ledger", "Price"]


class Price(NamedTuple):
    """So many credits for so many."""

    credits: int
    quantity: int = 1


class Charge(NamedTuple):
    """One line of the bill."""

    record: str
    datapoint: str
    credits: int


_PRICES = {
    "contactSearch": Price(1, 25),
    "companySearch": Price(1, 25),
    "revealEmail": Price(1),
    "revealPhone": Price(5),
    "revealCompany": Price(1),
    "lookalikeContact": Price(1, 5),
    "lookalikeCompany": Price(1, 5),
    "showSignalsContact": Price(1),
    "showSignalsCompany": Price(1),
    "buyingGroup": Price(1),
    "signalScoreContact": Price(1),
    "signalScoreCompany": Price(1),
    "tableRead": Price(1),
}


class Ledger:
    """The account's credits.

    Args:
        total: What it had at first.
    """

    def __init__(self, total: int) -> None:
        self._total_at_first = total
        self.reset()

    def reset(self) -> None:
        """As if nothing had ever been bought."""
        self.total = self._total_at_first
        self.prices = dict(_PRICES)
        self.charges: list[Charge] = []
        self.used = 0
        self._revealed: set[tuple[str, str]] = set()

    @property
    def remaining(self) -> int:
        """What is left."""
        return max(0, self.total - self.used)

    def price(self, action: str, quantity: int = 1) -> int:
        """What so many of something cost."""
        credits_each, by = self.prices[action]
        return -(-quantity // by) * credits_each

    def price_of(self, record: str, datapoint: str, action: str) -> int:
        """What a datapoint costs this account; nothing once it was revealed."""
        return 0 if (record, datapoint) in self._revealed else self.price(action)

    def require(self, cost: int) -> None:
        """Refuse what the account cannot pay.

        Raises:
            RefusalError: 402; nothing is charged.
        """
        if cost > self.remaining:
            raise RefusalError.unpaid()

    def charge(self, record: str, datapoint: str, cost: int) -> int:
        """Charge what was checked to be affordable; what is free leaves no line."""
        if cost:
            self.charges.append(Charge(record, datapoint, cost))
            self.used += cost
        return cost

    def reveal(self, record: str, datapoint: str, cost: int) -> int:
        """Charge a datapoint and remember it."""
        self._revealed.add((record, datapoint))
        return self.charge(record, datapoint, cost)

    def bill(self) -> dict[str, Any]:
        """The body of ``GET /_sandbox/bill``."""
        return {"credits": self.used, "charges": [charge._asdict() for charge in self.charges]}
