"""A table of rows and columns as people have them: with a title, short rows, a footer, broken rows."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

from tasks.core.errors import BadConfigurationError
from tasks.core.words import counted
from tasks.extract.layout import ABOVE, BELOW, check_header, footer_of, header_of, is_header_again
from tasks.extract.looks import is_contact
from tasks.extract.tables import SAMPLE, Cells, Row, Table, blank, empty

TOLD = 5
"""Rows of a kind that are named one by one."""

NARROW = 2
"""Columns of a table in which a row of one cell is nothing odd."""


class GridTable(Table):
    """Rows of cells, of which one is the header.

    Args:
        file: What it is called in messages.
        remedy: What helps where most rows cannot be read.
    """

    def __init__(self, file: str, remedy: str) -> None:
        super().__init__()
        self._file = file
        self._remedy = remedy
        self._header = Row(0, [])

    @abstractmethod
    def _found(self) -> Iterator[Row]:
        """All rows of the file that are not blank, from its first one."""

    def rows(self) -> Iterator[Row]:
        """The rows below the header and above the footer, each with as many cells as the header."""
        for row in self._below():
            if row.number >= self._end:
                return
            if not is_header_again(row.cells, self._header.cells):
                yield self._fitted(row)

    def _open(self) -> None:
        """Find the header and the footer, and look through all rows.

        Raises:
            BadConfigurationError: There is no header, or most rows cannot be read.
        """
        head = list(takewhile(lambda row: row.number <= ABOVE, self._found())) or [*self._first()]
        if head:
            self._header = head[header_of(head)]
        self.headers = headers_of(self._header.cells if head else None, self._file)
        check_header(self._header.cells, self._file)
        self.facts["header"] = self._header.number
        above = head[: head.index(self._header)] if head else []
        if above:
            self.notes.append(f"Above the header, left out: {_quoted(above)}.")
        self._survey()

    def _first(self) -> Iterator[Row]:
        for row in self._found():
            yield row
            return

    def _below(self) -> Iterator[Row]:
        return (row for row in self._found() if row.number > self._header.number)

    def _survey(self) -> None:
        full = [row.cells for row in islice(self._below(), SAMPLE) if len(row.cells) >= len(self.headers)]
        self._addressed = 2 * sum(map(_has_address, full)) > len(full)
        self.sample, self.total = [], 0
        self._broken, self._short, self._repeated = _Some(), _Some(), _Some()
        before, last = self._header, deque[Row]()
        for row in self._below():
            if len(last) == BELOW:
                before = last.popleft()
                self._take(before)
            last.append(row)
        body = len(last) - footer_of([before, *last], len(self.headers))
        for row in islice(last, body):
            self._take(row)
        foot = list(islice(last, body, None))
        self._end: float = foot[0].number if foot else float("inf")
        self._refuse_if_broken()
        self.notes += [
            f"{what}: {told}."
            for what, told in (
                ("Below the records, left out", _quoted(foot)),
                ("The header again, or a line below it, left out", self._repeated.listed()),
                ("Without their last cells, which count as empty", self._short.listed()),
                ("Cannot be read, and are rejects", self._broken.listed()),
            )
            if told
        ]

    def _take(self, row: Row) -> None:
        """Count a row, and what is odd about it."""
        if is_header_again(row.cells, self._header.cells):
            self._repeated.add(row)
            return
        self.total += 1
        fitted = self._fitted(row)
        if fitted.problem:
            self._broken.add(fitted)
            return
        if fitted.short:
            self._short.add(fitted)
        if len(self.sample) < SAMPLE:
            self.sample.append(fitted.cells)

    def _refuse_if_broken(self) -> None:
        """Refuse a file most of whose rows cannot be read: it is meant otherwise."""
        count = self._broken.count
        if 2 * count > self.total:
            first = self._broken.first[0]
            like = f"; {count:,} of {self.total:,} rows are like that" if count > 1 else ""
            title = "Remove the rows above the one that names the columns."
            remedy = title if len(self.headers) == 1 and self.total > count else self._remedy
            raise BadConfigurationError(f"{self._file}, {first.place}: {first.problem}{like}.", remedy=remedy)

    def _fitted(self, row: Row) -> Row:
        """A row with as many cells as the header, or with what is wrong with it."""
        width, cells = len(self.headers), row.cells
        if row.problem or len(cells) == width:
            return row
        if not blank(cells[width:]):
            return row._replace(problem=f"{counted(len(cells), 'cell')}, but the header has {width}")
        missing = width - len(cells)
        if missing > 0 and self._is_piece(cells):
            told = "one cell" if len(cells) == 1 else counted(len(cells), "cell")
            return row._replace(problem=f"{told}, but the header has {width}, and no address among them")
        return row._replace(cells=[*cells[:width], *[""] * missing], short=missing > 0)

    def _is_piece(self, cells: Cells) -> bool:
        """Whether a short row is rather a piece of a cell in which a line was broken."""
        pieces = len(self.headers) > NARROW and len(_filled(cells)) == 1
        return (pieces or self._addressed) and not _has_address(cells)


class _Some:
    """Rows of a kind: how many, and the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Row] = []

    def add(self, row: Row) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < TOLD:
            self.first.append(row)

    def listed(self) -> str:
        """Where they are, for people."""
        return ", ".join(row.place for row in self.first) + _more(self.count)


def _has_address(cells: Cells) -> bool:
    return any(map(is_contact, _filled(cells)))


def headers_of(cells: Cells | None, file: str) -> list[str]:
    """The header row's cells as text.

    Raises:
        BadConfigurationError: There is no such row, or it holds no text.
    """
    if cells is None:
        raise BadConfigurationError(f"{file} is empty.", remedy="Give a file with a header and rows.")
    headers = ["" if empty(cell) else str(cell).lstrip("\ufeff").strip() for cell in cells]
    if any(ord(letter) < ord(" ") and letter not in "\t\n\r" for letter in "".join(headers)):
        raise BadConfigurationError(
            f"{file} does not hold text.", remedy="Its ending must say what it is, e.g. .xlsx for a workbook."
        )
    return headers


def _filled(cells: Cells) -> list[str]:
    return [str(cell).strip() for cell in cells if not empty(cell)]


def _quoted(rows: Sequence[Row]) -> str:
    """Rows and what they say, for people."""
    told = [f"{row.place} “{_cut(' '.join(' '.join(_filled(row.cells)).split()))}”" for row in rows[:TOLD]]
    return ", ".join(told) + _more(len(rows))


def _cut(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _more(count: int) -> str:
    return f" and {count - TOLD:,} more" if count > TOLD else ""
