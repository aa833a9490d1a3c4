"""Reading the rows of CSV files.

CSV is read by Python's own reader: it alone tells a row that is too short from one that ends in empty cells,
and the line where a row begins. A row that it cannot read costs that row alone: reading goes on at the next
line.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from tasks.extract.dialect import Dialect
from tasks.extract.encodings import Encoding
from tasks.extract.grid import GridTable
from tasks.extract.looks import is_contact
from tasks.extract.tables import Cells, Row, blank

KEPT = 2_000
"""Characters of a row that cannot be read that are kept."""

FEWEST = 2
"""Delimiters in a line from which on it may be a row of its own."""

_BAD = re.compile("[\udc80-\udcff\0]")

_TITLES = {"\t": "tab"}


class DelimitedTable(GridTable):
    """A CSV file."""

    def __init__(self, path: Path, encoding: Encoding, dialect: Dialect) -> None:
        delimiter = dialect.delimiter
        super().__init__(
            str(path),
            f"Mend the file: a cell with a line break or the delimiter ({delimiter!r}) needs quotation marks"
            " around it, and a quotation mark within it is doubled; or save it as .xlsx.",
        )
        self._path = path
        self._encoding = encoding
        self._dialect = dialect
        self._open()
        self.facts = {
            "encoding": encoding.title,
            "delimiter": _TITLES.get(delimiter, delimiter),
            **self.facts,
        }
        self.notes = [*filter(None, [encoding.said]), *self.notes]

    def _found(self) -> Iterator[Row]:
        errors = "surrogateescape" if self._encoding.damaged else "strict"
        with self._path.open(encoding=self._encoding.name, errors=errors, newline="") as stream:
            lines = _Lines(stream)
            reader = csv.reader(lines, delimiter=self._dialect.delimiter, skipinitialspace=True, strict=True)
            number = 0
            while True:
                number += 1
                lines.begin()
                line = lines.number + 1
                try:
                    cells, problem = next(reader), ""
                except StopIteration:
                    return
                except csv.Error as error:
                    lines.give_back()
                    cells, problem = self._mended(lines.taken[0], str(error))
                if number > self._header.number > 0 and self._swallows(cells):
                    lines.give_back()
                    cells, problem = (
                        [lines.taken[0]],
                        "a quotation mark is not closed: it takes in other rows",
                    )
                if number == 1 and self._dialect.said:
                    continue
                if problem or not (blank(cells) or cells == ["\x1a"]):  # DOS ends a file so
                    yield self._row(number, line, cells, problem, lines.taken)

    def _row(self, number: int, line: int, cells: Cells, problem: str, taken: Iterable[str]) -> Row:
        text = "".join(taken)
        if bad := dict.fromkeys(_BAD.findall(text)):
            found = " ".join(f"{ord(letter) & 0xFF:02X}" for letter in bad)
            problem = f"it holds bytes that are no text in {self._encoding.title} ({found})"
            text = _BAD.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", text)
        return Row(number, cells, line, text[:KEPT], problem)

    def _swallows(self, cells: Cells) -> bool:
        """Whether a cell of several lines holds what are rows of their own: each with an address in it."""
        enough = max(len(self._header.cells) - 1, FEWEST)
        return any(
            line.count(self._dialect.delimiter) >= enough and _has_address(line, self._dialect.delimiter)
            for cell in cells
            if "\n" in cell
            for line in cell.split("\n")[1:]
        )

    def _mended(self, text: str, error: str) -> tuple[Cells, str]:
        """The cells of a row whose quotation marks are written with a backslash; or what is wrong with it."""
        reader = csv.reader(
            [text], delimiter=self._dialect.delimiter, skipinitialspace=True, strict=True, escapechar="\\"
        )
        try:
            cells = next(reader)
        except csv.Error:
            if "limit" in error:
                return [text.strip()], f"a cell is longer than {csv.field_size_limit():,} characters"
            return [text.strip()], f"a quotation mark is not closed, or not doubled ({error})"
        return cells, ""


def _has_address(line: str, delimiter: str) -> bool:
    return any(is_contact(part.strip()) for part in line.split(delimiter))


class _Lines:
    """The lines of a stream; those that a row took in vain can be given back."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._stream)
        self.taken.append(line)
        self.number += 1
        return line

    def begin(self) -> None:
        """A row begins."""
        self.taken.clear()

    def give_back(self) -> None:
        """All lines of the row but its first are to be read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        del self.taken[1:]
