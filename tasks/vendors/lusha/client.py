"""The Lusha client: one way in for every request — key, budget, retries, errors.

Requests are built strictly (Lusha answers 400 to an unknown key), answers are read permissively. Lusha has
no idempotency key: what would be charged again is never sent again once its answer was lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from tasks.core.errors import RateLimitedError
from tasks.core.settings import Settings
from tasks.hub.engine import Hub
from tasks.vendors.credential import Credential
from tasks.vendors.lusha import answers, key
from tasks.vendors.lusha.limits import Limits
from tasks.vendors.network import Guard
from tasks.vendors.retry import Check, Retries
from tasks.vendors.transport import Answer, Transport

UNKNOWN = "It may have been charged: Lusha's dashboard and account/usage tell what was spent."
"""What to do where the answer was lost to what is charged each time."""


class Lusha:
    """An account of Lusha's as a client sees it; made by ``connect``.

    Attributes:
        account: Under which name the hub keeps its budgets.
        guard: Asked right before every request leaves; None for no question.
        requests: Requests sent so far, retries included.
    """

    def __init__(
        self,
        transport: Transport,
        limits: Limits,
        *,
        credential: Credential,
        account: str,
        retry_wait: float | None = None,
    ) -> None:
        self._transport = transport
        self._limits = limits
        self._credential = credential
        self._retries = Retries("Lusha", UNKNOWN, retry_wait)
        self.account = account
        self.requests = 0
        self.guard: Guard | None = None

    async def call(
        self,
        method: str,
        template: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        repeatable: bool = True,
        again: Check | None = None,
    ) -> Any:
        """Send one request, within the quota, and again as its failure's type allows.

        Args:
            template: Path with placeholders, e.g. ``/v3/contacts/jobs/{jobId}``.
            path: Values of the placeholders; escaped here.
            repeatable: False for what is charged each time: repeated only where it cannot have been charged.
            again: Asked before every try after the first: it comes late, and things may have changed.

        Returns:
            The answer's JSON; None for an empty one.

        Raises:
            BadCredentialError: The key is refused.
            MissingScopeError: The plan has not this feature, or not the API.
            NoCreditsError: The account has too few credits; nothing was charged.
            QuotaExhaustedError: The requests of the day or the trial are used up.
            RecordNotFoundError: There is no such record, or not any more.
            RestrictedError: The law forbids Lusha to answer.
            InvalidRequestError: The request is refused for what it says.
            UnknownOutcomeError: The answer was lost to what is not repeatable.
            VendorFailedError: Every attempt failed.
        """
        url = template.format_map({name: quote(value, safe="") for name, value in (path or {}).items()})
        once = partial(self._once, f"{method} {template}", method, url, query, json)
        return await self._retries.send(once, repeatable=repeatable, again=again)

    async def _once(
        self, operation: str, method: str, url: str, query: Mapping[str, str] | None, json: Any
    ) -> Any:
        held = await self._credential.bearer()
        answer = await self._send(held, method, url, query, json)
        if answer.status == HTTPStatus.UNAUTHORIZED and await self._credential.renew(held):
            answer = await self._send(await self._credential.bearer(), method, url, query, json)
        try:
            return answers.read(operation, answer)
        except RateLimitedError as error:
            await self._limits.pause(url, error.wait)
            raise

    async def _send(
        self, held: SecretStr, method: str, url: str, query: Mapping[str, str] | None, json: Any
    ) -> Answer:
        counted = await self._limits.reserve(url)
        self.requests += 1
        headers = {
            "api_key": held.get_secret_value(),
            "accept": "application/json",
            "content-type": "application/json",
        }
        answer = await self._transport.send(
            method, url, headers=headers, query=query, json=json, guard=self.guard
        )
        await self._limits.learn(answer, counted)
        return answer


@asynccontextmanager
async def connect(settings: Settings, hub: Hub) -> AsyncIterator[Lusha]:
    """A client for the settings' account, with the hub's shared budget.

    Raises:
        BadConfigurationError: Key, credential or URL is missing or malformed.
        BadCredentialError: The stored credential cannot be decrypted.
    """
    credential = await asyncio.to_thread(key.credential_for, settings, hub)
    account = key.account(settings)
    async with Transport(settings.lusha_url, settings.http_timeout) as transport:
        yield Lusha(transport, Limits(hub, account), credential=credential, account=account)
