"""The HighLevel client: one way in for every request — credential, budget, retries, errors.

Requests are built strictly (HighLevel answers 422 to an unknown key), answers are read permissively
(undeclared keys are normal). How often a failure is retried follows from its type.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import stamina
from pydantic import SecretStr

from tasks.errors import RateLimitedError, RetryableError, VendorFailedError
from tasks.highlevel import answers
from tasks.highlevel.answers import Request
from tasks.highlevel.dialect import DIALECTS, Dialect
from tasks.highlevel.limits import RequestBudget
from tasks.http import Transport
from tasks.hub.engine import Hub
from tasks.settings import Settings

ATTEMPTS = 6
RETRY_SECONDS = 180.0
FIRST_WAIT_SECONDS = 0.5
"""Before the second attempt; it doubles from there, with jitter, up to twenty times as much."""


class HighLevel:
    """A HighLevel location as a client sees it; made by ``connect``.

    Attributes:
        location_id: The location every request is for.
        requests: Requests sent so far, retries included: what counts against the quota.
    """

    def __init__(
        self,
        transport: Transport,
        budget: RequestBudget,
        *,
        token: SecretStr,
        location_id: str,
        dialect: Dialect,
        retry_wait: float | None = None,
    ) -> None:
        self._transport = transport
        self._budget = budget
        self._token = token
        self._retry_wait = FIRST_WAIT_SECONDS if retry_wait is None else retry_wait
        self.dialect = dialect
        self.location_id = location_id
        self.requests = 0

    async def call(
        self,
        method: str,
        template: str,
        *,
        scope: str,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Any:
        """Send one idempotent request, within the quota, and again as its failure's type allows.

        Args:
            template: Path with placeholders, e.g. ``/contacts/{contactId}``.
            scope: The scope the token needs, for the error that says so.
            path: Values of the placeholders.

        Returns:
            The answer's JSON.

        Raises:
            BadCredentialError: Token, scope or location is refused.
            RecordNotFoundError: There is no such record.
            QuotaExhaustedError: The daily quota is used up.
            VendorFailedError: Every attempt failed, or the request is refused for what it says.
        """
        request = Request(f"{method} {template}", scope, self.location_id)
        url = template.format_map(path or {})
        try:
            async for attempt in stamina.retry_context(
                on=_retry_after,
                attempts=ATTEMPTS,
                timeout=RETRY_SECONDS,
                wait_initial=self._retry_wait,
                wait_max=self._retry_wait * 20,
            ):
                with attempt:
                    return await self._once(request, method, url, query, json)
        except RetryableError as error:
            raise VendorFailedError(
                f"Gave up after {ATTEMPTS} attempts: {error.what}",
                remedy="HighLevel or the network is failing; what was read is kept, run again to continue.",
            ) from None
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def _once(
        self, request: Request, method: str, url: str, query: Mapping[str, str] | None, json: Any
    ) -> Any:
        await self._budget.reserve()
        self.requests += 1
        answer = await self._transport.send(method, url, headers=self._headers(), query=query, json=json)
        await self._budget.learn(answer)
        try:
            return answers.read(request, answer)
        except RateLimitedError as error:
            await self._budget.pause(error.wait)
            raise

    def _headers(self) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self._token.get_secret_value()}",
            "version": self.dialect.version,
            "accept": "application/json",
            "content-type": "application/json",
        }


def _retry_after(error: Exception) -> bool | float:
    if isinstance(error, RateLimitedError):
        return 0.01  # the budget, paused for everybody, does the waiting
    return isinstance(error, RetryableError)


@asynccontextmanager
async def connect(settings: Settings, hub: Hub) -> AsyncIterator[HighLevel]:
    """A client for the settings' location, with the hub's shared budget.

    Raises:
        BadConfigurationError: Token, location or URL is missing or malformed.
    """
    token, location_id = settings.token(), settings.location()
    async with Transport(settings.highlevel_url, settings.http_timeout) as transport:
        yield HighLevel(
            transport,
            RequestBudget(hub, location_id),
            token=token,
            location_id=location_id,
            dialect=DIALECTS[settings.highlevel_version],
        )
