"""How far a sheet of an OpenDocument file reaches, before it is loaded."""

from __future__ import annotations

import html
import re
from typing import IO
from zipfile import BadZipFile, ZipFile

from tasks.extract.extent import Extent, letters_of

# Cells have no names there: each comes after the one before it, or as often as it says.
_PARTS = re.compile(
    rb"<table:table\s(?P<table>[^>]*)>|<table:table-row\b(?P<row>[^>]*)>"
    rb"|<table:(?:covered-)?table-cell\b(?P<cell>[^>]*)>"
)
_NAME = re.compile(rb'table:name="([^"]*)"')
_ROWS = re.compile(rb'table:number-rows-repeated="(\d+)"')
_COLUMNS = re.compile(rb'table:number-columns-repeated="(\d+)"')


def extents(content: IO[bytes]) -> dict[str, Extent]:
    """How far each sheet reaches, by its name; nothing for what is no OpenDocument file."""
    try:
        with ZipFile(content) as archive:
            return _extents(archive.read("content.xml"))
    except (BadZipFile, KeyError):
        return {}


def _extents(text: bytes) -> dict[str, Extent]:
    found: dict[str, Extent] = {}
    extent, row, column = Extent(), 0, 0
    for part in _PARTS.finditer(text):
        if part["table"] is not None:
            name = _NAME.search(part["table"])
            extent, row = Extent(), 0
            found[html.unescape(name[1].decode()) if name else ""] = extent
        elif part["row"] is not None:
            row, column = row + _times(_ROWS, part["row"]), 0
        else:
            times = _times(_COLUMNS, part["cell"])
            column += times
            if b"office:value-type" in part["cell"]:
                _reach(extent, row, column, times)
    return found


def _times(repeated: re.Pattern[bytes], attributes: bytes) -> int:
    return int(match[1]) if (match := repeated.search(attributes)) else 1


def _reach(extent: Extent, row: int, column: int, times: int) -> None:
    extent.cells += times
    cell = f"{letters_of(column)}{row}"
    if row > extent.height:
        extent.height, extent.lowest = row, cell
        extent.rows += 1
    if column > extent.width:
        extent.width, extent.rightmost = column, cell
