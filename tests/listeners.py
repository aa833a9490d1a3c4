"""What stands at the other end of a channel: a mailbox that speaks SMTP, and an endpoint that speaks HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import orjson


@dataclass
class Endpoint:
    """An HTTP endpoint.

    Args:
        told: What was sent to it, as JSON.
        heard: Set once something was sent to it.
        statuses: What it answers, one after the other; after the last one 200.
        answers: Cleared, it takes what is sent and does not answer until it is set.
    """

    url: str = ""
    told: list[Any] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)
    answers: threading.Event = field(default_factory=threading.Event)

    @property
    def texts(self) -> list[str]:
        return [str(one) for one in self.told]


@contextmanager
def listening() -> Iterator[Endpoint]:
    """An HTTP endpoint for as long as the ``with`` body lasts."""
    endpoint = Endpoint()
    endpoint.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            status = endpoint.statuses.pop(0) if endpoint.statuses else 200
            if status < 400:
                endpoint.told.append(orjson.loads(content))
            endpoint.heard.set()
            endpoint.answers.wait(30)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_about: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{server.server_port}/hook/s3cr3t"
    with _served(server):
        yield endpoint
        endpoint.answers.set()


@dataclass
class Mailbox:
    """A mailbox: its port, and the letters in it."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Mailbox]:
    """A mailbox for as long as the ``with`` body lasts."""
    mailbox = Mailbox(0)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline():
                word = line[:4].strip().upper()
                if word == b"DATA":
                    self._say("354 go on")
                    mailbox.letters.append(self._letter())
                elif word == b"QUIT":
                    return self._say("221 bye")
                self._say("250 here" if word != b"DATA" else "250 taken")
            return None

        def _letter(self) -> EmailMessage:
            lines = list(iter(self.rfile.readline, b".\r\n"))
            content = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
            letter = message_from_bytes(content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            return letter

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    mailbox.port = server.server_address[1]
    with _served(server):
        yield mailbox


@contextmanager
def _served(server: ThreadingTCPServer | ThreadingHTTPServer) -> Iterator[None]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dead_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
