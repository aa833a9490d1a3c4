"""Deployments: prefect.yaml deploys as it is, a scheduled run fires, an approval outlives its worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import yaml
from prefect.cli.deploy._models import DeploymentConfig

from flows.automations import AUTOMATIONS, load
from sandbox.process import RunningSandbox
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.tables import runs
from tests.prefect_server import ask, read

ROOT = Path(__file__).parents[2]
PREFECT = [sys.executable, "-m", "prefect"]


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture(scope="module")
def deployed(prefect_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The project's own prefect.yaml, deployed; the environment for Prefect's command line."""
    home = tmp_path_factory.mktemp("home")
    variables = {**os.environ, "PREFECT_API_URL": prefect_api, "PREFECT_HOME": str(home)}
    prefect(variables, "work-pool", "create", "lusha-connect", "--type", "process", "--overwrite")
    deploy(variables)
    yield variables
    prefect(variables, "deployment", "delete", "--all")


def prefect(variables: dict[str, str], *arguments: str) -> None:
    """Prefect's command line, as a person would use it."""
    command = [*PREFECT, "--no-prompt", *arguments]
    done = subprocess.run(
        command, env=variables, cwd=variables["PREFECT_HOME"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def deploy(variables: dict[str, str]) -> None:
    prefect(variables, "deploy", "--all", "--prefect-file", str(ROOT / "prefect.yaml"))


def test_every_automation_has_its_deployment_and_no_key_is_misspelt() -> None:
    declared = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert [one["name"] for one in declared] == list(AUTOMATIONS)
    for one in declared:
        assert set(one) <= set(DeploymentConfig.model_fields)
        assert one["description"] == AUTOMATIONS[one["name"]]
        flow = load(one["name"])
        assert one["entrypoint"] == f"flows.{flow.name}.{flow.name}"
        assert set(one.get("parameters", {})) <= set(flow.parameters.properties)


def test_what_prefect_yaml_says_of_a_deployment_is_what_the_server_holds(
    deployed: dict[str, str], prefect_api: str
) -> None:
    declared = {
        one["name"]: one for one in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    }
    held = deployments(prefect_api)
    assert set(held) == set(declared)
    for name, one in declared.items():
        there = held[name]
        for key in ("description", "entrypoint", "tags"):
            assert there[key] == one[key], name
        assert there["parameters"] == one.get("parameters", {}), name
        assert there["enforce_parameter_schema"], name
        assert there["work_pool_name"] == one["work_pool"]["name"], name
        assert limit(there) == one.get("concurrency_limit"), name
        assert [schedule(kept) for kept in there["schedules"]] == one.get("schedules", []), name
        assert all(kept["active"] for kept in there["schedules"]), name


def test_another_deploy_leaves_a_paused_schedule_paused_and_adds_none(
    deployed: dict[str, str], prefect_api: str
) -> None:
    [before] = deployments(prefect_api)["sync_contacts"]["schedules"]
    prefect(deployed, "deployment", "schedule", "pause", "sync_contacts/sync_contacts", before["id"])
    deploy(deployed)
    [after] = deployments(prefect_api)["sync_contacts"]["schedules"]
    prefect(deployed, "deployment", "schedule", "resume", "sync_contacts/sync_contacts", before["id"])
    assert schedule(after) == schedule(before)
    assert not after["active"]


def test_a_limit_that_counted_all_locations_goes_with_the_next_deploy(
    deployed: dict[str, str], prefect_api: str
) -> None:
    before = deployments(prefect_api)["sync_contacts"]
    old = {"concurrency_limit": 1, "concurrency_options": {"collision_strategy": "CANCEL_NEW"}}
    httpx.patch(f"{prefect_api}/deployments/{before['id']}", json=old, timeout=30).raise_for_status()
    assert limit(deployments(prefect_api)["sync_contacts"]) is not None
    deploy(deployed)
    assert limit(deployments(prefect_api)["sync_contacts"]) is None


def test_a_schedule_may_be_another_locations(
    deployed: dict[str, str], prefect_api: str, tmp_path: Path
) -> None:
    declared = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    [sync] = [one for one in declared["deployments"] if one["name"] == "sync_contacts"]
    ulm = {"interval": 900, "anchor_date": "2026-01-01T00:05:00+00:00", "slug": "ulm"}
    sync["schedules"].append({**ulm, "parameters": {"connection": "ulm"}})
    file = tmp_path / "two.yaml"
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    prefect(deployed, "deploy", "--prefect-file", str(file), "--name", "sync_contacts")
    there = deployments(prefect_api)["sync_contacts"]
    held = {one["slug"]: one for one in there["schedules"]}
    path = f"/deployments/{there['id']}/schedules/{held['ulm']['id']}"
    httpx.delete(f"{prefect_api}{path}", timeout=30).raise_for_status()
    assert held["ulm"]["parameters"] == {"connection": "ulm"}
    assert not held["quarter-hour"]["parameters"]


def deployments(api: str) -> dict[str, Any]:
    """The server's deployments by name."""
    return {one["name"]: one for one in ask(api, "/deployments/filter", {})}


def limit(held: dict[str, Any]) -> dict[str, Any] | None:
    """A deployment's concurrency limit, as prefect.yaml writes it."""
    if held["global_concurrency_limit"] is None:
        return None
    strategy = held["concurrency_options"]["collision_strategy"]
    return {"limit": held["global_concurrency_limit"]["limit"], "collision_strategy": strategy}


def schedule(held: dict[str, Any]) -> dict[str, Any]:
    """A deployment's schedule, as prefect.yaml writes it."""
    when = held["schedule"]
    if "cron" in when:
        return {"cron": when["cron"], "timezone": when["timezone"], "slug": held["slug"]}
    anchor = datetime.fromisoformat(when["anchor_date"]).isoformat()
    return {"interval": when["interval"], "anchor_date": anchor, "slug": held["slug"]}


@pytest.mark.parametrize("name", AUTOMATIONS)
def test_every_field_of_a_form_explains_itself(name: str) -> None:
    for field, about in load(name).parameters.properties.items():
        assert len(about.get("description", "")) > 15, field
        assert "token" not in field
        assert "secret" not in field


def test_a_scheduled_run_really_fires(
    deployed: dict[str, str], environment: dict[str, str], prefect_api: str, tmp_path: Path
) -> None:
    every = ["--interval", "10", "--anchor-date", "2026-01-01T00:00:05+00:00"]
    prefect(deployed, "deployment", "schedule", "create", "sync_contacts/sync_contacts", *every)
    log = tmp_path / "worker.log"
    with working(deployed | environment, log):
        fired = wait_for_scheduled_runs(prefect_api)
    output = log.read_text(encoding="utf-8")
    assert fired, output
    assert fired[0]["auto_scheduled"]
    assert fired[0]["state_type"] == "COMPLETED", output


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


@contextmanager
def working(variables: dict[str, str], log: Path, pool: str = "lusha-connect") -> Iterator[None]:
    """A worker, which is killed at the end of the ``with`` body."""
    with log.open("a", encoding="utf-8") as file:
        worker = subprocess.Popen(
            [*PREFECT, "worker", "start", "--pool", pool, "--limit", "1"],
            env=variables | {"PREFECT_WORKER_QUERY_SECONDS": "1"},
            cwd=variables["PREFECT_HOME"],
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGKILL)  # with the run that it may be at, which would go on without it
        worker.wait()


def test_an_approval_outlives_the_worker_and_the_file(
    deployed: dict[str, str],
    environment: dict[str, str],
    hub: Hub,
    vendor: RunningSandbox,
    prefect_api: str,
    tmp_path: Path,
) -> None:
    file, log = tmp_path / "people.csv", tmp_path / "worker.log"
    file.write_text("First name,Email\nWaited,waited@approval.example\n", encoding="utf-8")
    deployment = deployments(prefect_api)["import_contacts"]["id"]
    asked = {"parameters": {"file": str(file)}}
    flow_run = ask(prefect_api, f"/deployments/{deployment}/create_flow_run", asked)["id"]
    with working(deployed | environment, log):
        assert reached(prefect_api, flow_run) == "Suspended", log.read_text(encoding="utf-8")
        wait_until(lambda: states(hub) == ["waiting"])  # its process has ended by itself
    file.unlink()
    [plan] = plans.newest(hub, 5)
    answer = {"run_input": {"approve": True, "approved_by": "Ada"}}
    assert ask(prefect_api, f"/flow_runs/{flow_run}/resume", answer)["status"] == "ACCEPT"
    with working(deployed | environment, log):
        assert reached(prefect_api, flow_run) == "Completed", log.read_text(encoding="utf-8")
    made = [one for one in vendor.records("contacts") if one.get("email") == "waited@approval.example"]
    assert len(made) == 1
    [applied] = plans.newest(hub, 5)
    assert (applied.id, applied.state, applied.approved_by) == (plan.id, "applied", "Ada")
    assert states(hub) == ["completed", "waiting"]
    assert not kept_by_prefect(deployed)
    with hub.read() as connection:
        assert set(connection.execute(sa.select(runs.c.error)).scalars()) == {None}


def test_nothing_of_a_run_that_failed_is_kept_by_prefect(
    deployed: dict[str, str], environment: dict[str, str], hub: Hub, prefect_api: str, tmp_path: Path
) -> None:
    deployment = deployments(prefect_api)["import_contacts"]["id"]
    asked = {"parameters": {"file": str(tmp_path / "someone@private.csv")}}
    flow_run = ask(prefect_api, f"/deployments/{deployment}/create_flow_run", asked)["id"]
    log = tmp_path / "worker.log"
    with working(deployed | environment, log):
        assert reached(prefect_api, flow_run) == "Failed", log.read_text(encoding="utf-8")
        message = read(prefect_api, f"/flow_runs/{flow_run}")["state"]["message"]
    assert "cannot be read" in message
    assert not kept_by_prefect(deployed)


def kept_by_prefect(variables: dict[str, str]) -> list[Path]:
    """What lies in the storage of results of whoever runs the worker."""
    return list((Path(variables["PREFECT_HOME"]) / "storage").rglob("*"))


def states(hub: Hub) -> list[str]:
    """How imports ended, by name; scheduled runs are none of them."""
    query = sa.select(runs.c.state).where(runs.c.automation == "import_contacts")
    with hub.read() as connection:
        return sorted(connection.execute(query).scalars())


def reached(api: str, flow_run: str) -> str:
    """The state in which a flow run rests."""
    rests = ("Suspended", "Completed", "Failed", "Crashed")
    wait_until(lambda: read(api, f"/flow_runs/{flow_run}")["state"]["name"] in rests)
    return str(read(api, f"/flow_runs/{flow_run}")["state"]["name"])


def wait_until(true: Callable[[], bool], seconds: float = 150) -> None:
    give_up = time.monotonic() + seconds
    while not true() and time.monotonic() < give_up:
        time.sleep(0.2)
