"""Several sub-accounts of one agency behind one gateway, each with its own token, data, quota and faults.

A request is that of the sub-account whose token it carries. An agency's token, which is good for all of them,
is about the one that the request names. Whatever names none is the first one's.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from sandbox.core.answers import answer
from sandbox.core.control import PREFIX
from sandbox.core.faults import Fault
from sandbox.core.gateway import App, Gateway, send_answer
from sandbox.core.options import Options
from sandbox.highlevel.app import HighLevel
from sandbox.highlevel.location import Location
from sandbox.highlevel.tokens import Tokens

__all__ = ["open_locations", "opened_app"]


def open_locations(options: Options) -> list[Location]:
    """The sub-accounts that are asked for, with one authorization server."""
    tokens = Tokens(options.token_seconds, locations=options.locations)
    found = [Location(options, place, tokens) for place in range(1, options.locations + 1)]
    for location in found:
        location.siblings = found
    return found


def opened_app(locations: list[Location], options: Options, faults: list[Fault]) -> App:
    """What answers for them; the faults are the first one's."""
    apps = {
        location.id: Gateway(
            HighLevel(location, options), faults if location is locations[0] else [], options.latency
        )
        for location in locations
    }
    return _Several(apps, locations[0].tokens) if len(apps) > 1 else apps[locations[0].id]


class _Several:
    """Hands each request to the sub-account that it is about."""

    def __init__(self, apps: Mapping[str, Gateway], tokens: Tokens) -> None:
        self._apps = apps
        self._tokens = tokens
        self._first = next(iter(apps.values()))

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["path"].startswith(PREFIX):
            [named] = query.get("location", [next(iter(self._apps))])[:1]
            app = self._apps.get(named)
            if app is None:
                await _unknown(send, named, list(self._apps))
                return
        else:
            app = self._apps.get(self._place(scope, query), self._first)
        await app(scope, receive, send)

    def _place(self, scope: MutableMapping[str, Any], query: Mapping[str, list[str]]) -> str:
        """The sub-account of a request's token; for the agency's, the one that is named."""
        owner = self._tokens.owner(dict(scope["headers"]).get(b"authorization", b""))
        if owner != "":
            return owner or ""
        named = [*scope["path"].split("/"), *query.get("locationId", ())]
        return next((one for one in named if one in self._apps), "")


async def _unknown(send: Any, named: str, known: list[str]) -> None:
    given = answer(404, {"message": f"no location {named!r}; there are {', '.join(known)}"})
    await send_answer(send, given, [])
