"""The HighLevel client: one way in for every request — credential, budget, retries, errors.

Requests are built strictly (HighLevel answers 422 to an unknown key), answers are read permissively
(undeclared keys are normal). How often a failure is retried follows from its type.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from tasks.core.clocks import elapsed
from tasks.core.errors import RateLimitedError
from tasks.core.settings import Settings
from tasks.hub.engine import Hub
from tasks.vendors.credential import Credential
from tasks.vendors.highlevel import answers
from tasks.vendors.highlevel.answers import Request
from tasks.vendors.highlevel.auth.stored import credential_for
from tasks.vendors.highlevel.dialect import DIALECTS, Dialect
from tasks.vendors.highlevel.limits import request_budget
from tasks.vendors.highlevel.vendor_clock import VendorClock
from tasks.vendors.network import Guard
from tasks.vendors.pacing import RequestBudget
from tasks.vendors.retry import Check, Retries
from tasks.vendors.transport import Answer, Transport

UNKNOWN = "It may have taken effect; look the record up before creating it again."
"""What to do after a create whose answer was lost."""


class HighLevel:
    """A HighLevel location as a client sees it; made by ``connect``.

    Attributes:
        guard: Asked right before every request leaves; None for no question.
        location_id: The location every request is for.
        requests: Requests sent so far, retries included: what counts against the quota.
    """

    def __init__(
        self,
        transport: Transport,
        budget: RequestBudget,
        *,
        credential: Credential,
        location_id: str,
        dialect: Dialect,
        retry_wait: float | None = None,
    ) -> None:
        self._transport = transport
        self._budget = budget
        self._credential = credential
        self._retries = Retries("HighLevel", UNKNOWN, retry_wait)
        self.dialect = dialect
        self.location_id = location_id
        self.requests = 0
        self.guard: Guard | None = None
        self._clock = VendorClock()

    def now(self) -> datetime:
        """This instant by HighLevel's clock, which dates its records; by ours before its first answer."""
        return self._clock.now()

    def earliest(self) -> datetime:
        """The same, or a little before: what HighLevel dates earlier has happened earlier."""
        return self._clock.earliest()

    def theirs(self, ours: datetime) -> datetime:
        """A moment of our clock by HighLevel's; the same where the two agree."""
        return self._clock.theirs(ours)

    async def call(
        self,
        method: str,
        template: str,
        *,
        scope: str,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        idempotent: bool = True,
        again: Check | None = None,
    ) -> Any:
        """Send one request, within the quota, and again as its failure's type allows.

        Args:
            template: Path with placeholders, e.g. ``/contacts/{contactId}``.
            scope: The scope the token needs, for the error that says so.
            path: Values of the placeholders; escaped here.
            idempotent: False for a create, which is repeated only when it cannot have taken effect.
            again: Asked before every try after the first: it comes late, and things may have changed.

        Returns:
            The answer's JSON; None for an empty one.

        Raises:
            BadCredentialError: Token, scope or location is refused.
            RecordNotFoundError: There is no such record.
            QuotaExhaustedError: The daily quota is used up.
            UnknownOutcomeError: A create's answer was lost; it may have taken effect.
            VendorFailedError: Every attempt failed, or the request is refused for what it says.
        """
        request = Request(f"{method} {template}", scope, self.location_id)
        url = template.format_map({name: quote(value, safe="") for name, value in (path or {}).items()})
        once = partial(self._once, request, method, url, query, json)
        return await self._retries.send(once, repeatable=idempotent, again=again)

    async def _once(
        self, request: Request, method: str, url: str, query: Mapping[str, str] | None, json: Any
    ) -> Any:
        bearer = await self._credential.bearer()
        answer = await self._send(bearer, method, url, query, json)
        if answers.refuses_token(answer) and await self._credential.renew(bearer):
            answer = await self._send(await self._credential.bearer(), method, url, query, json)
        try:
            return answers.read(request, answer)
        except RateLimitedError as error:
            await self._budget.pause(error.wait)
            raise

    async def _send(
        self, bearer: SecretStr, method: str, url: str, query: Mapping[str, str] | None, json: Any
    ) -> Answer:
        counted = await self._budget.reserve()
        self.requests += 1
        headers = {
            "authorization": f"Bearer {bearer.get_secret_value()}",
            "version": self.dialect.version_for(url),
            "accept": "application/json",
            "content-type": "application/json",
        }
        asked = elapsed()
        answer = await self._transport.send(
            method, url, headers=headers, query=query, json=json, guard=self.guard
        )
        self._clock.hear(answer.headers.get("date", ""), asked, elapsed())
        await self._budget.learn(answer, counted)
        return answer


@asynccontextmanager
async def connect(settings: Settings, hub: Hub) -> AsyncIterator[HighLevel]:
    """A client for the settings' location, with the hub's shared budget.

    Raises:
        BadConfigurationError: Token, credential, key, location or URL is missing or malformed.
        BadCredentialError: The stored credential cannot be decrypted.
    """
    async with Transport(settings.highlevel_url, settings.http_timeout) as transport:
        credential = await asyncio.to_thread(credential_for, settings, hub, transport)
        location_id = settings.location()
        yield HighLevel(
            transport,
            request_budget(hub, location_id),
            credential=credential,
            location_id=location_id,
            dialect=DIALECTS[settings.highlevel_version],
        )
