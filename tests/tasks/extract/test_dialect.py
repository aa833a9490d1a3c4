"""How a text file is written is found out, or said."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.extract.files import open_file
from tests.tasks.extract.reading import batches, records

Write = Callable[[str, str | bytes], Path]
ADA = {"first_name": "Ada", "email": "ada@x.com", "id": "email:ada@x.com"}


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
        (b"First name,Email\nAda,ada@x.com\n\x1a", {}),
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
