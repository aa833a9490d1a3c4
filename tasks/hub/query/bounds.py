"""What bounds a person's query on every database: time, two tables that it never sees; how that is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from tasks.core.errors import BadConfigurationError
from tasks.hub.tables import credentials, leases

HIDDEN = frozenset({credentials.name, leases.name})
"""Tables that no query sees, in whatever schema."""

IN_ALL = 10
"""How many times as long as until its first row a query may take in all."""


class Patience:
    """How long the database may still work on a query; the time between two fetches does not count.

    Args:
        seconds: Until the first row.

    Attributes:
        rows: Handed out so far.
        given_up: Set by whoever no longer wants an answer, from whatever thread.
    """

    def __init__(self, seconds: float) -> None:
        self.rows = 0
        self.given_up = False
        self._until = float("inf")
        self._seconds = seconds
        self._spent = 0.0

    @property
    def left(self) -> float:
        """Seconds that the database may still work."""
        return self._seconds * (IN_ALL if self.rows else 1) - self._spent

    @property
    def over(self) -> bool:
        """Whether the database has to stop what it does now."""
        return self.given_up or monotonic() > self._until

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count the time of the ``with`` body."""
        start = monotonic()
        self._until = start + self.left
        try:
            yield
        finally:
            self._spent += monotonic() - start

    def collect(self, size: int, some: Callable[[int], list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
        """Up to ``size`` rows; the very first comes alone, because there is less time for it.

        Args:
            some: Fetches as many rows, or fewer at the end.
        """
        found: list[tuple[Any, ...]] = []
        ended = False
        while not ended and len(found) < size:
            wanted = size - len(found) if self.rows else 1
            with self.working():
                more = some(wanted)
            found += more
            self.rows += len(more)
            ended = len(more) < wanted
        return found

    def ended(self) -> BadConfigurationError:
        """That it took too long."""
        bound = (
            f"{self._seconds * IN_ALL:g} s in all" if self.rows else f"{self._seconds:g} s to its first row"
        )
        return BadConfigurationError(
            f"The query took longer than {bound}.",
            remedy="Make it quicker (an index, fewer rows), or raise LUSHA_CONNECT_QUERY_SECONDS.",
        )

    def failed(self, cause: str) -> BadConfigurationError:
        """That the database could not go on with it."""
        if not self.rows:
            return refused(cause)
        return BadConfigurationError(
            f"The query failed after row {self.rows:,}: {cause}.",
            remedy="Correct the query, or the value that it cannot work with.",
        )


def refused(why: str, remedy: str = "") -> BadConfigurationError:
    """That the query is not asked."""
    return BadConfigurationError(
        f"The query cannot be asked: {why}.",
        remedy=remedy
        or "Give one SELECT over your own tables or the hub's; docs/plans.md says what it may do.",
    )


def place(sql: str, offset: int) -> str:
    """Where in a statement a character is, for people."""
    before = sql[:offset]
    return f"line {before.count(chr(10)) + 1}, column {offset - (before.rfind(chr(10)) + 1) + 1}"
