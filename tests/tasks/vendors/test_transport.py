"""Requests out, answers in, and what no answer means."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from tasks.core.errors import BadConfigurationError, ConnectionFaultError
from tasks.vendors.transport import Answer, Transport

TOKEN = {"authorization": "Bearer hush"}


def send(peer: Any, method: str, timeout: float = 5, headers: Any = TOKEN, **request: Any) -> Answer:
    async def go() -> Answer:
        async with Transport(f"{peer.url}/v1", timeout) as transport:
            return await transport.send(method, "/x", headers=headers, **request)

    return asyncio.run(go())


def test_an_answer_comes_with_its_status_its_headers_and_its_body(peer: Any) -> None:
    other = peer()
    answer = send(other, "GET", query={"a": "1", "b": "x&y"})
    assert (answer.status, answer.headers["x-trace"], answer.body) == (200, "t1", b"{}")
    [heard] = other.heard
    assert heard.startswith(b"GET /v1/x?a=1&b=x%26y HTTP/1.1\r\n")
    assert b"authorization: bearer hush" in heard.lower()


def test_a_body_is_json_or_a_form(peer: Any) -> None:
    other = peer()
    send(other, "POST", json={"a": [None, "é"]})
    send(other, "POST", form={"a": "1&2", "b": "ü"})
    first, second = other.heard
    assert first.endswith('\r\n\r\n{"a":[null,"é"]}'.encode())
    assert second.endswith(b"\r\n\r\na=1%262&b=%C3%BC")


def test_a_refusal_is_an_answer_and_not_asked_for_again(peer: Any) -> None:
    other = peer(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\n{}")
    assert send(other, "GET").status == 429
    assert len(other.heard) == 1


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}cut", b"what?\r\n\r\n", b"\r\n"]
)
def test_an_answer_that_is_none_or_is_cut_off_may_have_had_its_effect(peer: Any, said: bytes) -> None:
    with pytest.raises(ConnectionFaultError, match="POST /x: ") as caught:
        send(peer(said), "POST", json={"name": "Ada"})
    assert caught.value.sent
    for secret in ("hush", "Ada"):
        assert secret not in f"{caught.value!r}{caught.value}{caught.value.__cause__!r}"


def test_an_answer_that_does_not_come_in_time_may_have_had_its_effect(peer: Any) -> None:
    with pytest.raises(ConnectionFaultError, match="no answer in time") as caught:
        send(peer(b""), "POST", timeout=0.2)
    assert caught.value.sent


def test_where_nobody_listens_nothing_was_sent(peer: Any) -> None:
    other = peer()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        other.url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ConnectionFaultError) as caught:
        send(other, "POST")
    assert not caught.value.sent


@pytest.mark.parametrize(
    "url", ["", "ftp://h", "https://", "https://h h", "services.example.com", "http://h:x"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(BadConfigurationError):
        Transport(url, 5)


def test_headers_of_the_caller_stand_in_place_of_the_usual_ones_however_they_are_written(peer: Any) -> None:
    other = peer()
    send(other, "GET", headers={"Accept": "text/csv"})
    [heard] = other.heard
    accepts = [line for line in heard.lower().splitlines() if line.startswith(b"accept:")]
    assert accepts == [b"accept: text/csv"]
