"""How a text file is written: its encoding and, for CSV, its delimiter.

Nothing in the file says so, and a wrong guess spoils every name with an accent in it. UTF-8 is certain (no
other encoding passes for it by chance), a mark at the start settles UTF-16, and what is left of the files
that spreadsheet programs write is Windows-1252.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

from tasks.core.errors import BadConfigurationError
from tasks.extract.tables import blank

DELIMITERS = "\t;|,"
"""What may stand between cells; of two that fit equally well, the one that is rarer in text comes first."""

HEAD = 65_536
"""Characters from the start by which the delimiter is found."""

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t"}


def encoding_of(path: Path, given: str) -> str:
    """The encoding to read a text file in: the one given, or else the one found out.

    Raises:
        BadConfigurationError: There is no such encoding, or the file does not hold text.
    """
    if given:
        try:
            found = codecs.lookup(given).name
            "".encode(found)  # refuses codecs that are none of text
        except LookupError as error:
            raise BadConfigurationError(
                f"There is no encoding {given}.",
                remedy="For example utf-8, utf-16, cp1252, iso-8859-15, mac-roman.",
            ) from error
        return "utf-8-sig" if found == "utf-8" else found
    with path.open("rb") as stream:
        start = stream.read(HEAD)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        raise BadConfigurationError(
            f"{path} does not hold text.",
            remedy="A workbook must end in .xlsx or .xls; for UTF-16 without a mark give the encoding.",
        )
    return "utf-8-sig" if _is_utf8(path) else "cp1252"


def _is_utf8(path: Path) -> bool:
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        with path.open("rb") as stream:
            while part := stream.read(HEAD):
                decode(part)
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(path: Path, encoding: str, given: str) -> tuple[str, int]:
    """The delimiter of a CSV file, the one given or else the one found out, and the rows above its header.

    Raises:
        BadConfigurationError: What is given is no delimiter.
    """
    with path.open(encoding=encoding, newline="") as stream:
        head = stream.read(HEAD)
    # Some programs say it themselves, for Excel's sake, in a row of its own.
    said = re.match(r"\ufeff?sep=(.)\r?\n", head)
    return _given_delimiter(given) or (said[1] if said else _delimiter(head)), int(bool(said))


def _given_delimiter(given: str) -> str:
    delimiter = _NAMED_DELIMITERS.get(given.lower(), given)
    if delimiter and (len(delimiter) != 1 or delimiter in '"\r\n '):
        raise BadConfigurationError(
            f"`{given}` is no delimiter.", remedy="One character, e.g. ; or , or tab."
        )
    return delimiter


def _delimiter(head: str) -> str:
    """The delimiter by which most rows have as many cells as the header, and the header the most."""
    rated = {found: _fit(head, found) for found in DELIMITERS}
    best = max(DELIMITERS, key=rated.__getitem__)
    return best if rated[best] > (0, 0) else ","


def _fit(head: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = list(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return 0, 0
    if len(head) >= HEAD:
        rows = rows[:-1]
    widths = [len(row) for row in rows if not blank(row)]
    if not widths or widths[0] == 1:
        return 0, 0
    return widths.count(widths[0]) / len(widths), widths[0]
