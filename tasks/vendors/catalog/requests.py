"""An operation of any catalog as a request: its parameters checked, each put where it belongs.

What is wrong with the parameters is told before anything is sent, all of it at once. Parameters are given by
name alone; the catalog knows which of path, query and body each belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tasks.core.errors import BadConfigurationError
from tasks.core.words import did_you_mean
from tasks.vendors.catalog.actions import Action, Spelling
from tasks.vendors.catalog.parameters import as_text, described, expected, fits, read_text


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """Exactly what is sent, but for the headers, which hold the secret.

    Args:
        template: Path with placeholders; ``path`` has their values.
        body: None where none is sent.
    """

    method: str
    template: str
    path: dict[str, str]
    query: dict[str, str | list[str]]
    body: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """For showing, e.g. ``{"method": "GET", "path": "/contacts/abc", "query": {}, "body": None}``."""
        path = self.template.format_map(self.path)
        return {"method": self.method, "path": path, "query": self.query, "body": self.body}


def check(action: Action, parameters: Mapping[str, Any], version: str) -> None:
    """Refuse parameters that the vendor would refuse.

    Raises:
        BadConfigurationError: One is unknown, missing or of the wrong type; all of them are told.
    """
    spelling = action.spelling(version)
    problems = [*_unknown(spelling, parameters), *_missing(spelling, parameters)]
    problems += [
        f"`{name}` must be {expected(spelling.parameters[name].kind)}, not {described(value)}"
        for name, value in parameters.items()
        if name in spelling.parameters and not fits(spelling.parameters[name], value)
    ]
    if problems:
        raise BadConfigurationError(
            f"{action.name}: {'; '.join(problems)}.", remedy=_wanted(action, spelling)
        )


def prepare(action: Action, parameters: Mapping[str, Any], version: str) -> PreparedRequest:
    """The request that an action with these parameters is.

    Args:
        version: The API version, e.g. ``v3``.

    Raises:
        BadConfigurationError: The action cannot be called this way, or a parameter is wrong.
    """
    if action.refused:
        raise BadConfigurationError(f"{action.name} cannot be called like this.", remedy=action.refused)
    check(action, parameters, version)
    spelling = action.spelling(version)
    place = {name: spelling.parameters[name].place for name in parameters}
    body = {name: value for name, value in parameters.items() if place[name] == "body"}
    _require_json(action, body)
    return PreparedRequest(
        action.method,
        spelling.path,
        path={name: as_text(value) for name, value in parameters.items() if place[name] == "path"},
        query={
            name: [as_text(item) for item in value] if isinstance(value, list) else as_text(value)
            for name, value in parameters.items()
            if place[name] == "query"
        },
        body=body if spelling.has_body else None,
    )


def read_words(action: Action, words: Mapping[str, str], version: str) -> dict[str, Any]:
    """Parameters from the command line's texts, as the types the catalog asks for.

    What cannot be read stays text, for ``check`` to refuse. A list is JSON, or items with commas between.
    """
    known = action.spelling(version).parameters
    return {
        name: read_text(known[name].kind, text) if name in known else text for name, text in words.items()
    }


def _require_json(action: Action, body: dict[str, Any]) -> None:
    try:
        orjson.dumps(body)
    except TypeError as error:  # a number beyond 64 bits, half a surrogate pair, a date object
        raise BadConfigurationError(f"{action.name}: the body cannot be written as JSON: {error}.") from None


def _unknown(spelling: Spelling, given: Mapping[str, Any]) -> Iterator[str]:
    for name in given:
        if name not in spelling.parameters:
            near = did_you_mean(name, spelling.parameters)
            yield f"there is no parameter `{name}`" + (f" ({near})" if near else "")


def _missing(spelling: Spelling, given: Mapping[str, Any]) -> Iterator[str]:
    for name, parameter in spelling.parameters.items():
        if parameter.kind.required and name not in given:
            yield f"`{name}` is required"


def _wanted(action: Action, spelling: Spelling) -> str:
    """What the action takes, in one line."""
    kinds = {name: parameter.kind for name, parameter in spelling.parameters.items()}
    required = ", ".join(name for name, kind in kinds.items() if kind.required)
    optional = ", ".join(name for name, kind in kinds.items() if not kind.required)
    return (
        f"Required: {required or 'nothing'}. Optional: {optional or 'nothing'}."
        f" More: docs/operations.md, or: lusha-connect operations show {action.name}"
    )
