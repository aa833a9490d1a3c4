"""A server that answers with the bytes it is told to, and remembers what it was sent."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Trace: t1\r\n\r\n{}"


@dataclass
class Peer:
    """The other side.

    Attributes:
        answer: What it says to each request, and then hangs up unless it is whole; empty for nothing at all.
        heard: What it was sent, a request each.
    """

    answer: bytes
    url: str = ""
    heard: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening(answer: bytes = OK) -> Iterator[Peer]:
    peer = Peer(answer)

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while head := b"".join(iter(self.rfile.readline, b"\r\n")):
                lines = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:])
                peer.heard.append(head + b"\r\n" + self.rfile.read(int(lines.get(b"content-length", 0))))
                if not peer.answer:
                    peer.over.wait()
                self.wfile.write(peer.answer)
                if not peer.answer.endswith(b"{}"):
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        peer.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield peer
        finally:
            peer.over.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Makes such servers, for as long as the test lasts."""
    with ExitStack() as held:
        yield lambda *answer: held.enter_context(listening(*answer))
