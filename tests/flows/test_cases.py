"""Each of the real files, imported as a dry run: every row is accounted for, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.process import RunningSandbox
from tasks.core.errors import BadConfigurationError
from tasks.hub.engine import Hub

CASES = Path(__file__).parents[1] / "cases"
FILES = CASES / "files"
VALUES: dict[str, Any] = yaml.safe_load((CASES / "values.yaml").read_text(encoding="utf-8"))
Run = Callable[..., Any]


@pytest.fixture(params=["sqlite"])
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


def test_every_row_of_every_file_is_accounted_for(run: Run, opened: Hub, vendor: RunningSandbox) -> None:
    assert run("sync_contacts").error is None
    before = vendor.records("contacts")
    refused: list[str] = []
    for file in sorted(FILES.iterdir()):
        ended = run("import_contacts", file=str(file), dry_run=True)
        if isinstance(ended.error, BadConfigurationError):
            assert ended.error.remedy, file.name
            refused.append(file.name)
            continue
        counts, told = ended.counts(), ended.tally.more
        assert counts["read"] == counts["mapped"] + counts["rejected"] + counts["merged"], file.name
        assert counts["mapped"] == counts["unchanged"] + told_of(told["planned"]), file.name
        assert counts["read"] == told["file"]["rows"], file.name
    assert refused == sorted(name for name, found in VALUES.items() if "refused" in found)
    assert vendor.records("contacts") == before


def told_of(planned: dict[str, int]) -> int:
    """How many records a plan does something with, or leaves for a person."""
    return sum(planned.get(kind, 0) for kind in ("create", "update", "conflict"))
