"""The hub database made, upgraded, read out, backed up and restored."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
import sqlalchemy as sa

from cli import console
from cli.open_hub import open_hub
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import load_settings
from tasks.core.spreadsheets import neutralised
from tasks.core.words import counted, nearest_of_all
from tasks.hub import backup as backups
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS

TABLES = {table.name: table for table in MIRRORS.values()}
BOOKKEEPING = ("fingerprint", "run_id")
ROWS_AT_ONCE = 1_000


def upgrade(*, as_json: bool) -> int:
    """The command. Returns the exit code."""
    hub = Hub(load_settings().hub_url)
    try:
        before, after = schema.upgrade(hub)
    finally:
        hub.close()
    if as_json:
        console.print_json({"hub": hub.place, "before": before, "after": after})
        return 0
    done = "is up to date at" if before == after else f"upgraded from {before or 'nothing'} to"
    console.say(f"Hub {hub.place} {done} schema {after}.")
    return 0


def backup(file: Path, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with closing(Hub(load_settings().hub_url)) as hub:
        revision = backups.back_up(hub, file)
    size = file.stat().st_size
    if as_json:
        console.print_json({"hub": hub.place, "file": str(file), "schema": revision, "bytes": size})
        return 0
    console.say(f"Hub {hub.place} (schema {revision}) is copied to {file}, {size:,} bytes.")
    console.say("The keys of stored tokens (LUSHA_CONNECT_ENCRYPTION_KEYS) are not in it: keep them apart.")
    return 0


def restore(file: Path, *, replace: bool, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with closing(Hub(load_settings().hub_url)) as hub:
        before, after = backups.restore(hub, file, replace=replace)
    if as_json:
        console.print_json({"hub": hub.place, "file": str(file), "before": before, "after": after})
        return 0
    upgraded = "" if before == after else f", upgraded from schema {before} to {after}"
    console.say(f"Hub {hub.place} is what {file} holds{upgraded}.")
    return 0


def export(stream: str, format_: str, output: Path | None, *, deleted: bool, raw: bool, as_json: bool) -> int:
    """The command: rows stream through, so that memory stays small. Returns the exit code."""
    if stream not in TABLES:
        raise _unknown("stream", stream, TABLES)
    if format_ not in WRITERS:
        raise _unknown("format", format_, WRITERS)
    if as_json and format_ != "jsonl":
        raise BadConfigurationError(f"--json and --format {format_} are both given.", remedy="Leave one out.")
    if raw and format_ != "csv":
        raise BadConfigurationError("--raw is for CSV; JSON is always as it is.", remedy="Add --format csv.")
    table = TABLES[stream]
    columns = [column for column in table.columns if column.name not in BOOKKEEPING]
    query = sa.select(*columns).order_by(table.c.location_id, table.c.id)
    if not deleted:
        query = query.where(table.c.deleted_at.is_(None))
    with open_hub() as hub, hub.read() as connection, _target(output) as target:
        names = [str(column.name) for column in columns]
        rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
        write = _write_csv_raw if raw else WRITERS[format_]
        count = write(target, names, (dict(zip(names, row, strict=True)) for row in rows))
    if output is not None:
        console.err.print(f"{counted(count, 'row')} written to {output}", highlight=False, soft_wrap=True)
    return 0


def _unknown(what: str, given: str, known: Iterable[str]) -> BadConfigurationError:
    return BadConfigurationError(f"There is no {what} {given!r}.", remedy=nearest_of_all(given, known))


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


def _write_jsonl(target: IO[str], _columns: list[str], rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    for row in rows:
        target.write(orjson.dumps(row).decode() + "\n")
        count += 1
    return count


def _write_csv(target: IO[str], columns: list[str], rows: Iterator[dict[str, Any]]) -> int:
    return _write_cells(target, columns, rows, neutralised)


def _write_csv_raw(target: IO[str], columns: list[str], rows: Iterator[dict[str, Any]]) -> int:
    return _write_cells(target, columns, rows, str)


def _write_cells(
    target: IO[str], columns: list[str], rows: Iterator[dict[str, Any]], text: Callable[[str], str]
) -> int:
    writer = csv.writer(target)
    writer.writerow(columns)
    count = 0
    for row in rows:
        cells = (_cell(row[name]) for name in columns)
        writer.writerow(text(cell) if isinstance(cell, str) else cell for cell in cells)
        count += 1
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


WRITERS = {"jsonl": _write_jsonl, "csv": _write_csv}
