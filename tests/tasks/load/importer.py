"""An import in a process of its own, which may be held up, woken and killed."""

from __future__ import annotations

import os
import signal
import traceback
from pathlib import Path
from typing import Any

import pytest

from tasks.core.batch import Json
from tasks.hub import leases
from tests.forks import Forks
from tests.tasks.load import conftest

LEASE_SECONDS = 1.5
PATIENCE = 60.0


class Importer:
    """Another process that imports records, once it is told to.

    Attributes:
        told: Why it stopped, where it did.
    """

    def __init__(
        self,
        forks: Forks,
        office: Any,
        records: list[Json],
        folder: Path,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self._pipe, theirs = forks.pipe()
        given = {"vendor": office.vendor, "folder": folder, "hub_url": office.hub_url, "as_of": office.as_of}
        self.process = forks.start(_import, theirs, given, records, lease_seconds)
        theirs.close()
        self.told = ""
        assert self._hear() == "ready"

    def begin(self) -> None:
        self._pipe.send("go")

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self.process.join(PATIENCE)

    def end(self) -> str:
        """How it ended: ``through``, the name of its error, or ``killed``."""
        ended = self._hear()
        self.process.join(PATIENCE)
        return ended

    def close(self) -> None:
        self.kill()
        self._pipe.close()

    def _signal(self, number: signal.Signals) -> None:
        if self.process.is_alive():
            os.kill(self.process.pid or 0, number)

    def _hear(self) -> str:
        assert self._pipe.poll(PATIENCE)
        try:
            ended, self.told = self._pipe.recv()
        except EOFError:
            return "killed"
        return str(ended)


def _import(pipe: Any, given: dict[str, Any], records: list[Json], lease_seconds: float) -> None:
    leases.SECONDS = lease_seconds
    with pytest.MonkeyPatch.context() as patch:
        conftest.hurry(patch)
        office = conftest.Office(**given)
        pipe.send(("ready", ""))
        pipe.recv()
        try:
            office.load(records)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test judges it
            pipe.send((type(error).__name__, traceback.format_exc()))
        else:
            pipe.send(("through", ""))
