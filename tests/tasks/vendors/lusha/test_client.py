"""The Lusha client against the strict sandbox: whose key, whose quota, and no secret anywhere."""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from pathlib import Path
from secrets import token_hex

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from sandbox import process
from tasks.core.errors import (
    BadConfigurationError,
    BadCredentialError,
    LeaseLostError,
    MissingScopeError,
    QuotaExhaustedError,
    VendorFailedError,
)
from tasks.core.settings import Settings
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore
from tasks.vendors import retry
from tasks.vendors.leads import Datapoint, Usage
from tasks.vendors.lusha.api import contacts
from tasks.vendors.lusha.connection import LushaConnection, open_leads
from tests.tasks.vendors.lusha.conftest import Talk

USAGE = "GET /v3/account/usage"


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    """These tests are about the client; one kind of hub will do."""
    return f"sqlite:///{tmp_path / 'hub.db'}"


def usage(settings: Settings, hub: Hub) -> Usage:
    async def go() -> Usage:
        async with open_leads(settings, hub) as leads:
            return await leads.usage()

    return asyncio.run(go())


def test_a_key_that_is_refused_is_told_once_and_never_shown(talk: Talk) -> None:
    key = token_hex(8)
    with pytest.raises(BadCredentialError, match="Invalid API key") as caught:
        talk(lambda leads: leads.usage(), key=key)
    assert "API Hub" in caught.value.remedy
    shown = "".join(traceback.format_exception(caught.value)) + repr(pickle.loads(pickle.dumps(caught.value)))
    assert key not in shown
    assert talk.vendor.requests()["total"] == 1


def test_an_account_without_the_api_is_no_wrong_key(hub: Hub) -> None:
    with (
        process.start(contacts=0, lusha_people=0, lusha_without_v3=True) as running,
        pytest.raises(MissingScopeError, match="not enabled") as caught,
    ):
        Talk(running.lusha, hub)(lambda leads: leads.usage())
    assert "ask Lusha to enable it" in caught.value.remedy


@pytest.mark.parametrize("fault", ["429_daily", "429_trial"])
def test_a_quota_that_is_used_up_ends_the_run_without_a_second_try(talk: Talk, fault: str) -> None:
    talk.fail(USAGE, fault)
    with pytest.raises(QuotaExhaustedError):
        talk(lambda leads: leads.usage())
    assert talk.vendor.requests()["total"] == 1


def test_what_fails_every_time_is_given_up_and_counted(talk: Talk) -> None:
    talk.fail("GET /v3/contacts/prospecting/filters", "500", times=99)

    async def question(leads: LushaConnection) -> int:
        with pytest.raises(VendorFailedError, match=r"Gave up after 6 attempts: .*HTTP 500") as caught:
            await contacts.filter_types(leads.client)
        assert "Lusha or the network is failing" in caught.value.remedy
        return leads.requests

    assert talk(question) == retry.ATTEMPTS == talk.vendor.requests()["total"]


def test_nothing_leaves_that_the_guard_does_not_allow(talk: Talk) -> None:
    class Guard:
        in_doubt = True

        async def ask(self) -> None:
            raise LeaseLostError("another process took over")

    async def question(leads: LushaConnection) -> None:
        leads.guard = Guard()
        await leads.reveal(["v1.nobody"], {Datapoint.EMAILS})

    with pytest.raises(LeaseLostError):
        talk(question)
    assert talk.vendor.requests()["total"] == 0


def test_a_reveal_is_tried_again_only_where_it_still_may_be(talk: Talk) -> None:
    async def no_more() -> None:
        raise LeaseLostError("another process took over")

    talk.fail("POST /v3/contacts/enrich", "reset_after")
    with pytest.raises(LeaseLostError):
        talk(lambda leads: leads.reveal(["v1.nobody"], {Datapoint.EMAILS}, again=no_more))
    assert talk.vendor.requests()["total"] == 1


def test_neither_key_nor_anybody_s_address_is_logged(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    talk.fail("POST /v3/contacts/tables/list", "500")
    with pytest.raises(BadConfigurationError):
        talk(lambda leads: leads.table("Inbox"), owner="jo.doe@example.com")
    assert "tried again" in caplog.text
    assert "jo.doe" not in caplog.text
    assert talk.vendor.key not in caplog.text


def test_a_stored_key_that_was_exchanged_meanwhile_is_found_after_a_401(talk: Talk, hub: Hub) -> None:
    keys = SecretStr(Fernet.generate_key().decode())
    store = TokenStore(hub, Keyring(keys))
    facts = Facts("leads", Kind.LUSHA)
    store.put(Stored(facts, Secrets(SecretStr("old-key"))))
    settings = Settings(
        _env_file=None, lusha_url=talk.vendor.url, lusha_credential="leads", encryption_keys=keys
    )

    async def go() -> Usage:
        async with open_leads(settings, hub) as leads:
            assert leads.account == "lusha:leads"
            with pytest.raises(BadCredentialError):
                await leads.usage()
            await asyncio.to_thread(store.put, Stored(facts, Secrets(SecretStr(talk.vendor.key))))
            return await leads.usage()

    assert asyncio.run(go()).total


def test_without_a_key_it_is_said_which_setting_is_missing(hub: Hub) -> None:
    with pytest.raises(BadConfigurationError, match="No API key") as caught:
        usage(Settings(_env_file=None), hub)
    assert "LUSHA_CONNECT_LUSHA_API_KEY" in caught.value.remedy


def test_two_keys_are_two_accounts_and_neither_name_shows_its_key(hub: Hub) -> None:
    async def name(key: str) -> str:
        async with open_leads(Settings(_env_file=None, lusha_api_key=SecretStr(key)), hub) as leads:
            return leads.account

    names = [asyncio.run(name(key)) for key in ("one-key", "two-key", "one-key")]
    assert names[0] == names[2] != names[1]
    assert not any("one-key" in found for found in names)
