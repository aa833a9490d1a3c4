"""The connection block: Prefect's own standards, and no secret that gets out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prefect.testing.standard_test_suites import BlockStandardTestSuite

from sandbox import process
from tasks.core.errors import BadConfigurationError, HubUnavailableError
from tasks.core.settings import Settings
from tasks.edge.blocks import LushaConnectConnection
from tasks.edge.connections import settings_for
from tasks.hub import connections
from tasks.hub.connections import SavedConnection
from tasks.hub.engine import Hub


class TestStandards(BlockStandardTestSuite):
    @pytest.fixture
    def block(self) -> type[LushaConnectConnection]:
        return LushaConnectConnection


def a_block(vendor: process.RunningSandbox, hub_url: str) -> LushaConnectConnection:
    return LushaConnectConnection(
        hub_url=hub_url,
        highlevel_token=vendor.token,
        location_id=vendor.location_id,
        highlevel_url=vendor.url,
        highlevel_version="v3",
        keep_days=30,
        lusha_api_key=vendor.lusha.key,
        lusha_url=vendor.lusha.url,
        lusha_credits_a_day=20,
    )


def test_a_named_block_takes_the_environments_place(
    prefect_api: str, vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_LOCATION_ID", "the environment's")
    a_block(vendor, "sqlite:///block.db").save("main", overwrite=True)
    found = asyncio.run(settings_for("main"))
    assert found.location_id == vendor.location_id
    assert found.hub_url == "sqlite:///block.db"
    assert (found.highlevel_version, found.keep_days) == ("v3", 30)
    assert found.token().get_secret_value() == vendor.token
    assert found.lusha_api_key
    assert found.lusha_api_key.get_secret_value() == vendor.lusha.key
    assert (found.lusha_url, found.lusha_credits_a_day) == (vendor.lusha.url, 20)


def test_a_block_that_does_not_exist_is_named(prefect_api: str) -> None:
    with pytest.raises(BadConfigurationError, match="nowhere") as caught:
        asyncio.run(settings_for("nowhere"))
    assert "lusha-connect deploy" in str(caught.value)


def test_no_secret_in_a_repr(vendor: process.RunningSandbox) -> None:
    block = a_block(vendor, "postgresql://user:hush@host/db")
    for text in (repr(block), str(block.settings()), repr(Settings(hub_url="postgresql://u:hush@h/d"))):
        assert vendor.token not in text
        assert vendor.lusha.key not in text
        assert "hush" not in text


@pytest.fixture
def graz(hub: Hub, vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch, hub_url: str) -> str:
    """The name of a connection that the environment's hub keeps."""
    monkeypatch.setenv("LUSHA_CONNECT_HUB_URL", hub_url)
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN", vendor.token)
    monkeypatch.setenv("LUSHA_CONNECT_LOCATION_ID", "the environment's")
    connections.add(hub, SavedConnection("graz", "highlevel", "grazLocation", "main", version="v3"))
    return "graz"


def test_a_connection_of_the_hub_gives_location_and_credential_and_no_token(
    prefect_api: str, graz: str, hub_url: str
) -> None:
    found = asyncio.run(settings_for(graz))
    assert (found.location_id, found.highlevel_credential) == ("grazLocation", "main")
    assert (found.highlevel_version, found.hub_url) == ("v3", hub_url)
    assert found.highlevel_token is None
    assert connections.settings_for(graz) == found


@pytest.mark.parametrize("name", ["", "environment", ".env"])
def test_the_environment_has_a_name_too(graz: str, name: str) -> None:
    for found in (asyncio.run(settings_for(name)), connections.settings_for(name)):
        assert found.location_id == "the environment's"


def test_one_name_for_a_block_and_a_connection_is_refused(
    prefect_api: str, graz: str, hub: Hub, vendor: process.RunningSandbox
) -> None:
    a_block(vendor, "sqlite:///block.db").save("both", overwrite=True)
    connections.add(hub, SavedConnection("both", "highlevel", "grazLocation", "main"))
    with pytest.raises(BadConfigurationError, match="Two connections are named 'both'") as refused:
        asyncio.run(settings_for("both"))
    assert "grazLocation" in str(refused.value)
    assert vendor.token not in str(refused.value)
    connections.remove(hub, "both")
    assert asyncio.run(settings_for("both")).location_id == vendor.location_id


def test_looking_for_a_name_makes_no_hub(prefect_api: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfigurationError, match="nowhere"):
        asyncio.run(settings_for("nowhere"))
    assert not list(tmp_path.rglob("hub.db"))


def test_a_block_needs_no_hub_of_the_environment(
    prefect_api: str, vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HUB_URL", "postgresql://nobody@127.0.0.1:1/none")
    a_block(vendor, "sqlite:///block.db").save("alone", overwrite=True)
    assert asyncio.run(settings_for("alone")).location_id == vendor.location_id
    with pytest.raises(HubUnavailableError):
        asyncio.run(settings_for("nowhere"))
