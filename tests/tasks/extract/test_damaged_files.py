"""Files that cannot be read without losing something: refused as a whole, with the place and a remedy."""

from __future__ import annotations

import asyncio
import codecs
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.core.errors import BadConfigurationError
from tasks.extract.files import open_file

Write = Callable[[str, str | bytes], Path]


def test_a_file_that_changes_while_it_is_read_is_refused(write: Write) -> None:
    path = write("people.csv", "Name\nAda\nBob\nCy\n")
    source = open_file(path)
    position = asyncio.run(source.read(None, 1)).position
    path.write_text("Name\nBob\n")
    with pytest.raises(BadConfigurationError, match="was changed or removed"):
        asyncio.run(source.read(position, 1))
    path.unlink()
    with pytest.raises(BadConfigurationError, match="was changed or removed"):
        asyncio.run(source.read(None, 1))


def protected() -> bytes:
    """The least a password-protected workbook has: a compound file with an entry of that name."""
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += (
        bytes(6) + struct.pack("<9L", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<L", 0)
    )
    head += b"\xff" * (512 - len(head))
    table = struct.pack("<2L", 0xFFFFFFFD, 0xFFFFFFFE).ljust(512, b"\xff")
    entries = b""
    for name, kind in (("Root Entry", 5), ("EncryptedPackage", 2)):
        spelled = name.encode("utf-16-le") + b"\0\0"
        entries += spelled.ljust(64, b"\0") + struct.pack("<HBB3L", len(spelled), kind, 1, *[0xFFFFFFFF] * 3)
        entries += bytes(36) + struct.pack("<LQ", 0xFFFFFFFE, 0)
    return head + table + entries.ljust(512, b"\0")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", "", "a.csv is empty"),
        ("a.csv", " \n\n", "a.csv is empty"),
        ("a.jsonl", "\n{}\n", "a.jsonl is empty"),
        ("a.json", "", "a.json is empty"),
        ("a.csv", "A,B\nAda,Ulm,DE\nBob,Bonn,DE\n", "row 2: 3 cells, but the header has 2; 2 of 2 rows are"),
        ("a.csv", 'A,B\n"Ada "Ace" L",Ulm\n', "a.csv, row 2: a quotation mark is not closed, or not doubled"),
        ("a.csv", "A,B\nAda," + "x" * 200_000, "a.csv, row 2: a cell is longer than 131,072 characters"),
        ("a.csv", "Ada,ada@x.com\nBob,bob@x.com\n", "the first row is a contact"),
        ("a.csv", b"PK\x03\x04\0\0\0rubbish", "does not hold text.\n.*xlsx"),
        ("a.csv", b"\x05\x89PNG\r\n\x1a\n", "a.csv does not hold text"),
        ("a.csv", b"Name\n\x81\x8d\n", "a.csv, line 2: no UTF-8, and which encoding it is cannot be told"),
        (
            "a.jsonl",
            b'{"a": "J\xc3\xb3"}\n{"a": "\xff"}\n',
            "a.jsonl, line 2: it holds bytes that are no UTF-8",
        ),
        ("a.csv", codecs.BOM_UTF16_LE + b"N\0a", "cannot be read as UTF-8, UTF-16"),
        ("a.pdf", "Name", "files that end in `.pdf` are not known.\n.*.csv, .json"),
        ("contacts", "Name", "its name has no ending"),
        ("contacts.csv.gz", "Name", "Unpack it first"),
        ("contacts.numbers", "Name", "Export it as one of"),
        ("a.xlsx", b"rubbish", "a.xlsx is no workbook that can be read"),
        ("a.xlsx", b"", "a.xlsx is no workbook that can be read"),
        ("a.xls", "<html><table><tr><td>Name", "a.xls is no workbook that can be read"),
        ("a.xlsx", protected(), "a.xlsx is protected by a password.\n.*without"),
        ("a.jsonl", '{"a": 1}\n{"a": \n', "a.jsonl, line 2 is no JSON: Expecting value"),
        ("a.jsonl", '{"a": 1}\n\n{"a": NaN}\n', "a.jsonl, line 3 is no JSON: NaN is no number"),
        ("a.jsonl", "[" * 100_000, "a.jsonl, line 1 is no JSON"),
        ("a.jsonl", '{"a": 1}\n[1]\n', "a.jsonl, line 2 is no JSON object"),
        ("a.json", '[{"a": 1},\n {"a": }]', "a.json, line 2 is no JSON"),
        ("a.json", '[{"a": 1}, 7]', "a.json, item 2 is no JSON object"),
        ("a.json", '{"contacts": [{"a": 1}]}', "a.json holds no JSON array"),
    ],
)
def test_what_cannot_be_read_in_full_is_refused(
    write: Write, name: str, content: str | bytes, problem: str
) -> None:
    with pytest.raises(BadConfigurationError, match=problem) as caught:
        open_file(write(name, content))
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("a.csv", {"encoding": "utf-9"}, "no encoding utf-9"),
        ("a.csv", {"encoding": "base64"}, "no encoding base64"),
        ("a.csv", {"encoding": "ascii"}, "cannot be read in the encoding ascii"),
        ("a.csv", {"encoding": "utf-16"}, "cannot be read in the encoding utf-16"),
        ("a.csv", {"delimiter": "::"}, "`::` is no delimiter"),
        ("a.csv", {"sheet": "People"}, "has no sheet"),
        ("a.xlsx", {"encoding": "utf-8"}, "has no encoding"),
        ("a.jsonl", {"delimiter": ";"}, "has no delimiter"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    write: Write, name: str, options: dict[str, str], problem: str
) -> None:
    with pytest.raises(BadConfigurationError, match=problem):
        open_file(write(name, "Straße\nFuß\n"), **options)


def test_paths_that_are_no_readable_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfigurationError, match="No such file"):
        open_file(tmp_path / "none.csv")
    with pytest.raises(BadConfigurationError, match="is no file"):
        open_file(tmp_path)
    # Not even root can read the start of a process's memory.
    (tmp_path / "memory.csv").symlink_to("/proc/self/mem")
    with pytest.raises(BadConfigurationError, match="Input/output error"):
        open_file(str(tmp_path / "memory.csv"))
