"""One real sandbox process for the whole folder, put back to its seed before every test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.process import RunningSandbox, start

CONTACTS = 300


class Vendor:
    """The sandbox as a client sees it: requests in one dialect, with the credential's headers."""

    def __init__(self, running: RunningSandbox, http: httpx.Client, version: str = "2021-07-28") -> None:
        self.running = running
        self.location_id = running.location_id
        self.version = version
        self._http = http

    def __call__(self, method: str, path: str, token: str = "pit-sandbox", **request: Any) -> httpx.Response:
        """Send one request."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Version": self.version,
            **request.pop("headers", {}),
        }
        return self._http.request(
            method, path, headers={k: v for k, v in headers.items() if v is not None}, **request
        )

    def search(self, **body: Any) -> httpx.Response:
        """Search with the location and a page of 20 unless another is asked for."""
        return self(
            "POST", "/contacts/search", json={"locationId": self.location_id, "pageLimit": 20, **body}
        )

    def create(self, **fields: Any) -> httpx.Response:
        """Create a contact."""
        return self("POST", "/contacts/", json={"locationId": self.location_id, **fields})

    def upsert(self, **fields: Any) -> httpx.Response:
        """Upsert a contact."""
        return self("POST", "/contacts/upsert", json={"locationId": self.location_id, **fields})

    def update(self, contact_id: str, **fields: Any) -> httpx.Response:
        """Update a contact."""
        return self("PUT", f"/contacts/{contact_id}", json=fields)

    def read(self, contact_id: str) -> dict[str, Any]:
        """Read a contact that must be there."""
        response = self("GET", f"/contacts/{contact_id}")
        assert response.status_code == 200, response.text
        contact: dict[str, Any] = response.json()["contact"]
        return contact

    def some(self, **fields: Any) -> dict[str, Any]:
        """A contact made for the test, as it is read by id."""
        response = self.create(**{"firstName": "Ada", "lastName": "Lorne", **fields})
        assert response.status_code == 201, response.text
        return self.read(response.json()["contact"]["id"])

    def in_version(self, version: str) -> Vendor:
        """The same vendor, spoken to in another dialect."""
        return Vendor(self.running, self._http, version)


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[RunningSandbox]:
    with start(contacts=CONTACTS, quota="off") as running:
        yield running


@pytest.fixture(scope="session")
def http_client(sandbox_process: RunningSandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox_process.url, timeout=10) as client:
        yield client


@pytest.fixture
def vendor(sandbox_process: RunningSandbox, http_client: httpx.Client) -> Vendor:
    """HighLevel under 2021-07-28."""
    sandbox_process.reset()
    return Vendor(sandbox_process, http_client)


@pytest.fixture
def v3(vendor: Vendor) -> Vendor:
    """HighLevel under v3."""
    return vendor.in_version("v3")


@pytest.fixture(params=["2021-07-28", "v3"])
def either(request: pytest.FixtureRequest, vendor: Vendor) -> Vendor:
    """HighLevel under each dialect in turn."""
    return vendor.in_version(request.param)
