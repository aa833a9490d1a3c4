"""Where in a file the table is: which row is its header, and what stands above and below it.

Exports have titles and notes above the row that names the columns, and totals or notices below the last
record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.core.batch import shown
from tasks.core.errors import BadConfigurationError
from tasks.extract.headers import codes_of, field_of
from tasks.extract.looks import is_contact
from tasks.extract.tables import Cells, Row, empty

ABOVE = 20
"""Rows from the start among which the header is looked for."""

BELOW = 12
"""Rows at the end among which a footer is looked for."""

SURE = 2
"""Fields that a row names to be taken for a header for sure."""

_NARROW = 2
"""Columns of a table in which a row of one cell is nothing odd."""

_TOTAL = re.compile(
    r"(?:grand |sub)?(?:totals?|sum|summe|gesamt\w*|anzahl|count|number)\s*"
    r"(?:$|[:(=#\d]|(?:of |number of )?(?:records|rows|contacts|entries|leads|companies)\b)"
    r"|(?:records|rows|contacts)\s*[:(=]|\d+ (?:records?|rows?|contacts?|entries|results?)\b"
    r"|end of\b|\*{3,}|-{3,}|={3,}",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"confidential\b|vertraulich\b|copyright\b|©\s*\w|\(c\)\s|report(?: name)?:|source:|page \d"
    r"|(?:generated|exported|created|printed) (?:by|on|at)\b|exportiert (?:von|am)\b",
    re.IGNORECASE,
)
_NOTICE = re.compile(r"(?:\S+\s+){4,}\S+")  # more words than a name has
_RULE = re.compile(r"[-=_:*+]{2,}")
_FIGURE = re.compile(r"[\d.,%$€£ ]+")


def header_of(rows: Sequence[Row]) -> int:
    """Which of the first rows names the columns.

    The first one does, unless a later one names more fields that are known, or the first is a title above
    columns of unknown names.
    """
    known = [fields_named(row.cells) for row in rows]
    best = max(range(len(rows)), key=lambda at: (known[at], -at), default=0)
    if not rows or known[best] <= known[0]:
        return 0
    # A row that names one thing alone, e.g. `Email`, is a header if what it names is below it.
    alone = len(rows[best].cells) == 1 and any(_has_contact(row.cells) for row in rows[best + 1 : best + 2])
    return best if known[best] >= SURE or alone else 0


def is_header_again(cells: Cells, header: Cells) -> bool:
    """Whether a row only names the columns once more, or rules a line below the names."""
    first = str(cells[0]).strip() if cells else ""
    if first and not _RULE.fullmatch(first):
        return first.casefold() == str(header[0]).strip().casefold() and _folded(cells) == _folded(header)
    filled = [str(cell).strip() for cell in cells if not empty(cell)]
    return len(filled) > 1 and all(map(_RULE.fullmatch, filled))


def _folded(cells: Cells) -> list[str]:
    return ["" if empty(cell) else str(cell).strip().casefold() for cell in cells]


def _has_contact(cells: Cells) -> bool:
    return any(is_contact(str(cell).strip()) for cell in cells if not empty(cell))


def check_header(cells: Cells, file: str) -> None:
    """Refuse a header that is none.

    Raises:
        BadConfigurationError: It is a contact, or a title.
    """
    texts = [str(cell).strip() for cell in cells if not empty(cell)]
    if odd := next(filter(is_contact, texts), ""):
        raise BadConfigurationError(
            f"{file}: the first row is a contact, not a header: {shown(odd)} stands in it.",
            remedy="Put a row above it that names the columns, e.g. First name, Email, Phone.",
        )
    if len(cells) > _NARROW and len(texts) == 1 and not field_of(texts[0]):
        raise BadConfigurationError(
            f"{file}: the first row names one of {len(cells)} columns; it seems to be a title.",
            remedy="Remove the rows above the one that names the columns.",
        )


def footer_of(rows: Sequence[Row], width: int) -> int:
    """How many of a table's last rows are no records but a total or a notice.

    Args:
        rows: The last ones, and the one before them.
        width: Columns of the table.
    """
    count = 0
    for number in range(1, len(rows)):
        row, before = rows[-number], rows[-number - 1]
        texts = [str(cell).strip() for cell in row.cells if not empty(cell)]
        if row.problem or any(map(is_contact, texts)) or not _is_aside(texts, short=len(row.cells) < width):
            break
        if width <= _NARROW and not re.search(r"\d", " ".join(texts)):
            break  # `Total` alone may be a company
        apart = row.number > before.number + 1
        title = count and len(row.cells) < width
        if _is_footer(texts[0]) or (apart and (title or _NOTICE.fullmatch(texts[0]))):
            count = number
    return count


def _is_aside(texts: Sequence[str], *, short: bool) -> bool:
    """Whether a row says one thing, or names a total and its figures."""
    first, *rest = texts
    if not rest or (short and _CLAUSE.match(first)):
        return True
    return bool(_TOTAL.match(first)) and all(map(_FIGURE.fullmatch, rest))


def _is_footer(text: str) -> bool:
    return bool(_TOTAL.match(text) or _CLAUSE.match(text))


def fields_named(cells: Cells) -> int:
    """How many different fields a row names; none if it holds what no header does."""
    texts = [str(cell) for cell in cells if isinstance(cell, str) and cell.strip()]
    if any(map(is_contact, map(str.strip, texts))):
        return 0
    return len({field_of(text) or codes_of(text) for text in texts} - {"", False})
