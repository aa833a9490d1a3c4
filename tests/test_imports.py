"""Imports run one way: flows → the Prefect edge → stages → systems → leaves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EDGE = {"steps", "pipeline", "blocks", "report", "full_pass", "refresh", "planning", "applying", "approval"}
STAGES = {"extract", "transform", "quality", "plan", "load"}
SYSTEMS = {"highlevel", "lusha", "hub"}
RANKS = {**dict.fromkeys(EDGE, 3), **dict.fromkeys(STAGES, 2), **dict.fromkeys(SYSTEMS, 1)}
PREFECT_EDGE = {"tasks/steps.py", "tasks/blocks.py", "tasks/report.py", "tasks/approval.py"}


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def room(name: str) -> str:
    return name.split(".")[1] if name.startswith("tasks.") else ""


def rank(name: str) -> int:
    return RANKS.get(room(name), 0)


@pytest.mark.parametrize("path", modules("tasks"), ids=str)
def test_the_engine_imports_downwards_only(path: Path) -> None:
    own = "tasks." + ".".join(path.relative_to(ROOT / "tasks").with_suffix("").parts)
    for name in imported(path):
        assert name.split(".")[0] not in {"flows", "sandbox", "tests"}, f"{own} imports {name}"
        if not name.startswith("tasks.") or room(name) == room(own):
            continue
        assert rank(name) <= rank(own), f"{own} imports {name}, which is above it"
        if rank(own) == rank(name) == 2:
            pytest.fail(f"stage {own} imports stage {name}")


@pytest.mark.parametrize("path", modules("tasks"), ids=str)
def test_prefect_is_imported_at_the_edge_only(path: Path) -> None:
    uses = any(name.split(".")[0] == "prefect" for name in imported(path))
    assert not uses or path.relative_to(ROOT).as_posix() in PREFECT_EDGE


@pytest.mark.parametrize("path", modules("tasks", "flows", "sandbox"), ids=str)
def test_httpx_is_imported_in_one_module(path: Path) -> None:
    uses = any(name.split(".")[0] == "httpx" for name in imported(path))
    assert not uses or path.relative_to(ROOT).as_posix() == "tasks/http.py"


@pytest.mark.parametrize("path", modules("flows"), ids=str)
def test_the_sandbox_is_for_the_command_line_only(path: Path) -> None:
    uses = any(name.split(".")[0] == "sandbox" for name in imported(path))
    assert not uses or path.relative_to(ROOT).as_posix().startswith("flows/cli/")
