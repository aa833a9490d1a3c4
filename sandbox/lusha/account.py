"""The Lusha account that the sandbox plays, with everything in it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property

from sandbox.core.options import Options
from sandbox.lusha.jobs import Jobs
from sandbox.lusha.ledger import Ledger
from sandbox.lusha.subscribed import Subscribed
from sandbox.lusha.table_store import Tables
from sandbox.lusha.windows import PLANS, Windows
from sandbox.lusha.world import World

__all__ = ["KEY", "Account"]

KEY = "lusha-sandbox"
"""The account's API key."""


class Account:
    """One account.

    Attributes:
        ledger: Its credits, and what it has paid for.
        windows: Its request limits.
        jobs: Asynchronous reveals.
        tables: Its lists of people and companies.
        webhooks: Its subscriptions, secret and deliveries.
        dedupes: What each session of lookalikes has shown, by its id.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self.plan = PLANS[options.lusha_plan]
        self.plan_name = options.lusha_plan
        self.has_v3 = not options.lusha_without_v3
        self.has_waterfall = options.lusha_waterfall
        self.charges_misses = options.lusha_charge_misses
        self.ledger = Ledger(options.lusha_credits)
        self.windows = Windows(self.plan)
        self._fill()

    def _fill(self) -> None:
        self.jobs = Jobs()
        self.tables = Tables()
        self.webhooks = Subscribed()
        self.dedupes: dict[str, set[str]] = {}
        self._answered = 0

    @cached_property
    def world(self) -> World:
        """Everybody whom Lusha knows; made when they are first asked for."""
        return World(self._options)

    def reset(self) -> None:
        """Back to the generated data, all credits and fresh limits."""
        if "world" in self.__dict__:
            self.world.reset()
        self.ledger.reset()
        self.windows.reset()
        self._fill()

    def next_order(self) -> str:
        """The series from which the order of an answer's results is drawn."""
        self._answered += 1
        return f"order {self._answered}"

    def search_cost(self, action: str, found: int) -> int:
        """What a search costs that found so many; a search without a hit is free unless it is switched."""
        return self.ledger.price(action, max(found, 1) if self.charges_misses else found)

    @staticmethod
    def now() -> str:
        """This instant as answers tell it."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
