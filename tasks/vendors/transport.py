"""The one module that speaks HTTP: requests out, answers in, failures as the engine's errors.

httpx is imported here and nowhere else, so that replacing it is a change of one file. Nothing here
knows a vendor. An error never carries the request, whose headers hold the credential.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import orjson

from tasks.core.errors import BadConfigurationError, ConnectionFaultError
from tasks.vendors.network import Guard, GuardedBackend, guarded

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs each URL, with the addresses in its query

_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)

_HEADERS = {"accept": "*/*", "accept-encoding": "gzip, deflate", "user-agent": "lusha-connect"}

CONNECT_SECONDS = 10.0
"""How long a connection may take to be made; reading has its own, longer limit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Args:
        headers: Names in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@lru_cache(maxsize=256)
def _url(place: str, query: tuple[tuple[str, str], ...]) -> httpx.URL:
    """A URL, taken apart once: most requests go to a few of them."""
    return httpx.URL(place, params=query) if query else httpx.URL(place)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    def __init__(self) -> None:
        super().__init__(limits=_LIMITS)
        # httpx has no argument for it; httpcore's pool has.
        self._pool._network_backend = GuardedBackend()  # noqa: SLF001


class Transport:
    """A pool of connections to one base URL.

    Args:
        base_url: Scheme, host and port, and a path prefix if there is one.
        timeout: Seconds to wait for each read or write of an answer.

    Raises:
        BadConfigurationError: The URL is not one.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        try:
            url = httpx.URL(base_url)
        except httpx.InvalidURL as error:
            raise BadConfigurationError(f"{base_url!r} is not a URL: {error}.") from None
        if url.scheme not in ("http", "https") or not url.host or " " in base_url:
            raise BadConfigurationError(
                f"{base_url!r} is not a web address.",
                remedy="It should look like https://host or http://host:port.",
            )
        self._place = url.netloc.decode("ascii")
        self._base = str(url).rstrip("/")
        limits = httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
        self._extensions = {"timeout": limits.as_dict()}
        # Not through httpx's client: its redirects, cookies and logins take as long as sending, for nothing.
        self._pool = _GuardedTransport()

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        guard: Guard | None = None,
    ) -> Answer:
        """Send one request and read its whole answer; no retry here.

        Args:
            json: The body, as JSON.
            form: The body, url-encoded instead; the caller's headers name either.
            guard: Asked right before the bytes leave; what it raises is raised.

        Raises:
            ConnectionFaultError: No complete answer came.
        """
        content = None if json is None else orjson.dumps(json)
        content = urlencode(form).encode() if form is not None else content
        try:
            with guarded(guard):
                response = await self._exchange(
                    httpx.Request(
                        method,
                        _url(f"{self._base}{path}", tuple((query or {}).items())),
                        headers={**_HEADERS, **{name.lower(): value for name, value in headers.items()}},
                        content=content,
                        extensions=self._extensions,
                    )
                )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            cause = str(error) or "no connection in time"
            raise ConnectionFaultError(
                f"{self._place} cannot be reached ({cause}): {method} {path}", sent=False
            ) from None
        except httpx.TimeoutException as error:
            raise ConnectionFaultError(
                f"{method} {path}: no answer in time ({type(error).__name__})"
            ) from None
        except httpx.RequestError as error:
            cause = str(error) or type(error).__name__
            raise ConnectionFaultError(f"{method} {path}: {cause}") from None
        return Answer(response.status_code, response.headers, response.content)

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        response = await self._pool.handle_async_request(request)
        try:
            await response.aread()
        finally:
            await response.aclose()
        return response

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()
