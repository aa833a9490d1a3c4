"""Reading the rows of a workbook's sheet.

A cell has the type it was given in the spreadsheet program: text stays text with its leading zeros, and a
number typed in as a number has lost them already, whatever format it is shown in.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from tasks.extract.tables import Numbered, Table, blank, headers_of

EXACT = 2**53
"""Whole numbers up to here are exact in a spreadsheet."""


class SheetTable(Table):
    """A sheet of a workbook."""

    def __init__(self, path: Path, sheet: str) -> None:
        self._sheet = _sheet(path, sheet)
        self._file = f"{path}, sheet `{self._sheet.name}`"
        self.headers = headers_of(next((cells for _, cells in self._filled()), None), self._file)
        self._survey()

    def rows(self) -> Iterator[Numbered]:
        """The rows that are not blank; dates as ISO 8601, whole numbers as such."""
        return islice(self._filled(), 1, None)

    def _filled(self) -> Iterator[Numbered]:
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            if not blank(cells):
                yield number, [_plain(cell) for cell in cells]


def _sheet(path: Path, name: str) -> CalamineSheet:
    try:
        book = _book(path)
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetType.WorkSheet]
        sheets.sort(key=lambda sheet: sheet.visible != Visibility.Visible)
        names = [sheet.name for sheet in sheets]
        if (name or not names) and name not in names:
            raise BadConfigurationError(
                f"{path} has no sheet `{name}`.", remedy=f"It has: {', '.join(names) or 'none'}."
            )
        return book.get_sheet_by_name(name or names[0])
    except PasswordError as error:
        raise BadConfigurationError(
            f"{path} is protected by a password.", remedy="Save a copy without a password."
        ) from error
    except CalamineError as error:
        raise BadConfigurationError(
            f"{path} is no workbook that can be read: {error}.",
            remedy="Open it in a spreadsheet program and save it as .xlsx; a text file must end in .csv.",
        ) from error


def _book(path: Path) -> CalamineWorkbook:
    content = path.read_bytes()
    try:
        return load_workbook(BytesIO(content))  # known by its content: many a .xls is a .xlsx
    except CalamineError:
        return load_workbook(str(path))  # known by its ending: only this way a password is told from rubbish


def _plain(cell: Any) -> Json:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= EXACT:
        return int(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else cell
