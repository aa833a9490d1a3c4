"""The built wheel, installed where no checkout is: everything that the commands need is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.automations import AUTOMATIONS

ROOT = Path(__file__).parent.parent
Installed = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``lusha-connect`` of an environment that holds the wheel; what it depends on is the tests' own."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    install = [
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        str(environment),
        str(wheel),
    ]
    subprocess.run([sys.executable, "-m", "uv", *install], check=True, capture_output=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # The other's own .pth files, that of the checkout among them, are not read there.
    others = environment / "lib" / version / "site-packages" / "dependencies.pth"
    others.write_text(sysconfig.get_path("purelib"))
    return environment / "bin" / "lusha-connect"


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return own | {"HOME": str(tmp_path / "home")}


@pytest.fixture
def installed(program: Path, variables: dict[str, str], tmp_path: Path) -> Installed:
    """Runs the installed program in an empty folder."""

    def go(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *words], cwd=tmp_path, env=variables | more, capture_output=True, text=True, check=False
        )

    return go


@contextmanager
def sandbox(program: Path, variables: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The installed program's own sandbox; what it says of itself."""
    words = [program, "sandbox", "--port", "0", "--lusha-port", "0", "--contacts", "40", "--json"]
    with subprocess.Popen(words, env=variables, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def test_the_demo_needs_nothing_but_the_wheel(installed: Installed) -> None:
    done = installed("demo", "--contacts", "60", "--json")
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    told = json.loads(line)
    assert told["read"] == 60
    assert min(told["loaded"][kind] for kind in ("crm_tasks", "notes", "appointments")) > 0
    assert told["imported"] == [{"create_note done": 10}, {"create_task done": 5}, {"complete_task done": 1}]
    assert told["undone"] == [{"complete_task done": 1}, {"delete_task done": 5}, {"delete_note done": 10}]
    assert {one["rules"].rpartition("/")[2]: one["did"]["changes"] for one in told["automations"]} == {
        "first_tasks": {"create_task done": 3},
        "businesses": {"create done": 1, "link_business done": 3},
        "routing": {"update done": 1},
        "demo_routing.yaml": {"tag_add done": 3, "update done": 2, "join_workflow done": 3},
        "channels.yaml": {"notice sent": 4},
    }
    assert [one["again"] for one in told["automations"]] == [{"rules": {}, "changes": {}}] * 5
    assert told["notices"] == 4
    leads = told["leads"]
    assert leads["rows"] == 200 >= leads["leads"]
    assert 0 < leads["spent"] <= leads["would_cost"]
    assert 0 < leads["known contacts"] < leads["written"]["create done"]
    assert (leads["spent_again"], leads["written_again"]) == (0, {})
    assert set(told["left"].values()) == {0}
    again = installed("demo", "--contacts", "60")
    assert again.returncode == 0, again.stderr
    journal = again.stdout[again.stdout.index("journal show") :]
    for said in ("note created by plan", "task created by plan", "completed: no → yes", "undo_plan"):
        assert said in journal
    assert "created in HighLevel" not in journal
    assert journal.count("a second time: nothing to do") == 5
    assert "the team reads: New task: " in journal
    assert "bill of credits: " in journal
    assert "bill of requests: " in journal
    assert "a second time: 0 credits spent; nothing to do" in journal
    assert "Left of ours in HighLevel: nothing." in journal


def test_a_run_against_the_sandbox_of_the_wheel_fills_a_hub(
    program: Path, installed: Installed, variables: dict[str, str], prefect_api: str
) -> None:
    with sandbox(program, variables) as told:
        settings = {
            "LUSHA_CONNECT_HIGHLEVEL_URL": told["url"],
            "LUSHA_CONNECT_HIGHLEVEL_TOKEN": told["token"],
            "LUSHA_CONNECT_LOCATION_ID": told["location_id"],
        }
        done = installed("run", "backfill_contacts", "--json", PREFECT_API_URL=prefect_api, **settings)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["read"] == 40
    exported = installed("hub", "export", "contacts")
    assert exported.stdout.count("\n") == json.loads(done.stdout.splitlines()[-1])["mapped"]


def test_the_mappings_and_the_catalog_are_in_the_wheel(installed: Installed) -> None:
    checked = json.loads(installed("mappings", "validate", "--json").stdout)
    ruled = json.loads(installed("rules", "validate", "--offline", "--json").stdout)
    there = [Path(one["file"]).name for one in (*checked, *ruled) if one["ok"]]
    searches = ["lead_search.yaml"]  # neither a mapping nor rules: Lusha says whether its filters are right
    assert sorted([*there, *searches]) == sorted(file.name for file in (ROOT / "mappings").glob("*.yaml"))
    assert all(not Path(one["file"]).is_relative_to(ROOT) for one in checked)
    assert len(json.loads(installed("operations", "list", "--json").stdout)) > 100


def test_the_deployments_are_in_the_wheel(program: Path) -> None:
    [file] = (program.parents[1] / "lib").glob("python*/site-packages/flows/prefect.yaml")
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"]
    assert [one["name"] for one in declared] == list(AUTOMATIONS)
