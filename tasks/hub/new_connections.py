"""A connection that a person asks for, checked before it is kept: each name is a right one, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tasks.core.errors import BadConfigurationError
from tasks.core.words import ANY, closest
from tasks.hub import tokens
from tasks.hub.connections import ITSELF, SavedConnection
from tasks.hub.engine import Hub
from tasks.hub.tokens import Facts

VENDORS = {"highlevel": ("2021-07-28", "v3")}
"""The vendors that can be connected, and the versions of their APIs that are spoken."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def checked(
    hub: Hub,
    *,
    name: str,
    vendor: str,
    credential: str,
    location_id: str,
    account: str,
    url: str,
    version: str,
) -> SavedConnection:
    """The connection, with what the credential knows of location and account.

    Raises:
        BadConfigurationError: A name is wrong, or the credential is another location's.
        HubUnavailableError: The hub cannot be read.
    """
    _require_name(name)
    if vendor not in VENDORS:
        raise _unknown("vendor", vendor, VENDORS)
    if version and version not in VENDORS[vendor]:
        raise _unknown("API version", version, VENDORS[vendor])
    if url and not url.startswith(("https://", "http://")):
        raise BadConfigurationError(f"{url!r} is no address of an API.", remedy="Write https://…")
    facts = _credential(hub, credential)
    place = location_id.strip() or facts.location_id
    if not _ID.fullmatch(place):
        raise BadConfigurationError(
            f"{place!r} is no location's id." if place else f"Credential {credential!r} is an agency's.",
            remedy="Add --location ID (HighLevel: Settings → Business Profile → Location ID).",
        )
    if facts.location_id not in ("", place):
        raise BadConfigurationError(
            f"Credential {credential!r} belongs to location {facts.location_id}, not to {place}.",
            remedy=f"Did you mean --location {facts.location_id}? Otherwise name another credential.",
        )
    return SavedConnection(name, vendor, place, credential, account or facts.company_id, url, version)


def _require_name(name: str) -> None:
    if name and name in ITSELF:
        raise BadConfigurationError(
            f"{name!r} is the connection of the environment and .env.", remedy="Choose another name."
        )
    if not _NAME.fullmatch(name):
        raise BadConfigurationError(
            f"{name!r} cannot be a connection's name.",
            remedy="Use letters, digits, dots, dashes, underscores.",
        )


def _credential(hub: Hub, name: str) -> Facts:
    known = {facts.name: facts for facts in tokens.listed(hub)}
    if name in known:
        return known[name]
    if not known:
        raise BadConfigurationError(
            f"There is no credential {name!r}.",
            remedy="There are none: lusha-connect credentials add, or lusha-connect connect highlevel.",
        )
    raise _unknown("credential", name, known)


def _unknown(what: str, given: str, known: Iterable[str]) -> BadConfigurationError:
    known = list(known)
    [near] = closest(given, known, likeness=ANY)
    return BadConfigurationError(
        f"There is no {what} {given!r}.", remedy=f"Did you mean {near}? All of them: {', '.join(known)}."
    )
