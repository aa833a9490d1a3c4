"""One real sandbox process for the whole folder; Lusha put back to its seed before every test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.lusha.running import RunningLusha
from sandbox.process import RunningSandbox, start


class Vendor:
    """Lusha as a client sees it.

    Attributes:
        running: Its side of the sandbox, with the doors.
        people: Everybody whom it knows, whole.
    """

    def __init__(self, running: RunningLusha, http: httpx.Client, people: list[dict[str, Any]]) -> None:
        self.running, self.people, self._http = running, people, http

    def __call__(self, method: str, path: str, body: Any = None, **request: Any) -> httpx.Response:
        return self._http.request(method, path, json=body, **request)

    def good(self, path: str, body: Any) -> Any:
        """Post what must be answered with 200."""
        response = self("POST", path, body)
        assert response.status_code == 200, response.text
        return response.json()

    def search(self, *items: dict[str, Any]) -> Any:
        return self.good("/v3/contacts/search", {"contacts": list(items)})

    def enrich(self, *ids: str, reveal: list[str], **more: Any) -> Any:
        return self.good("/v3/contacts/enrich", {"ids": list(ids), "reveal": reveal, **more})

    def some(self, count: int, *, emails: bool = True, phones: bool = True) -> list[dict[str, Any]]:
        """People whose data are in order, with or without addresses and numbers."""
        found = [
            one
            for one in self.people
            if not one["status"] and bool(one["emails"]) is emails and bool(one["phones"]) is phones
        ]
        assert len(found) >= count
        return found[:count]


@pytest.fixture(scope="session")
def lusha_process() -> Iterator[RunningSandbox]:
    with start(contacts=150, lusha_people=400, lusha_plan="off", quota="off") as running:
        yield running


@pytest.fixture(scope="session")
def everybody(lusha_process: RunningSandbox) -> list[dict[str, Any]]:
    return lusha_process.lusha.records("people")


@pytest.fixture(scope="session")
def lusha_client(lusha_process: RunningSandbox) -> Iterator[httpx.Client]:
    lusha = lusha_process.lusha
    with httpx.Client(base_url=lusha.url, timeout=10, headers={"api_key": lusha.key}) as client:
        yield client


@pytest.fixture
def lusha(
    lusha_process: RunningSandbox, lusha_client: httpx.Client, everybody: list[dict[str, Any]]
) -> Vendor:
    lusha_process.lusha.reset()
    return Vendor(lusha_process.lusha, lusha_client, everybody)
