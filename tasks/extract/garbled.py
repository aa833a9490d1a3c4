"""Text that was spoilt before the file was written: read in a wrong encoding once, and saved so.

It is told, not mended: that it was meant otherwise is a guess, and the program that has the right text is
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tasks.core.words import counted
from tasks.extract.tables import Row

_WESTERN = "ÂÃÄÅâÐÑØÙ"
_MISREAD = {
    "cp1252": _WESTERN,
    "latin-1": _WESTERN,
    "cp1250": "ĂĹÄ",
    "cp1251": "\u0420\u0421",
    "mac-roman": "√¬",
}
"""What the first bytes of letters in UTF-8 look like in other encodings."""

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
                f"Text that was read in a wrong encoding once: {counted(self._count, 'cell')},"
                f" e.g. {self._first}. It is taken as it is; better export the file again."
            )
        if self._lost:
            yield (
                f"Letters were lost before the file was written: {self._lost:,} cells hold �,"
                f" from {self._first_lost} on."
            )


def _meant(text: str) -> str:
    """What a text was before its UTF-8 was taken for something else; empty where it was not."""
    letters = set(text)
    for encoding, signs in _MISREAD.items():
        if not letters.isdisjoint(signs):
            with suppress(UnicodeError):
                return text.encode(encoding).decode("utf-8")
    return ""
