"""Who may do what: the sandbox's fixed tokens and the gate's refusals.

Private integration tokens are static and belong to one sub-account; each of these plays one case. The further
sub-accounts have the same cases, with their number after ``pit-sandbox``. The one
app that the authorization server knows is fixed as well. The refusals' bodies are those of the vendor's
UnauthorizedDTO and of public measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "COMPANY_ID",
    "DEFAULT_TOKEN",
    "FORBIDDEN",
    "INVALID_TOKEN",
    "LOCATION_ID",
    "NOBODY",
    "NOT_IN_SCOPE",
    "SCOPES",
    "VERSIONS",
    "Credential",
    "location_id_of",
    "private_tokens",
    "token_of",
]

LOCATION_ID = "sandboxLocation00001"
"""The first sub-account."""
COMPANY_ID = "sandboxCompany000001"
"""The agency that the sub-account belongs to."""
CLIENT_ID = "sandboxapp-1234"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - the sandbox's public credential, printed at start
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

FORBIDDEN: dict[str, Any] = {"message": "Forbidden resource", "error": "Forbidden", "statusCode": 403}

_LOCATION_SCOPES = frozenset({"locations.readonly", "locations/customFields.readonly"})


@dataclass(frozen=True, slots=True)
class Credential:
    """A token that the gate knows.

    Attributes:
        location_id: The sub-account it belongs to; empty for an agency's token.
        app: The app it was issued to; empty for a private integration token.
    """

    token: str
    scopes: frozenset[str]
    location_id: str = LOCATION_ID
    app: str = ""
    expired: bool = False

    @property
    def spends(self) -> tuple[str, str]:
        """Whose quota it uses: the app's, or the token's own, on the location or the agency."""
        return self.app or self.token, self.location_id or COMPANY_ID


NOBODY = Credential("", frozenset(), "")
"""Stands in where an operation asks for no token."""


def location_id_of(place: int) -> str:
    """The id of the sub-account of a number, from 1."""
    return f"sandboxLocation{place:05}"


def token_of(place: int) -> str:
    """The private integration token with every scope of the sub-account of a number, from 1."""
    return DEFAULT_TOKEN if place == 1 else f"{DEFAULT_TOKEN}-{place}"


def private_tokens(place: int) -> dict[str, Credential]:
    """The private integration tokens of the sub-account of a number, expired ones included."""
    name, location_id = token_of(place), location_id_of(place)
    known = (
        Credential(name, SCOPES, location_id),
        Credential(f"{name}-readonly", frozenset({"contacts.readonly"}), location_id),
        Credential(f"{name}-unscoped", _LOCATION_SCOPES, location_id),
        Credential(f"{name}-no-task-search", SCOPES - {"locations/tasks.readonly"}, location_id),
        Credential(f"{name}-expired", frozenset(), location_id, expired=True),
    )
    return {credential.token: credential for credential in known}
