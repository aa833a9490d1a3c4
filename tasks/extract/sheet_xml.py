"""What a sheet of an .xlsx file says of itself before it is loaded.

The reader of workbooks makes a grid of a sheet, from its first cell to its last: one stray cell in the last
row and column of Excel's is a grid of 17 billion cells, which ends the process. And of a formula it hands on
the result that was stored with it; where none was (files made by programs often have none) the cell looks
empty. Both are read off the sheet's own text here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

CHUNK = 1 << 20

LARGEST = 200_000_000
"""Cells of the largest grid that is loaded; each takes some 24 bytes, whether it holds anything or not."""

LARGE = 5_000_000
SPARSE = 100
"""Of a grid larger than ``LARGE`` one cell in so many must hold something."""

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

# A cell with something in it; one that is only formatted has no content, or none but an empty <v>.
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^/>])?>(?!\s*</)')
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*?\br="([A-Z]{1,3})\d+"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ROW_END = re.compile(rb"</(?:\w+:)?row>")


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


def extents(content: IO[bytes]) -> dict[str, Extent]:
    """How far each sheet reaches, by its name; nothing for what is no .xlsx file."""
    try:
        with ZipFile(content) as archive:
            return {name: _extent(_rows(archive.open(part))) for name, part in _parts(archive) if part}
    except (BadZipFile, KeyError, ET.ParseError):
        return {}


def number_of(letters: str) -> int:
    """A column's number by its letters, A being 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _parts(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet's name, and where its text is in the archive."""
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - expat bounds entities
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    known = set(archive.namelist())
    for one in ET.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314 - the same
        if one.tag.endswith("}sheet"):
            target = targets.get(one.get(_RELATION), "")
            part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))
            yield one.get("name", ""), part if part in known else ""


def _rows(stream: IO[bytes]) -> Iterator[bytes]:
    """The text of a sheet in pieces that end with a row."""
    rest = b""
    while chunk := stream.read(CHUNK):
        rest += chunk
        ends = [found.end() for found in _ROW_END.finditer(rest)]
        if ends:
            yield rest[: ends[-1]]
            rest = rest[ends[-1] :]
    yield rest


def _extent(pieces: Iterator[bytes]) -> Extent:
    found = Extent()
    for piece in pieces:
        cells = _CELL.findall(piece)
        if not cells:
            continue
        rows = {row for _, row in cells}
        found.rows += len(rows)
        found.cells += len(cells)
        row = max(map(int, rows))
        if row > found.height:
            found.height = row
            found.lowest = next(f"{letters.decode()}{at.decode()}" for letters, at in cells if int(at) == row)
        column = max({letters for letters, _ in cells}, key=lambda letters: (len(letters), letters))
        if number_of(column.decode()) > found.width:
            found.width = number_of(column.decode())
            found.rightmost = next(
                f"{column.decode()}{at.decode()}" for letters, at in cells if letters == column
            )
        found.unstored.update(letters.decode() for letters in _FORMULA.findall(piece))
    return found
