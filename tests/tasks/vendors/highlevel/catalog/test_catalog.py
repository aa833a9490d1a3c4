"""The catalog's files: what they may say, and that they say what the vendor's contracts say."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import BadConfigurationError
from tasks.vendors.catalog.parameters import Kind
from tasks.vendors.highlevel.catalog.catalog import Action, load_catalog
from tests import beside

CONTRACTS = beside.SHARED / "contracts" / "highlevel"
FOLDERS = {"2021-07-28": "v2", "v3": "v3"}
ACTIONS = load_catalog().actions

UNDECLARED = {
    "contacts.search-contacts-advanced": {
        *("locationId", "pageLimit", "page", "searchAfter", "filters", "sort", "query"),
    },
    "objects.create-object-record": {"locationId", "properties", "owner", "followers"},
    "objects.update-object-record": {"properties", "owner", "followers"},
    "objects.search-object-records": {"filters", "sort"},
}
"""What the vendor's pages describe and its contracts leave out."""

RETYPED = {
    *("dateOfBirth", "monetaryValue", "direction", "subType", "feedback", "startAfter", "startAfterDate"),
    *("firstObjectLabel", "firstObjectKey", "secondObjectLabel", "secondObjectKey"),
}
"""What the contracts type as an object or in several ways, and show as text or a number."""


@cache
def contract(version: str) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]]:
    """Every operation of a version by method and path, with the file that it stands in."""
    folder = CONTRACTS / FOLDERS[version]
    beside.require(folder)
    found = {}
    for file in sorted(folder.glob("*.json")):
        document = json.loads(file.read_text())
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                found[method.upper(), path] = (operation, document)
    return found


def schema_of(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def declared(action: Action, version: str) -> dict[str, tuple[bool, dict[str, Any]]]:
    """Name, whether required, and schema of each parameter in query and body."""
    operation, document = contract(version)[action.method, action.spelling(version).path]
    found = {
        one["name"]: (one.get("required", False), one.get("schema", {}))
        for one in operation.get("parameters", [])
        if one["in"] == "query"
    }
    for content in operation.get("requestBody", {}).get("content", {}).values():
        body = schema_of(content.get("schema", {}), document)
        for name, schema in body.get("properties", {}).items():
            found[name] = (name in body.get("required", ()), schema_of(schema, document))
    return found


@pytest.mark.parametrize("version", FOLDERS)
@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_has_the_contract_s_parameters(name: str, version: str) -> None:
    action = ACTIONS[name]
    known = contract(version)
    if version not in action.versions:
        assert (action.method, action.request.split(" ")[1]) not in known
        return
    wanted = declared(action, version)
    here = {one.name: one.kind for one in action.spelling(version).parameters.values() if one.place != "path"}
    assert set(here) == set(wanted) | UNDECLARED.get(name, set())
    for parameter, (required, schema) in wanted.items():
        if parameter not in UNDECLARED.get(name, ()):
            assert here[parameter].required == required, parameter
            assert set(here[parameter].choices) == set(schema.get("enum", ())) or parameter in RETYPED
            assert kind_of(schema) in (here[parameter].type, "") or parameter in RETYPED, parameter


def kind_of(schema: dict[str, Any]) -> str:
    """The type in the catalog's words; "" for what needs a closer look."""
    kind = schema.get("type", "")
    if kind == "array":
        return kind_of(schema.get("items", {}))
    return {"integer": "number"}.get(kind, kind)


def test_every_action_says_what_it_does_in_one_line() -> None:
    for action in ACTIONS.values():
        assert re.fullmatch(r"[A-Z].{5,140}\.", action.about), action.name
        assert action.look_up == "" or action.look_up in ACTIONS
        assert action.once_if == "" or action.once_if in (action.body or {})


def test_an_upsert_that_may_duplicate_is_not_repeated() -> None:
    upsert = ACTIONS["contacts.upsert-contact"]
    assert upsert.repeatable({"email": "a@b.example"})
    assert upsert.repeatable({"createNewIfDuplicateAllowed": False})
    assert not upsert.repeatable({"createNewIfDuplicateAllowed": True})


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("string", Kind("string", "string")),
        ("required list of string", Kind("required list of string", "string", required=True, many=True)),
        ("string or null", Kind("string or null", "string", nullable=True)),
        ("one of a, b or null", Kind("one of a, b or null", "string", nullable=True, choices=("a", "b"))),
    ],
)
def test_a_kind_is_read_as_it_is_said(words: str, meaning: Kind) -> None:
    assert Kind.read(words) == meaning


ENTRY = "things.get-thing:\n  request: GET /things/{id}\n  about: One thing.\n  scope: things.readonly\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENTRY + "  query: {a: strin}\n", "'strin' is not a kind of parameter"),
        (ENTRY + "  query: {a: true}\n", "True is not a kind of parameter"),
        (ENTRY + "  idempotnt: false\n", "things.get-thing.idempotnt"),
        (ENTRY.replace("GET /", "GET"), "things.get-thing.request"),
        ("things.get-thing: [\n", "things.yaml"),
        ("- a\n", "things.yaml"),
        ("", "things.yaml"),
    ],
)
def test_a_malformed_file_is_told_by_name_and_place(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "things.yaml").write_text(text)
    with pytest.raises(BadConfigurationError) as caught:
        load_catalog(tmp_path)
    assert says in str(caught.value)
    assert "things.yaml" in str(caught.value)
