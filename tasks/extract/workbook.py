"""Reading the rows of a workbook's sheet.

A cell has the type it was given in the spreadsheet program: text stays text with its leading zeros, and a
number typed in as a number has lost them already, whatever format it is shown in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, load_workbook
from python_calamine import SheetTypeEnum as SheetType
from python_calamine import SheetVisibleEnum as Visibility

from tasks.core.batch import Json
from tasks.core.errors import BadConfigurationError
from tasks.core.words import counted
from tasks.extract import sheet_ods, sheet_xml
from tasks.extract.extent import Extent, number_of
from tasks.extract.grid import GridTable
from tasks.extract.layout import ABOVE, SURE, fields_named
from tasks.extract.tables import Row, blank, empty

EXACT = 2**53
"""Whole numbers up to here are exact in a spreadsheet."""


class SheetTable(GridTable):
    """A sheet of a workbook.

    Args:
        name: Of the sheet; empty for the first one that is visible and holds a table.
    """

    def __init__(self, path: Path, name: str) -> None:
        book = _Book(path)
        self._sheet = book.sheet(name)
        super().__init__(f"{path}, sheet `{self._sheet.name}`", "Mend these rows in a spreadsheet program.")
        self._open()
        self.facts = {"sheet": self._sheet.name, **self.facts}
        self.notes += [*book.others(self._sheet.name), *self._unstored(book.extents.get(self._sheet.name))]

    def _found(self) -> Iterator[Row]:
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            if not blank(cells):
                yield Row(number, [_plain(cell) for cell in cells])

    def _unstored(self, extent: Extent | None) -> Iterator[str]:
        """What is told of formulas whose result is not in the file."""
        for letters, count in extent.unstored.items() if extent else ():
            at = number_of(letters) - 1
            header = self.headers[at] if at < len(self.headers) else ""
            yield (
                f"Column {letters} `{header}`: formulas without a stored result, read as empty: {count:,}."
                " Open the workbook in a spreadsheet program and save it."
            )


class _Book:
    """A workbook and the sheets in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        content = path.read_bytes()
        self.extents = sheet_xml.extents(BytesIO(content))
        if not self.extents:
            self.extents = sheet_ods.extents(BytesIO(content))
            for name in self.extents:  # the reader loads all sheets of such a file at once
                self._require_near(name)
        with _refusing(path):
            self._book = _load(path, content)
            sheets = [sheet for sheet in self._book.sheets_metadata if sheet.typ == SheetType.WorkSheet]
        sheets.sort(key=lambda sheet: sheet.visible != Visibility.Visible)
        self._names = [sheet.name for sheet in sheets]
        self._visible = [sheet.name for sheet in sheets if sheet.visible == Visibility.Visible]

    def sheet(self, name: str) -> CalamineSheet:
        """The sheet of that name, or the first visible one that holds a table.

        Raises:
            BadConfigurationError: There is none, or it reaches too far.
        """
        if (name or not self._names) and name not in self._names:
            raise BadConfigurationError(
                f"{self._path} has no sheet `{name}`.", remedy=f"It has: {', '.join(self._names) or 'none'}."
            )
        if name or len(self._visible) < 2:  # noqa: PLR2004 - nothing to choose from
            return self._loaded(name or self._names[0])
        best = self._loaded(self._visible[0])
        for other in self._visible[1:]:
            if _named(best) >= SURE:
                break
            if not self.extents.get(other, Extent()).reaches_too_far:
                best = max(best, self._loaded(other), key=_named)
        return best

    def others(self, name: str) -> Iterator[str]:
        """What is told of the sheets that are not read."""
        for other in self._names:
            if other == name:
                continue
            rows = self._rows(other)
            if rows:
                hidden = "" if other in self._visible else " (hidden)"
                told = f"Sheet `{other}`{hidden} with {counted(rows, 'row')} is not read"
                yield f"{told}; sheet={other} reads it instead."

    def _rows(self, name: str) -> int:
        extent = self.extents.get(name)
        if extent is not None and extent.rows:
            return extent.rows
        return sum(not blank(cells) for cells in self._loaded(name).iter_rows())

    def _loaded(self, name: str) -> CalamineSheet:
        self._require_near(name)
        with _refusing(self._path):
            return self._book.get_sheet_by_name(name)

    def _require_near(self, name: str) -> None:
        """Refuse a sheet that reaches too far.

        Raises:
            BadConfigurationError: It does.
        """
        extent = self.extents.get(name, Extent())
        if extent.reaches_too_far:
            raise BadConfigurationError(
                f"{self._path}, sheet `{name}` reaches to {extent.rightmost} and {extent.lowest}: that"
                " is too far for a table.",
                remedy="Delete what stands there, which is easily overlooked, and save the workbook; or copy"
                " the table to a new one.",
            )


def _load(path: Path, content: bytes) -> CalamineWorkbook:
    try:
        return load_workbook(BytesIO(content))  # known by its content: many a .xls is a .xlsx
    except CalamineError:
        return load_workbook(str(path))  # known by its ending: only this way a password is told from rubbish


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """What cannot be read is refused.

    Raises:
        BadConfigurationError: It is no workbook, or a protected one.
    """
    try:
        yield
    except PasswordError as error:
        raise BadConfigurationError(
            f"{path} is protected by a password.", remedy="Save a copy without a password."
        ) from error
    except CalamineError as error:
        raise BadConfigurationError(
            f"{path} is no workbook that can be read: {error}.",
            remedy="Open it in a spreadsheet program and save it as .xlsx; a text file must end in .csv.",
        ) from error


def _named(sheet: CalamineSheet) -> float:
    """How many fields a sheet's header names; more than nothing for a table of unknown words."""
    rows = list(islice(sheet.iter_rows(), ABOVE))
    fields = max(map(fields_named, rows), default=0)
    return fields or (0.5 if any(len([cell for cell in row if not empty(cell)]) > 1 for row in rows) else 0)


def _plain(cell: Any) -> Json:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= EXACT:
        return int(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else cell
