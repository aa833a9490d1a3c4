"""Findings of an OpenAPI 3.0 file against what was sent and answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple


class Finding(NamedTuple):
    """Where an exchange and the contract disagree."""

    operation: str
    where: str
    at: str
    rule: str


def told(error: Any) -> Iterator[tuple[str, str]]:
    """Where an error is and what it is about, exactly enough that listing one hides no other."""
    at = ".".join("*" if isinstance(step, int) else str(step) for step in error.absolute_path)
    rule = str(error.validator)
    if rule == "additionalProperties":
        extra = sorted(set(error.instance) - set(error.schema.get("properties", {})))
        yield from ((f"{at}.{name}".lstrip("."), rule) for name in extra)
    elif rule == "anyOf" and isinstance(error.instance, dict):
        shape = ", ".join(f"{key}: {_kind(value)}" for key, value in sorted(error.instance.items()))
        yield at, f"{rule} {{{shape}}}"
    elif rule == "type":
        yield at, f"{rule} {_kind(error.instance)}"
    else:
        yield at, f"{rule}: {error.message}" if rule == "required" else rule


def _kind(value: Any) -> str:
    return "null" if value is None else _KINDS[type(value)]


_KINDS = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def pattern_of(template: str) -> re.Pattern[str]:
    """What a path template matches."""
    parts = re.split(r"({\w+})", template)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))


def as_json_schema(value: Any, strict: bool) -> Any:
    """OpenAPI 3.0 as JSON Schema: ``nullable`` as a type, and what is not declared forbidden if strict."""
    if isinstance(value, list):
        return [as_json_schema(item, strict) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {key: as_json_schema(item, strict) for key, item in value.items() if key != "example"}
    if not isinstance(schema.get("required", []), list) and "in" not in schema:
        del schema["required"]
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    if strict and schema.get("type") == "object" and "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return schema
