"""Files of contacts: every kind is read in full, from any position on."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.core.errors import BadConfigurationError
from tasks.core.spreadsheets import restored
from tasks.extract.files import key_of, open_file
from tests.tasks.extract.reading import batches, records

Write = Callable[[str, str | bytes], Path]
ADA = {"first_name": "Ada", "email": "ada@x.com", "id": "email:ada@x.com"}


def test_a_csv_file_is_read_with_what_is_known_of_it(write: Write) -> None:
    path = write("people.csv", "First Name,Email,Shoe size\nAda, ada@x.com ,\nBob,,44\n")
    os.utime(path, (0, 1_700_000_000))
    source = open_file(path, location_id="loc1")
    assert source.total == 2
    assert source.as_of == dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)
    assert [column.name for column in source.columns] == ["first_name", "email", "shoe_size"]
    batch = asyncio.run(source.read(None, 1))
    assert (batch.stream, batch.location_id, batch.last) == ("file.contact", "loc1", False)
    assert batch.records == [{**ADA, "_row": 2}]
    rest = asyncio.run(source.read(batch.position, 5))
    assert (rest.last, rest.position) == (True, {"row": 2})
    assert rest.records[0] | {"id": ""} == {"first_name": "Bob", "shoe_size": "44", "id": "", "_row": 3}


@pytest.mark.parametrize(
    ("record", "key"),
    [
        ({"id": "A-7", "email": "a@x.com"}, "A-7"),
        ({"id": 7}, "7"),
        ({"id": {"oid": "7"}}, '{"oid":"7"}'),
        ({"id": [], "email": "Ada@X.com", "phone": "1234567"}, "email:ada@x.com"),
        ({"email": "n/a", "phone": "+49 (30) 901-820"}, "phone:+4930901820"),
        ({"phone": 49151234567}, "phone:49151234567"),
        ({"id": "N/A", "email": "a@x.com"}, "email:a@x.com"),
        ({"id": "-", "phone": "+49 30 901820"}, "phone:+4930901820"),
    ],
)
def test_a_record_is_known_by_its_id_its_e_mail_or_its_phone(record: dict[str, Any], key: str) -> None:
    assert key_of(record) == key


@pytest.mark.parametrize("phone", ["000-000-0000", "555-0101", "123456789", "call me", "-", "0"])
def test_strangers_with_one_placeholder_are_not_one_record(phone: str) -> None:
    one, other = ({"first_name": name, "phone": phone} for name in ("Anna", "Berta"))
    assert key_of(one) != key_of(other)


def test_colleagues_on_one_switchboard_are_known_by_their_extensions() -> None:
    one, other = ({"phone": f"+1 212 555 0103 ext. {extension}"} for extension in (12, 14))
    assert key_of(one) != key_of(other)
    assert key_of(one) == key_of({"phone": "+1 (212) 555-0103 x12"})


def test_rows_without_any_of_these_are_known_by_all_they_say(write: Write) -> None:
    path = write("people.csv", "Name,Phone\nAda,-\nBob,-\nAda,-\n")
    ada, bob, again = (record["id"] for record in records(path))
    assert ada.startswith("row:")
    assert ada == again != bob
    moved = write("moved.csv", "Phone,Name\n-,Bob\n-,Ada\n")
    assert [record["id"] for record in records(moved)] == [bob, ada]


def test_columns_are_given_or_left_out(write: Write) -> None:
    path = write("people.csv", "A,B,C\nAda,secret,ada@x.com\n")
    assert records(path, columns={"A": "first_name", "B": ""}) == [{**ADA, "_row": 2}]
    with pytest.raises(BadConfigurationError, match=r"people.csv has no column `AA`"):
        open_file(path, columns={"AA": "name"})


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", "Name,Email\n"), ("a.csv", "Name"), ("a.json", "[]"), ("a.json", "[{}]")]
)
def test_a_file_without_rows_is_one_last_batch(write: Write, name: str, content: str) -> None:
    source = open_file(write(name, content))
    assert (source.total, batches(source)) == (0, [[]])


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=12), size=st.integers(1, 13))
def test_batches_of_any_size_give_every_row_once(write: Write, rows: list[list[str]], size: int) -> None:
    rows = [*rows, ["the", "last", "row"]]  # which is no footer
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([["Alpha", "Beta", "Gamma"], *rows])
    source = open_file(write("any.csv", stream.getvalue()), columns={"Alpha": "a"})
    got = [record for batch in batches(source, size) for record in batch]
    names = [column.name for column in source.columns]
    wanted = [
        {name: restored(cell.strip()) for name, cell in zip(names, row, strict=True) if cell.strip()}
        for row in rows
    ]
    assert [{name: record[name] for name in names if name in record} for record in got] == [
        row for row in wanted if row
    ]


@pytest.mark.parametrize("name", ["people.csv", "people.jsonl", "people.json", "people.xlsx"])
def test_reading_goes_on_at_any_position(write: Write, workbook: Callable[..., Path], name: str) -> None:
    people = [f"Person {n}" for n in range(10)]
    lines = [json.dumps({"Name": who}) for who in people]
    content = {"csv": "\n".join(["Name", *people]), "jsonl": "\n".join(lines), "json": f"[{','.join(lines)}]"}
    ending = name.partition(".")[2]
    path = (
        workbook([["Name"], *([who] for who in people)]) if ending == "xlsx" else write(name, content[ending])
    )

    async def jump() -> list[list[str]]:
        source = open_file(path)
        reads = [await source.read({"row": row} if row else None, 3) for row in (0, 3, 3, 8, 1, 10, 0)]
        return [[record["name"] for record in batch.records] for batch in reads]

    assert asyncio.run(jump()) == [people[row : row + 3] for row in (0, 3, 3, 8, 1, 10, 0)]
