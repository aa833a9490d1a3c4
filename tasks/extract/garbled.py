"""Text that was spoilt before the file was written: read in a wrong encoding once, and saved so.

It is told, not mended: that it was meant otherwise is a guess, and the program that has the right text is
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tasks.extract.tables import Row

_SIGNS = frozenset("ÂÃÄÅâÐÑØÙ")
"""What the first bytes of letters in UTF-8 look like in Windows-1252."""

_LOST = "\ufffd"


class Garbled:
    """Counts cells whose text is spoilt."""

    def __init__(self) -> None:
        self._count = self._lost = 0
        self._first = self._first_lost = ""

    def look_at(self, row: Row) -> None:
        """Count a row's cells."""
        for cell in row.cells:
            if not isinstance(cell, str) or cell.isascii():
                continue
            if _LOST in cell:
                self._lost += 1
                self._first_lost = self._first_lost or row.place
            elif meant := _meant(cell):
                self._count += 1
                self._first = self._first or f"“{cell.strip()}” for “{meant.strip()}” in {row.place}"

    def told(self) -> Iterator[str]:
        """Sentences for people."""
        if self._count:
            yield (
                f"Spoilt before the file was written: {self._count:,} cells, e.g. {self._first}."
                " They are taken as they are; better export the file again."
            )
        if self._lost:
            yield (
                f"Letters were lost before the file was written: {self._lost:,} cells hold �,"
                f" from {self._first_lost} on."
            )


def _meant(text: str) -> str:
    """What a text was before UTF-8 was taken for Windows-1252; empty where it was not."""
    if _SIGNS.isdisjoint(text):
        return ""
    for encoding in ("cp1252", "latin-1"):
        with suppress(UnicodeError):
            return text.encode(encoding).decode("utf-8")
    return ""
