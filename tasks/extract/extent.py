"""How far a sheet of a workbook reaches, which is known before it is loaded.

The reader of workbooks makes a grid of a sheet, from its first cell to its last: one stray cell in the last
row and column of Excel's is a grid of 17 billion cells, which ends the process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

LARGEST = 200_000_000
"""Cells of the largest grid that is loaded; each takes some 24 bytes, whether it holds anything or not."""

LARGE = 5_000_000
SPARSE = 100
"""Of a grid larger than ``LARGE`` one cell in so many must hold something."""


@dataclass(slots=True)
class Extent:
    """How far a sheet reaches.

    Args:
        height: Number of the last row with a value.
        width: Number of the last column with one.
        lowest: The cell in the last row.
        rightmost: The cell in the last column.
        rows: Rows with a value.
        cells: Cells with one.
        unstored: Formulas without a stored result, by column letters.
    """

    height: int = 0
    width: int = 0
    lowest: str = ""
    rightmost: str = ""
    rows: int = 0
    cells: int = 0
    unstored: Counter[str] = field(default_factory=Counter)

    @property
    def reaches_too_far(self) -> bool:
        """Whether its grid is too large to be loaded, or next to nothing of a large one is filled."""
        grid = self.height * self.width
        return grid > LARGEST or (grid > LARGE and self.cells * SPARSE < grid)


def number_of(letters: str) -> int:
    """A column's number by its letters, A being 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def letters_of(number: int) -> str:
    """A column's letters by its number."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
