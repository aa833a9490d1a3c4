"""HighLevel's authorization server: tokens for a code, for a refresh token, for an agency's token.

Under 2021-07-28 its requests and answers are in snake_case, under v3 in camelCase; both are read whatever
was asked, because answers are not consistent about it. Shapes: ``apps/oauth.json`` and
``apps/v3/oauth-v3.json``; reconnect: the vendor's help pages ("How to reconnect broken marketplace apps").

A request is repeated while it fails in passing. A refresh whose answer was lost has spent its token, so
that the second attempt is told that the grant is dead; ``oauth.py`` knows the way out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson
import stamina
from pydantic import SecretStr

from tasks.core.errors import (
    BadCredentialError,
    DeadGrantError,
    GarbledAnswerError,
    LushaConnectError,
    RateLimitedError,
    RetryableError,
)
from tasks.core.remedies import by_command
from tasks.core.words import sentence
from tasks.vendors.highlevel import answers
from tasks.vendors.highlevel.answers import Request
from tasks.vendors.highlevel.dialect import Dialect
from tasks.vendors.transport import Answer, Transport

UserType = Literal["Location", "Company"]
"""Whether a token is for a sub-account or for its agency."""

ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.2
DEFAULT_SECONDS = 3600.0
"""How long a token is taken to be good where the answer does not say."""


@dataclass(frozen=True, slots=True)
class App:
    """The OAuth app as HighLevel knows it."""

    client_id: str
    client_secret: SecretStr


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens as they were given.

    Args:
        refresh: None where none came with the access token.
        location_id: "" for an agency's.
    """

    access: SecretStr
    refresh: SecretStr | None
    expires_at: datetime
    scopes: tuple[str, ...]
    location_id: str
    company_id: str


class AuthorizationServer:
    """Gives tokens to one app.

    Every method raises:
        DeadGrantError: The code or refresh token was used already, has ended or was revoked.
        BadCredentialError: The app's id or secret is refused.
        VendorFailedError: The request is refused for another reason.
        RetryableError: It failed in passing, several times.
    """

    def __init__(self, transport: Transport, dialect: Dialect, app: App) -> None:
        self._transport = transport
        self._dialect = dialect
        self._app = app

    async def exchange(self, code: SecretStr, *, user_type: UserType, redirect_uri: str = "") -> Grant:
        """Tokens for an authorization code, which is good once."""
        asked = {"grant_type": "authorization_code", "code": code.get_secret_value(), "user_type": user_type}
        return await self._tokens(asked | ({"redirect_uri": redirect_uri} if redirect_uri else {}))

    async def refresh(self, token: SecretStr, *, user_type: UserType) -> Grant:
        """New tokens for a refresh token, which dies."""
        given = token.get_secret_value()
        asked = {"grant_type": "refresh_token", "refresh_token": given, "user_type": user_type}
        return await self._tokens(asked)

    async def location_token(self, agency: SecretStr, *, company_id: str, location_id: str) -> Grant:
        """A location's token from its agency's, which needs the scope oauth.write."""
        path = self._dialect.agency_grant_path
        request = Request(f"POST {path}", "oauth.write", location_id)
        bearer = f"Bearer {agency.get_secret_value()}"
        form = {"companyId": company_id, "locationId": location_id}
        return _grant(request, await self._ask(request, path, {"authorization": bearer}, form=form))

    async def reconnect(self, *, user_type: UserType, place: str) -> SecretStr:
        """A new authorization code for an app that lost its tokens and is still installed.

        Args:
            place: Id of the location or company that it is installed on.
        """
        app = {"clientKey": self._app.client_id, "clientSecret": self._app.client_secret.get_secret_value()}
        asked = {**app, "locationId" if user_type == "Location" else "companyId": place}
        request = Request("POST /oauth/reconnect", "", place)
        body = await self._ask(request, "/oauth/reconnect", {}, json=asked)
        code = _text(body, "authorization_code")
        if not code:
            raise GarbledAnswerError(f"{request.operation}: the answer holds no authorization code")
        return SecretStr(code)

    async def _tokens(self, asked: Mapping[str, str]) -> Grant:
        app = {
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret.get_secret_value(),
        }
        form = {self._spelt(name): value for name, value in {**app, **asked}.items()}
        request = Request("POST /oauth/token", "", "")
        return _grant(request, await self._ask(request, "/oauth/token", {}, form=form))

    async def _ask(
        self,
        request: Request,
        path: str,
        headers: Mapping[str, str],
        *,
        form: Mapping[str, str] | None = None,
        json: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        kind = "application/x-www-form-urlencoded" if form is not None else "application/json"
        fixed = {"version": self._dialect.version, "accept": "application/json", "content-type": kind}
        async for attempt in stamina.retry_context(
            on=_wait,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=FIRST_WAIT_SECONDS,
            wait_jitter=FIRST_WAIT_SECONDS,
        ):
            with attempt:
                sent = {**fixed, **headers}
                answer = await self._transport.send("POST", path, headers=sent, form=form, json=json)
                return _read(request, answer, _secrets({**(form or {}), **(json or {})}))
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _spelt(self, name: str) -> str:
        return _camel(name) if self._dialect.camel_case_oauth else name


def _wait(error: Exception) -> bool | float:
    return error.wait if isinstance(error, RateLimitedError) else isinstance(error, RetryableError)


def _secrets(sent: Mapping[str, str]) -> list[str]:
    names = ("code", "refresh_token", "refreshToken", "client_secret", "clientSecret")
    return [sent[name] for name in names if sent.get(name)]


def _read(request: Request, answer: Answer, secrets: list[str]) -> dict[str, Any]:
    """The answer's object.

    Args:
        secrets: What was sent; a complaint that quotes one of them is not repeated.
    """
    complaint = _oauth_error(answer)
    if complaint in _REMEDIES:
        kind, what, remedy = _REMEDIES[complaint]
        raise kind(f"{request.operation}: HTTP {answer.status} {complaint}: {what}", remedy=remedy)
    try:
        body = answers.read(request, answer)
    except LushaConnectError as error:
        if any(secret in error.what for secret in secrets):
            raise type(error)(f"{request.operation}: HTTP {answer.status}", remedy=error.remedy) from None
        raise
    if not isinstance(body, dict):
        raise GarbledAnswerError(f"{request.operation}: HTTP {answer.status} with no object")
    return body


_REMEDIES: dict[str, tuple[type[BadCredentialError], str, str]] = {
    "invalid_grant": (
        DeadGrantError,
        "the code or refresh token was used already, has ended or was revoked.",
        sentence(by_command("connect highlevel")),
    ),
    **dict.fromkeys(
        ("invalid_client", "unauthorized_client"),
        (
            BadCredentialError,
            "the app's client id or secret is refused.",
            "Correct LUSHA_CONNECT_HIGHLEVEL_CLIENT_ID and …_CLIENT_SECRET (the app's Client Keys).",
        ),
    ),
}
"""What to do about an OAuth ``error``, by its code: type, what it means, remedy."""


def _oauth_error(answer: Answer) -> str:
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return ""
    return str(body.get("error") or "") if isinstance(body, dict) else ""


def _grant(request: Request, body: Mapping[str, Any]) -> Grant:
    access, refresh = _text(body, "access_token"), _text(body, "refresh_token")
    if not access:
        raise GarbledAnswerError(f"{request.operation}: the answer holds no access token")
    lifetime = timedelta(seconds=_seconds(_either(body, "expires_in")))
    return Grant(
        access=SecretStr(access),
        refresh=SecretStr(refresh) if refresh else None,
        expires_at=datetime.now(UTC) + lifetime,
        scopes=tuple(sorted(_text(body, "scope").split())),
        location_id=_text(body, "location_id"),
        company_id=_text(body, "company_id"),
    )


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return DEFAULT_SECONDS
    return min(seconds, 365 * 86_400.0) if math.isfinite(seconds) and seconds > 0 else DEFAULT_SECONDS


def _text(body: Mapping[str, Any], name: str) -> str:
    value = _either(body, name)
    return value if isinstance(value, str) else ""


def _either(body: Mapping[str, Any], name: str) -> Any:
    return body.get(name, body.get(_camel(name)))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
