"""A lane as a process of its own, measured whole."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from cli import prefect_server


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Args:
        seconds: Of the whole process, imports included.
        memory: Its peak, MB; what the kernel tells begins with what the parent had.
        output: Its last line; empty where it printed nothing.
    """

    seconds: float
    memory: float
    output: str


def allowed(requests: int, quota: int, interval: float) -> float:
    """Seconds from the first of so many requests to the last, as a quota allows it at the earliest.

    No more than ``quota`` lie within any interval: each is at least one after that ``quota`` before it.
    """
    return (requests - 1) // quota * interval


def environment(vendor: Any, hub: str, api: str = "") -> dict[str, str]:
    """The environment in which the command line works with a sandbox and a hub.

    Args:
        api: Of the Prefect server; without one a run starts its own.
    """
    given = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    settings = {
        "LUSHA_CONNECT_HUB_URL": hub,
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
    }
    return given | prefect_server.QUIET | settings | ({"PREFECT_API_URL": api} if api else {})


def new_hub(folder: Path) -> str:
    """URL of an empty SQLite file: a run makes its tables there, and no hub where there is no file."""
    file = Path(tempfile.mkdtemp(dir=folder)) / "hub.db"
    file.touch()
    return f"sqlite:///{file}"


def run(command: list[str], environment: dict[str, str]) -> Ended:
    """Run a command to its end.

    Raises:
        RuntimeError: It failed.
    """
    start = perf_counter()
    with tempfile.TemporaryFile() as errors:
        running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors)
        output = running.stdout.read().decode() if running.stdout else ""
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        seconds = perf_counter() - start
        errors.seek(0)
        if running.returncode != 0:
            raise RuntimeError(f"{command} failed: {errors.read().decode()[-2000:]}")
    return Ended(seconds, usage.ru_maxrss / 1024, output.strip().rpartition("\n")[2])
