"""What the authorization server has given out: codes, access tokens, refresh tokens.

Access tokens live about a day. A refresh token lives until it is used: every refresh makes a new pair and
kills the old refresh token, and no period of grace is documented. Whoever uses one twice is refused, and
counted, so that a test can tell how many processes refreshed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.auth import CLIENT_ID, LOCATION_ID, Credential, private_token

__all__ = ["Consent", "Pair", "Tokens"]

_CODE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person allowed the app.

    Attributes:
        user_type: ``Location`` for one sub-account, ``Company`` for the agency.
    """

    scopes: frozenset[str]
    user_type: str = "Location"
    redirect_uri: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and, except for tokens minted from an agency's, its refresh token."""

    access: str
    refresh: str
    consent: Consent


class Tokens:
    """The authorization server's memory.

    Args:
        lifetime: Seconds for which an access token is good.
        clock: Seconds; a test may bring its own.
    """

    def __init__(self, lifetime: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.lifetime = lifetime
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything that was given out."""
        self._codes: dict[str, tuple[Consent, float]] = {}
        self._access: dict[str, tuple[Credential, float]] = {}
        self._refresh: dict[str, Consent] = {}
        self.installed: Consent | None = None
        self.issued = self.refreshed = self.reused = 0

    def summary(self) -> dict[str, int]:
        """How many pairs were issued and refreshed, and how many dead refresh tokens were refused."""
        return {"issued": self.issued, "refreshed": self.refreshed, "reused": self.reused}

    def expire(self) -> int:
        """End all access tokens now; their refresh tokens stay good."""
        ended = len(self._access)
        self._access.clear()
        return ended

    def approve(self, consent: Consent) -> str:
        """An authorization code, good once and for ten minutes."""
        self.installed = consent
        code = secrets.token_hex(20)
        self._codes[code] = (consent, self._clock() + _CODE_SECONDS)
        return code

    def exchange(self, code: str, redirect_uri: str) -> Pair | None:
        """A pair for a code, or None where the code is dead or was made for another address."""
        consent, until = self._codes.pop(code, (None, 0.0))
        if consent is None or until <= self._clock():
            return None
        if redirect_uri and consent.redirect_uri and redirect_uri != consent.redirect_uri:
            return None
        self.issued += 1
        return self._pair(consent)

    def refresh(self, token: str) -> Pair | None:
        """A new pair for a refresh token, which dies; None where it is dead already."""
        consent = self._refresh.pop(token, None)
        if consent is None:
            self.reused += 1
            return None
        self.refreshed += 1
        return self._pair(consent)

    def for_location(self, agency: Credential, *, renewable: bool) -> Pair:
        """A location's token from its agency's; only v3 gives a refresh token with it."""
        self.issued += 1
        return self._pair(Consent(agency.scopes), renewable=renewable)

    def credential(self, authorization: bytes) -> Credential | None:
        """The credential of an Authorization header, or None where it is missing, unknown or expired."""
        scheme, _, token = authorization.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = token.strip()
        known, until = self._access.get(token, (None, 0.0))
        if known is None:
            return private_token(token)
        return known if self._clock() < until else None

    def _pair(self, consent: Consent, *, renewable: bool = True) -> Pair:
        access = secrets.token_urlsafe(48)
        refresh = secrets.token_urlsafe(48) if renewable else ""
        place = LOCATION_ID if consent.user_type == "Location" else ""
        known = Credential(access, consent.scopes, place, app=CLIENT_ID)
        self._access[access] = (known, self._clock() + self.lifetime)
        if renewable:
            self._refresh[refresh] = consent
        return Pair(access, refresh, consent)
