"""What a request proves its right with: a bearer token, wherever it comes from."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr


class Credential(Protocol):
    """Gives the bearer token for each request."""

    async def bearer(self) -> SecretStr:
        """The token to send now."""

    async def renew(self, refused: SecretStr) -> bool:
        """Called when HighLevel answered 401 to ``refused``; True when another token can be tried."""


class StaticToken:
    """A private integration token: it does not change while a run lasts."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    async def bearer(self) -> SecretStr:
        """The token."""
        return self._token

    async def renew(self, refused: SecretStr) -> bool:  # noqa: ARG002 - there is no other
        """There is no other."""
        return False
