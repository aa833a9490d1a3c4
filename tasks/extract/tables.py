"""The rows of one file below one header, without losing one of them.

A file is read through once when it is opened: that finds its header and its end, counts its rows, and
refuses what cannot be read at all before anything is done with it. CSV and JSON Lines are then read again
row by row, so that memory stays flat. A row that cannot be read among others that can is handed on as it is,
with the reason.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

SAMPLE = 200
"""Rows from the start by whose values columns are guessed."""

Cells: TypeAlias = list[Any]


class Row(NamedTuple):
    """A row of a file.

    Args:
        number: As a person counts it in the file.
        cells: Its cells.
        line: The line where it begins; 0 where that is the same, or there are no lines.
        text: As it stands in the file, where its cells do not tell.
        problem: Why it is no record; empty for one that can be read.
        short: Whether it has fewer cells than the header; those that are missing are empty.
    """

    number: int
    cells: Cells
    line: int = 0
    text: str = ""
    problem: str = ""
    short: bool = False

    @property
    def place(self) -> str:
        """Where it is in the file."""
        return f"row {self.number}" + (f" (line {self.line})" if self.line not in (0, self.number) else "")


class Table(ABC):
    """The rows of one file below one header.

    Attributes:
        headers: One for each cell of a row; empty where a column has none.
        sample: The cells of the first rows that can be read.
        total: How many rows there are, those that cannot be read included; blank ones do not count.
        facts: How the file is written, for people: what is found out, and what it is.
        notes: Sentences of what was left out or guessed.
    """

    headers: list[str]
    sample: list[Cells]
    total: int

    def __init__(self) -> None:
        self.facts: dict[str, str | int] = {}
        self.notes: list[str] = []

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """The rows that are not blank, from the first one."""


def blank(cells: Iterable[Any]) -> bool:
    """Whether no cell holds anything."""
    return all(empty(cell) for cell in cells)


def empty(cell: Any) -> bool:
    """Whether a cell holds nothing: no value, or text of nothing but space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
