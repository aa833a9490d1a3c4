"""An OAuth credential that renews itself: before it ends, once for all processes, and never lost lightly.

A refresh kills the refresh token it uses. So the renewal is leased in the hub (``tasks/hub/tokens.py``),
the new pair is saved before its access token is used, and whatever fails leaves the stored pair as it was.

One gap cannot be closed from here: a process that is killed after HighLevel has exchanged the pair and
before the new one is saved loses it, and so does a lost answer. The refresh token is then dead, and the app
still installed; ``/oauth/reconnect`` gives it a new code, without a person. Only where that is refused too
(the app was removed, or its secret changed) somebody has to connect again.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import stamina
from pydantic import SecretStr

from tasks.core.errors import (
    BadCredentialError,
    BlockedError,
    DeadGrantError,
    HubUnavailableError,
    LushaConnectError,
    RefusedError,
    RetryableError,
    StoppedError,
    VendorFailedError,
)
from tasks.core.remedies import by_command
from tasks.hub.tokens import Secrets, Stored, TokenStore
from tasks.vendors.highlevel.auth.authorization import AuthorizationServer, Grant, UserType

log = logging.getLogger(__name__)

EARLY = timedelta(minutes=10)
"""How long before its end a token is renewed; a short-lived one at half of its life."""

RENEW_SECONDS = 60.0
"""How long one renewal may take, its repetitions included."""

LEASE_SECONDS = RENEW_SECONDS + 30.0
"""The lease outlives the renewal, so that two processes never use the same refresh token."""

WAIT_SECONDS = 2 * LEASE_SECONDS
POLL_SECONDS = 0.1
QUIET_SECONDS = 30.0
"""After an early renewal that failed: how long the token, still good, is used without another try."""


class OAuthCredential:
    """The ``Credential`` of an OAuth app's installation.

    Args:
        stored: The credential as the hub has it.
        agency: Where this is a location's token that the agency's makes; None for one with its own
            refresh token.
    """

    def __init__(
        self,
        store: TokenStore,
        stored: Stored,
        server: AuthorizationServer,
        *,
        agency: OAuthCredential | None = None,
    ) -> None:
        self._store = store
        self._held = stored
        self._server = server
        self._agency = agency
        self._holder = uuid.uuid4().hex
        self._attempt: asyncio.Task[bool] | None = None
        self._quiet_until = 0.0

    @property
    def name(self) -> str:
        """What settings and people call it."""
        return self._held.facts.name

    async def bearer(self) -> SecretStr:
        """The access token, renewed where it ends soon.

        Raises:
            BadCredentialError: It has ended and cannot be renewed without a person.
            VendorFailedError: It has ended, and the authorization server does not answer.
        """
        facts = self._held.facts
        if facts.expires_at is not None:
            left = facts.expires_at - datetime.now(UTC)
            if left <= timedelta():
                await self._replace(facts.generation)
            elif left < min(EARLY, (facts.expires_at - facts.updated_at) / 2):
                await self._replace_early(facts.generation)
        return self._held.secrets.access

    async def renew(self, refused: SecretStr) -> bool:
        """After a 401: another token, unless there is one already.

        Raises:
            BadCredentialError: It cannot be renewed without a person.
            VendorFailedError: The authorization server does not answer.
        """
        if self._held.secrets.access == refused:
            await self._replace(self._held.facts.generation)
        return self._held.secrets.access != refused

    async def _replace_early(self, generation: int) -> None:
        """Renew a token that is still good: no failure is worth stopping for, and nobody is waited for."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            renewed = await self._attempted(generation)
        except LushaConnectError as error:
            log.warning("Credential %s is still good, but was not renewed: %s", self.name, error.what)
            renewed = False
        if not renewed:
            self._quiet_until = time.monotonic() + QUIET_SECONDS

    async def _replace(self, generation: int) -> None:
        """Renew, or wait for whoever does."""
        give_up = time.monotonic() + WAIT_SECONDS
        while self._held.facts.generation == generation and not await self._attempted(generation):
            if time.monotonic() > give_up:
                raise VendorFailedError(
                    f"Another process has been renewing credential {self.name!r} for {WAIT_SECONDS:.0f} s.",
                    remedy="Run again; the stored credential is unchanged.",
                )
            await asyncio.sleep(POLL_SECONDS)

    async def _attempted(self, generation: int) -> bool:
        """One attempt, shared by every task of this process.

        It is shielded: a task that is cancelled must not take a renewal down with it half-way.
        """
        if self._attempt is None or self._attempt.done():
            self._attempt = asyncio.create_task(self._renewed(generation))
            self._attempt.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._attempt)

    async def _renewed(self, generation: int) -> bool:
        """True when the token held is another one now; False while another process renews it."""
        if self._held.facts.generation != generation:
            return True
        found = await asyncio.to_thread(self._store.lease, self.name, generation, self._holder, LEASE_SECONDS)
        if found is None:
            return False
        if found.facts.generation == generation:
            found = await self._exchanged(found)
        self._held = found
        return True

    async def _exchanged(self, held: Stored) -> Stored:
        """The lease is ours: new tokens, saved."""
        try:
            async with asyncio.timeout(RENEW_SECONDS):
                grant = await self._granted(held)
        except (TimeoutError, RetryableError) as error:
            await asyncio.to_thread(self._store.release, self.name, self._holder)
            cause = error.what if isinstance(error, RetryableError) else f"no answer in {RENEW_SECONDS:.0f} s"
            raise VendorFailedError(
                f"Credential {self.name!r} could not be renewed: {cause}",
                remedy="HighLevel or the network is failing; the stored credential is kept, run again.",
            ) from None
        except BaseException:
            await asyncio.to_thread(self._store.release, self.name, self._holder)
            raise
        if grant is not None:
            await self._save(held, grant)
        return await asyncio.to_thread(self._store.get, self.name)

    async def _granted(self, held: Stored) -> Grant | None:
        """New tokens; None where another process has stored newer ones."""
        if self._agency is not None:
            return await self._from_agency(self._agency, held)
        if held.secrets.refresh is None:
            raise self._lost()
        try:
            return await self._server.refresh(held.secrets.refresh, user_type=_user_type(held))
        except DeadGrantError:
            now = await asyncio.to_thread(self._store.get, self.name)
            return None if now.facts.generation != held.facts.generation else await self._reconnected(held)

    async def _from_agency(self, agency: OAuthCredential, held: Stored) -> Grant:
        place = {"company_id": held.facts.company_id, "location_id": held.facts.location_id}
        token = await agency.bearer()
        try:
            return await self._server.location_token(token, **place)
        except BadCredentialError:
            if not await agency.renew(token):
                raise
            return await self._server.location_token(await agency.bearer(), **place)

    async def _reconnected(self, held: Stored) -> Grant:
        """Tokens for an app whose refresh token is dead, and which is still installed."""
        user_type = _user_type(held)
        place = held.facts.location_id if user_type == "Location" else held.facts.company_id
        try:
            code = await self._server.reconnect(user_type=user_type, place=place)
            grant = await self._server.exchange(code, user_type=user_type)
        except BlockedError:
            raise  # HighLevel was not asked at all
        except (StoppedError, RefusedError):
            raise self._lost() from None
        log.warning("Credential %s: its refresh token was dead; the app was reconnected.", self.name)
        return grant

    async def _save(self, held: Stored, grant: Grant) -> None:
        facts = replace(held.facts, expires_at=grant.expires_at, scopes=grant.scopes or held.facts.scopes)
        # Where a refresh gives no new refresh token, the old one stays good (RFC 6749, section 6).
        secrets = Secrets(grant.access, grant.refresh or held.secrets.refresh, held.secrets.client_secret)
        async for attempt in stamina.retry_context(on=HubUnavailableError, attempts=5, wait_initial=0.5):
            with attempt:  # the only copy of a pair that HighLevel will not give again
                await asyncio.to_thread(self._store.save, Stored(facts, secrets), self._holder)

    def _lost(self) -> BadCredentialError:
        facts = self._held.facts
        place = f"location {facts.location_id}" if facts.location_id else f"company {facts.company_id}"
        return BadCredentialError(
            f"HighLevel no longer accepts the refresh token of credential {facts.name!r} ({place}),"
            " and the app could not be reconnected.",
            remedy=f"Connect it again: {by_command(f'connect highlevel --name {facts.name}')}",
        )


def _user_type(held: Stored) -> UserType:
    return "Location" if held.facts.location_id else "Company"
