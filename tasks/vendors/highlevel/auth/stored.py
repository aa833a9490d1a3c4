"""Which credential a run uses: the token of its settings, or the stored credential they name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pydantic import SecretStr

from tasks.core.errors import BadConfigurationError
from tasks.core.settings import PREFIX, Settings
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import Kind, Secrets, Stored, TokenStore
from tasks.vendors.credential import Credential, StaticToken, StoredToken
from tasks.vendors.highlevel.auth.authorization import App, AuthorizationServer
from tasks.vendors.highlevel.auth.oauth import OAuthCredential
from tasks.vendors.highlevel.dialect import DIALECTS
from tasks.vendors.transport import Transport


def credential_for(settings: Settings, hub: Hub, transport: Transport) -> Credential:
    """The credential of the settings' location.

    Raises:
        BadConfigurationError: Neither token nor credential is set; the credential does not exist or
            belongs to another location; no key is set, or a malformed one.
        BadCredentialError: The credential cannot be decrypted.
    """
    if not settings.highlevel_credential:
        return StaticToken(settings.token())
    store = TokenStore(hub, Keyring(settings.encryption_keys))
    stored, location_id = store.get(settings.highlevel_credential), settings.location()
    if stored.facts.kind is Kind.LUSHA:
        raise BadConfigurationError(
            f"Credential {stored.facts.name!r} is an API key of Lusha's.",
            remedy=f"Correct {PREFIX}HIGHLEVEL_CREDENTIAL; the key belongs into {PREFIX}LUSHA_CREDENTIAL.",
        )
    if stored.facts.location_id not in ("", location_id):
        raise BadConfigurationError(
            f"Credential {stored.facts.name!r} belongs to location {stored.facts.location_id},"
            f" not to {location_id}.",
            remedy=f"Correct {PREFIX}LOCATION_ID or {PREFIX}HIGHLEVEL_CREDENTIAL, or the connection:"
            " lusha-connect connections add NAME --replace …",
        )
    if stored.facts.kind is Kind.PRIVATE:
        return StoredToken(store, stored)
    server = AuthorizationServer(transport, DIALECTS[settings.highlevel_version], _app(settings, stored))
    found = OAuthCredential(store, stored, server)
    if stored.facts.location_id:
        return found
    return OAuthCredential(store, _of_location(store, stored, location_id), server, agency=found)


def _of_location(store: TokenStore, agency: Stored, location_id: str) -> Stored:
    """The location's credential that the agency's makes; an ended one where there is none yet."""
    facts = replace(
        agency.facts,
        name=f"{agency.facts.name}/{location_id}",
        parent=agency.facts.name,
        location_id=location_id,
        expires_at=datetime.fromtimestamp(0, UTC),
    )
    store.put(Stored(facts, Secrets(SecretStr(""))), replace=False)
    return store.get(facts.name)


def _app(settings: Settings, stored: Stored) -> App:
    """The app that renews; a secret that was exchanged at HighLevel comes from the settings."""
    secret = stored.secrets.client_secret
    if settings.highlevel_client_id == stored.facts.client_id and settings.highlevel_client_secret:
        secret = settings.highlevel_client_secret
    if secret is None:
        raise BadConfigurationError(
            f"Credential {stored.facts.name!r} holds no client secret of app {stored.facts.client_id}.",
            remedy=f"Set {PREFIX}HIGHLEVEL_CLIENT_ID and {PREFIX}HIGHLEVEL_CLIENT_SECRET.",
        )
    return App(stored.facts.client_id, secret)
