"""What is wrong with a parameter that was typed, in words and with an example of a right one."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from tasks.core.batch import shown
from tasks.core.errors import BadConfigurationError
from tasks.core.words import did_you_mean, sentence

if TYPE_CHECKING:
    from prefect import Flow

EXAMPLES = {
    "columns": '{"Private e-mail": "email"}',
    "parameters": '{"contactId": "…"}',
    "mapping": "highlevel_contact",
}
"""Of parameters whose kind tells too little of what is meant."""

KINDS = {
    "date": ("is no day", "2026-01-31"),
    "datetime": ("is no moment", "2026-01-31T09:00:00Z"),
    "timezone": ("is no moment with a time zone", "2026-01-31T09:00:00Z"),
    "int": ("is no whole number", "10"),
    "float": ("is no number", "0.5"),
    "bool": ("is neither true nor false", "true"),
    "dict": ("is no JSON object", '{"name": "value"}'),
    "model": ("is no JSON object", '{"name": "value"}'),
    "list": ("is no JSON list", '["one", "two"]'),
    "string": ("is no text", "text"),
}
"""By the beginning of pydantic's name of an error: what is wrong with a value, and a right one."""


def example(name: str, kind: str) -> str:
    """How a parameter of a kind, e.g. ``dict``, is typed."""
    value = EXAMPLES.get(name) or KINDS.get(kind, ("", "…"))[1]
    return _typed(name, value)


def _typed(name: str, value: str) -> str:
    return f"--param {shlex.quote(f'{name}={value}')}"


def wrong_json(name: str, text: str, error: json.JSONDecodeError) -> BadConfigurationError:
    """The refusal of a list or an object that is no JSON."""
    right = example(name, "list" if text.startswith("[") else "dict")
    return BadConfigurationError(
        f"--param {name}={text} is no JSON: {error}.",
        remedy=f"Names and texts are in double quotes, e.g. {right}",
    )


def refusal(flow: Flow[..., Any], error: Any) -> BadConfigurationError:
    """The refusal of parameters that do not fit, each with what is right.

    Args:
        error: pydantic's ``ValidationError``.
    """
    told = [_told(flow, one) for one in error.errors(include_url=False)]
    remedies = list(dict.fromkeys(remedy for _, remedy in told if remedy))
    wrong = "; ".join(what for what, _ in told)
    return BadConfigurationError(f"{flow.name}: {wrong}.", remedy="; ".join(remedies))


def _told(flow: Flow[..., Any], one: Any) -> tuple[str, str]:
    """What is wrong with one parameter, and what to do."""
    name, limits = str(one["loc"][0]), one.get("ctx", {})
    if one["type"] == "missing":
        about = flow.parameters.properties.get(name, {}).get("description", "")
        return f"the parameter {name} is missing", f"Add --param {name}=…  {about}".strip()
    value = f"{'.'.join(map(str, one['loc']))}: {shown(one['input'])}"
    if one["type"] == "literal_error":
        right = [choice.strip(" '") for choice in str(limits["expected"]).replace(" or ", ",").split(",")]
        near = sentence(did_you_mean(str(one["input"]), right))
        return f"{value} is none of {', '.join(right)}", f"{near} E.g. {_typed(name, right[0])}".strip()
    if "ge" in limits:
        return f"{value} is less than {limits['ge']:,}", f"Give {limits['ge']:,} or more"
    if "le" in limits:
        return f"{value} is more than {limits['le']:,}", f"Give {limits['le']:,} or less"
    kind = one["type"].split("_")[0]
    wrong, _ = KINDS.get(kind, (one["msg"], ""))
    whole = _kind_of(flow, name) if len(one["loc"]) > 1 else kind
    return f"{value} {wrong}", f"E.g. {example(name, whole)}"


def _kind_of(flow: Flow[..., Any], name: str) -> str:
    """The kind of a parameter as a whole, of which a part is wrong."""
    kind = str(flow.parameters.properties.get(name, {}).get("type", ""))
    return {"object": "dict", "array": "list"}.get(kind, kind)
