"""A worker's process that runs one flow after the other keeps nothing of those that are over."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

RUNS, WARM = 30, 10
EVENTS = 300
"""Objects a run of what Prefect's client keeps of its last 700 events until the server has confirmed them."""


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    """These tests are about the process; one kind of hub will do."""
    return f"sqlite:///{tmp_path / 'hub.db'}"


def held() -> tuple[int, int, int, int]:
    """Objects that the collector looks at and that it never will, files, threads."""
    gc.collect()
    return len(gc.get_objects()), gc.get_freeze_count(), psutil.Process().num_fds(), threading.active_count()


def test_run_after_run_leaves_nothing_behind(run: Any, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(WARM):
        run("sync_contacts", full_pass="never").counts()
    caplog.clear()
    objects, frozen, files, threads = held()
    for _ in range(RUNS - WARM):
        run("sync_contacts", full_pass="never").counts()
    caplog.clear()
    now = held()
    print(f"before {(objects, frozen, files, threads)}, after {now}")
    assert now[1] <= frozen  # what is frozen is never collected, whatever becomes of it
    assert now[0] - objects < EVENTS * (RUNS - WARM)
    assert now[2] <= files
    assert now[3] <= threads
