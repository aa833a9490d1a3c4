"""Deployments: prefect.yaml deploys as it is, and a scheduled run really fires."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prefect.cli.deploy._models import DeploymentConfig

from flows.automations import AUTOMATIONS, load

ROOT = Path(__file__).parents[2]
PREFECT = [sys.executable, "-m", "prefect"]


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def deployed(prefect_api: str, environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The project's own prefect.yaml, deployed; the environment for Prefect's command line."""
    variables = {
        **os.environ,
        **environment,
        "PREFECT_API_URL": prefect_api,
        "PREFECT_HOME": str(tmp_path / "home"),
    }
    pool = [*PREFECT, "work-pool", "create", "lusha-connect", "--type", "process", "--overwrite"]
    deploy = [*PREFECT, "--no-prompt", "deploy", "--all"]
    for command in (pool, deploy):
        done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return variables


def ask(api: str, path: str, body: dict[str, Any]) -> Any:
    answer = httpx.post(f"{api}{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def test_every_automation_has_its_deployment_and_no_key_is_misspelt() -> None:
    declared = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert [one["name"] for one in declared] == list(AUTOMATIONS)
    for one in declared:
        assert set(one) <= set(DeploymentConfig.model_fields)
        assert one["description"] == AUTOMATIONS[one["name"]]
        flow = load(one["name"])
        assert one["entrypoint"] == f"flows/{flow.name}.py:{flow.name}"
        assert set(one.get("parameters", {})) <= set(flow.parameters.properties)


@pytest.mark.parametrize("name", AUTOMATIONS)
def test_every_field_of_a_form_explains_itself(name: str) -> None:
    for field, about in load(name).parameters.properties.items():
        assert len(about.get("description", "")) > 15, field
        assert "token" not in field
        assert "secret" not in field


def test_a_scheduled_run_really_fires(deployed: dict[str, str], prefect_api: str) -> None:
    schedule = ["deployment", "schedule", "create", "sync_contacts/sync_contacts", "--interval", "10"]
    anchor = ["--anchor-date", "2026-01-01T00:00:05+00:00"]
    done = subprocess.run(
        [*PREFECT, *schedule, *anchor], env=deployed, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    worker = subprocess.Popen(
        [*PREFECT, "worker", "start", "--pool", "lusha-connect"],
        env=deployed | {"PREFECT_WORKER_QUERY_SECONDS": "1"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        runs = wait_for_scheduled_runs(prefect_api)
    finally:
        worker.terminate()
        output = worker.communicate(timeout=30)[0]
        subprocess.run(
            [*PREFECT, "deployment", "delete", "--all"], env=deployed, check=False, capture_output=True
        )
    assert runs, output
    assert runs[0]["auto_scheduled"]
    assert runs[0]["state_type"] == "COMPLETED", output


def wait_for_scheduled_runs(api: str) -> list[dict[str, Any]]:
    """The flow runs that a schedule made and that have ended."""
    ended = {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}
    body = {"flow_runs": ended, "deployments": {"name": {"any_": ["sync_contacts"]}}}
    give_up = time.monotonic() + 150
    while time.monotonic() < give_up:
        found = [run for run in ask(api, "/flow_runs/filter", body) if run["auto_scheduled"]]
        if found:
            return found
        time.sleep(1)
    return []
