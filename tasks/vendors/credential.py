"""What a request proves its right with: a token or a key, wherever it comes from."""

from __future__ import annotations

import asyncio
from typing import Protocol

from pydantic import SecretStr

from tasks.hub.tokens import Stored, TokenStore


class Credential(Protocol):
    """Gives the secret for each request."""

    async def bearer(self) -> SecretStr:
        """The token to send now."""

    async def renew(self, refused: SecretStr) -> bool:
        """Called when the vendor answered 401 to ``refused``; True when another token can be tried."""


class StaticToken:
    """One from the settings: it does not change while a run lasts."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    async def bearer(self) -> SecretStr:
        """The token."""
        return self._token

    async def renew(self, refused: SecretStr) -> bool:  # noqa: ARG002 - there is no other
        """There is no other."""
        return False


class StoredToken:
    """One in the hub that no request renews; one that was exchanged there is found after a 401."""

    def __init__(self, store: TokenStore, stored: Stored) -> None:
        self._store = store
        self._held = stored

    async def bearer(self) -> SecretStr:
        """The token."""
        return self._held.secrets.access

    async def renew(self, refused: SecretStr) -> bool:
        """Look whether a person has stored another token since."""
        self._held = await asyncio.to_thread(self._store.get, self._held.facts.name)
        return self._held.secrets.access != refused
