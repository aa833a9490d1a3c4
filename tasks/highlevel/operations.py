"""Any operation of the catalog, through one caller: checked first, then sent like every other request.

The same credential, budget, retries and errors as everything else, because it is the same client. What
is wrong with the parameters is told before anything is sent, all of it at once. Parameters are given
by name alone; the catalog knows which of path, query and body each belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tasks.errors import BadConfigurationError, RecordNotFoundError, UnknownOutcomeError
from tasks.highlevel.catalog import Action, Kind, Parameter, Spelling, load_catalog, nearest
from tasks.highlevel.client import HighLevel

LOCATION = ("locationId", "location_id")
"""How requests name the location; filled in from the client, and never another one."""


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """Exactly what is sent, but for the headers, which hold the token.

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
    """Refuse parameters that HighLevel would refuse.

    Raises:
        BadConfigurationError: One is unknown, missing or of the wrong type; all of them are told.
    """
    spelling = action.spelling(version)
    problems = [*_unknown(spelling, parameters), *_missing(spelling, parameters)]
    problems += [
        f"`{name}` must be {_expected(spelling.parameters[name].kind)}, not {_described(value)}"
        for name, value in parameters.items()
        if name in spelling.parameters and not _fits(spelling.parameters[name], value)
    ]
    if problems:
        raise BadConfigurationError(
            f"{action.name}: {'; '.join(problems)}.", remedy=_wanted(action, spelling)
        )


def prepare(
    action: Action, parameters: Mapping[str, Any], *, location_id: str, version: str
) -> PreparedRequest:
    """The request that an action with these parameters is.

    Args:
        location_id: Filled in where the action wants one and none is given.
        version: The API version, e.g. ``v3``.

    Raises:
        BadConfigurationError: The action cannot be called this way, or a parameter is wrong.
    """
    if action.refused:
        raise BadConfigurationError(f"{action.name} cannot be called like this.", remedy=action.refused)
    spelling = action.spelling(version)
    given = dict(parameters)
    for name in LOCATION:
        if name in spelling.parameters and given.setdefault(name, location_id) != location_id:
            raise BadConfigurationError(
                f"{action.name}: the credential is for location {location_id}, not for {given[name]}.",
                remedy=f"Leave `{name}` out, or use that location's connection.",
            )
    check(action, given, version)
    place = {name: spelling.parameters[name].place for name in given}
    body = {name: value for name, value in given.items() if place[name] == "body"}
    return PreparedRequest(
        action.method,
        spelling.path,
        path={name: _text(value) for name, value in given.items() if place[name] == "path"},
        query={
            name: [_text(item) for item in value] if isinstance(value, list) else _text(value)
            for name, value in given.items()
            if place[name] == "query"
        },
        body=body if spelling.has_body else None,
    )


async def call(
    client: HighLevel, operation: str, parameters: Mapping[str, Any], *, dry_run: bool = False
) -> Any:
    """Call an operation.

    Args:
        operation: Its name in the catalog, e.g. ``contacts.get-contact``.
        parameters: By name, e.g. ``{"contactId": "…"}``.
        dry_run: Send nothing; return the request as it would be sent.

    Returns:
        The answer's JSON; of a dry run ``method, path, query, body``.

    Raises:
        BadConfigurationError: Operation or parameters are wrong; nothing was sent.
        RecordNotFoundError: There is no such record.
        UnknownOutcomeError: The answer was lost; it may have taken effect.
        LushaConnectError: As the client's own ``call``.
    """
    action = load_catalog().action(operation)
    request = prepare(action, parameters, location_id=client.location_id, version=client.dialect.version)
    if dry_run:
        return request.as_dict()
    try:
        return await client.call(
            request.method,
            request.template,
            scope=action.scope,
            path=request.path,
            query=cast("Mapping[str, str]", request.query),  # the transport repeats a name for each item
            json=request.body,
            idempotent=action.idempotent,
        )
    except RecordNotFoundError as error:
        raise RecordNotFoundError(
            error.what,
            remedy=f"Check the ids: location {client.location_id} has no such record, or not any more.",
        ) from None
    except UnknownOutcomeError as error:
        raise UnknownOutcomeError(error.what, remedy=_how_to_resolve(action)) from None


def read_words(action: Action, words: Mapping[str, str], version: str) -> dict[str, Any]:
    """Parameters from the command line's texts, as the types the catalog asks for.

    What cannot be read stays text, for ``check`` to refuse. A list is JSON, or items with commas between.
    """
    known = action.spelling(version).parameters
    return {name: _read(known[name].kind, text) if name in known else text for name, text in words.items()}


def _unknown(spelling: Spelling, given: Mapping[str, Any]) -> Iterator[str]:
    for name in given:
        if name not in spelling.parameters:
            near = nearest(name, spelling.parameters, most=1)
            yield f"there is no parameter `{name}`" + (f" (did you mean {near}?)" if near else "")


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
        f" More: lusha-connect operations show {action.name}"
    )


_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "any": lambda _: True,
}
_NAMES = {"string": "text", "number": "a number", "boolean": "true or false", "object": "an object"}


def _fits(parameter: Parameter, value: Any) -> bool:
    kind = parameter.kind
    if value is None:
        return kind.nullable and parameter.place == "body"
    if kind.many:
        return isinstance(value, list) and all(_item_fits(parameter, item) for item in value)
    return _item_fits(parameter, value)


def _item_fits(parameter: Parameter, value: Any) -> bool:
    kind = parameter.kind
    if kind.choices:
        return value in kind.choices
    if parameter.place == "body":
        return _IS[kind.type](value)
    if not isinstance(value, str | int | float):  # everything in an address is text
        return False
    text = _text(value)
    if parameter.place == "path":
        return text.strip(". ") != ""  # an empty segment, or a dot, would be another address
    return _IS[kind.type](_read(Kind("", kind.type), text)) if kind.type != "string" else True


def _expected(kind: Kind) -> str:
    one = f"one of {', '.join(kind.choices)}" if kind.choices else _NAMES.get(kind.type, "anything")
    return (f"a list, each of it {one}" if kind.many else one) + (" or null" if kind.nullable else "")


def _described(value: Any) -> str:
    """What was given, without telling it: it may be a secret in the wrong place."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str) and not value.strip(". "):
        return "empty"
    return next(name for kind, name in [*_NAMES.items(), ("any", "that")] if _IS[kind](value))


def _read(kind: Kind, text: str) -> Any:
    if text == "null" and kind.nullable:
        return None
    if kind.many and not text.startswith("["):
        return [_read(Kind("", kind.type), item.strip()) for item in text.split(",")] if text else []
    if kind.type == "string" and not kind.many:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _how_to_resolve(action: Action) -> str:
    if action.look_up:
        return f"It may have taken effect: look with `{action.look_up}` before you repeat it."
    return "It may have taken effect, and HighLevel has no request that tells: look in HighLevel itself."
