"""How a CSV file is written: what stands between its cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tasks.core.errors import BadConfigurationError
from tasks.extract.encodings import Encoding
from tasks.extract.layout import ABOVE, SURE, fields_named
from tasks.extract.tables import blank

DELIMITERS = "\t;|,^~"
"""What may stand between cells; of two that fit equally well, the one that is rarer in text comes first."""

HEAD = 65_536
"""Characters from the start by which the delimiter is found."""

_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t"}

# Some programs say it themselves, for Excel's sake, in a row of its own.
_SAID = re.compile(r'\ufeff*"?sep=(.)"?(?:\1|[;,\t])*\r?(?:\n|$)', re.IGNORECASE)


class Dialect(NamedTuple):
    """How a CSV file is written.

    Args:
        said: Whether its first row is one that says so.
    """

    delimiter: str
    said: bool


def dialect_of(path: Path, encoding: Encoding, given: str) -> Dialect:
    """The delimiter of a CSV file, the one given or else the one found out.

    Raises:
        BadConfigurationError: What is given is no delimiter.
    """
    errors = "surrogateescape" if encoding.damaged else "strict"
    with path.open(encoding=encoding.name, errors=errors, newline="") as stream:
        head = stream.read(HEAD)
    said = _SAID.match(head)
    return Dialect(_given_delimiter(given) or (said[1] if said else _delimiter(head)), bool(said))


def _given_delimiter(given: str) -> str:
    delimiter = _NAMED_DELIMITERS.get(given.lower(), given)
    if delimiter and (len(delimiter) != 1 or delimiter in '"\r\n '):
        raise BadConfigurationError(
            f"`{given}` is no delimiter.", remedy="One character, e.g. ; or , or tab."
        )
    return delimiter


def _delimiter(head: str) -> str:
    """The delimiter by which a row names most fields; else that by which most rows have as many cells."""
    rated = {found: _fit(head, found) for found in DELIMITERS}
    best = max(DELIMITERS, key=rated.__getitem__)
    return best if rated[best] > (0, 0, 0) else ","


def _fit(head: str, delimiter: str) -> tuple[int, float, int]:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        rows = [row for row in reader if not blank(row)]
    except csv.Error:
        return 0, 0, 0
    if len(head) >= HEAD:
        rows = rows[:-1]
    named = max((fields_named(row) for row in rows[:ABOVE]), default=0)
    [(width, count)] = Counter(map(len, rows)).most_common(1) or [(0, 0)]
    fits = (count / len(rows), width) if width > 1 and delimiter not in "^~" else (0.0, 0)
    return (named if named >= SURE else 0, *fits)
