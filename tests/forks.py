"""Processes that need not import everything first: a server that has done so forks them in milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
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

    def spoken(self, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
        """Call the command line in a process of its own, with this environment alone; how it ended."""
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            running = self.start(in_files, environment, words, out, err)
            running.join(PATIENCE)
            running.kill()
            code = running.exitcode if running.exitcode is not None else -1
            told = [file.read_text(encoding="utf-8") for file in (out, err)]
        return subprocess.CompletedProcess(words, code, *told)

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


def in_files(environment: dict[str, str], words: tuple[str, ...], out: Path, err: Path) -> None:
    """The command line, as an environment makes it, with all it says in two files."""
    for file, descriptor in ((out, 1), (err, 2)):
        os.dup2(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), descriptor)
    os.environ.clear()
    # The command line sets these before it imports Prefect, which has set its loggers up here already.
    os.environ.update({"PREFECT_LOGGING_EXTRA_LOGGERS": "tasks", "PREFECT_LOGGING_LEVEL": "CRITICAL"})
    os.environ.update(environment)
    from prefect.context import refresh_global_settings_context  # noqa: PLC0415 - only in the new process
    from prefect.logging.configuration import setup_logging  # noqa: PLC0415

    from cli import main  # noqa: PLC0415

    refresh_global_settings_context()
    setup_logging(incremental=False)
    sys.argv = ["lusha-connect", *words]
    main()


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
