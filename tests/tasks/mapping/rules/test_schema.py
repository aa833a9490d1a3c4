"""The JSON schema and the reference of rules: complete, current, and of the language's own opinion."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Any

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest

import mappings
from tasks.core.marked_yaml import read_yaml
from tasks.mapping.rules.compile import compile_rules
from tasks.mapping.rules.filters import FILTERS
from tasks.mapping.rules.known import TARGETS, roots_of
from tasks.mapping.rules.language import (
    CalendarSaid,
    On,
    RuleSaid,
    RulesSaid,
    When,
    is_rules_file,
    load_rules,
)
from tasks.mapping.rules.moments import LIMITS
from tasks.mapping.rules.operators import OPERATORS
from tasks.mapping.rules.schema import rules_schema, schema_text
from tasks.mapping.rules.values import KINDS

FOLDER = Path(mappings.__file__).parent
SHIPPED = [path for path in sorted(FOLDER.glob("*.yaml")) if is_rules_file(path)]
REFERENCE = (FOLDER.parent / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)


def whole(example: str) -> str:
    """An example as a file: a condition or rows alone as those of a rule."""
    if "rules:" in example:
        return example
    rest = "" if example.startswith("then:") else "\n    then: [{highlevel.note: {body: x}}]"
    return f"on: {{stream: hub.contact}}\nrules:\n  - key: example\n{indent(example, '    ')}{rest}\n"


def test_the_committed_schema_is_current() -> None:
    committed = (FOLDER / "rules.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(), "python -m tasks.mapping.rules.schema > mappings/rules.schema.json"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(rules_schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_compiles_and_meets_the_schema(path: Path) -> None:
    assert compile_rules(load_rules(path)).rules
    jsonschema.validate(read_yaml(path).value, rules_schema())
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=rules.schema.json\n")


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_of_the_reference_compiles_and_meets_the_schema(
    example: str, mapping_file: Callable[[str], Path]
) -> None:
    path = mapping_file(whole(example))
    assert compile_rules(load_rules(path)).rules
    jsonschema.validate(read_yaml(path).value, rules_schema())


@pytest.mark.parametrize(
    "rule",
    [
        {"key": "a"},
        {"key": "a", "then": [{"highlevel.crm_tasks": {"title": "x"}}]},
        {"key": "a", "then": [{"highlevel.crm_task": {"titel": "x"}}]},
        {"key": "a", "then": [{"highlevel.crm_task": {"body": "x"}}]},
        {"key": "a", "then": [{"highlevel.note": {"body": {"frist": ["x"]}}}]},
        {"key": "a", "then": [{"highlevel.note": {"body": "x"}}], "if": {"contact.type": {"iz": "lead"}}},
        {"key": "a", "then": [{"highlevel.note": {"body": "x"}}], "if": {"contact.type": "lead"}},
        {
            "key": "a",
            "then": [{"highlevel.note": {"body": "x"}}],
            "if": {"all": {"contact.type": {"is": "a"}}},
        },
        {"key": "a", "then": [{"highlevel.note": {"body": "x"}}], "on": {"stream": "hub.contacts"}},
        {
            "key": "a",
            "then": [{"highlevel.note": {"body": "x"}}],
            "on": {"stream": "hub.contact", "when": "loaded"},
        },
    ],
)
def test_an_editor_sees_a_mistake(rule: dict[str, Any]) -> None:
    said = {"on": {"stream": "hub.contact"}, "rules": [rule]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said, rules_schema())


def test_the_reference_names_every_word() -> None:
    parts = (RulesSaid, On, CalendarSaid, RuleSaid)
    keys = [field.alias or name for part in parts for name, field in part.model_fields.items()]
    roots = [root for stream in ("hub.contact", "hub.crm_task", "hub.note") for root in roots_of(stream)]
    for word in (
        *keys,
        *When,
        *OPERATORS,
        *FILTERS,
        *KINDS,
        *TARGETS,
        *roots,
        "appointment",
        "else",
        "value",
    ):
        assert re.search(rf"[`{{( ]{re.escape(word)}[`:]", REFERENCE), word
    for unit in LIMITS:
        assert f"{unit}s" in REFERENCE
