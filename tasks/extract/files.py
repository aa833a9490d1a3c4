"""Records from a CSV, Excel or JSON file, in batches, from any position on.

A file says nothing about itself: how it is written is found out (``dialect.py``), its columns are guessed
(``columns.py``), and each row gets a key by which the same contact in a later file is known again. Whatever
cannot be read without losing something is refused when the file is opened, before a row is handed out.
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

from tasks.core.batch import BY_KEY, Batch, Json, Position, canonical_json, fingerprint
from tasks.core.errors import BadConfigurationError
from tasks.extract.columns import Column, guess_columns
from tasks.extract.dialect import delimiter_of, encoding_of
from tasks.extract.tables import Cells, DelimitedTable, JsonTable, Numbered, Table, empty
from tasks.extract.workbook import SheetTable

DELIMITED = frozenset({".csv", ".tsv", ".txt"})
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
JSON_FILES = frozenset({".jsonl", ".ndjson", ".json"})

"""Bytes read at a time."""

BY_EMAIL, BY_PHONE = BY_KEY

PHONE_DIGITS = 6
"""Fewest digits of a phone number that tells one contact from another; "-" and "0" do not."""


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
        self._names = [column.name for column in columns]
        self._rows: Iterator[Numbered] = iter(())
        self._handed_out: int | None = None
        self.total: int | None = table.total
        self.columns = columns
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
        records = [self._record(number, cells) for number, cells in islice(self._rows, size)]
        self._check_unchanged()
        self._handed_out = begin + len(records)
        return Batch(
            self._stream,
            self._location_id,
            records,
            position={"row": self._handed_out},
            last=self._handed_out >= self._table.total,
            seconds=perf_counter() - start,
        )

    def _record(self, number: int, cells: Cells) -> dict[str, Json]:
        record = {
            name: cell.strip() if isinstance(cell, str) else cell
            for name, cell in zip(self._names, cells, strict=True)
            if name and not empty(cell)
        }
        record["id"] = key_of(record)
        record["_row"] = number
        return record

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
        guessed = guess_columns(table.headers, table.sample, columns, str(path))
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


def key_of(record: Mapping[str, Json]) -> str:
    """What a record is known by: its id, or else its e-mail, its phone, or all it says.

    What stands for nothing ("n/a" for an e-mail) is passed over: contacts would be taken for one another.
    """
    given, email, phone = record.get("id"), record.get("email"), record.get("phone")
    if given is not None and given not in ([], {}):
        return given if isinstance(given, str) else canonical_json(given)
    if isinstance(email, str) and "@" in email:
        return f"{BY_EMAIL}{email.lower()}"
    text = str(phone) if isinstance(phone, str | int) else ""
    digits = re.sub(r"\D", "", text)
    if len(digits) >= PHONE_DIGITS:
        return f"{BY_PHONE}{'+' * text.startswith('+')}{digits}"
    return f"row:{fingerprint(canonical_json(record))}"


def _table(path: Path, found: os.stat_result, *, sheet: str, encoding: str, delimiter: str) -> Table:
    if not stat.S_ISREG(found.st_mode):
        raise BadConfigurationError(f"{path} is no file.", remedy="Give the path of one file.")
    ending = path.suffix.lower()
    if ending not in DELIMITED | WORKBOOKS | JSON_FILES:
        raise BadConfigurationError(
            f"{path}: files that end in `{ending}` are not known.",
            remedy=f"Its ending must be one of {_listed(DELIMITED | WORKBOOKS | JSON_FILES)}.",
        )
    _check_option(path, "sheet", sheet, WORKBOOKS)
    _check_option(path, "encoding", encoding, DELIMITED | JSON_FILES)
    _check_option(path, "delimiter", delimiter, DELIMITED)
    if ending in WORKBOOKS:
        return SheetTable(path, sheet)
    encoding = encoding_of(path, encoding)
    if ending in JSON_FILES:
        return JsonTable(path, encoding)
    delimiter, skipped = delimiter_of(path, encoding, delimiter)
    return DelimitedTable(path, encoding, delimiter, skipped)


def _check_option(path: Path, name: str, value: str, endings: frozenset[str]) -> None:
    if value and path.suffix.lower() not in endings:
        raise BadConfigurationError(
            f"{path}: such a file has no {name}.", remedy=f"Leave it empty; it is for {_listed(endings)}."
        )


def _listed(endings: frozenset[str]) -> str:
    return ", ".join(sorted(endings))
