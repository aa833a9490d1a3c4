"""The control door from outside: how a test or a benchmark speaks to a running sandbox."""

from __future__ import annotations

import contextlib
import http.client
import json
from typing import Any

__all__ = ["SandboxFailedError", "ask"]

_PATIENCE = 60.0


class SandboxFailedError(RuntimeError):
    """The sandbox did not start, or its control door refused a request; the message says why."""


def ask(host: str, port: int, method: str, name: str, body: Any = None) -> dict[str, Any]:
    """Send one request to a vendor's control door.

    Args:
        name: What comes after ``/_sandbox/``, with its query.

    Raises:
        SandboxFailedError: the door refused it.
    """
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    with contextlib.closing(connection):
        sent = None if body is None else json.dumps(body)
        connection.request(method, f"/_sandbox/{name}", sent)
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    if response.status != http.HTTPStatus.OK:
        raise SandboxFailedError(f"{method} /_sandbox/{name}: {answer.get('message')}")
    return answer
