"""A Prefect API for a run from the command line: the configured server, or one of our own.

Prefect's built-in temporary server takes ten seconds and more at the first flow and forgets its runs;
ours is started while other things are prepared, keeps its runs below ``.lusha-connect/prefect``, and is
stopped when the run is over.
"""

from __future__ import annotations

import contextlib
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from cli.children import child, free_port
from tasks.core.errors import BadConfigurationError, StoppedError

HOME = Path(".lusha-connect/prefect")
START_SECONDS = 120

SEND_SECONDS = 2
"""How long the server waits for what Prefect's client has still to send."""

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
}
"""No telemetry, neither the server's nor the SDK's."""


RECORDER = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}
"""The server writes down task runs by the hundred, or each second: one by one takes four times as long."""


@contextlib.contextmanager
def server(home: Path, *, port: int | None = None, ui: bool = False) -> Iterator[str]:
    """A Prefect server with its database in ``home``; yields the API's URL once it answers.

    Raises:
        StoppedError: It did not start.
    """
    port = port or free_port()
    arguments = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    url = f"http://127.0.0.1:{port}/api"
    environment = {
        **QUIET,
        **RECORDER,
        "PREFECT_HOME": str(home.absolute()),
        "PREFECT_UI_API_URL": url,
        "PREFECT_UI_STATIC_DIRECTORY": str(home.absolute() / "ui"),  # not in the installed package
    }
    log = home / "server.log"
    with child(arguments + ([] if ui else ["--no-ui"]), environment=environment, log=log) as process:
        give_up = time.monotonic() + START_SECONDS
        while not answers(url):
            if process.poll() is not None or time.monotonic() > give_up:
                raise StoppedError("The Prefect server did not start.", remedy=f"Its log says why: {log}")
            time.sleep(0.05)
        try:
            yield url
        finally:
            _send_the_rest()


def _send_the_rest() -> None:
    """Let Prefect's client send its events and logs while the server is there; later it would complain."""
    for module, worker in (
        ("prefect.events.worker", "EventsWorker"),
        ("prefect.logging.handlers", "APILogWorker"),
    ):
        if module in sys.modules:
            getattr(sys.modules[module], worker).drain_all(timeout=SEND_SECONDS)


@contextlib.contextmanager
def prefect_api() -> Iterator[str]:
    """The API that Prefect is configured for, or else a server of our own for the ``with`` body.

    Raises:
        BadConfigurationError: The configured server does not answer.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    if configured_api():
        yield require_api(", or unset PREFECT_API_URL: then one is started")
        return
    with server(HOME) as url, temporary_settings({PREFECT_API_URL: url}):
        yield url


def require_api(otherwise: str = "") -> str:
    """The API that Prefect is configured for, which answers.

    Args:
        otherwise: What can be done instead of starting it; goes on in the remedy's sentence.

    Raises:
        BadConfigurationError: None is configured, or it does not answer.
    """
    configured = configured_api()
    if configured is None:
        raise BadConfigurationError(
            "No Prefect server is configured.",
            remedy="Start one (prefect server start), and set PREFECT_API_URL, e.g. to"
            " http://127.0.0.1:4200/api, in this shell and for the worker.",
        )
    if not answers(configured):
        raise BadConfigurationError(
            f"The Prefect server at {configured} does not answer.",
            remedy=f"Start it (prefect server start){otherwise}.",
        )
    return configured


def configured_api() -> str | None:
    """The API that Prefect is configured for; None where a server of our own would be started."""
    from prefect.settings import PREFECT_API_URL

    url: str | None = PREFECT_API_URL.value()
    return url


def answers(url: str) -> bool:
    """Whether a Prefect API answers there."""
    with contextlib.suppress(OSError, ValueError):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=2).close()  # noqa: S310 - http by configuration
        except urllib.error.HTTPError:
            return True  # it is there and wants a credential, which Prefect's client has
        return True
    return False
