"""What a sheet of an .xlsx file says of itself before it is loaded.

How far it reaches, and which formulas have no result: the reader of workbooks hands on the result that was
stored with a formula; where none was (files made by programs often have none) the cell looks empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

from tasks.extract.extent import Extent, number_of

CHUNK = 1 << 20

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

# A cell with something in it; one that is only formatted has no content, or none but an empty <v>.
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^/>])?>(?!\s*</)')
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*?\br="([A-Z]{1,3})\d+"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ROW_END = re.compile(rb"</(?:\w+:)?row>")


def extents(content: IO[bytes]) -> dict[str, Extent]:
    """How far each sheet reaches, by its name; nothing for what is no .xlsx file."""
    try:
        with ZipFile(content) as archive:
            return {name: _extent(_rows(archive.open(part))) for name, part in _parts(archive) if part}
    except (BadZipFile, KeyError, ET.ParseError):
        return {}


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
