"""Files of contacts: every kind is read in full, from any position on."""

from __future__ import annotations

import asyncio
import codecs
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
from tasks.extract.files import FileSource, key_of, open_file

Write = Callable[[str, str | bytes], Path]

ADA = {"first_name": "Ada", "email": "ada@x.com", "id": "email:ada@x.com"}


def batches(source: FileSource, size: int = 100) -> list[list[dict[str, Any]]]:
    async def read() -> list[list[dict[str, Any]]]:
        found, position = [], None
        while True:
            batch = await source.read(position, size)
            found.append(batch.records)
            if batch.last:
                return found
            position = json.loads(json.dumps(batch.position))

    return asyncio.run(read())


def records(path: Path, size: int = 100, **options: Any) -> list[dict[str, Any]]:
    return [record for batch in batches(open_file(path, **options), size) for record in batch]


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(write: Write, encoding: str, delimiter: str) -> None:
    text = "Vorname;Straße;PLZ\nZoë;Größe, 1;01067\nJosé;Fuß | 2;00501\n"
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    found = records(write("people.csv", stream.getvalue().encode(encoding)))
    assert [[row["first_name"], row["address"], row["postal_code"]] for row in found] == rows[1:]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("First name,Email\nAda,ada@x.com\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
        (codecs.BOM_UTF8 + b"First name,Email\nAda,ada@x.com\n", {"encoding": "UTF8"}),
        (b"First name:Email\nAda:ada@x.com\n", {"delimiter": ":"}),
        (b"First name\tEmail\nAda\tada@x.com\n", {"delimiter": "tab"}),
        (b"sep=:\r\nFirst name:Email\r\nAda:ada@x.com\r\n", {}),
        (b"\n,\nFirst name,Email\n\n , \nAda,ada@x.com\n\n", {}),
        (b"First name,Email\rAda,ada@x.com\r", {}),
        (b"First name,Email\nAda,ada@x.com,,\n", {}),
        (b'First name, "Email"\nAda, "ada@x.com"', {}),
        (b"First name,Email,\nAda,ada@x.com,\n", {}),
    ],
)
def test_csv_as_programs_and_people_write_it(write: Write, content: bytes, options: dict[str, str]) -> None:
    source = open_file(write("people.csv", content), **options)
    assert source.total == 1
    (record,) = batches(source)[0]
    assert record | {"_row": 0} == {**ADA, "_row": 0}


def test_a_cell_may_hold_line_breaks_quotation_marks_and_words_for_nothing(write: Write) -> None:
    path = write("people.csv", 'Name,Note,City\n"Lovelace, Ada","one\r\n""two""",NA\nBob,null,None\n')
    (ada, bob) = records(path)
    assert (ada["name"], ada["note"], ada["city"]) == ("Lovelace, Ada", 'one\r\n"two"', "NA")
    assert (bob["note"], bob["city"], bob["_row"]) == ("null", "None", 3)


def test_blank_rows_count_for_the_row_number_only(write: Write) -> None:
    source = open_file(write("people.csv", "Name,City\n\nAda,\n,  \n,Ulm\n\n"))
    assert source.total == 2
    assert [record["_row"] for record in batches(source)[0]] == [3, 5]


def test_a_workbook_keeps_zeros_and_numbers_whole(workbook: Callable[..., Path]) -> None:
    day, moment = dt.date(1815, 12, 10), dt.datetime(2024, 1, 31, 22, 30)  # noqa: DTZ001 - a sheet has no zones
    header = ["Name", "Phone", "ZIP", "Birthday", "Updated at", "VIP", "Score", "Time", "Took"]
    ada = ["Ada", 49151234567, "01067", dt.date(1915, day.month, day.day), moment, True, 1.5]
    path = workbook([[], header, [*ada, dt.time(8, 30), dt.timedelta(hours=30)], [], ["Bob", "#N/A"]])
    found = records(path)
    assert found[0] == {
        "name": "Ada",
        "phone": 49151234567,
        "postal_code": "01067",
        "date_of_birth": "1915-12-10",
        "updated_at": "2024-01-31T22:30:00",
        "vip": True,
        "score": 1.5,
        "time": "08:30:00",
        "took": "1 day, 6:00:00",
        "id": "phone:49151234567",
        "_row": 3,
    }
    assert (found[1]["name"], found[1]["_row"]) == ("Bob", 5)


def test_a_sheet_is_the_first_or_the_one_that_is_named(workbook: Callable[..., Path]) -> None:
    path = workbook([["Name"], ["Ada"]], Leads=[["Name"], ["Bob"]], Empty=[])
    assert [records(path)[0]["name"], records(path, sheet="Leads")[0]["name"]] == ["Ada", "Bob"]
    with pytest.raises(BadConfigurationError, match=r"no sheet `leads`.\n.*People, Leads, Empty"):
        open_file(path, sheet="leads")
    with pytest.raises(BadConfigurationError, match="sheet `Empty` is empty"):
        open_file(path, sheet="Empty")


@pytest.mark.parametrize("name", ["people.jsonl", "people.NDJSON", "people.json", "array.json"])
def test_json_stays_as_it_is(write: Write, name: str) -> None:
    ada = {
        "Id": 2**70,
        "firstName": "Ada",
        "tags": ["a"],
        "address": {"city": "Ulm"},
        "x": None,
        "y": "\u2028",
    }
    lines = [json.dumps(ada, ensure_ascii=False), "", "{}", '{"email": "B@x.com", "x": 0}']
    text = f"[{lines[0]}, {{}},\n\n{lines[3]}]" if name == "array.json" else "\n".join(lines)
    source = open_file(write(name, text))
    assert source.total == 2
    (first, second) = batches(source)[0]
    assert first == {
        "id": str(2**70),
        "first_name": "Ada",
        "tags": ["a"],
        "address": {"city": "Ulm"},
        "_row": 1,
    }
    row = 3 if name == "array.json" else 4
    assert second == {"email": "B@x.com", "x": 0, "id": "email:b@x.com", "_row": row}


@pytest.mark.parametrize(
    ("record", "key"),
    [
        ({"id": "A-7", "email": "a@x.com"}, "A-7"),
        ({"id": 7}, "7"),
        ({"id": {"oid": "7"}}, '{"oid":"7"}'),
        ({"id": [], "email": "Ada@X.com", "phone": "1234567"}, "email:ada@x.com"),
        ({"email": "n/a", "phone": "+49 (30) 901-820"}, "phone:+4930901820"),
        ({"phone": 49151234567}, "phone:49151234567"),
    ],
)
def test_a_record_is_known_by_its_id_its_e_mail_or_its_phone(record: dict[str, Any], key: str) -> None:
    assert key_of(record) == key


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
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([["A", "B", "C"], *rows])
    source = open_file(write("any.csv", stream.getvalue()), columns={"A": "a"})
    got = [record for batch in batches(source, size) for record in batch]
    names = [column.name for column in source.columns]
    wanted = [
        {name: cell.strip() for name, cell in zip(names, row, strict=True) if cell.strip()} for row in rows
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


def test_a_workbook_is_known_by_its_content(workbook: Callable[..., Path]) -> None:
    path = workbook([["Name"], ["Ada"]])
    assert records(path.rename(path.with_suffix(".xls")))[0]["name"] == "Ada"
