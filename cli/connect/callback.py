"""The small web server that a browser comes back to after consent; on this machine only.

It answers one address and one ``state``: whatever else comes is refused and waited past, so that no other
page can hand in a code of its own. Its log is off, because addresses hold the code.
"""

from __future__ import annotations

import hmac
import html
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from tasks.core.errors import BadConfigurationError, BadCredentialError, StoppedError

HOST = "127.0.0.1"
PATH = "/callback"
SENT_SECONDS = 5.0

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} - Lusha Connect</title>
<style>body{{font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""


class Callback:
    """What came back, and the page that is shown for it."""

    def __init__(self, state: str) -> None:
        self._state = state
        self.answered: Future[dict[str, str]] = Future()
        self.page: Future[tuple[str, str]] = Future()
        self.sent = threading.Event()

    def code(self, timeout: float) -> SecretStr:
        """Wait for the authorization code.

        Raises:
            BadCredentialError: Consent was refused.
            StoppedError: Nothing came in time.
        """
        try:
            answer = self.answered.result(timeout)
        except FutureTimeoutError:
            raise StoppedError(
                f"No answer from the browser in {timeout:.0f} seconds.",
                remedy="Run the command again; it waits longer with --timeout.",
            ) from None
        if answer.get("code"):
            return SecretStr(answer["code"])
        raise BadCredentialError(
            f"HighLevel gave no code: {answer.get('error', 'no reason given')[:80]}.",
            remedy="Run the command again and allow the access.",
        )

    def show(self, title: str, text: str) -> None:
        """Give the waiting browser its page, and wait until it has it."""
        if self.answered.done() and not self.page.done():
            self.page.set_result((title, text))
            self.sent.wait(SENT_SECONDS)

    def belongs(self, answer: dict[str, str]) -> bool:
        """Whether an answer is to our request, and the first one."""
        given = answer.get("state", "").encode()
        return hmac.compare_digest(given, self._state.encode()) and not self.answered.done()


@contextmanager
def listening(port: int, state: str) -> Iterator[Callback]:
    """Serve ``http://127.0.0.1:<port>/callback`` for the length of the ``with`` body.

    Raises:
        BadConfigurationError: The port is taken.
    """
    callback = Callback(state)
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(callback))
    except OSError as error:
        raise BadConfigurationError(
            f"Port {port} cannot be listened on: {error.strerror}.",
            remedy="Choose another one with --port, and add its address to the app's redirect URLs.",
        ) from None
    server.daemon_threads = True  # a browser keeps connections open that it never uses
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield callback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(callback: Callback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "lusha-connect", ""
        timeout = 10  # seconds for a request to arrive

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            answer = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path != PATH:
                self._page(HTTPStatus.NOT_FOUND, "Not here", "Nothing is served at this address.")
            elif not callback.belongs(answer):
                text = "This answer does not belong to the connection that is being made. Start again."
                self._page(HTTPStatus.BAD_REQUEST, "Not accepted", text)
            else:
                callback.answered.set_result(answer)
                self._page(HTTPStatus.OK, *callback.page.result())
                callback.sent.set()

        def _page(self, status: HTTPStatus, title: str, text: str) -> None:
            body = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
            headers = {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
            }
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Addresses hold the code."""

    return Handler
