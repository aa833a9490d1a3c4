"""What the authorization server has given out: codes, access tokens, refresh tokens.

Access tokens live about a day. A refresh token lives until it is used: every refresh makes a new pair and
kills the old refresh token, and no period of grace is documented. Whoever uses one twice is refused, and
counted, so that a test can tell how many processes refreshed.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.highlevel.auth import CLIENT_ID, LOCATION_ID, Credential, location_id_of, private_tokens

__all__ = ["Consent", "Pair", "Tokens"]

_CODE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person allowed the app.

    Attributes:
        user_type: ``Location`` for one sub-account, ``Company`` for the agency.
        location_id: The sub-account.
    """

    scopes: frozenset[str]
    user_type: str = "Location"
    redirect_uri: str = ""
    location_id: str = LOCATION_ID

    @property
    def place(self) -> str:
        """The sub-account whose tokens it gives; empty for the agency's."""
        return self.location_id if self.user_type == "Location" else ""


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and, except for tokens minted from an agency's, its refresh token."""

    access: str
    refresh: str
    consent: Consent


class Tokens:
    """The authorization server's memory, and the private integration tokens.

    Args:
        lifetime: Seconds for which an access token is good.
        clock: Seconds; a test may bring its own.
        locations: How many sub-accounts there are.

    Attributes:
        locations: Their ids.
        removed: Those that are gone; none of their tokens is good.
    """

    def __init__(
        self, lifetime: int, clock: Callable[[], float] = time.monotonic, *, locations: int = 1
    ) -> None:
        self.lifetime = lifetime
        self._clock = clock
        places = range(1, locations + 1)
        self.locations = tuple(map(location_id_of, places))
        self._private = {token: one for place in places for token, one in private_tokens(place).items()}
        self.reset()

    def reset(self) -> None:
        """Forget everything that was given out."""
        self._codes: dict[str, tuple[Consent, float]] = {}
        self._access: dict[str, tuple[Credential, float]] = {}
        self._refresh: dict[str, Consent] = {}
        self.removed: set[str] = set()
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
        if consent is None or consent.place in self.removed:
            self.reused += 1
            return None
        self.refreshed += 1
        return self._pair(consent)

    def has(self, location_id: str) -> bool:
        """Whether there is such a sub-account, still."""
        return location_id in self.locations and location_id not in self.removed

    def for_location(self, agency: Credential, location_id: str, *, renewable: bool) -> Pair:
        """A location's token from its agency's; only v3 gives a refresh token with it."""
        self.issued += 1
        return self._pair(Consent(agency.scopes, location_id=location_id), renewable=renewable)

    def credential(self, authorization: bytes) -> Credential | None:
        """The credential of an Authorization header, or None where it is missing, unknown or expired."""
        known, until = self._found(authorization)
        if known is None or known.expired or known.location_id in self.removed:
            return None
        return known if self._clock() < until else None

    def owner(self, authorization: bytes) -> str | None:
        """The sub-account of an Authorization header, good or not; empty for the agency, None for nobody."""
        known, _ = self._found(authorization)
        return None if known is None else known.location_id

    def _found(self, authorization: bytes) -> tuple[Credential | None, float]:
        """A token that was given out, and until when it is good."""
        scheme, _, token = authorization.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None, 0.0
        private = self._private.get(token.strip())
        return self._access.get(token.strip(), (private, math.inf))

    def _pair(self, consent: Consent, *, renewable: bool = True) -> Pair:
        access = secrets.token_urlsafe(48)
        refresh = secrets.token_urlsafe(48) if renewable else ""
        known = Credential(access, consent.scopes, consent.place, app=CLIENT_ID)
        self._access[access] = (known, self._clock() + self.lifetime)
        if renewable:
            self._refresh[refresh] = consent
        return Pair(access, refresh, consent)
