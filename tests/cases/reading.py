"""What an import makes of a file: how it was read, each contact's values, what was left out or refused."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

from tasks.core.batch import NOT_KEYS, MappedBatch, Row
from tasks.core.errors import BadConfigurationError
from tasks.extract.files import FileSource, open_file
from tasks.mapping.checks.checks import Checker, compile_checks
from tasks.mapping.language import MAPPINGS, Mapping, find_mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.mapping.transform.orders import Columns

LONG = 200
"""Characters from which on a text is told by its length."""

CELLS = {
    "p_countries.csv": ["country"],
    "p_dates.csv": ["date_of_birth"],
    "p_emails.csv": ["email"],
    "p_phones.csv": ["phone", "country"],
    "p_tags.csv": ["tags"],
}
"""Files of one kind of value, whose cells are shown beside what becomes of them."""

MADE_UP = ("email:", "phone:", "row:", "raw:")
"""How ids begin that the file does not have."""


@cache
def shipped() -> tuple[Mapping, Checker]:
    """The mapping of files that comes with the program, and its checks."""
    mapping = load_mapping(find_mapping("file_to_contact", MAPPINGS))
    return mapping, compile_checks(mapping)


def what_becomes_of(file: Path) -> dict[str, Any]:
    """All of it, as plain data for people."""
    mapping, checker = shipped()
    try:
        source = open_file(file, stream=mapping.source)
    except BadConfigurationError as refused:
        return {"refused": str(refused).replace(f"{file.parent}/", "")}
    columns = Columns(mapping)
    batches = asyncio.run(_all(source))
    for batch in batches:
        columns.look(batch.records)
    mapper = compile_mapping(mapping, columns.options())
    reading = source.reading.read_by(mapping.names_read())
    told = [*reading.sentences(), *columns.notes()]
    found: dict[str, Any] = {"read": reading.head()}
    if told:
        found["told"] = [one.replace(f"{file.parent}/", "") for one in told]
    checked = [checker.verdicts(mapper.apply(batch)) for batch in batches]
    found["contacts"] = [one for batch in checked for one in _contacts(batch)]
    if shown := CELLS.get(file.name):
        records = [record for batch in batches for record in batch.records]
        cells = [{"cell": " | ".join(record.get(name, "") for name in shown)} for record in records]
        found["contacts"] = [cell | one for cell, one in zip(cells, found["contacts"], strict=True)]
    if rejects := [reason.message for batch in checked for one in batch.rejects for reason in one.reasons]:
        found["rejects"] = rejects
    return found


async def _all(source: FileSource) -> list[Any]:
    batches, position, last = [], None, False
    while not last:
        batch = await source.read(position, 1000)
        batches.append(batch)
        position, last = batch.position, batch.last
    return batches


def _contacts(batch: MappedBatch) -> list[dict[str, Any]]:
    remarks = batch.remarks or [[] for _ in batch.rows]
    return [_contact(row) | _told(of_row) for row, of_row in zip(batch.rows, remarks, strict=True)]


def _contact(row: Row) -> dict[str, Any]:
    values = {name: _plain(value) for name, value in row.items() if value not in (None, [])}
    if str(values["id"]).startswith(MADE_UP):
        del values["id"]
    if no_key := values.pop(NOT_KEYS, None):
        values["no key"] = no_key
    return values


def _told(remarks: list[Any]) -> dict[str, Any]:
    left_out = [f"{one.field} {one.problem}: {one.value}" for one in remarks]
    return {"left out": left_out} if left_out else {}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return value
    text = str(value)
    return f"{len(text):,} characters" if len(text) > LONG else text
