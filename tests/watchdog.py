"""Stops what outlives a killed test run: a process of its own that hears when the tests' process is gone."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def stopped_with_us(folder: str) -> Iterator[None]:
    """End the PostgreSQL server of ``folder`` with this process, also where that is killed; the folder goes.

    The watchdog holds one end of a pipe; the other one is closed by whatever ends this process.
    """
    watchdog = subprocess.Popen(
        [sys.executable, __file__, folder], stdin=subprocess.PIPE, start_new_session=True
    )
    assert watchdog.stdin is not None
    try:
        yield
        watchdog.stdin.write(b"done")
    finally:
        watchdog.stdin.close()
        watchdog.wait()


def _stop(folder: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        server = int((folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        os.kill(server, signal.SIGQUIT)  # at once: what it holds is nobody's
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__" and sys.stdin.buffer.read() != b"done":
    _stop(Path(sys.argv[1]))
