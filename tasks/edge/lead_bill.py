"""The bill of credits as a run tells it: what it would cost at most, what limits it, what came of it.

As plain data, for programs; and in words, for the terminal and for the page that asks for approval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from tasks.core.words import counted
from tasks.hub.caps import in_credits
from tasks.vendors.leads import Datapoint

if TYPE_CHECKING:  # a run gives it; who reads a bill needs no runs
    from tasks.run.leads import Cost

READ = "reading the source"
UNREAD = "what those may lack who are read"
SEARCHED = "looked for at Lusha"
NOTHING = "nothing to buy"

CALLED = {Datapoint.EMAILS: "e-mail addresses", Datapoint.PHONES: "phone numbers"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill.

    Args:
        leads: How many, at most.
        credits: At most.
    """

    what: str
    leads: int
    credits: float


@dataclass(frozen=True, slots=True)
class Bill:
    """What a run would spend at most.

    Args:
        lines: What for.
        room: Credits that each cap leaves at the run's beginning, by what the cap is called.
        balance: Credits that the account had then; None where its plan counts none.
    """

    lines: list[Line] = field(default_factory=list)
    room: Mapping[str, float] = field(default_factory=dict)
    balance: float | None = None

    @classmethod
    def of(
        cls, cost: Cost, *, fetching: float, free: int, room: Mapping[str, float], balance: float | None
    ) -> Self:
        """The bill of a run.

        Args:
            fetching: Credits for reading the source.
            free: Leads of whom nothing is to be bought.
        """
        lines = [Line(READ, cost.unread[0], fetching), Line(UNREAD, *cost.unread)]
        lines.append(Line(SEARCHED, *cost.searched))
        lines += [Line(CALLED[one], *amount) for one, amount in cost.revealed.items()]
        lines.append(Line(NOTHING, free, 0.0))
        return cls([line for line in lines if line.leads or line.credits], room, balance)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """A bill as ``plain`` told it."""
        return cls([Line(**one) for one in plain["lines"]], plain["room"], plain["balance"])

    def plain(self) -> dict[str, Any]:
        """For programs."""
        return {"lines": list(map(asdict, self.lines)), "room": dict(self.room), "balance": self.balance}

    @property
    def total(self) -> float:
        """Credits in all."""
        return sum(line.credits for line in self.lines)

    @property
    def asks(self) -> bool:
        """Whether Lusha is to be asked for anything; what the account revealed before costs nothing."""
        return any(line.what != NOTHING for line in self.lines)

    def limits(self) -> Iterator[str]:
        """What keeps a run from buying all of it, a sentence each."""
        if not self.total:
            return
        cap, left = min(self.room.items(), key=lambda one: one[1], default=("", self.total))
        if left < self.total:
            may = in_credits(max(left, 0.0))
            yield f"Of these, {may} may be spent now, by {cap}; the rest waits for a later run."
        if self.balance is not None and self.balance < self.total:
            yield f"The Lusha account has only {in_credits(self.balance)}."


def became_of(leads: Mapping[str, int]) -> str:
    """What the leads were, in one sentence.

    Args:
        leads: As a run counts them: all of them, those known, and those of whom nothing can be had by reason.
    """
    told = counted(leads["leads"], "lead")
    others = [f"{name} {number:,}" for name, number in leads.items() if name != "leads" and number]
    return f"{told}: {'; '.join(others)}." if others else f"{told}."
