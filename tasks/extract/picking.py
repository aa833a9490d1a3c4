"""One record from the cells of a row: of several columns that hold one field, the one that counts.

The first that is filled and says something counts, in the order of the file, a primary one before the others.
What makes up an address stays together: one address is taken whole, never the street of one with the city of
another. What is not taken is counted by column, so that a person can be told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tasks.core.batch import Json
from tasks.core.spreadsheets import restored
from tasks.extract.calling_codes import joined
from tasks.extract.columns import Column
from tasks.extract.headers import ADDRESS
from tasks.extract.looks import PHONE_DIGITS
from tasks.extract.tables import Cells, empty
from tasks.extract.weighing import CALLING_CODE
from tasks.mapping.transform.blank import is_blank

_PLACES = ("address", "city", "postal_code")
"""Fields that make an address one; a country alone is none."""


class Picker:
    """Makes records of rows.

    Args:
        columns: As they are taken for fields.
        neutralised: Whether text may carry the mark that keeps a spreadsheet from running it.

    Attributes:
        filled: How many values each column has, by its position.
        left_over: How many of them are not taken, because the row has another value of the field.
    """

    def __init__(self, columns: Sequence[Column], *, neutralised: bool) -> None:
        self._names = [column.name for column in columns]
        self._neutralised = neutralised
        groups = _groups(columns)
        self._codes = _codes(columns)
        alike = groups.keys() - ADDRESS - {CALLING_CODE}
        self._several = {field: groups[field] for field in sorted(alike) if len(groups[field]) > 1}
        parts = {field: at for field, at in groups.items() if field in ADDRESS}
        self._addresses = _addresses(columns) if any(len(at) > 1 for at in parts.values()) else []
        self._contested = self._several | (parts if self._addresses else {})
        self.filled: Counter[int] = Counter()
        self.left_over: Counter[int] = Counter()

    def record(self, cells: Cells) -> dict[str, Json]:
        """A row's values by their names; what is empty is left out."""
        return self._record(self._values(cells))

    def count(self, cells: Cells) -> None:
        """Count what a row has, and what of it is not taken."""
        values = self._values(cells)
        self.filled.update(values.keys())
        if not self._contested:
            return
        record = self._record(values)
        for field, places in self._contested.items():
            for at in places:
                lost = at in values and not is_blank(values[at])
                if lost and not _same(field, values[at], record.get(field)):
                    self.left_over[at] += 1

    def _values(self, cells: Cells) -> dict[int, Json]:
        values = {
            at: self._plain(cell) for at, cell in enumerate(cells) if self._names[at] and not empty(cell)
        }
        for number, code in self._codes:
            if number in values and code in values:
                values[number] = joined(values[code], values[number])
        return values

    def _record(self, values: dict[int, Json]) -> dict[str, Json]:
        record = {self._names[at]: value for at, value in values.items()}
        for field, places in self._several.items():
            filled = [values[at] for at in places if at in values]
            if filled:
                record[field] = next((value for value in filled if _is_usable(field, value)), filled[0])
        if self._addresses:
            self._settle_address(values, record)
        return record

    def _settle_address(self, values: dict[int, Json], record: dict[str, Json]) -> None:
        for field in ADDRESS & record.keys():
            record[f"{field}_1"] = record.pop(field)  # the first column's own, whichever address counts
        filled = [
            {field: values[at] for field, places in one.items() for at in reversed(places) if at in values}
            for one in self._addresses
        ]
        said = [one for one in filled if _is_place(one)] or [one for one in filled if one]
        record |= said[0] if said else {}
        for field in ADDRESS:
            if _same(field, record.get(f"{field}_1"), record.get(field)):
                record.pop(f"{field}_1", None)

    def _plain(self, cell: Any) -> Json:
        if not isinstance(cell, str):
            return cell
        return restored(cell.strip()) if self._neutralised else cell.strip()


def _is_usable(field: str, value: Json) -> bool:
    """Whether a value says something: not `N/A` or `see notes` where another column has the phone."""
    if field == "email":
        return "@" in str(value)
    if field == "phone":
        return len(re.findall(r"\d", str(value))) >= PHONE_DIGITS
    return field == "name" or not is_blank(value)


def _is_place(address: dict[str, Json]) -> bool:
    return any(field in address and not is_blank(address[field]) for field in _PLACES)


def _groups(columns: Sequence[Column]) -> dict[str, list[int]]:
    """Positions of the columns of each field, in the order in which they are asked."""
    groups: dict[str, list[int]] = {}
    for at in sorted(range(len(columns)), key=lambda at: columns[at].place):
        if columns[at].field:
            groups.setdefault(columns[at].field, []).append(at)
    return groups


def _addresses(columns: Sequence[Column]) -> list[dict[str, list[int]]]:
    """The addresses that a row may have: of each the positions of its parts."""
    found: dict[str, dict[str, list[int]]] = {}
    for field, places in _groups(columns).items():
        for at in places if field in ADDRESS else ():
            found.setdefault(columns[at].address, {}).setdefault(field, []).append(at)
    if len(found) == 2 and "" in found:  # noqa: PLR2004 - "Home address", and a city that says no more
        (one, other) = found.values()
        if not one.keys() & other.keys():
            return [one | other]

    def order(one: dict[str, list[int]]) -> tuple[int, int]:
        places = [at for parts in one.values() for at in parts[:1]]
        return max(columns[at].place for at in places), min(places)

    return sorted(found.values(), key=order)


def _codes(columns: Sequence[Column]) -> list[tuple[int, int]]:
    """Each column of numbers with the column of calling codes that belongs to it."""
    codes = [at for at, column in enumerate(columns) if column.field == CALLING_CODE]
    phones = [at for at, column in enumerate(columns) if column.field == "phone"]
    if not codes:
        return []
    # Beside its numbers: on the left of them, or, at the very end, on their right.
    return [(phone, max((at for at in codes if at < phone), default=codes[0])) for phone in phones]


def _same(field: str, one: Json, other: Json) -> bool:
    if field == "phone":
        return re.sub(r"\D", "", str(one)) == re.sub(r"\D", "", str(other))
    return str(one).casefold() == str(other).casefold()
