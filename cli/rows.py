"""Rows as a file or on standard output: CSV that a spreadsheet does not run, or JSON Lines."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson

from cli import console
from tasks.core.errors import BadConfigurationError
from tasks.core.spreadsheets import neutralised
from tasks.core.words import counted, nearest_of_all

FORMATS = ("jsonl", "csv")


def require_format(format_: str, *, raw: bool, as_json: bool) -> None:
    """Refuse a format that is none, and options that do not go with it.

    Raises:
        BadConfigurationError: It is so.
    """
    if format_ not in FORMATS:
        raise BadConfigurationError(
            f"There is no format {format_!r}.", remedy=nearest_of_all(format_, FORMATS)
        )
    if as_json and format_ != "jsonl":
        raise BadConfigurationError(f"--json and --format {format_} are both given.", remedy="Leave one out.")
    if raw and format_ != "csv":
        raise BadConfigurationError("--raw is for CSV; JSON is always as it is.", remedy="Add --format csv.")


def write(
    output: Path | None,
    columns: Sequence[str],
    rows: Iterator[dict[str, Any]],
    format_: str,
    *,
    raw: bool = False,
) -> None:
    """Write rows one after the other, so that memory stays small.

    Args:
        output: A file; None for standard output.
        columns: What each row has, in their order; one that a row does not have is empty.
        format_: One of ``FORMATS``.
        raw: CSV: also what a spreadsheet would run as a formula, as it is.
    """
    with _target(output) as target:
        if format_ == "jsonl":
            count = _write_jsonl(target, rows)
        else:
            count = _write_csv(target, columns, rows, str if raw else neutralised)
    if output is not None:
        console.err.print(f"{counted(count, 'row')} written to {output}", highlight=False, soft_wrap=True)


@contextmanager
def _target(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise BadConfigurationError(f"{output} cannot be written: {error.strerror}.") from None


def _write_jsonl(target: IO[str], rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    for row in rows:
        target.write(orjson.dumps(row).decode() + "\n")
        count += 1
    return count


def _write_csv(
    target: IO[str], columns: Sequence[str], rows: Iterator[dict[str, Any]], text: Callable[[str], str]
) -> int:
    writer = csv.writer(target)
    writer.writerow(map(text, columns))
    count = 0
    for row in rows:
        cells = (_cell(row.get(name)) for name in columns)
        writer.writerow(text(cell) if isinstance(cell, str) else cell for cell in cells)
        count += 1
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value
