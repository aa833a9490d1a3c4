"""A client for the session's Lusha, which has no limits of requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from pydantic import SecretStr

from sandbox import process
from sandbox.lusha.running import RunningLusha
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.vendors.credential import StaticToken
from tasks.vendors.lusha.client import Lusha
from tasks.vendors.lusha.connection import LushaConnection
from tasks.vendors.lusha.limits import Limits
from tasks.vendors.transport import Transport

T = TypeVar("T")

OWNER = "owner@lusha-connect.example"


@dataclass
class Talk:
    """Asks the sandbox something; each question has a client of its own, and each test its own budget."""

    vendor: RunningLusha
    hub: Hub
    account: str = field(default_factory=lambda: f"lusha:{uuid4().hex}")

    def __call__(
        self, question: Callable[[LushaConnection], Awaitable[T]], *, key: str = "", owner: str = OWNER
    ) -> T:
        async def go() -> T:
            async with Transport(self.vendor.url, 5) as transport:
                client = Lusha(
                    transport,
                    Limits(self.hub, self.account),
                    credential=StaticToken(SecretStr(key or self.vendor.key)),
                    account=self.account,
                    retry_wait=0.01,
                )
                return await question(LushaConnection(client, owner))

        return asyncio.run(go())

    def call(self, method: str, path: str, **request: Any) -> Any:
        """A request that the typed functions would not make."""
        return self(lambda leads: leads.client.call(method, path, **request))

    def fail(self, operation: str, fault: str, times: int = 1) -> None:
        """Let the next requests of an operation go wrong."""
        self.vendor.set_faults(
            [{"operation": operation, "fault": fault, "share": 1.0, "seed": 1, "times": times}]
        )


@pytest.fixture(scope="session")
def leads_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One hub for every test that is about the vendor alone."""
    hub = Hub(f"sqlite:///{tmp_path_factory.mktemp('leads') / 'hub.db'}")
    schema.upgrade(hub)
    yield hub
    hub.close()


@pytest.fixture
def talk(sandbox_process: process.RunningSandbox, leads_hub: Hub) -> Talk:
    """The session's Lusha with its first data, all credits and no faults."""
    sandbox_process.lusha.reset()
    return Talk(sandbox_process.lusha, leads_hub)
