"""``lusha-connect deploy``: a Prefect server is set up by one command, and again without harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.automations import AUTOMATIONS
from tests import prefect_server

Command = Callable[..., Any]


@pytest.fixture
def server(prefect_api: str) -> Iterator[Callable[[str], Any]]:
    """Asks the session's Prefect server; what was deployed is removed again."""

    def ask(what: str) -> Any:
        return prefect_server.ask(prefect_api, f"/{what}/filter", {})

    yield ask
    for what in ("deployments", "automations"):
        for one in ask(what):
            prefect_server.remove(prefect_api, f"/{what}/{one['id']}")
    prefect_server.remove(prefect_api, "/work_pools/lusha-connect")


def test_one_command_sets_up_a_server_for_runs_in_this_folder(
    command_line: Command, server: Callable[[str], Any], tmp_path: Path
) -> None:
    CustomWebhookNotificationBlock(name="ops", url="http://127.0.0.1:9").save("ops", overwrite=True)
    done = json.loads(command_line("deploy", "--alerts", "custom-webhook/ops", "--json").out)
    assert done["deployments"] == list(AUTOMATIONS)
    assert done["work_pools"] == ["lusha-connect"]
    assert len(done["alerts"]) == 4
    assert done["block_types"] == ["lusha-connect-connection", "lusha-connect-channel"]
    before = {what: server(what) for what in ("deployments", "automations", "work_pools")}
    assert {one["name"] for one in before["deployments"]} == set(AUTOMATIONS)
    assert {one["name"] for one in before["automations"]} == set(done["alerts"])
    assert "lusha-connect" in {one["name"] for one in before["work_pools"]}
    for one in before["deployments"]:
        [step] = one["pull_steps"]
        assert list(step.values()) == [{"directory": str(tmp_path)}]
    again = command_line("deploy", "--alerts", "custom-webhook/ops")
    assert (again.code, again.err) == (0, "")
    assert "prefect worker start --pool lusha-connect" in again.out
    for what, there in before.items():
        assert {one["id"] for one in server(what)} == {one["id"] for one in there}


def test_an_unknown_channel_is_refused_before_anything_is_made(
    command_line: Command, server: Callable[[str], Any]
) -> None:
    done = command_line("deploy", "--alerts", "slack-webhook/nobody")
    assert done.code == 2
    assert "There is no notification block 'slack-webhook/nobody'" in done.err
    assert not server("deployments")


def test_deployments_of_ones_own_are_taken_from_their_file(
    command_line: Command, server: Callable[[str], Any], tmp_path: Path
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("name: mine\n", encoding="utf-8")
    refused = command_line("deploy", "--prefect-file", str(file))
    assert refused.code == 2
    assert f"{file} declares no deployments" in refused.err
    one = "{name: tidy, entrypoint: flows.housekeeping.housekeeping, work_pool: {name: lusha-connect}}"
    file.write_text(f"name: mine\ndeployments:\n  - {one}\n", encoding="utf-8")
    assert command_line("deploy", "--prefect-file", str(file)).code == 0
    assert [one["name"] for one in server("deployments")] == ["tidy"]


@pytest.mark.parametrize(("url", "says"), [(None, "is configured"), ("http://127.0.0.1:9/api", "not answer")])
def test_without_a_server_it_says_how_to_have_one(command_line: Command, url: str | None, says: str) -> None:
    with temporary_settings({PREFECT_API_URL: url}):
        done = command_line("deploy")
    assert done.code == 2
    assert says in done.err
    assert "prefect server start" in done.err
