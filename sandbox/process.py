"""The sandbox as a process of its own, started and stopped by whoever needs the vendors for a while.

Tests, the benchmark and the command line's demo all go through here, so none of them depends on a fixed
port, and none leaves a process behind.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sandbox.core.door import SandboxFailedError, ask
from sandbox.core.options import Options
from sandbox.highlevel.auth import CLIENT_ID, CLIENT_SECRET, LOCATION_ID, SCOPES, location_id_of, token_of
from sandbox.lusha.running import RunningLusha

__all__ = ["RunningSandbox", "SandboxFailedError", "start"]

_ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that answers, and its control door.

    Attributes:
        url: Base URL of the HighLevel side.
        token: A token with every scope.
        location_id: The location the token belongs to.
        client_id: The app that the authorization server knows.
        lusha: The Lusha side, with doors of its own.
    """

    url: str
    port: int
    token: str
    location_id: str
    pid: int
    lusha: RunningLusha
    host: str = "127.0.0.1"
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET

    def at(self, place: int) -> RunningSandbox:
        """Another sub-account of the same sandbox, by its number from 1: its token, its doors."""
        return replace(self, token=token_of(place), location_id=location_id_of(place))

    def requests(self) -> dict[str, Any]:
        """``{"total": n, "operations": {"POST /contacts/search": {"200": n}}}``."""
        return self._door("GET", "requests")

    def records(self, kind: str) -> list[Any]:
        """Every record of a kind: contacts, businesses, tasks, notes, appointments, tags, users, ..."""
        records: list[Any] = self._door("GET", f"records/{kind}")["records"]
        return records

    def oauth(self) -> dict[str, int]:
        """``{"issued": n, "refreshed": n, "reused": n}``."""
        return self._door("GET", "oauth")

    def expire_tokens(self) -> None:
        """End all OAuth access tokens now."""
        self._door("POST", "oauth", {"expire": True})

    def consent(
        self,
        redirect_uri: str = "http://127.0.0.1/callback",
        scope: str = " ".join(sorted(SCOPES)),
        user_type: str = "Location",
        **more: str,
    ) -> str:
        """Allow the app what it asks for, as a person on the consent page would.

        Returns:
            Where the browser is sent: the app's address with ``code`` and ``state``.
        """
        asked = {"client_id": self.client_id, "redirect_uri": redirect_uri, "scope": scope}
        asked |= {"location_id": self.location_id, **more}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        with contextlib.closing(connection):
            body = urlencode({**asked, "user_type": user_type})
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/oauth/chooselocation", body, form)
            response = connection.getresponse()
            page = response.read().decode()
        target = response.headers["Location"]
        if target is None:
            raise SandboxFailedError(f"POST /oauth/chooselocation: {page}")
        return target

    def set_faults(self, faults: list[dict[str, Any]]) -> None:
        """Play these faults from now on; an empty list for none."""
        self._door("POST", "faults", faults)

    def hits(self) -> list[int]:
        """How many requests each of the faults has hit so far."""
        hits: list[int] = self._door("GET", "faults")["hits"]
        return hits

    def catch_up(self) -> None:
        """Make the search show every write made so far, whatever its lag."""
        self._door("POST", "search", {"caughtUp": True})

    def reset(self) -> None:
        """Back to the generated data, with no counts, no faults and a fresh quota."""
        self._door("POST", "reset")

    def remove(self) -> None:
        """End the sub-account and all of its tokens, until ``reset``."""
        self._door("POST", "location", {"removed": True})

    def edit(self, **edit: Any) -> dict[str, Any]:
        """Change a record as a person in the CRM would.

        One of ``kind, id, set[, unset]``, ``kind, id, delete=True``, ``kind, create`` and ``kind, raw``.
        """
        return self._door("POST", "edit", edit)

    def load(self, **kinds: list[Any]) -> None:
        """Put records in place of all that are there of their kinds, as ``records`` told them once."""
        self._door("POST", "load", kinds)

    def _door(self, method: str, name: str, body: Any = None) -> dict[str, Any]:
        place = "" if self.location_id == LOCATION_ID else f"?location={self.location_id}"
        return ask(self.host, self.port, method, name + place, body)


@contextlib.contextmanager
def start(**options: Any) -> Iterator[RunningSandbox]:
    """Run a sandbox for the length of a ``with`` block, on free ports unless some are given.

    Args:
        **options: The fields of ``sandbox.Options``.

    Raises:
        SandboxFailedError: it did not start.
        BadOptionError: an option is out of its range.
    """
    wanted = Options(**{"port": 0, "lusha_port": 0, **options})
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [sys.executable, "-m", "sandbox", "--json", *_flags(wanted)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env=environment,
        )
        try:
            yield _announced(process, wanted.host, complaints)
        finally:
            _stop(process)


def _flags(options: Options) -> Iterator[str]:
    for option in fields(options):
        value = getattr(options, option.name)
        flag = "--" + option.name.replace("_", "-")
        if value is True:
            yield flag
        elif value is not False and value is not None:
            yield f"{flag}={value}"


def _announced(process: subprocess.Popen[str], host: str, complaints: Any) -> RunningSandbox:
    """Wait for the line that says the sandbox answers."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        process.wait(_PATIENCE)
        complaints.seek(0)
        raise SandboxFailedError(f"the sandbox did not start: {complaints.read().strip()}")
    facts = json.loads(line)
    lusha = RunningLusha(**facts["lusha"], host=host)
    return RunningSandbox(
        facts["url"], facts["port"], facts["token"], facts["location_id"], process.pid, lusha, host
    )


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
