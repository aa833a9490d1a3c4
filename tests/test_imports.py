"""Imports run one way; ``pyproject.toml`` says which, and import-linter reads the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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


HTTPX = {
    "tasks/vendors/transport.py",
    "tasks/edge/posting.py",  # what Prefect's own notification blocks raise
}


@pytest.mark.parametrize("path", modules("tasks", "flows", "cli", "sandbox"), ids=str)
def test_httpx_is_imported_where_requests_are_sent_alone(path: Path) -> None:
    uses = any(name.split(".")[0] == "httpx" for name in imported(path))
    assert not uses or path.relative_to(ROOT).as_posix() in HTTPX
