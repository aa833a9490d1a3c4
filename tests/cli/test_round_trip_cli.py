"""What the hub exports and somebody imports unchanged asks for nothing: every stream, each format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import RunningSandbox

Command = Callable[..., Any]

ODD: tuple[dict[str, Any], ...] = (
    {"firstName": "Bea", "lastName": "NoAddress"},
    {"firstName": "Tagged", "email": "tags@odd.example", "tags": ["vip", "lead, cold", "a;b", "c|d", "[x]"]},
    {"firstName": "One", "email": "one@odd.example", "tags": ["only one, with a comma"]},
    {"firstName": '=HYPERLINK("https://odd.example")', "lastName": "@sum", "email": "formula@odd.example"},
    {"firstName": "Zip", "email": "zip@odd.example", "postalCode": "02108", "country": "US"},
    {"firstName": "Two\nLines", "lastName": 'Qu"oted, Jr.', "email": "lines@odd.example"},
    {"firstName": "Born", "email": "born@odd.example", "dateOfBirth": "1968-03-01"},
    {"firstName": "John", "lastName": "Doe", "email": "jd@odd.example", "phone": "+12125550177"},
    {"firstName": "Jane", "lastName": "Doe", "email": "jd@odd.example", "phone": "+12125550177"},
    {"firstName": "Ribeiro", "phone": "+551181234567"},
    {"firstName": "N/A", "lastName": "Null", "email": "null@odd.example", "city": "-", "source": "none"},
    {"firstName": "Ltd", "email": "company@odd.example", "companyName": "Odd, Sons & Co; Ltd"},
    {
        "firstName": "Further",
        "email": "first@odd.example",
        "additionalEmails": [{"email": "second@odd.example"}],
    },
)
"""Contacts that a file could be misread of, or that share an address."""


@pytest.fixture
def lusha_connect(environment: dict[str, str], prefect_api: str, command_line: Command) -> Command:
    assert command_line("hub", "upgrade").code == 0
    return command_line


@pytest.mark.parametrize("hub_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("format_", ["csv", "jsonl"])
@pytest.mark.parametrize(
    ("stream", "load", "back"),
    [
        ("contacts", "backfill_contacts", "import_contacts"),
        ("businesses", "sync_businesses", "import_businesses"),
    ],
)
def test_what_is_exported_and_imported_unchanged_asks_for_nothing(
    lusha_connect: Command,
    vendor: RunningSandbox,
    tmp_path: Path,
    stream: str,
    load: str,
    back: str,
    format_: str,
) -> None:
    for contact in ODD:
        vendor.edit(kind="contacts", create=contact)
    loaded = lusha_connect("run", load, "--json").json["mapped"]
    file = tmp_path / f"export.{format_}"
    assert lusha_connect("hub", "export", stream, "--format", format_, "-o", str(file)).code == 0
    done = lusha_connect("run", back, "--param", f"file={file}", "--dry-run", "--json")
    assert done.code == 0, done.err
    found = done.json
    assert found["read"] == loaded
    assert found["mapped"] + found["rejected"] + found["merged"] == loaded
    shown = lusha_connect("plans", "show", found["plan"]).out
    assert (found["unchanged"], found["bill"]["writes"], found["rejected"]) == (loaded, 0, 0), shown
