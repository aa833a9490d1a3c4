"""The connections that the hub keeps: added once, found by name, refused where a word is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from tasks.core.errors import BadConfigurationError
from tasks.hub import connections
from tasks.hub.connections import SavedConnection
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.new_connections import checked
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore

GRAZ = SavedConnection("graz", "highlevel", "loc1", "main")
KEY = SecretStr("q0HPWzIYBZR8wL0Zx0vWKhjKxMVFKqyCVCxx0RpTxHM=")


@pytest.fixture
def stored(hub: Hub) -> Hub:
    """A hub with a location's credential and an agency's."""
    store = TokenStore(hub, Keyring(KEY))
    for facts in (
        Facts("main", Kind.PRIVATE, location_id="loc1", company_id="company"),
        Facts("agency", Kind.OAUTH, company_id="company"),
    ):
        store.put(Stored(facts, Secrets(SecretStr("hush"))))
    return hub


def test_what_was_added_is_found_and_listed_by_name(hub: Hub) -> None:
    ulm = replace(GRAZ, name="ulm", location_id="loc2", account="a", url="https://x", version="v3")
    assert connections.add(hub, ulm)
    assert connections.add(hub, GRAZ)
    assert connections.listed(hub) == [GRAZ, ulm]
    assert connections.find(hub, "ulm") == ulm
    assert connections.find(hub, "nowhere") is None


def test_the_same_again_is_no_change_and_another_is_refused_or_replaces(hub: Hub) -> None:
    connections.add(hub, GRAZ)
    assert not connections.add(hub, SavedConnection("graz", "highlevel", "loc1", "main"))
    assert connections.listed(hub) == [GRAZ]
    other = replace(GRAZ, location_id="loc2")
    with pytest.raises(BadConfigurationError, match="already, to location loc1"):
        connections.add(hub, other)
    assert connections.add(hub, other, replace=True)
    assert connections.listed(hub) == [other]


def test_a_removed_one_is_gone(hub: Hub) -> None:
    connections.add(hub, GRAZ)
    assert connections.remove(hub, "graz")
    assert not connections.remove(hub, "graz")
    assert connections.listed(hub) == []


def wish(hub: Hub, **more: Any) -> SavedConnection:
    given = {"name": "graz", "vendor": "highlevel", "credential": "main", "location_id": ""}
    return checked(hub, **(given | {"account": "", "url": "", "version": ""} | more))


def test_a_wish_takes_location_and_account_from_the_credential(stored: Hub) -> None:
    found = wish(stored)
    assert (found.location_id, found.account) == ("loc1", "company")
    assert wish(stored, credential="agency", location_id="loc9").location_id == "loc9"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"vendor": "higlevel"}, "Did you mean highlevel?"),
        ({"credential": "mian"}, "Did you mean main?"),
        ({"version": "v2"}, "Did you mean v3?"),
        ({"name": "environment"}, "Choose another name"),
        ({"name": ".env"}, "Choose another name"),
        ({"name": "a b"}, "Use letters"),
        ({"name": ""}, "Use letters"),
        ({"location_id": "loc2"}, "Did you mean --location loc1?"),
        ({"location_id": "a location"}, "is no location's id"),
        ({"credential": "agency"}, "is an agency's"),
        ({"url": "services.example.com"}, "https://"),
    ],
)
def test_a_wrong_word_is_refused_with_the_right_one(stored: Hub, wrong: dict[str, str], said: str) -> None:
    with pytest.raises(BadConfigurationError) as refused:
        wish(stored, **wrong)
    assert said in str(refused.value)
    assert connections.listed(stored) == []


def test_without_any_credential_it_is_said_how_one_is_made(hub: Hub) -> None:
    with pytest.raises(BadConfigurationError, match="lusha-connect credentials add"):
        wish(hub)
