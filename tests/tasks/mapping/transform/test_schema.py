"""The JSON schema and the reference: complete, current, and of the mappings' own opinion."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest

import mappings
from tasks.core.marked_yaml import read_yaml
from tasks.hub.provenance import BY_HAND
from tasks.mapping.language import (
    MATCH_KEYS,
    Check,
    FieldMapping,
    Mapping,
    OnFailure,
    StopWhen,
    load_mapping,
    shipped_mappings,
)
from tasks.mapping.transform.compile import compile_mapping
from tasks.mapping.transform.registry import TRANSFORMS
from tasks.mapping.transform.schema import mapping_schema, schema_text
from tasks.plan.policy import PRIORITY
from tasks.streams import FILLED, Policy

FOLDER = Path(mappings.__file__).parent
PARTS = (Mapping, FieldMapping, Check, StopWhen)
REFERENCE = (FOLDER.parent / "docs" / "mapping.md").read_text()


def test_the_committed_schema_is_current() -> None:
    committed = (FOLDER / "mapping.schema.json").read_text()
    assert committed == schema_text(), (
        "python -m tasks.mapping.transform.schema > mappings/mapping.schema.json"
    )


@pytest.mark.parametrize("path", shipped_mappings(), ids=lambda path: path.stem)
def test_every_shipped_mapping_meets_the_schema(path: Path) -> None:
    jsonschema.validate(read_yaml(path).value, mapping_schema())
    assert path.read_text().startswith("# yaml-language-server: $schema=mapping.schema.json\n")


@pytest.mark.parametrize(
    "fields",
    [
        {"emial": {"from": "email"}},
        {"email": {"form": "email"}},
        {"email": {"from": "email", "clean": "emial"}},
        {"email": {"from": "email", "clean": {"phone": {"regoin": "x"}}}},
        {"email": {"from": "email", "clean": "truncate"}},
        {"email": {"from": "email", "policy": "sometimes"}},
    ],
)
def test_an_editor_sees_a_typo(fields: dict[str, Any]) -> None:
    mapping = {"source": "highlevel.contact", "target": "hub.contact", "fields": fields}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(mapping, mapping_schema())


def test_the_reference_names_every_transform_with_its_options() -> None:
    for name, found in TRANSFORMS.items():
        [row] = re.findall(rf"^\| `{name}` \|.*$", REFERENCE, re.MULTILINE)
        assert found.summary in row
        assert all(f"`{option}`" in row for option in found.options), row


def test_the_reference_names_every_word() -> None:
    keys = [field.alias or name for part in PARTS for name, field in part.model_fields.items()]
    for word in (*Policy, *OnFailure, *MATCH_KEYS, *keys):
        assert word == "options" or re.search(rf"[`{{ ]{word}[`:]", REFERENCE), word


def test_the_example_of_the_reference_compiles(mapping_file: Callable[[str], Path]) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)
    mapping = load_mapping(mapping_file(example))
    compile_mapping(mapping)
    assert len(mapping.checks) == 2


def test_the_reference_names_every_field_of_every_target_stream() -> None:
    for stream in FILLED.values():
        assert f"`{stream.name}`" in REFERENCE
        for name in stream.fields:
            assert f"`{name}`" in REFERENCE, f"{stream.name}: {name}"


def test_the_reference_tells_whose_word_weighs_how_much() -> None:
    told = {BY_HAND: "a person in HighLevel"}
    for system, weight in PRIORITY.items():
        name = re.escape(told.get(system, f"`{system}`"))
        assert re.search(rf"^\| {name}.* \| {weight} \|$", REFERENCE, re.MULTILINE), system
