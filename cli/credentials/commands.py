"""The hub's encrypted tokens: stored, listed, tried, removed; none is ever shown."""

from __future__ import annotations

import asyncio
import getpass
import re
import sys
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from cli import console
from cli.console import say
from cli.open_hub import open_hub
from tasks.core.errors import BadConfigurationError, BadCredentialError
from tasks.core.settings import PREFIX, Settings, load_settings
from tasks.core.words import counted, nearest_of_all
from tasks.hub import connections, tokens
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_ASKED = {"highlevel": "Private integration token", "lusha": "API key"}
"""By vendor, what is asked for."""


def add(name: str, location: str, scopes: list[str], *, vendor: str, replace: bool, as_json: bool) -> int:
    """The command: store a token or a key, read from a prompt or standard input. Returns the exit code."""
    check_name(name)
    if vendor not in _ASKED:
        raise BadConfigurationError(
            f"There is no vendor {vendor!r}.", remedy=nearest_of_all(vendor, [*_ASKED])
        )
    settings = load_settings()
    facts = Facts(name, Kind.LUSHA)
    if vendor != "lusha":
        place = location or settings.location()
        facts = Facts(name, Kind.PRIVATE, location_id=place, scopes=tuple(scopes))
    with open_hub(make=True) as hub:
        store = TokenStore(hub, Keyring(settings.encryption_keys))
        if not replace and any(known.name == name for known in tokens.listed(hub)):
            raise BadConfigurationError(
                f"There is a credential {name!r} already.", remedy="Choose another name, or add --replace."
            )
        store.put(Stored(facts, Secrets(_asked_token(_ASKED[vendor]))))
    if as_json:
        console.print_json(shown(facts))
        return 0
    say(f"Stored {name!r} for {_place(facts)}, encrypted.")
    say(f"Try it: lusha-connect credentials test {name}")
    say(f"Use it: {PREFIX}{vendor.upper()}_CREDENTIAL={name}")
    return 0


def list_credentials(*, as_json: bool) -> int:
    """The command. Needs no key. Returns the exit code."""
    with open_hub() as hub:
        found = tokens.listed(hub)
    if as_json:
        console.print_json([shown(facts) for facts in found])
        return 0
    if not found:
        say(
            "No credentials. Make one: lusha-connect credentials add NAME, or lusha-connect connect highlevel"
        )
        return 0
    columns = {"name": "left", "kind": "left", "location": "left", "scopes": "left", "expires (UTC)": "left"}
    rows = [
        (
            facts.name,
            facts.kind,
            facts.location_id or ("(Lusha)" if facts.kind is Kind.LUSHA else "(agency)"),
            " ".join(facts.scopes) or "?",
            _expiry(facts),
        )
        for facts in found
    ]
    console.table("credentials", columns, rows)
    return 0


def remove(name: str, *, as_json: bool) -> int:
    """The command: what was made from it goes as well. Returns the exit code."""
    with open_hub() as hub:
        if not tokens.remove(hub, name):
            raise _unknown(hub, name)
        orphans = [saved.name for saved in connections.listed(hub) if saved.credential == name]
    if as_json:
        console.print_json({"removed": name} | ({"connections": orphans} if orphans else {}))
        return 0
    say(f"Removed {name!r}. The token or key itself is still good: revoke it where it was made.")
    if orphans:
        say(f"Connections that are without one now: {', '.join(orphans)}.")
    return 0


def rotate_key(*, as_json: bool) -> int:
    """The command: every credential under the first key. Returns the exit code."""
    settings = load_settings()
    keyring = Keyring(settings.encryption_keys)
    with open_hub() as hub:
        count = TokenStore(hub, keyring).rotate()
    if as_json:
        console.print_json({"encrypted": count, "keys": keyring.size})
        return 0
    say(f"Encrypted under the first key: {counted(count, 'credential')}.")
    if keyring.size > 1:
        say(f"Keys after the first can be removed from {PREFIX}ENCRYPTION_KEYS, wherever it is set.")
    return 0


def test(name: str, *, as_json: bool) -> int:
    """The command: one harmless request. Returns the exit code, 2 where the credential is refused."""
    settings = load_settings()
    error: BadCredentialError | None = None
    contacts = None
    with open_hub() as hub:
        facts = _facts_of(settings, hub, name)
        if facts.kind is Kind.LUSHA:
            return _test_lusha(settings, hub, facts, as_json=as_json)
        chosen = {"highlevel_credential": facts.name, "location_id": facts.location_id or settings.location()}
        if name or settings.highlevel_credential:
            settings = settings.model_copy(update=chosen)
        try:
            contacts = asyncio.run(_contacts(settings, hub))
        except BadCredentialError as refused:
            error = refused
    result = {"name": facts.name, "location_id": settings.location_id, "works": error is None}
    if as_json:
        told = {"error": None} if error is None else console.error_as_json(error)
        console.print_json(result | {"contacts": contacts} | told)
    elif error is None:
        who = facts.name or "The token"
        say(f"✓ {who} reads the contacts of location {settings.location_id}: {contacts:,} of them.")
    if error is not None:
        console.print_error(error)
        return console.exit_code(error)
    return 0


def check_name(name: str) -> None:
    """Refuse a name that settings, paths or people could misread.

    Raises:
        BadConfigurationError: It holds anything but letters, digits, dots, dashes and underscores.
    """
    if not _NAME.fullmatch(name):
        raise BadConfigurationError(
            f"{name!r} cannot be a credential's name.",
            remedy="Use letters, digits, dots, dashes, underscores.",
        )


def shown(facts: Facts) -> dict[str, Any]:
    """What a program may read of a credential."""
    names = ("name", "kind", "location_id", "company_id", "client_id", "expires_at", "updated_at")
    return {name: getattr(facts, name) for name in names} | {"scopes": list(facts.scopes)}


def _place(facts: Facts) -> str:
    return "Lusha" if facts.kind is Kind.LUSHA else f"location {facts.location_id}"


def _asked_token(what: str) -> SecretStr:
    """The token, which must not be an argument: those are seen by every user of the machine."""
    given = getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not _TOKEN.fullmatch(given.strip()):
        raise BadConfigurationError(
            "That is no token." if given.strip() else "No token was given.",
            remedy="Paste it at the prompt, or pipe it in: lusha-connect credentials add NAME < token.txt",
        )
    return SecretStr(given.strip())


def _test_lusha(settings: Settings, hub: Hub, facts: Facts, *, as_json: bool) -> int:
    """The same for Lusha's API key: the account's usage is free."""
    chosen = settings.model_copy(update={"lusha_credential": facts.name})
    try:
        left = asyncio.run(_credits(chosen, hub))
    except BadCredentialError as error:
        if as_json:
            console.print_json({"name": facts.name, "works": False} | console.error_as_json(error))
        console.print_error(error)
        return console.exit_code(error)
    if as_json:
        console.print_json({"name": facts.name, "works": True, "credits": left, "error": None})
        return 0
    say(f"✓ {facts.name} is taken by Lusha: {'no' if left is None else f'{left:,g}'} credits left.")
    return 0


async def _credits(settings: Settings, hub: Hub) -> float | None:
    from tasks.edge.connectors import leads_connected

    async with leads_connected(settings, hub) as leads:
        return (await leads.usage()).remaining


async def _contacts(settings: Settings, hub: Hub) -> int:
    from tasks.vendors.highlevel.api.contacts import search
    from tasks.vendors.highlevel.client import connect

    async with connect(settings, hub) as highlevel:
        return (await search(highlevel, limit=1, sort="dateAdded")).total


def _facts_of(settings: Settings, hub: Hub, name: str) -> Facts:
    """The named credential, or the one that the settings name; without either, their token."""
    wanted = name or settings.highlevel_credential
    if not wanted:
        return Facts("", Kind.PRIVATE, location_id=settings.location())
    for facts in tokens.listed(hub):
        if facts.name == wanted:
            return facts
    raise _unknown(hub, wanted)


def _unknown(hub: Hub, name: str) -> BadConfigurationError:
    known = [facts.name for facts in tokens.listed(hub)]
    remedy = nearest_of_all(name, known) if known else "There is none: lusha-connect credentials add NAME"
    return BadConfigurationError(f"There is no credential {name!r}.", remedy=remedy)


def _expiry(facts: Facts) -> str:
    if facts.expires_at is None:
        return "?" if facts.kind is Kind.OAUTH else "never"
    ended = " (renewed at use)" if facts.expires_at <= datetime.now(UTC) else ""
    return f"{facts.expires_at:%Y-%m-%d %H:%M}{ended}"
