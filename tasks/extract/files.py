"""Records from a CSV, Excel or JSON file, in batches, from any position on.

A file says nothing about itself: how it is written is found out (``dialect.py``), its columns are guessed
(``columns.py``), and each row gets a key by which the same contact in a later file is known again. What
cannot be read at all is refused when the file is opened, before a row is handed out; of a file that is sound
otherwise, the rows that cannot be read are rejects.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter

from tasks.core.batch import (
    BY_KEY,
    NO_ID,
    UNREADABLE,
    Batch,
    Json,
    Position,
    Reason,
    Reject,
    canonical_json,
    fingerprint,
)
from tasks.core.errors import BadConfigurationError
from tasks.extract.columns import Column, guess_columns
from tasks.extract.delimited import DelimitedTable
from tasks.extract.dialect import dialect_of
from tasks.extract.encodings import encoding_of
from tasks.extract.headers import COMPANIES
from tasks.extract.json_objects import JsonTable
from tasks.extract.lead_columns import lead_columns
from tasks.extract.picking import Picker
from tasks.extract.reading import reading_of
from tasks.extract.tables import Row, Table
from tasks.extract.workbook import SheetTable
from tasks.mapping.transform.blank import is_blank
from tasks.mapping.transform.phones import HOMELESS, read_phone
from tasks.streams import SOURCES
from tasks.streams.lead import LUSHA_CONTACT

DELIMITED = frozenset({".csv", ".tsv", ".txt"})
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
WAYS_OUT = {
    (".numbers", ".gsheet", ".pdf", ".docx", ".doc", ".html", ".htm", ".xml", ".vcf"): "Export it as one of",
    (".zip", ".gz", ".7z", ".rar", ".bz2", ".xz"): "Unpack it first; what is in it must be one of",
}
"""What to do about files of other kinds."""
COMPANY_STREAM = "file.business"
JSON_FILES = frozenset({".jsonl", ".ndjson", ".json"})

BY_EMAIL, BY_PHONE = BY_KEY

WHOLE_DIGITS = 8
"""Fewest digits of a phone number that is whole: with its area code, or of a country that has none."""


class FileSource:
    """The rows of a file in batches; a record is an object of field name to value.

    Each record has two keys more: ``_row``, its number as a person counts it in the file, and ``id``.

    Args:
        found: What the file system said of the file before its first byte was read.
        stream: The source stream that the mapping reads.
        location_id: The HighLevel location the records are for.

    Attributes:
        total: Rows in all; blank ones do not count.
        columns: What each column is taken for.
        reading: How the file was read, for people.
        as_of: When the file was last modified: how old is what it says.
    """

    def __init__(
        self,
        path: Path,
        found: os.stat_result,
        table: Table,
        columns: tuple[Column, ...],
        stream: str,
        location_id: str,
    ) -> None:
        self._path = path
        self._found = found
        self._table = table
        self._stream = stream
        self._location_id = location_id
        self._by_content = stream in SOURCES and SOURCES[stream].by_content
        self._picker = Picker(columns, neutralised=not isinstance(table, JsonTable))
        self._rows: Iterator[Row] = iter(())
        self._handed_out: int | None = None
        self.total: int | None = table.total
        self.columns = columns
        self.reading = reading_of(str(path), table, columns, self._picker)
        self.as_of = datetime.fromtimestamp(found.st_mtime, UTC)

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``.

        Args:
            position: Of the batch before; None for the first.
            size: Records wanted; fewer come only at the end.

        Raises:
            BadConfigurationError: The file is no longer what it was when it was opened.
        """
        start = perf_counter()
        begin = position["row"] if position else 0
        self._check_unchanged()
        if begin != self._handed_out:
            self._rows = islice(self._table.rows(), begin, None)
        self._handed_out = None  # until these rows are read: after a failure the file is opened again
        rows = list(islice(self._rows, size))
        self._check_unchanged()
        self._handed_out = begin + len(rows)
        return Batch(
            self._stream,
            self._location_id,
            [self._record(row) for row in rows if not row.problem],
            position={"row": self._handed_out},
            last=self._handed_out >= self._table.total,
            seconds=perf_counter() - start,
            rejects=[self._reject(row) for row in rows if row.problem],
        )

    def _record(self, row: Row) -> dict[str, Json]:
        record = self._picker.record(row.cells)
        record["id"] = key_of(record, by_content=self._by_content)
        record["_row"] = row.number
        return record

    def _reject(self, row: Row) -> Reject:
        """A row that cannot be read, as it stands in the file."""
        raw = canonical_json({"_file": str(self._path), "_row": row.number, "text": row.text or row.cells})
        message = f"{self._path.name}, {row.place}: {row.problem}"
        return Reject(f"{NO_ID}{fingerprint(raw)}", [Reason(UNREADABLE, "", message)], raw)

    def _check_unchanged(self) -> None:
        try:
            now = self._path.stat()
        except OSError:
            now = None
        if now is None or (now.st_mtime_ns, now.st_size) != (self._found.st_mtime_ns, self._found.st_size):
            raise BadConfigurationError(
                f"{self._path} was changed or removed while it was read.",
                remedy="Run again with the file as it is.",
            )


def open_file(
    path: str | Path,
    *,
    columns: Mapping[str, str] = {},
    sheet: str = "",
    encoding: str = "",
    delimiter: str = "",
    stream: str = "file.contact",
    location_id: str = "",
) -> FileSource:
    """Open a file of records, and look through all of it.

    Args:
        path: By its ending CSV (.csv, .tsv, .txt), a workbook (.xlsx, .xls, .ods …), or JSON objects, one a
            line (.jsonl, .ndjson) or in an array (.json).
        columns: Header to field, for columns that are not to be guessed; an empty field leaves one out.
        sheet: Of a workbook; empty for the first.
        encoding: Of a text file; empty to find out.
        delimiter: Of a CSV file, one character or ``tab``; empty to find out.
        stream: The source stream that the mapping reads.
        location_id: The HighLevel location the records are for.

    Raises:
        BadConfigurationError: The file cannot be read, or not without losing something.
    """
    file = Path(path)
    try:
        found = file.stat()
        table = _table(file, found, sheet=sheet, encoding=encoding, delimiter=delimiter)
        subject = COMPANIES if stream == COMPANY_STREAM else frozenset[str]()
        parent = "contact" if stream in SOURCES and SOURCES[stream].by_content else ""
        known = lead_columns(table.headers) if stream == LUSHA_CONTACT else {}
        guessed = guess_columns(table.headers, table.sample, columns, str(path), subject, parent, known)
        return FileSource(file, found, table, guessed, stream, location_id)
    except UnicodeError as error:
        tried = f"in the encoding {encoding}" if encoding else "as UTF-8, UTF-16 or Windows-1252"
        raise BadConfigurationError(
            f"{path} cannot be read {tried}.", remedy="Save it as UTF-8, or give the encoding it has."
        ) from error
    except OSError as error:
        raise BadConfigurationError(
            f"{path} cannot be read: {error.strerror or error}.",
            remedy="Check the path, and who may read the file.",
        ) from error


def key_of(record: Mapping[str, Json], *, by_content: bool = False) -> str:
    """What a record is known by: its id, or else its e-mail, its phone, or all it says.

    What identifies nobody is passed over ("n/a" for an e-mail, 000-000-0000, a number without area code):
    contacts would be taken for one another.

    Args:
        by_content: Whether an address in it may be another's.
    """
    given, email, phone = record.get("id"), record.get("email"), record.get("phone")
    if given is not None and given not in ([], {}) and not is_blank(given):
        return given if isinstance(given, str) else canonical_json(given)
    if by_content:
        return f"row:{fingerprint(canonical_json(record))}"
    if isinstance(email, str) and "@" in email:
        return f"{BY_EMAIL}{email.lower()}"
    if number := _number_of(str(phone) if isinstance(phone, str | int) else ""):
        return f"{BY_PHONE}{number}"
    return f"row:{fingerprint(canonical_json(record))}"


def _number_of(text: str) -> str:
    """What a phone number identifies somebody by; empty where it identifies nobody."""
    found = read_phone(text)
    if found.doubtful:
        return ""
    if found.number:
        return f"{found.number}x{found.extension}" if found.extension else found.number
    digits = re.sub(r"\D", "", text)
    return digits if found.problem == HOMELESS and len(digits) >= WHOLE_DIGITS else ""


def _table(path: Path, found: os.stat_result, *, sheet: str, encoding: str, delimiter: str) -> Table:
    if not stat.S_ISREG(found.st_mode):
        raise BadConfigurationError(f"{path} is no file.", remedy="Give the path of one file.")
    ending = path.suffix.lower()
    if ending not in DELIMITED | WORKBOOKS | JSON_FILES:
        raise _unknown_ending(path, ending)
    _check_option(path, "sheet", sheet, WORKBOOKS)
    _check_option(path, "encoding", encoding, DELIMITED | JSON_FILES)
    _check_option(path, "delimiter", delimiter, DELIMITED)
    if ending in WORKBOOKS:
        return SheetTable(path, sheet)
    found_in = encoding_of(path, encoding)
    if ending in JSON_FILES:
        return JsonTable(path, found_in)
    return DelimitedTable(path, found_in, dialect_of(path, found_in, delimiter))


def _unknown_ending(path: Path, ending: str) -> BadConfigurationError:
    what = f"files that end in `{ending}` are not known" if ending else "its name has no ending to know it by"
    way = next((way for endings, way in WAYS_OUT.items() if ending in endings), "Rename it, or save it anew")
    return BadConfigurationError(
        f"{path}: {what}.", remedy=f"{way}: {_listed(DELIMITED | WORKBOOKS | JSON_FILES)}."
    )


def _check_option(path: Path, name: str, value: str, endings: frozenset[str]) -> None:
    if value and path.suffix.lower() not in endings:
        raise BadConfigurationError(
            f"{path}: such a file has no {name}.", remedy=f"Leave it empty; it is for {_listed(endings)}."
        )


def _listed(endings: frozenset[str]) -> str:
    return ", ".join(sorted(endings))
