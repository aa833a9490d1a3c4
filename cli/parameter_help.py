"""What can be run and with which parameters, as the forms of Prefect's UI tell it."""

from __future__ import annotations

from typing import Any

from cli import console
from flows.automations import AUTOMATIONS, load

TYPES = {"string": "text", "integer": "number", "number": "number", "boolean": "true or false"}
TYPES |= {"array": "JSON list", "object": "JSON object"}


def show_automations() -> None:
    """Every automation and what it does."""
    rows = list(AUTOMATIONS.items())
    console.table("Automations", {"name": "left", "what it does": "left"}, rows)


def show_parameters(automation: str) -> None:
    """An automation's parameters: type, default and what they mean."""
    schema = load(automation).parameters
    rows = [
        (name, _type(about, schema.definitions), _default(about), about.get("description", ""))
        for name, about in schema.properties.items()
    ]
    columns = {"parameter": "left", "type": "left", "default": "left", "what it is": "left"}
    console.say(f"\n{AUTOMATIONS[automation]}")
    console.table(f"Parameters of {automation}: --param NAME=VALUE", columns, rows)


def _type(about: dict[str, Any], definitions: dict[str, Any]) -> str:
    """A schema's type in words; what may be empty besides says so by its default."""
    if reference := about.get("$ref"):
        return _type(definitions[reference.rpartition("/")[2]], definitions)
    if choices := about.get("enum"):
        return ", ".join(map(str, choices))
    if kinds := about.get("anyOf") or about.get("allOf"):
        return " or ".join(
            dict.fromkeys(_type(kind, definitions) for kind in kinds if kind.get("type") != "null")
        )
    if about.get("format") in {"date", "date-time"}:
        return "date" if about["format"] == "date" else "date and time"
    return TYPES.get(about.get("type", ""), "any")


def _default(about: dict[str, Any]) -> str:
    """A default as it would be typed; "required" where there is none."""
    if "default" not in about:
        return "required"
    value = about["default"]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
