"""A sandbox of few contacts, a hub on SQLite, and rules in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub
from tests.flows.conftest import Ended, Flow


@pytest.fixture(scope="session")
def forty() -> Iterator[RunningSandbox]:
    with process.start(contacts=40, seed=9, quota="off") as running:
        yield running


@pytest.fixture
def vendor(forty: RunningSandbox) -> RunningSandbox:
    forty.reset()
    forty.set_faults([])
    return forty


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def rules_file(tmp_path: Path) -> Callable[[str], str]:
    """Writes a rules file; its path."""

    def write(text: str, name: str = "mine") -> str:
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def go(hub: Hub, run: Flow) -> Callable[..., dict[str, Any]]:
    """Runs an automation that must succeed; what it told beside the counts."""

    def ran(automation: str, **parameters: Any) -> dict[str, Any]:
        ended: Ended = run(automation, **parameters)
        assert ended.error is None, ended.error
        return ended.tally.counts() | ended.tally.more

    return ran


@pytest.fixture
def loaded(go: Callable[..., dict[str, Any]], vendor: RunningSandbox) -> RunningSandbox:
    """The vendor, whose contacts the hub has: what changes from now on is new."""
    go("backfill_contacts")
    return vendor
