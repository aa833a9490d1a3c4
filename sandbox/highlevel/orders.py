"""Contacts in the order of one sort, kept sorted while they change.

An order is a list of tuples that sort ascending: the sort's values (negated or turned round where it
descends), then the id. A cursor is therefore a binary search, also when its record has gone meanwhile.
A contact without a usable value comes first ascending and last descending.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable
from functools import total_ordering
from typing import Any

from sandbox.highlevel.shapes import Row

__all__ = ["DATES", "Entry", "Order", "Sort"]

Sort = tuple[tuple[str, bool], ...]
"""Field and whether it descends, the first one leading."""
Entry = tuple[Any, ...]

DATES: dict[str, Callable[[Row], int]] = {
    "dateAdded": lambda row: row.added,
    "dateUpdated": lambda row: row.updated,
}
_FOREVER = 2**62


@total_ordering
class _Descending:
    """A text that sorts the other way round."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and self.text == other.text

    def __lt__(self, other: _Descending) -> bool:
        return self.text > other.text

    def __hash__(self) -> int:
        return hash(self.text)


class Order:
    """The sorted entries of one sort.

    Args:
        sort: What to sort by.
        value: The text or truth value of a field that is no date.
    """

    def __init__(self, sort: Sort, rows: Iterable[Row], value: Callable[[str, Row], Any]) -> None:
        self.sort = sort
        self._value = value
        self.entries: list[Entry] = sorted(map(self.entry, rows))

    def entry(self, row: Row) -> Entry:
        """Where a contact belongs."""
        keys = (self._key(field, descends, row) for field, descends in self.sort)
        return (*keys, row.id)

    def remove(self, row: Row) -> None:
        """Take a contact out."""
        entry = self.entry(row)
        place = bisect_left(self.entries, entry)
        if place < len(self.entries) and self.entries[place] == entry:
            del self.entries[place]

    def insert(self, row: Row) -> None:
        """Put a contact in."""
        insort(self.entries, self.entry(row))

    def cursor(self, entry: Entry) -> list[Any]:
        """The ``searchAfter`` of an entry: the sort's values, then the id."""
        values = (_plain(key, descends) for key, (_, descends) in zip(entry, self.sort, strict=False))
        return [*values, entry[-1]]

    def after(self, cursor: list[Any], entries: list[Entry]) -> int:
        """The place behind a cursor.

        Raises:
            ValueError: the cursor does not belong to this sort.
        """
        if len(cursor) != len(self.sort) + 1 or not isinstance(cursor[-1], str):
            raise ValueError(cursor)
        keys = (_turned(value, *spec) for value, spec in zip(cursor, self.sort, strict=False))
        return bisect_right(entries, (*keys, cursor[-1]))

    def between(self, earliest: int, latest: int) -> tuple[int, int]:
        """The slice of the contacts whose leading date lies between two instants, both included."""
        earliest, latest = max(earliest, 1), min(latest, _FOREVER)
        if self.sort[0][1]:
            earliest, latest = -latest, -earliest
        return bisect_left(self.entries, (earliest,)), bisect_left(self.entries, (latest + 1,))

    def _key(self, field: str, descends: bool, row: Row) -> Any:
        date = DATES.get(field)
        if date is not None:
            return -date(row) if descends else date(row)
        value = self._value(field, row)
        if isinstance(value, bool):
            return -value if descends else int(value)
        return _Descending(value) if descends else value


def _plain(key: Any, descends: bool) -> Any:
    if isinstance(key, _Descending):
        return key.text
    return -key if descends and isinstance(key, int) else key


def _turned(value: Any, field: str, descends: bool) -> Any:
    if isinstance(value, str) and not _is_number(field):
        return _Descending(value) if descends else value
    if isinstance(value, int) and _is_number(field):
        return -value if descends else value
    raise ValueError(value)


def _is_number(field: str) -> bool:
    return field in DATES or field == "dnd"
