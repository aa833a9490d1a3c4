"""Reading the rows of CSV and JSON files without losing one of them.

A file is read through once when it is opened: that counts its rows and refuses a damaged one before
anything is done with it. CSV and JSON Lines are then read again row by row, so that memory stays flat.

CSV is read by Python's own reader: it alone tells a row that is too short from one that ends in empty cells,
and the line where a row begins.
"""

from __future__ import annotations

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from tasks.core.batch import Json
from tasks.core.errors import BadConfigurationError

SAMPLE = 200
"""Rows from the start by whose values columns are guessed."""

Cells: TypeAlias = list[Any]
Numbered: TypeAlias = tuple[int, Cells]
"""A row's number, as a person counts it in the file, and its cells."""


class Table(ABC):
    """The rows of one file below one header.

    Attributes:
        headers: One for each cell of a row; empty where a column has none.
        sample: The cells of the first rows.
        total: How many rows there are; blank ones do not count.
    """

    headers: list[str]
    sample: list[Cells]
    total: int

    @abstractmethod
    def rows(self) -> Iterator[Numbered]:
        """The rows that are not blank, from the first one."""

    def _survey(self) -> None:
        rows = self.rows()
        self.sample = [cells for _, cells in islice(rows, SAMPLE)]
        self.total = len(self.sample) + sum(1 for _ in rows)


def blank(cells: Iterable[Any]) -> bool:
    """Whether no cell holds anything."""
    return all(empty(cell) for cell in cells)


def empty(cell: Any) -> bool:
    """Whether a cell holds nothing: no value, or text of nothing but space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


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


class DelimitedTable(Table):
    """A CSV file.

    Args:
        skipped: Rows above the header that say how the file is written.
    """

    def __init__(self, path: Path, encoding: str, delimiter: str, skipped: int = 0) -> None:
        self._path = path
        self._encoding = encoding
        self._delimiter = delimiter
        self._skipped = skipped
        self.headers = headers_of(next((cells for _, _, cells in self._parsed()), None), str(path))
        self._survey()

    def rows(self) -> Iterator[Numbered]:
        """The rows that are not blank.

        Raises:
            BadConfigurationError: A row has another number of cells than the header.
        """
        width = len(self.headers)
        for number, line, cells in islice(self._parsed(), 1, None):
            if len(cells) < width or not blank(cells[width:]):
                raise BadConfigurationError(
                    f"{self._place(number, line)}: {len(cells)} cells, but the header has {width}.",
                    remedy=f"A cell with a line break or the delimiter ({self._delimiter!r}) needs quotation"
                    " marks around it; or save the file as .xlsx.",
                )
            yield number, cells[:width]

    def _parsed(self) -> Iterator[tuple[int, int, list[str]]]:
        """Number, first line and cells of every row that is not blank, the header's included."""
        with self._path.open(encoding=self._encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self._delimiter, skipinitialspace=True, strict=True)
            number, line = 0, 1
            try:
                for number, cells in enumerate(reader, 1):
                    if number > self._skipped and not blank(cells):
                        yield number, line, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                raise BadConfigurationError(
                    f"{self._place(number + 1, line)} cannot be read: {error}.",
                    remedy="Look for a quotation mark that is never closed, or one within a cell: double it.",
                ) from error

    def _place(self, number: int, line: int) -> str:
        return f"{self._path}, row {number}" + (f" (line {line})" if line != number else "")


class JsonTable(Table):
    """JSON objects: one on each line, or all of them in one array.

    The keys of all objects, in the order they first appear, are the headers.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._encoding = encoding
        self._array = self._whole() if path.suffix.lower() == ".json" else None
        keys: dict[str, None] = {}
        self.total = 0
        for _, record in self._objects():
            keys |= dict.fromkeys(record)
            self.total += 1
        self._keys = list(keys)
        self.headers = [key.strip() for key in keys]
        self.sample = [cells for _, cells in islice(self.rows(), SAMPLE)]
        if self._array is None and not self.total:
            raise BadConfigurationError(f"{path} is empty.", remedy="Give a file with a record on each line.")

    def rows(self) -> Iterator[Numbered]:
        """The objects that are not blank, numbered by their line, or by their place in the array."""
        for number, record in self._objects():
            yield number, [record.get(key) for key in self._keys]

    def _objects(self) -> Iterator[tuple[int, dict[str, Json]]]:
        unit = "line" if self._array is None else "item"
        for number, value in self._lines() if self._array is None else enumerate(self._array, 1):
            if not isinstance(value, dict):
                raise BadConfigurationError(
                    f"{self._path}, {unit} {number} is no JSON object.", remedy="Each record is one object."
                )
            if not blank(value.values()):
                yield number, value

    def _lines(self) -> Iterator[tuple[int, Json]]:
        with self._path.open(encoding=self._encoding) as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield number, self._parsed(line.strip(), number)

    def _whole(self) -> list[Json] | None:
        """The array of a ``.json`` file; None where each line is a record of its own."""
        text = self._path.read_text(self._encoding)
        first, _, rest = text.lstrip().partition("\n")
        if not first or (first.rstrip().endswith("}") and rest.lstrip().startswith("{")):
            return None
        value = self._parsed(text, 1)
        if isinstance(value, list):
            return value
        raise BadConfigurationError(
            f"{self._path} holds no JSON array.",
            remedy="Put the records into one array, [{…}, {…}], or one on each line of a .jsonl file.",
        )

    def _parsed(self, text: str, line: int) -> Json:
        try:
            # Unlike the faster parser this one keeps numbers of more than 64 bits as they are.
            return json.loads(text, parse_constant=_refuse)
        except json.JSONDecodeError as error:
            problem, line = error.msg, line + error.lineno - 1
        except (ValueError, RecursionError) as error:
            problem = str(error)
        raise BadConfigurationError(
            f"{self._path}, line {line} is no JSON: {problem}.", remedy="Mend that line; nothing was read."
        )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
