"""A person allows the app in the browser, the tokens go to the hub."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import webbrowser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

from cli import console
from cli.connect.callback import HOST, PATH, Callback, listening
from cli.credentials.commands import check_name, shown
from cli.open_hub import open_hub
from flows.scopes import READS
from tasks.core.errors import BadConfigurationError, LushaConnectError
from tasks.core.settings import PREFIX, Settings, load_settings
from tasks.hub import tokens
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore
from tasks.vendors.highlevel.auth.authorization import App, AuthorizationServer, Grant, UserType
from tasks.vendors.highlevel.dialect import DIALECTS
from tasks.vendors.transport import Transport

LEAST_SCOPES = {False: READS, True: (*READS, "oauth.write")}
"""What backfill_contacts and sync_contacts need; an agency's token also has to make the location's."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for.

    Args:
        name: Under which the credential is stored.
        agency: Whether the app is installed on the agency, whose token makes the locations'.
        redirect_url: The app's redirect URL where it is not this machine's address, a tunnel's say.
        replace: Whether the credential may belong to another location than before.
    """

    name: str
    scopes: Sequence[str]
    agency: bool
    port: int
    redirect_url: str
    timeout: float
    browser: bool
    replace: bool

    @property
    def user_type(self) -> UserType:
        """Whose token is wanted."""
        return "Company" if self.agency else "Location"

    @property
    def address(self) -> str:
        """Where HighLevel sends the browser: one of the app's redirect URLs, to the letter."""
        return self.redirect_url or f"http://{HOST}:{self.port}{PATH}"


def connect_highlevel(wish: Wish, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    check_name(wish.name)
    settings = load_settings()
    app = _app(settings)
    state = secrets.token_urlsafe(32)
    with open_hub(make=True) as hub:
        store = TokenStore(hub, Keyring(settings.encryption_keys))
        before = None if wish.replace else _taken(hub, wish.name)
        with listening(wish.port, state) as callback:
            _invite(consent_url(settings, wish, state), browser=wish.browser)
            with _told(callback):
                code = callback.code(wish.timeout)
                grant = asyncio.run(_exchange(settings, app, wish, code))
                facts = _facts(wish, app, grant)
                _refuse_another_place(facts, before)
                store.put(Stored(facts, Secrets(grant.access, grant.refresh, app.client_secret)))
                callback.show("Connected", f"{_place(facts)} is connected. You can close this page.")
    _report(facts, wish, as_json=as_json)
    return 0


def consent_url(settings: Settings, wish: Wish, state: str) -> str:
    """The page to open; what the setting's own query says otherwise (a version_id) stays."""
    page = urlsplit(settings.highlevel_consent_url)
    if page.scheme not in ("http", "https") or not page.netloc:
        raise BadConfigurationError(f"{PREFIX}HIGHLEVEL_CONSENT_URL is not a web address.")
    asked = {
        "response_type": "code",
        "client_id": settings.highlevel_client_id,
        "redirect_uri": wish.address,
        "scope": " ".join(wish.scopes),
        "state": state,
    }
    return urlunsplit(page._replace(query=urlencode({**dict(parse_qsl(page.query)), **asked})))


def _app(settings: Settings) -> App:
    if not settings.highlevel_client_id or settings.highlevel_client_secret is None:
        raise BadConfigurationError(
            "The OAuth app's client id and secret are not set.",
            remedy=f"Set {PREFIX}HIGHLEVEL_CLIENT_ID and {PREFIX}HIGHLEVEL_CLIENT_SECRET"
            " (marketplace: My Apps → the app → Client Keys); docs/connect.md has every step.",
        )
    return App(settings.highlevel_client_id, settings.highlevel_client_secret)


def _invite(url: str, *, browser: bool) -> None:
    opened = browser and webbrowser.open(url)
    text = "Your browser opens HighLevel's consent page" if opened else "Open this page in a browser"
    console.err.print(f"{text}:\n{url}", markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def _told(callback: Callback) -> Iterator[None]:
    """A failure is told in the browser, too; what it is, in the terminal alone."""
    try:
        yield
    except LushaConnectError:
        callback.show(
            "Not connected", "Something went wrong; the terminal says what. You can close this page."
        )
        raise


async def _exchange(settings: Settings, app: App, wish: Wish, code: SecretStr) -> Grant:
    async with Transport(settings.highlevel_url, settings.http_timeout) as transport:
        server = AuthorizationServer(transport, DIALECTS[settings.highlevel_version], app)
        return await server.exchange(code, user_type=wish.user_type, redirect_uri=wish.address)


def _facts(wish: Wish, app: App, grant: Grant) -> Facts:
    return Facts(
        wish.name,
        Kind.OAUTH,
        location_id=grant.location_id,
        company_id=grant.company_id,
        client_id=app.client_id,
        scopes=grant.scopes,
        expires_at=grant.expires_at,
    )


def _taken(hub: Hub, name: str) -> Facts | None:
    """What has that name; no key is needed, because a lost key is a reason to connect again."""
    found = next((facts for facts in tokens.listed(hub) if facts.name == name), None)
    if found is not None and found.kind is Kind.PRIVATE:
        raise BadConfigurationError(
            f"Credential {name!r} is a private integration token.",
            remedy="Store this one under another --name, or add --replace.",
        )
    return found


def _refuse_another_place(facts: Facts, before: Facts | None) -> None:
    if before is not None and before.location_id != facts.location_id:
        raise BadConfigurationError(
            f"Credential {facts.name!r} belongs to {_place(before)}, but {_place(facts)} was chosen;"
            " nothing was changed.",
            remedy="Choose the same one, or store this one under another --name, or add --replace.",
        )


def _place(facts: Facts) -> str:
    return f"location {facts.location_id}" if facts.location_id else f"agency {facts.company_id}"


def _report(facts: Facts, wish: Wish, *, as_json: bool) -> None:
    missing = sorted(set(wish.scopes) - set(facts.scopes))
    if as_json:
        console.print_json({**shown(facts), "missing_scopes": missing})
        return
    lines = [f"Connected {_place(facts)} as {facts.name!r}; its tokens are encrypted in the hub."]
    if missing:
        lines.append(f"Not granted: {' '.join(missing)} (the app's own scopes must have them).")
    lines += ["Use it with:", f"  {PREFIX}HIGHLEVEL_CREDENTIAL={facts.name}"]
    lines += [f"  {PREFIX}LOCATION_ID={facts.location_id or '…'}"]
    console.say("\n".join(lines))
