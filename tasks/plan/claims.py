"""Which record of a source speaks for which contact, over all of a plan's batches.

Two records that are one contact would be two contacts after the plan, or undo each other's fields: the
first speaks for it, the second waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum


class Came(Enum):
    """What a record came to."""

    REJECTED = "rejected"
    UNCHANGED = "unchanged"
    PLANNED = "planned"


class Claims:
    """What the records of a plan claimed, and what they came to."""

    def __init__(self) -> None:
        self._record: dict[str, str] = {}  # a contact, or a key of a contact to be made → record
        self._came: dict[str, Came] = {}
        self._before: dict[str, str] = {}  # what this batch changed, as it was; "" for nothing

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Take back what is claimed in the ``with`` body if it fails."""
        self._before = {}
        try:
            yield
        except BaseException:
            for key, record in self._before.items():
                if record:
                    self._record[key] = record
                else:
                    self._record.pop(key, None)
            raise

    def holder(self, key: str) -> str:
        """The record that claimed a key; "" for none."""
        return self._record.get(key, "")

    def other(self, keys: Iterable[str], record: str) -> str:
        """Another record that claimed one of the keys; "" for none."""
        return next((held for key in keys if (held := self._record.get(key, record)) != record), "")

    def take(self, keys: Iterable[str], record: str) -> None:
        """Claim keys that nobody else has."""
        for key in keys:
            self._before.setdefault(key, self._record.get(key, ""))
            self._record[key] = record

    def release(self, records: Sequence[str]) -> None:
        """Give up what these records claimed."""
        gone = set(records)
        for key in [key for key, record in self._record.items() if record in gone]:
            self._before.setdefault(key, self._record.pop(key))

    def drop(self, keys: Iterable[str]) -> None:
        """Give up keys that were claimed in this attempt."""
        for key in keys:
            self._record.pop(key, None)

    def came(self, record: str) -> Came | None:
        """What a record of an earlier batch came to; None for one that was not there."""
        return self._came.get(record)

    def note(self, came: Iterable[tuple[str, Came]]) -> None:
        """Note what records came to."""
        self._came.update(came)
