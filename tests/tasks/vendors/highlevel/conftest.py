"""A client for the session's sandbox, in both dialects, that can also lose or bend answers on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from sandbox import process
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.vendors.credential import StaticToken
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.dialect import DIALECTS
from tasks.vendors.highlevel.limits import request_budget
from tasks.vendors.transport import Transport

T = TypeVar("T")


@dataclass
class Talk:
    """Asks a sandbox something; each question has a client of its own."""

    vendor: process.RunningSandbox
    hub: Hub
    version: str
    transport: type[Transport] = Transport

    def __call__(self, question: Callable[[HighLevel], Awaitable[T]], **other: Any) -> T:
        async def go() -> T:
            location_id = other.get("location_id", self.vendor.location_id)
            async with other.get("transport", self.transport)(self.vendor.url, 5) as transport:
                client = HighLevel(
                    transport,
                    request_budget(self.hub, location_id),
                    credential=StaticToken(SecretStr(other.get("token", "pit-sandbox"))),
                    location_id=location_id,
                    dialect=other.get("dialect", DIALECTS[self.version]),
                    retry_wait=0.01,
                )
                return await question(client)

        return asyncio.run(go())

    def call(self, method: str, template: str, **request: Any) -> Any:
        """A request that the typed functions would not make."""
        return self(lambda client: client.call(method, template, scope="contacts.write", **request))


@pytest.fixture(scope="session")
def quick_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One hub for every test that is about the vendor alone."""
    hub = Hub(f"sqlite:///{tmp_path_factory.mktemp('hub') / 'hub.db'}")
    schema.upgrade(hub)
    yield hub
    hub.close()


@pytest.fixture(params=sorted(DIALECTS))
def talk(request: pytest.FixtureRequest, vendor: process.RunningSandbox, quick_hub: Hub) -> Talk:
    """The session's sandbox, spoken to in each dialect."""
    return Talk(vendor, quick_hub, str(request.param))
