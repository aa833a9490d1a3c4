"""A look at a HighLevel location: does the credential work, what may it do, how is the location set.

A private integration token tells its scopes to nobody, so each is tried with a request that changes nothing:
a scope is checked before what the request says. A write is tried on a contact that cannot exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tasks.core.errors import (
    BadCredentialError,
    ForeignLocationError,
    InvalidRequestError,
    LushaConnectError,
    MissingScopeError,
    RecordNotFoundError,
)
from tasks.core.findings import Finding, Status, failed, ok, warning
from tasks.core.settings import Settings
from tasks.core.words import nearest
from tasks.hub import tokens
from tasks.hub.budget import announced
from tasks.hub.engine import Hub
from tasks.hub.tokens import Kind
from tasks.vendors.highlevel.answers import WHERE
from tasks.vendors.highlevel.api import (
    appointments,
    businesses,
    calendars,
    contacts,
    crm_tasks,
    locations,
    tags,
    users,
    workflows,
)
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.client import HighLevel, connect
from tasks.vendors.highlevel.limits import account

FAST_CLOCK = timedelta(seconds=5)
"""How far this machine's clock may be from HighLevel's."""

LITTLE = 1_000
"""Requests that are few for the rest of a day."""

NOBODY = "lushaConnectNobody00"
"""The id of no contact."""

Probe = Callable[[HighLevel], Awaitable[object]]


_NO_FIELD = Endpoint("PUT", "/locations/{locationId}/customFields/{id}", "locations/customFields.write")


async def _custom_values(client: HighLevel) -> object:
    return await locations.custom_fields(client)


PROBES: dict[str, Probe] = {
    "contacts.readonly": lambda client: contacts.search(client, limit=1, sort="dateAdded"),
    "contacts.write": lambda client: contacts.UPDATE.ask(client, {"contactId": NOBODY}, json={}),
    "locations/customFields.readonly": _custom_values,
    "locations/customFields.write": lambda client: _NO_FIELD.ask(
        client, {"locationId": client.location_id, "id": NOBODY}, json={}
    ),
    "businesses.readonly": lambda client: businesses.LIST.ask(
        client, query={"locationId": client.location_id, "limit": "1", "skip": "0"}
    ),
    "businesses.write": lambda client: businesses.UPDATE.ask(client, {"businessId": NOBODY}, json={}),
    "locations/tasks.readonly": lambda client: crm_tasks.SEARCH.ask(
        client, {"locationId": client.location_id}, json={"limit": 1}
    ),
    "locations.readonly": locations.get,
    "locations/tags.readonly": tags.list_all,
    "workflows.readonly": workflows.list_all,
    "users.readonly": users.list_all,
    "calendars.readonly": calendars.list_all,
    "calendars/events.readonly": lambda client: appointments.GET.ask(client, {"eventId": NOBODY}),
    "calendars/events.write": lambda client: appointments.UPDATE.ask(client, {"eventId": NOBODY}, json={}),
}
"""By scope: a request that needs it and changes nothing."""


async def examine(
    settings: Settings, hub: Hub, scopes: Mapping[str, Sequence[str]], custom: Iterable[str]
) -> list[Finding]:
    """Look at the settings' location.

    Args:
        scopes: What each automation needs, by its name.
        custom: Keys of the custom fields that mappings name.

    Returns:
        What was found; nothing of what comes after a credential that does not work.
    """
    try:
        async with connect(settings, hub) as client:
            first = await _credential(client)
            if any(one.status is Status.FAILED for one in first):
                return first
            granted = await _granted(client, _told(settings, hub), scopes)
            return [
                *first,
                *_by_automation(scopes, granted),
                *await _location(client),
                await _custom_fields(client, sorted(set(custom))),
                _quota(hub, client.location_id),
                _clock(client),
            ]
    except LushaConnectError as error:
        return [failed("credential", error)]


async def _credential(client: HighLevel) -> list[Finding]:
    """Whether the token is good, and for the location, whatever it may do."""
    good = ok("credential", "HighLevel takes it.")
    try:
        await PROBES["contacts.readonly"](client)
    except MissingScopeError:
        return [good]
    except ForeignLocationError as error:
        return [good, failed("location", error)]
    except LushaConnectError as error:
        return [failed("credential", error)]
    return [good]


def _told(settings: Settings, hub: Hub) -> frozenset[str] | None:
    """The scopes that an OAuth grant told; None for a private integration token, which tells none."""
    for facts in tokens.listed(hub) if settings.highlevel_credential else ():
        if facts.name == settings.highlevel_credential and facts.kind is Kind.OAUTH and facts.scopes:
            return frozenset(facts.scopes)
    return None


async def _granted(
    client: HighLevel, told: frozenset[str] | None, scopes: Mapping[str, Sequence[str]]
) -> dict[str, bool]:
    """Which of the scopes the credential has."""
    wanted = sorted({scope for needed in scopes.values() for scope in needed})
    if told is not None:
        return {scope: scope in told for scope in wanted}
    return {scope: await _has(client, PROBES[scope]) for scope in wanted}


async def _has(client: HighLevel, probe: Probe) -> bool:
    try:
        await probe(client)
    except MissingScopeError:
        return False
    except (RecordNotFoundError, InvalidRequestError):
        return True  # it was let in, and then refused for what it says
    return True


def _by_automation(scopes: Mapping[str, Sequence[str]], granted: Mapping[str, bool]) -> Iterable[Finding]:
    """A warning for an automation that misses one; a failure where none can do anything."""
    able = any(needed and all(granted[scope] for scope in needed) for needed in scopes.values())
    for automation, needed in scopes.items():
        missing = ", ".join(scope for scope in needed if not granted[scope])
        name = f"scopes of {automation}"
        if not missing:
            yield ok(name, ", ".join(needed) or "none of its own")
            continue
        remedy = f"Give the integration {missing} ({WHERE}), if {automation} is to be used."
        yield Finding(name, Status.WARNING if able else Status.FAILED, f"missing: {missing}", remedy)


async def _location(client: HighLevel) -> list[Finding]:
    """What the location is, and whether HighLevel lets duplicates into it."""
    try:
        found = await locations.get(client)
    except MissingScopeError:
        remedy = f"Give the integration locations.readonly ({WHERE}) to have them looked at."
        unseen = "cannot be read without the scope locations.readonly"
        return [
            ok("location", f"{client.location_id} answers; its name {unseen}."),
            warning("duplicates", f"The location's setting {unseen}.", remedy),
        ]
    except BadCredentialError as error:
        return [failed("location", error)]
    named = ok("location", f"{found.name or client.location_id}, {found.timezone or 'no time zone'}")
    if found.settings.allow_duplicate_contact:
        remedy = "HighLevel: Settings → Business Profile → switch Allow Duplicate Contact off."
        return [named, warning("duplicates", "The location lets duplicate contacts be made.", remedy)]
    return [named, ok("duplicates", "The location refuses duplicate contacts.")]


async def _custom_fields(client: HighLevel, used: Sequence[str]) -> Finding:
    """Whether the location has the custom fields that mappings name."""
    name = "custom fields"
    if not used:
        return ok(name, "No mapping names one.")
    try:
        known = {
            (one.field_key or "").removeprefix("contact.") for one in await locations.custom_fields(client)
        }
    except MissingScopeError as error:
        return Finding(name, Status.WARNING, "They cannot be read.", error.remedy)
    missing = [key for key in used if key not in known]
    if not missing:
        return ok(name, f"The location has all that mappings name: {', '.join(used)}.")
    remedies = [f"{key}: {nearest(key, known) or 'make it in HighLevel'}" for key in missing]
    found = f"Mappings name fields that the location does not have: {', '.join(missing)}."
    return Finding(name, Status.FAILED, found, "; ".join(remedies))


def _quota(hub: Hub, location_id: str) -> Finding:
    quota = announced(hub, account(location_id))
    if quota is None or quota.max_requests is None:
        return warning("quota", "HighLevel announced none.", "Requests are not paced until it does.")
    left = quota.daily_remaining
    found = f"{quota.max_requests} requests in {quota.interval_ms / 1000:.0f} s"
    found += f", {left:,} left today" if left is not None else ""
    if left is not None and left < LITTLE:
        return warning("quota", found, "Runs stop when it is used up, and go on the next day.")
    return ok("quota", found)


def _clock(client: HighLevel) -> Finding:
    apart = (client.now() - datetime.now(UTC)).total_seconds()
    if abs(apart) <= FAST_CLOCK.total_seconds():
        return ok("clock", "This machine's agrees with HighLevel's.")
    way = "behind" if apart > 0 else "ahead of"
    found = f"This machine's is {abs(apart):,.0f} s {way} HighLevel's."
    return warning("clock", found, "Set it by a time server (NTP).")
