"""Who may do what: the sandbox's fixed tokens and the gate's refusals.

Private integration tokens are static and belong to one sub-account; each of these plays one case. The
bodies are those of the vendor's UnauthorizedDTO and of public measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "COMPANY_ID",
    "DEFAULT_TOKEN",
    "INVALID_TOKEN",
    "LOCATION_ID",
    "NOT_IN_SCOPE",
    "SCOPES",
    "VERSIONS",
    "Credential",
    "credential",
]

LOCATION_ID = "sandboxLocation00001"
COMPANY_ID = "sandboxCompany000001"
"""The agency that the sub-account belongs to."""
DEFAULT_TOKEN = "pit-sandbox"  # noqa: S105 - the sandbox's public credential, printed at start

VERSIONS = frozenset({"2021-04-15", "2021-07-28", "2023-02-21", "v3"})

INVALID_TOKEN: dict[str, Any] = {
    "statusCode": 401,
    "message": "Invalid token: access token is invalid",
    "error": "Unauthorized",
}
NOT_IN_SCOPE: dict[str, Any] = {
    "statusCode": 401,
    "message": "The token is not authorized for this scope.",
    "error": "Unauthorized",
}

SCOPES = frozenset(
    {
        "associations.readonly",
        "associations.write",
        "associations/relation.readonly",
        "associations/relation.write",
        "businesses.readonly",
        "businesses.write",
        "calendars.readonly",
        "calendars/events.readonly",
        "calendars/events.write",
        "calendars/groups.readonly",
        "campaigns.readonly",
        "contacts.readonly",
        "contacts.write",
        "conversations.readonly",
        "conversations.write",
        "conversations/message.readonly",
        "conversations/message.write",
        "forms.readonly",
        "locations.readonly",
        "locations/customFields.readonly",
        "locations/customFields.write",
        "locations/customValues.readonly",
        "locations/customValues.write",
        "locations/tags.readonly",
        "locations/tags.write",
        "locations/tasks.readonly",
        "locations/tasks.write",
        "oauth.readonly",
        "oauth.write",
        "objects/record.readonly",
        "objects/record.write",
        "objects/schema.readonly",
        "opportunities.readonly",
        "opportunities.write",
        "surveys.readonly",
        "users.readonly",
        "workflows.readonly",
    }
)
"""All scopes of the operations played here."""

_LOCATION_SCOPES = frozenset({"locations.readonly", "locations/customFields.readonly"})


@dataclass(frozen=True, slots=True)
class Credential:
    """A token that the gate knows."""

    token: str
    scopes: frozenset[str]
    location_id: str = LOCATION_ID
    expired: bool = False


_CREDENTIALS = {
    known.token: known
    for known in (
        Credential(DEFAULT_TOKEN, SCOPES),
        Credential("pit-sandbox-readonly", frozenset({"contacts.readonly"})),
        Credential("pit-sandbox-unscoped", _LOCATION_SCOPES),
        Credential("pit-sandbox-expired", frozenset(), expired=True),
    )
}


def credential(authorization: bytes) -> Credential | None:
    """The credential of an Authorization header, or None where it is missing, unknown or expired."""
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    found = _CREDENTIALS.get(token.strip()) if scheme.lower() == "bearer" else None
    return None if found is None or found.expired else found
