"""Alerts against a real Prefect server and a real HTTP endpoint: what happens arrives, once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from prefect import tags
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.states import Scheduled

from flows.automations import check_parameters, load
from tasks.core.errors import BadConfigurationError
from tasks.edge import alerts
from tasks.edge.channel_block import LushaConnectChannel
from tasks.hub.engine import Hub


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def heard() -> Iterator[tuple[str, list[str]]]:
    """A channel: its URL, and what was sent to it."""
    told: list[str] = []

    class Channel(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_about: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Channel)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/alert", told
    server.shutdown()
    server.server_close()


@pytest.fixture
def told(prefect_api: str, heard: tuple[str, list[str]]) -> Iterator[list[str]]:
    """What the alerts sent; they are set up, twice."""
    url, sent = heard
    block = CustomWebhookNotificationBlock(name="ops", url=url, json_data={"text": "{{subject}}: {{body}}"})
    block.save("ops", overwrite=True)

    async def setting_up() -> list[str]:
        async with get_client() as client:
            await alerts.apply(client, "custom-webhook/ops")
            return await alerts.apply(client, "custom-webhook/ops")

    names = asyncio.run(setting_up())
    assert len(set(names)) == len(ours()) == 4
    yield sent
    asyncio.run(removing())


def ours() -> list[Any]:
    async def reading() -> list[Any]:
        async with get_client() as client:
            return [one for one in await client.read_automations() if one.name.startswith("Lusha Connect: ")]

    return asyncio.run(reading())


async def removing() -> None:
    async with get_client() as client:
        for one in await client.read_automations():
            await client.delete_automation(one.id)


def wait_for(told: list[str], number: int) -> None:
    give_up = time.monotonic() + 60
    while len(told) < number and time.monotonic() < give_up:
        time.sleep(0.1)


def run(automation: str, **parameters: Any) -> None:
    flow = load(automation)
    with tags("lusha-connect"):  # as its deployment has it
        asyncio.run(flow(**check_parameters(flow, parameters), return_state=True))


def test_a_run_that_fails_is_told_once_with_its_remedy(
    told: list[str], environment: dict[str, str], hub: Hub
) -> None:
    run("import_contacts", file="nowhere/people.csv")
    run("housekeeping")  # what is done is not told
    wait_for(told, 1)
    time.sleep(2)
    [alert] = told
    for word in ("a run failed", "import people.csv", "Failed", "→", "/runs/flow-run/"):
        assert word in alert


def test_a_refused_credential_is_told_once_however_many_runs_meet_it(
    told: list[str], environment: dict[str, str], hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN", "pit-revoked")
    monkeypatch.setenv("LUSHA_CONNECT_LOCATION_ID", "sandboxLocation00001")
    for _ in range(2):
        run("sync_contacts")
    wait_for(told, 3)
    time.sleep(2)
    credential = [one for one in told if "a credential is refused" in one]
    assert len(told) - len(credential) == 2  # each run that failed
    [alert] = credential
    assert "sandboxLocation00001" in alert
    assert "pit-revoked" not in "".join(told)


def test_a_run_that_is_late_is_told(told: list[str]) -> None:
    async def scheduling() -> None:
        async with get_client() as client:
            due = Scheduled(scheduled_time=datetime.now(UTC) - timedelta(minutes=5))
            await client.create_flow_run(load("housekeeping"), tags=["lusha-connect"], state=due)

    asyncio.run(scheduling())
    wait_for(told, 1)
    [alert] = told
    assert "a run is late" in alert


def test_a_channel_that_takes_no_notices_is_told_once_a_day(told: list[str]) -> None:
    for name in ("sales", "sales", "support"):
        alerts.channel_silent("loc", "channels", name, f"Channel {name}: 2 notices could not be delivered.")
    wait_for(told, 2)
    time.sleep(2)
    assert len(told) == 2
    for name in ("sales", "support"):
        [alert] = [one for one in told if f"Channel {name}: 2 notices" in one]
        assert "a channel takes no notices" in alert
        assert "channels, location loc" in alert


def test_a_block_that_the_server_does_not_know_is_no_way_for_alerts(told: list[str]) -> None:
    LushaConnectChannel(url="json://localhost").save("ops", overwrite=True)

    async def asking() -> None:
        async with get_client() as client:
            await alerts.apply(client, "lusha-connect-channel/ops")

    with pytest.raises(BadConfigurationError, match="does not know its type"):
        asyncio.run(asking())


def test_an_alert_that_a_person_has_switched_off_stays_off(told: list[str]) -> None:
    async def switching_off() -> None:
        async with get_client() as client:
            await client.pause_automation(ours_by_name["Lusha Connect: a run failed"].id)
            await alerts.apply(client, "custom-webhook/ops")

    ours_by_name = {one.name: one for one in ours()}
    asyncio.run(switching_off())
    assert {one.name for one in ours() if not one.enabled} == {"Lusha Connect: a run failed"}


def test_a_channel_that_is_not_there_is_refused_with_those_that_are(told: list[str]) -> None:
    async def asking() -> None:
        async with get_client() as client:
            await alerts.apply(client, "custom-webhook/opps")

    with pytest.raises(BadConfigurationError, match=r"Did you mean `custom-webhook/ops`"):
        asyncio.run(asking())
