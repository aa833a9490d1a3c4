"""The rows of CSV and JSON files: none is lost, none is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.extract.files import open_file
from tests.tasks.extract.reading import batches, records

Write = Callable[[str, str | bytes], Path]


def test_a_cell_may_hold_line_breaks_quotation_marks_and_words_for_nothing(write: Write) -> None:
    path = write("people.csv", 'Name,Note,City\n"Lovelace, Ada","one\r\n""two""",NA\nBob,null,None\n')
    (ada, bob) = records(path)
    assert (ada["name"], ada["note"], ada["city"]) == ("Lovelace, Ada", 'one\r\n"two"', "NA")
    assert (bob["note"], bob["city"], bob["_row"]) == ("null", "None", 3)


def test_blank_rows_count_for_the_row_number_only(write: Write) -> None:
    source = open_file(write("people.csv", "Name,City\n\nAda,\n,  \n,Ulm\n\n"))
    assert source.total == 2
    assert [record["_row"] for record in batches(source)[0]] == [3, 5]


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
