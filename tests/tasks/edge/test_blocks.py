"""The connection block: Prefect's own standards, and no secret that gets out."""

from __future__ import annotations

import asyncio

import pytest
from prefect.testing.standard_test_suites import BlockStandardTestSuite

from sandbox import process
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import Settings
from tasks.edge.blocks import LushaConnectConnection
from tasks.edge.connections import settings_for


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


def test_a_block_that_does_not_exist_is_named(prefect_api: str) -> None:
    with pytest.raises(BadConfigurationError, match="nowhere") as caught:
        asyncio.run(settings_for("nowhere"))
    assert "prefect block register" in str(caught.value)


def test_no_secret_in_a_repr(vendor: process.RunningSandbox) -> None:
    block = a_block(vendor, "postgresql://user:hush@host/db")
    for text in (repr(block), str(block.settings()), repr(Settings(hub_url="postgresql://u:hush@h/d"))):
        assert vendor.token not in text
        assert "hush" not in text
