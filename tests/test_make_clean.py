"""``make clean`` takes what the demo and the tools made, and nothing that anybody else did."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from pathlib import Path

import pytest

from cli import prefect_server
from tasks.core.settings import Settings

ROOT = Path(__file__).parent.parent

KEPT = (
    ".env",
    ".lusha-connect/hub.db",
    ".lusha-connect/hub.db-wal",
    ".lusha-connect/hub.db-shm",
    ".lusha-connect/another.db",
    ".lusha-connect/demo.db.backup",
    ".lusha-connect/prefect/prefect.db",
    ".lusha-connect/prefect/storage/result",
    "people.csv",
    "mappings/mine.yaml",
)
TAKEN = (
    ".venv/bin/python",
    ".lusha-connect/demo.db",
    ".lusha-connect/demo.db-wal",
    ".lusha-connect/demo.db-shm",
    ".lusha-connect/demo-files/notes.csv",
    ".lusha-connect/demo-prefect/prefect.db",
    ".lusha-connect/demo-prefect/server.log",
    ".lusha-connect/tests/prefect-3.db",
    ".mypy_cache/x",
    ".ruff_cache/x",
    ".pytest_cache/x",
    ".hypothesis/x",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder as a project's is after some use."""
    folder = tmp_path / "project"
    for name in (*KEPT, *TAKEN):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def make_clean(folder: Path) -> None:
    subprocess.run(["make", "-C", str(folder), "-f", "Makefile", "clean"], check=True, timeout=60)


def test_the_hub_its_prefect_history_and_the_settings_survive(project: Path) -> None:
    make_clean(project)
    assert {name for name in KEPT if (project / name).is_file()} == set(KEPT)
    assert not [name for name in TAKEN if (project / name).exists()]
    for name in KEPT:
        assert (project / name).read_text() == name


def test_nothing_is_left_where_there_was_but_a_demo(project: Path) -> None:
    for name in KEPT:
        (project / name).unlink()
    shutil.rmtree(project / ".lusha-connect" / "prefect")
    make_clean(project)
    assert not (project / ".lusha-connect").exists()
    make_clean(project)  # there is nothing to take


def test_what_the_demo_makes_is_not_where_the_real_hub_and_its_history_are() -> None:
    demo = importlib.import_module("cli.demo")
    made = {demo.HUB, demo.PREFECT_HOME, demo.FILES}
    names = ("demo.db", "demo-prefect", "demo-files")
    assert {path.as_posix() for path in made} == {f".lusha-connect/{name}" for name in names}
    assert prefect_server.HOME not in made
    assert Settings.model_fields["hub_url"].default.removeprefix("sqlite:///") in KEPT
    assert any(name.startswith(prefect_server.HOME.as_posix()) for name in KEPT)
