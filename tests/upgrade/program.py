"""A program on the command line: started, stopped, killed; and a person at the Prefect server beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PATIENCE_SECONDS = 180


class Program:
    """The program whose modules are imported here, each command in a process of its own.

    Args:
        folder: Where it runs.
        api: Of a Prefect server.
        settings: Without their prefix.
    """

    def __init__(self, folder: Path, api: str, **settings: str) -> None:
        self.root = Path(sys.modules["tasks"].__file__ or "").parents[1]
        self._folder = folder
        self._api = api
        prefect = {"PREFECT_API_URL": api, "PREFECT_HOME": str(folder / "prefect")}
        ours = {f"LUSHA_CONNECT_{name}": value for name, value in settings.items()}
        self._how: Json = {
            "cwd": folder,
            "env": {**os.environ, "PYTHONPATH": str(self.root), **prefect, **ours},
        }
        self._log = folder / "started.log"

    def run(self, *words: str, stdin: str = "") -> Any:
        """Run a command; its JSON, or its text."""
        print(f"lusha-connect {' '.join(words)}")
        command = [sys.executable, "-m", "flows.cli", *words]
        done = subprocess.run(command, **self._how, input=stdin, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout.splitlines()[-1]) if "--json" in words else done.stdout

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command."""
        print(f"lusha-connect {' '.join(words)} &")
        command = [sys.executable, "-m", "flows.cli", *words]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, **self._how, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a command that is not over."""
        if process.poll() is not None:
            raise RuntimeError(self._log.read_text(encoding="utf-8"))
        process.send_signal(signal.SIGKILL)
        process.wait()

    def await_approval(self, plan: str) -> subprocess.Popen[bytes]:
        """Start applying a plan, and let it wait for a person."""
        process = self.start("run", "apply_plan", "-p", f"plan={plan}", "-p", "approve=true")
        until(lambda: self._waiting(plan) is not None)
        return process

    def approve(self, plan: str) -> None:
        """Say go."""
        self._ask(
            f"flow_runs/{self._waiting(plan)}/resume", {"run_input": {"approve": True, "approved_by": "Ada"}}
        )

    def _waiting(self, plan: str) -> str | None:
        paused = self._ask("flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}})
        return next((run["id"] for run in paused if run["parameters"]["plan"] == plan), None)

    def _ask(self, path: str, body: Json) -> Any:
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._api}/{path}", json.dumps(body).encode(), kind)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def until(there: Callable[[], bool]) -> None:
    """Wait for something."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not there():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)
