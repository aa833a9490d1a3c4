"""Any operation of HighLevel's catalog, through one caller: checked first, then sent like any other request.

The same credential, budget, retries and errors as everything else, because it is the same client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from tasks.core.errors import BadConfigurationError, RecordNotFoundError, UnknownOutcomeError
from tasks.vendors.catalog import requests
from tasks.vendors.catalog.requests import PreparedRequest
from tasks.vendors.highlevel.catalog.catalog import Action, load_catalog
from tasks.vendors.highlevel.client import HighLevel

LOCATION = ("locationId", "location_id")
"""How requests name the location; filled in from the client, and never another one."""


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
    given = dict(parameters)
    known = {} if action.refused else action.spelling(version).parameters
    for name in LOCATION:
        if name in known and given.setdefault(name, location_id) != location_id:
            raise BadConfigurationError(
                f"{action.name}: the credential is for location {location_id}, not for {given[name]}.",
                remedy=f"Leave `{name}` out, or use that location's connection.",
            )
    return requests.prepare(action, given, version)


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
            idempotent=action.repeatable(parameters),
        )
    except RecordNotFoundError as error:
        raise RecordNotFoundError(
            error.what,
            remedy=f"Check the ids: location {client.location_id} has no such record, or not any more.",
        ) from None
    except UnknownOutcomeError as error:
        raise UnknownOutcomeError(error.what, remedy=_how_to_resolve(action)) from None


def _how_to_resolve(action: Action) -> str:
    if action.look_up:
        return f"It may have taken effect: look with `{action.look_up}` before you repeat it."
    return "It may have taken effect, and HighLevel has no request that tells: look in HighLevel itself."
