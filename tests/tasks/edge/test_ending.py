"""How a run ends in Prefect: what its state, its log and its artifacts say, and what nothing keeps."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
from pydantic import SecretStr

from flows.automations import check_parameters, load
from sandbox.process import RunningSandbox
from tasks.edge.blocks import LushaConnectConnection
from tasks.edge.ending import automation
from tasks.hub.engine import Hub
from tasks.vendors import retry
from tests import prefect_server


class Server:
    """A Prefect server, asked as a person's browser asks it."""

    def __init__(self, api: str) -> None:
        self._api = api

    def ask(self, path: str, **body: Any) -> Any:
        return prefect_server.ask(self._api, f"{path}/filter", body)

    def newest(self) -> Any:
        return self.ask("/flow_runs", sort="START_TIME_DESC", limit=1)[0]

    def log(self, flow_run: Any) -> str:
        mine = {"flow_run_id": {"any_": [flow_run["id"]]}}
        return "\n".join(one["message"] for one in self.ask("/logs", logs=mine, sort="TIMESTAMP_ASC"))

    def artifacts(self, flow_run: Any) -> dict[str, Any]:
        mine = {"flow_run_id": {"any_": [flow_run["id"]]}}
        return {one["key"]: one for one in self.ask("/artifacts", artifacts=mine)}


@pytest.fixture
def server(prefect_api: str) -> Iterator[Server]:
    """The session's server; it is sent the runs' logs, and what other tests' flows kept is gone."""
    shutil.rmtree(PREFECT_LOCAL_STORAGE_PATH.value(), ignore_errors=True)
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        yield Server(prefect_api)


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


Run = Callable[..., Any]


@pytest.fixture
def run(server: Server, environment: dict[str, str], hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs an automation; its flow run as the server knows it."""
    monkeypatch.setattr(retry, "FIRST_WAIT_SECONDS", 0.01)

    def go(name: str, **parameters: Any) -> Any:
        flow = load(name)

        async def ending() -> None:
            await flow(**check_parameters(flow, parameters), return_state=True)
            await APILogHandler.aflush()

        asyncio.run(ending())
        return server.newest()

    return go


def test_a_run_that_is_done_says_what_it_did_where_one_looks(run: Run, server: Server, vendor: Any) -> None:
    ended = run("sync_contacts", batch_size=500)
    read = len(vendor.records("contacts"))
    assert ended["name"] == "sync contacts, environment"
    assert ended["state_name"] == "Completed"
    message = ended["state"]["message"]
    assert message.startswith(f"read {read:,}, rejected ")
    assert ", created " in message
    key = next(key for key in server.artifacts(ended) if "summary" in key)
    assert message.endswith(f"(artifact {key})")
    log = server.log(ended)
    assert log.count("batch 1: 500 read") == 1
    assert log.count("batch 2: 500 read") == 1
    assert message in log
    assert f"/artifacts/key/{key}" in log


def test_a_mistake_ends_as_failed_with_a_sentence_and_its_remedy(run: Run, server: Server) -> None:
    ended = run("import_contacts", file="nowhere/people.csv")
    assert (ended["name"], ended["state_name"]) == ("import people.csv", "Failed")
    message = ended["state"]["message"]
    assert "people.csv" in message
    assert " → " in message
    assert "\n" not in message
    log = server.log(ended)
    assert message in log
    assert "Traceback" not in log
    assert "Error" not in log
    assert not kept_by_prefect()


def kept_by_prefect() -> list[Path]:
    """What lies in Prefect's storage of results."""
    return list(Path(PREFECT_LOCAL_STORAGE_PATH.value()).rglob("*"))


def test_where_a_block_was_given_the_remedy_names_it(
    run: Run, server: Server, vendor: RunningSandbox, tmp_path: Path
) -> None:
    block = LushaConnectConnection(
        hub_url=f"sqlite:///{tmp_path / 'hub.db'}",
        highlevel_token="pit-revoked",
        location_id=vendor.location_id,
        highlevel_url=vendor.url,
    )
    for url in (f"sqlite:///{tmp_path / 'misspelt.db'}", block.hub_url.get_secret_value()):
        block.model_copy(update={"hub_url": SecretStr(url)}).save("ulm", overwrite=True)
        ended = run("sync_contacts", connection="ulm")
        assert ended["name"] == "sync contacts, ulm"
        field = "hub_url" if "misspelt" in url else "highlevel_token"
        assert f"the field {field} of the block `ulm`" in ended["state"]["message"]
        assert "LUSHA_CONNECT_" not in ended["state"]["message"]


def test_a_refused_token_is_told_with_what_was_done_before(
    run: Run, server: Server, vendor: RunningSandbox
) -> None:
    search = {"operation": "POST /contacts/search"}
    vendor.set_faults([search | {"fault": "slow", "seconds": 0.01, "times": 3}, search | {"fault": "401"}])
    ended = run("sync_contacts", batch_size=500)
    vendor.set_faults([])
    assert ended["state_type"] == "FAILED"
    assert "Done before, and kept: " in ended["state"]["message"]
    assert "Traceback" not in server.log(ended)


def test_a_mistake_of_ours_keeps_its_traceback(server: Server, environment: dict[str, str]) -> None:
    @automation("a_test", lambda _asked: "a test")
    async def broken() -> dict[str, Any]:
        raise ZeroDivisionError("by nothing")

    async def ending() -> None:
        await broken(return_state=True)
        await APILogHandler.aflush()

    asyncio.run(ending())
    ended = server.newest()
    assert ended["state"]["message"] == "Unexpected error: ZeroDivisionError: by nothing"
    assert not kept_by_prefect()
    assert "Traceback" in server.log(ended)


def test_where_a_mistake_comes_from_is_in_the_debug_log(
    run: Run, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("prefect.flow_runs")
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.DEBUG, logger="prefect.flow_runs"):
        logger.addHandler(caplog.handler)
        run("import_contacts", file="nowhere/people.csv")
        logger.removeHandler(caplog.handler)
    assert any(one.exc_info for one in caplog.records)


def test_what_is_on_a_schedule_leaves_the_status_of_its_location(
    run: Run, server: Server, vendor: RunningSandbox
) -> None:
    key = f"status-{vendor.location_id}".lower()
    page = server.artifacts(run("sync_contacts"))[key]["data"]
    assert page.startswith("All is well.")
    assert "sync_contacts | Completed" in page, page
    search = {"operation": "POST /contacts/search"}
    vendor.set_faults([search | {"fault": "slow", "seconds": 0.01, "times": 2}, search | {"fault": "401"}])
    page = server.artifacts(run("sync_contacts", full_pass="now"))[key]["data"]
    vendor.set_faults([])
    assert "need a person" in page
    assert "| ✗ | sync_contacts | The last run failed" in page, page
