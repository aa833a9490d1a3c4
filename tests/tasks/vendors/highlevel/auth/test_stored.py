"""Which credential a run uses, and what is said where there is none for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from tasks.core.errors import BadConfigurationError, BadCredentialError
from tasks.core.settings import Settings
from tasks.hub import tokens
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore
from tasks.vendors.credential import Credential, StaticToken, StoredToken
from tasks.vendors.highlevel.auth.oauth import OAuthCredential
from tasks.vendors.highlevel.auth.stored import credential_for
from tasks.vendors.transport import Transport

KEY = Fernet.generate_key().decode()
Find = Callable[..., Credential]


@pytest.fixture
def store(hub: Hub) -> TokenStore:
    return TokenStore(hub, Keyring(SecretStr(KEY)))


@pytest.fixture
def find(hub: Hub) -> Find:
    def found(**settings: Any) -> Credential:
        given = {"location_id": "loc", "encryption_keys": KEY} | settings

        async def go() -> Credential:
            async with Transport("http://127.0.0.1:1", 1) as transport:
                return credential_for(Settings.model_validate(given), hub, transport)

        return asyncio.run(go())

    return found


def put(store: TokenStore, kind: Kind = Kind.PRIVATE, token: str = "first-hush", **more: Any) -> None:
    secret = more.pop("client_secret", None)
    secrets = Secrets(SecretStr(token), SecretStr("refresh-hush"), secret and SecretStr(secret))
    store.put(Stored(Facts("main", kind, **({"location_id": "loc"} | more)), secrets))


def test_without_a_name_it_is_the_settings_token(find: Find) -> None:
    found = find(highlevel_token="pit-hush", encryption_keys=None)
    assert isinstance(found, StaticToken)
    assert asyncio.run(found.bearer()).get_secret_value() == "pit-hush"


def test_without_either_the_settings_are_named(find: Find) -> None:
    with pytest.raises(BadConfigurationError, match="LUSHA_CONNECT_HIGHLEVEL_TOKEN"):
        find()


def test_a_stored_token_that_was_exchanged_is_found_after_a_refusal(find: Find, store: TokenStore) -> None:
    put(store)
    found = find(highlevel_credential="main")
    assert isinstance(found, StoredToken)
    first = asyncio.run(found.bearer())
    assert not asyncio.run(found.renew(first))
    put(store, token="second-hush")
    assert asyncio.run(found.bearer()) == first
    assert asyncio.run(found.renew(first))
    assert asyncio.run(found.bearer()).get_secret_value() == "second-hush"


def test_a_token_of_another_location_is_refused_and_one_of_none_is_not(find: Find, store: TokenStore) -> None:
    put(store, location_id="elsewhere")
    with pytest.raises(BadConfigurationError, match="belongs to location elsewhere, not to loc"):
        find(highlevel_credential="main")
    put(store, location_id="")
    assert isinstance(find(highlevel_credential="main"), StoredToken)


def test_an_app_needs_its_secret_from_the_hub_or_from_the_settings(find: Find, store: TokenStore) -> None:
    put(store, Kind.OAUTH, client_id="app")
    with pytest.raises(BadConfigurationError, match="holds no client secret of app app"):
        find(highlevel_credential="main")
    with pytest.raises(BadConfigurationError, match="holds no client secret"):
        find(highlevel_credential="main", highlevel_client_id="other", highlevel_client_secret="hush")
    theirs = {"highlevel_client_id": "app", "highlevel_client_secret": "hush"}
    assert isinstance(find(highlevel_credential="main", **theirs), OAuthCredential)
    put(store, Kind.OAUTH, client_id="app", client_secret="kept-hush")
    assert isinstance(find(highlevel_credential="main"), OAuthCredential)


def test_of_an_agency_s_each_location_gets_its_own_once(find: Find, hub: Hub, store: TokenStore) -> None:
    put(store, Kind.OAUTH, client_id="app", client_secret="kept-hush", location_id="")
    for location in ("loc", "loc", "far"):
        assert isinstance(find(highlevel_credential="main", location_id=location), OAuthCredential)
    held = {facts.name: facts for facts in tokens.listed(hub)}
    assert sorted(held) == ["main", "main/far", "main/loc"]
    assert (held["main/far"].parent, held["main/far"].location_id) == ("main", "far")


def test_what_another_key_encrypted_is_not_opened(find: Find, store: TokenStore) -> None:
    put(store)
    with pytest.raises(BadCredentialError) as caught:
        find(highlevel_credential="main", encryption_keys=Fernet.generate_key().decode())
    assert "hush" not in str(caught.value)


def test_a_name_that_is_none_is_told(find: Find) -> None:
    with pytest.raises(BadConfigurationError, match="nobody"):
        find(highlevel_credential="nobody")
