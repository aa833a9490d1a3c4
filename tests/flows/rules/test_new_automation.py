"""An automation of one's own costs a short flow, a rules file and an entry in prefect.yaml: nothing else."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub
from tests.flows.rules.test_create_first_tasks import new
from tests.flows.test_deployments import deployments, prefect, reached, working
from tests.prefect_server import ask

Go = Callable[..., dict[str, Any]]
FLOW = '''
"""Automation: a new customer gets a note that says hello."""

from __future__ import annotations

from typing import Any

from flows.parameters import Connection, DryRun
from flows.run_names import named
from tasks.edge.automating import Asked, run_rules
from tasks.edge.ending import automation

NAME = "greet_customers"


@automation(NAME, lambda asked: named("greet customers", asked))
async def greet_customers(dry_run: DryRun = False, connection: Connection = "") -> dict[str, Any]:
    """Greet customers: each gets one note.

    Returns:
        Counts, what each rule did, the plan's id and its bill.
    """
    asked = Asked(
        rules="RULES",
        scope="new",
        ids=(),
        dry_run=dry_run,
        approve=False,
        recheck="each record",
        approval_hours=24,
        connection=connection,
        batch_size=500,
    )
    return await run_rules(NAME, asked)
'''
RULES = """\
on: {stream: hub.contact, when: [created, updated]}
rules:
  - key: hello
    if: {contact.type: {is: customer}}
    then: [{highlevel.note: {body: "Say hello to {contact.first_name}."}}]
"""
ENTRY = """\
deployments:
  - name: greet_customers
    entrypoint: greet_customers.greet_customers
    tags: [lusha-connect, highlevel, rules, writes]
    work_pool: {name: own}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where somebody keeps an automation of their own."""
    made = tmp_path / "own"
    made.mkdir()
    (made / "greetings.yaml").write_text(RULES, encoding="utf-8")
    flow = FLOW.lstrip().replace("RULES", str(made / "greetings.yaml"))
    assert len(flow.splitlines()) <= 40
    (made / "greet_customers.py").write_text(flow, encoding="utf-8")
    (made / "prefect.yaml").write_text(ENTRY, encoding="utf-8")
    return made


@pytest.fixture
def variables(
    prefect_api: str, environment: dict[str, str], folder: Path, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """The environment of Prefect's command line and of the worker, which finds the folder's modules."""
    home = tmp_path / "home"
    home.mkdir()
    paths = os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", "")))
    own = {"PREFECT_API_URL": prefect_api, "PREFECT_HOME": str(home), "PYTHONPATH": paths}
    found = {**os.environ, **environment, **own}
    prefect(found, "work-pool", "create", "own", "--type", "process", "--overwrite")
    prefect(found, "deploy", "--all", "--prefect-file", str(folder / "prefect.yaml"))
    yield found
    [held] = [one for name, one in deployments(prefect_api).items() if name == "greet_customers"]
    httpx.delete(f"{prefect_api}/deployments/{held['id']}", timeout=30).raise_for_status()


def test_it_is_deployed_and_runs_beside_the_others(
    go: Go, loaded: RunningSandbox, variables: dict[str, str], prefect_api: str, hub: Hub, tmp_path: Path
) -> None:
    customers = new(loaded, 2, type="customer")
    new(loaded, 1, email="lead@new.example")
    before = {kind: len(loaded.records(kind)) for kind in ("contacts", "tasks", "businesses")}
    notes = len(loaded.records("notes"))
    for _ in range(2):
        deployment = deployments(prefect_api)["greet_customers"]["id"]
        flow_run = ask(prefect_api, f"/deployments/{deployment}/create_flow_run", {})["id"]
        log = tmp_path / "worker.log"
        with working(variables, log, pool="own"):
            assert reached(prefect_api, flow_run) == "Completed", log.read_text(encoding="utf-8")
    found = [one for one in loaded.records("notes") if one["body"].startswith("Say hello to Ada")]
    assert Counter(one["contactId"] for one in found) == Counter(customers)
    assert len(loaded.records("notes")) == notes + 2
    assert {kind: len(loaded.records(kind)) for kind in before} == before
