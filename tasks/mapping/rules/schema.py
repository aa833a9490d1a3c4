"""The JSON schema of rules files, so that editors complete and check a rule as it is typed.

``mappings/rules.schema.json`` is written by ``python -m tasks.mapping.rules.schema``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tasks.mapping.rules.filters import FILTERS
from tasks.mapping.rules.known import JUDGED, TARGETS
from tasks.mapping.rules.language import RulesSaid, When
from tasks.mapping.rules.operators import OPERATORS
from tasks.streams import CUSTOM, STREAMS

_CONDITION = {"$ref": "#/$defs/Condition"}
_VALUE = {"$ref": "#/$defs/Value"}
_DATE = {"$ref": "#/$defs/Date"}
_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_PATH: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}},
    "required": ["path"],
    "additionalProperties": False,
}
_LISTED = {"is", "is_not", "in", "not_in", "between", "has", "has_any", "has_all", "has_none"}
"""Operators that may take a list."""


def rules_schema() -> dict[str, Any]:
    """The language with every stream, field, operator and filter by name (JSON Schema 2020-12)."""
    schema = RulesSaid.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    definitions = schema["$defs"]
    definitions["On"]["properties"]["stream"]["enum"] = JUDGED
    words = [one.value for one in When]
    definitions["On"]["properties"]["when"] = {
        "description": definitions["On"]["properties"]["when"]["description"],
        "anyOf": [{"enum": words}, {"type": "array", "items": {"enum": words}, "minItems": 1}],
    }
    rule = definitions["RuleSaid"]["properties"]
    rule["if"] = _CONDITION | {"description": rule["if"]["description"]}
    rule["then"]["items"] = {"$ref": "#/$defs/Row"}
    definitions |= {
        "Condition": _condition(),
        "Operators": _operators(),
        "Value": _value(),
        "Date": _date(),
        "Row": _row(),
    }
    return schema


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(rules_schema(), indent=2, sort_keys=True) + "\n"


def _condition() -> dict[str, Any]:
    several = {"type": "array", "items": _CONDITION, "minItems": 1}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "all": several | {"description": "All of these hold"},
            "any": several | {"description": "One of these holds"},
            "not": _CONDITION | {"description": "This does not hold"},
        },
        "additionalProperties": {"$ref": "#/$defs/Operators"},
    }


def _operators() -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {name: _operator(name) for name in OPERATORS},
    }


def _operator(name: str) -> dict[str, Any]:
    operator = OPERATORS[name]
    told: dict[str, Any] = {"description": operator.summary}
    if operator.is_fact:
        return told | {"type": "boolean"}
    takes: list[dict[str, Any]] = [_SCALAR]
    takes += [{"type": "array", "items": _SCALAR, "minItems": 1}] if name in _LISTED else []
    takes += [_PATH] if operator.takes_path else []
    return told | {"anyOf": takes}


def _value() -> dict[str, Any]:
    several = {"type": "array", "items": _VALUE, "minItems": 1}
    choice = {
        "anyOf": [
            _object({"if": _CONDITION, "value": _VALUE}, ["if", "value"]),
            _object({"else": _VALUE}, ["else"]),
        ]
    }
    return {
        "anyOf": [
            {"type": "string", "description": f"Text with {{path | filter}}; filters: {', '.join(FILTERS)}"},
            {"type": ["number", "boolean", "null"]},
            {"type": "array", "items": _VALUE},
            _PATH | {"description": "The value at a path, as it is"},
            _object({"first": several}, ["first"], "The first of these that is not empty"),
            _object({"round_robin": several}, ["round_robin"], "One after the other in turn"),
            _object(
                {"choose": {"type": "array", "items": choice, "minItems": 1}},
                ["choose"],
                "The first whose condition holds",
            ),
            _DATE,
        ]
    }


def _date() -> dict[str, Any]:
    said = {
        "in": {"type": "string", "description": "How long after, e.g. 2 working days"},
        "at": {"type": "string", "pattern": r"^\d{1,2}:\d{2}$", "description": "At what time of that day"},
        "from": {"anyOf": [{"type": "string"}, _PATH], "description": "After what; else after now"},
    }
    return _object(said, []) | {"minProperties": 1}


def _row() -> dict[str, Any]:
    rows = {name: _fields(name) for name in TARGETS}
    return _object(rows, []) | {"minProperties": 1, "maxProperties": 1}


def _fields(target: str) -> dict[str, Any]:
    found = _object(dict.fromkeys(TARGETS[target].types, _VALUE), list(TARGETS[target].needed))
    if target in STREAMS and STREAMS[target].custom is not None:
        found["patternProperties"] = {f"^{re.escape(CUSTOM)}.+": _VALUE}
    return found


def _object(properties: dict[str, Any], required: list[str], description: str = "") -> dict[str, Any]:
    told = {"description": description} if description else {}
    return told | {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


if __name__ == "__main__":
    print(schema_text(), end="")  # noqa: T201 - its output is the file
