"""What a vendor of leads gives a run: people found, revealed and listed, each answer with what it cost.

Nothing here spends without being told to: what a call may cost is the caller's to reserve before it
(``tasks/hub/credits.py``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Any, Protocol

from tasks.core.batch import Json
from tasks.vendors.network import Guard

AT_ONCE = 100
"""People that one request may be about."""


NOT_FOUND = "NOT_FOUND"
RESTRICTED = "COMPLIANCE_RESTRICTED"


class Datapoint(StrEnum):
    """What of a person is paid for."""

    EMAILS = "emails"
    PHONES = "phones"


class Action(StrEnum):
    """What is charged for, by the names of the vendor's price list."""

    SEARCH = "contactSearch"
    REVEAL_EMAIL = "revealEmail"
    REVEAL_PHONE = "revealPhone"
    TABLE_READ = "tableRead"
    SIGNALS = "showSignalsContact"


REVEALS = {Datapoint.EMAILS: Action.REVEAL_EMAIL, Datapoint.PHONES: Action.REVEAL_PHONE}
"""The action that reveals a datapoint."""


@dataclass(frozen=True, slots=True)
class Price:
    """So many credits for each begun ``per`` of what an answer holds."""

    credits: float
    per: int = 1

    def of(self, quantity: int) -> float:
        """What so many cost in one request."""
        return ceil(quantity / self.per) * self.credits


@dataclass(frozen=True, slots=True)
class Usage:
    """An account as the vendor tells it; asking is free.

    Args:
        total, used, remaining: Credits; None where the plan counts none.
        plan: What the plan is called.
        prices: By action, every one of ``Action`` among them; names of the vendor's own, too.
        windows: By ``minute``, ``hourly``, ``daily``: requests allowed and left; a window may not exist.
    """

    total: float | None
    used: float | None
    remaining: float | None
    plan: str
    prices: Mapping[str, Price]
    windows: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """By what a person is looked for; what is not known is empty.

    Args:
        reference: By which the answer is found again.
    """

    reference: str
    id: str = ""
    linkedin: str = ""
    email: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    company: str = ""
    domain: str = ""

    @property
    def is_enough(self) -> bool:
        """Whether the vendor can look for them at all."""
        named = self.first_name and self.last_name and (self.company or self.domain)
        return bool(self.id or self.linkedin or self.email or named)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the vendor tells nothing of one of several: ``NOT_FOUND``, ``COMPLIANCE_RESTRICTED`` and others."""

    code: str
    message: str

    @property
    def is_final(self) -> bool:
        """Whether asking again tells the same: nobody is known, or the law forbids it."""
        return self.code in (NOT_FOUND, RESTRICTED)


@dataclass(frozen=True, slots=True)
class Told:
    """What one request told.

    Args:
        people: By reference, or else by id, as the vendor sends them (stream ``lusha.contact``).
        problems: By the same, of those of whom it tells nothing.
        charged: Credits that the vendor says it took; None where it does not say.
        total: How many there are in all, where only some are told at a time.
        more: Whether others follow.
        out_of_credits: The account's credits ran out in the middle: the rest was not revealed.
    """

    people: Mapping[str, Json]
    problems: Mapping[str, Problem] = field(default_factory=dict)
    charged: float | None = None
    total: int | None = None
    more: bool = False
    out_of_credits: bool = False


@dataclass(frozen=True, slots=True)
class LeadTable:
    """A list of people that users of the vendor keep there."""

    id: str
    name: str
    rows: int
    is_processing: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """That changes of a person's job are told to an address; each that is told is charged.

    Args:
        id: The vendor's, of the subscription.
        lead_id: The person's.
        url: Where they are told.
        is_active: Whether they are.
        blocked_at: Since when the vendor tells nothing, because nobody took what it told; None where it does.
    """

    id: str
    lead_id: str
    url: str
    is_active: bool
    blocked_at: datetime | None = None


Again = Callable[[], Awaitable[None]]
"""Awaited before a request is sent once more; raises where it must not be."""


class Leads(Protocol):
    """One account of a vendor of leads, opened.

    Attributes:
        guard: Asked right before every request leaves; None for no question.
    """

    guard: Guard | None

    @property
    def account(self) -> str:
        """Under which name the hub keeps its request budget and what it spent."""

    @property
    def requests(self) -> int:
        """Requests sent so far, retries included."""

    async def usage(self) -> Usage:
        """The account's credits, prices and windows; free.

        Raises:
            BadCredentialError: The key is refused.
        """

    async def search(self, wanted: Sequence[Wanted]) -> Told:
        """Look for people, at most ``AT_ONCE``; what they could be revealed for stands in ``canReveal``.

        Raises:
            UnknownOutcomeError: The answer was lost; it may have been charged.
            NoCreditsError: The account has too few credits; nothing was charged.
        """

    async def reveal(
        self, ids: Sequence[str], datapoints: Collection[Datapoint], *, again: Again | None = None
    ) -> Told:
        """Reveal these datapoints, and no other, of at most ``AT_ONCE`` people by id.

        Asked again after a lost answer: what an account revealed once is free for it.

        Args:
            again: Awaited before every try after the first.

        Raises:
            NoCreditsError: The account has too few credits; nothing was charged.
            VendorFailedError: Every attempt failed; it may have been charged.
        """

    async def prospect(self, filters: Mapping[str, Any], page: int, size: int) -> Told:
        """A page, from 0, of the people whom filters let through, by id.

        Raises:
            InvalidRequestError: The filters are not understood.
            UnknownOutcomeError: The answer was lost; it may have been charged.
        """

    async def table(self, name: str) -> LeadTable:
        """A table by name or id; free.

        Raises:
            BadConfigurationError: There is none, or the name is that of several.
        """

    async def table_rows(self, table: str, page: int, size: int) -> Told:
        """Rows of a table, by id; each that is told is charged.

        Raises:
            UnknownOutcomeError: The answer was lost; it may have been charged.
        """

    async def remove_rows(self, table: str, ids: Sequence[str]) -> None:
        """Take people out of a table; free, and nothing for those who are not in it."""

    async def watches(self) -> list[Watch]:
        """All people whose changes of job are told, to whomever; free."""

    async def watch(self, url: str, ids: Sequence[str]) -> dict[str, Watch | Problem]:
        """Have changes of job of people told to an address; free, and each that is told will be charged.

        Returns:
            By the person's id; a problem with the code ``DUPLICATE_SUBSCRIPTION`` where somebody has it told.
        """

    async def unwatch(self, ids: Sequence[str]) -> None:
        """End subscriptions, by their ids; free, and nothing for those that are gone."""

    async def resume(self, id_: str, url: str) -> None:
        """Have told again what the vendor gave up telling, to this address; what was missed stays untold."""

    async def signals(self, ids: Sequence[str], since: datetime) -> Told:
        """Job changes of people since then, by id: ``signals`` in each; each that is told is charged.

        Raises:
            UnknownOutcomeError: The answer was lost; it may have been charged.
        """
