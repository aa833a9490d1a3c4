"""Processes that need not import everything first: a server that has done so forks them in milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PRELOADED = [
    "great_expectations",
    "cli.automation",
    "flows.backfill_contacts",
    "flows.import_contacts",
    "tests.tasks.load.conftest",
]

LOG = "command_line.log"
"""Where what the command line says goes."""

PATIENCE = 120.0


class Forks:
    """Starts processes.

    Args:
        context: Its server runs.
    """

    def __init__(self, context: ForkServerContext) -> None:
        self._context = context

    def start(self, target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
        """Call a function of a module in a process of its own."""
        process = self._context.Process(target=target, args=arguments)
        process.start()
        return process

    def pipe(self) -> tuple[Connection[Any, Any], Connection[Any, Any]]:
        """Two ends; give the second to a process and close it here."""
        return self._context.Pipe()

    def run(self, environment: dict[str, str], *words: str) -> ForkServerProcess:
        """Call the command line in a process of its own, in the present folder, where its output goes."""
        return self.start(command_line, environment, words)

    def through(self, environment: dict[str, str], *words: str) -> None:
        """Call the command line, which is to end well."""
        running = self.run(environment, *words)
        running.join(PATIENCE)
        assert running.exitcode == 0, Path(LOG).read_text(encoding="utf-8")[-2000:]


@contextmanager
def serving() -> Iterator[Forks]:
    """The server, for as long as the ``with`` body lasts."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        forkserver.ensure_running()
    try:
        yield Forks(context)
    finally:
        forkserver._forkserver._stop()  # type: ignore[attr-defined]


def command_line(environment: dict[str, str], words: tuple[str, ...]) -> None:
    """The command line, as it behaves in an environment.

    The sandbox is done with a dead client's request long before the next process looks for what came of it.
    """
    from prefect.context import refresh_global_settings_context  # noqa: PLC0415 - only in the new process

    from cli import main  # noqa: PLC0415
    from tasks.vendors.highlevel.writers import making  # noqa: PLC0415

    os.environ.update(environment)
    refresh_global_settings_context()
    making.LOOK_AGAIN_SECONDS = (0,)
    sys.argv = ["lusha-connect", *words]
    with Path(LOG).open("a", encoding="utf-8") as output, redirect_stdout(output), redirect_stderr(output):
        main()
