"""Prefect's API as a test asks it: a busy server's 503 is asked again, as Prefect's own client does."""

from __future__ import annotations

import time
from typing import Any

import httpx

TRIES, PAUSE_SECONDS = 30, 0.5


class _AskedAgain(httpx.HTTPTransport):
    """A server on SQLite answers 503 when two requests wrote at once; it has then changed nothing."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(TRIES):
            answer = super().handle_request(request)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            answer.close()
            time.sleep(PAUSE_SECONDS)
        return answer


def client(api: str) -> httpx.Client:
    """A client of the server whose API is at ``api``."""
    return httpx.Client(base_url=api, timeout=30, transport=_AskedAgain())


def ask(api: str, path: str, body: dict[str, Any]) -> Any:
    """What the server answers to a POST."""
    with client(api) as prefect:
        return prefect.post(path, json=body).raise_for_status().json()


def read(api: str, path: str) -> Any:
    """What the server answers to a GET."""
    with client(api) as prefect:
        return prefect.get(path).raise_for_status().json()


def remove(api: str, path: str) -> None:
    """Delete one thing; that it is gone already is no fault."""
    with client(api) as prefect:
        prefect.delete(path)
