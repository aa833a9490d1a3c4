"""A person ends a run from the terminal: it ends soon, says how it goes on, and nothing is lost."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import process

CONTACTS = 1200
BATCH = 300
PROGRAM = [
    sys.executable,
    "-m",
    "cli",
    "run",
    "backfill_contacts",
    "--param",
    f"batch_size={BATCH}",
    "--json",
]
SLOW = {"operation": "POST /contacts/search", "fault": "slow", "seconds": 1.5}


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_says_so_and_the_next_goes_on(
    environment: dict[str, str],
    vendor: process.RunningSandbox,
    tmp_path: Path,
    prefect_api: str,
    number: signal.Signals,
) -> None:
    variables = {**os.environ, **environment}
    variables.pop(
        "PREFECT_API_URL", None
    )  # a server of its own, which a terminal's signal must not end first
    if number == signal.SIGTERM:
        variables["PREFECT_API_URL"] = prefect_api
    vendor.set_faults([SLOW])
    running = subprocess.Popen(
        PROGRAM,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for_rows(tmp_path / "hub.db", running)
    os.killpg(running.pid, number)  # a terminal signals everybody in the foreground
    out, err = running.communicate(timeout=60)
    assert running.returncode == 128 + number, err
    assert "stopping …" in err
    assert f"run backfill_contacts --param batch_size={BATCH}` continues" in err
    assert "Traceback" not in err
    done = json.loads(out)["read"]
    assert 0 < done < CONTACTS
    vendor.set_faults([])
    variables["PREFECT_API_URL"] = prefect_api
    again = subprocess.run(PROGRAM, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["read"] == CONTACTS - done


def wait_for_rows(file: Path, running: subprocess.Popen[str]) -> None:
    """Until the run has written its first batch."""
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up and running.poll() is None:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(file)) as hub:
            if hub.execute("SELECT count(*) FROM contacts").fetchone()[0]:
                return
        time.sleep(0.1)
    raise AssertionError(running.communicate())
