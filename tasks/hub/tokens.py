"""Stored credentials: tokens encrypted at rest, replaced by exactly one process at a time.

HighLevel's refresh tokens die when they are used, so two processes must never use the same one. Whoever
wants to renew a token takes a *lease* on its row in one short transaction, makes its requests outside of
any transaction (SQLite has one writer), and saves the new pair in another. The lease ends by itself where
its holder was killed. Each save names the *generation* that it replaces, so that whoever comes late cannot
overwrite what is newer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.errors import BadConfigurationError, BadCredentialError
from tasks.core.remedies import by_command
from tasks.core.words import did_you_mean, sentence
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tables import credentials


class Kind(StrEnum):
    """How a credential came to be."""

    PRIVATE = "private"
    OAUTH = "oauth"
    LUSHA = "lusha"  # an API key, of no location


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is encrypted.

    Args:
        access: The bearer token; empty where none has been made yet.
        refresh: Good for one renewal; None for a private integration token.
        client_secret: Of the app that renews.
    """

    access: SecretStr
    refresh: SecretStr | None = None
    client_secret: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be shown of a credential.

    Args:
        name: What settings and people call it.
        parent: Name of the agency's credential it is made from; "" for one that stands alone.
        location_id: The sub-account it belongs to; "" for an agency's.
        client_id: The app it was given to; "" for a private integration token.
        scopes: What it may do, as far as it is known.
        expires_at: When the access token ends; None where that is not known.
        generation: Rises with every token that takes the place of another.
    """

    name: str
    kind: Kind
    location_id: str = ""
    company_id: str = ""
    client_id: str = ""
    parent: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    generation: int = 0
    updated_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Stored:
    """A credential, decrypted."""

    facts: Facts
    secrets: Secrets


_FACTS = (
    "name",
    "kind",
    "parent",
    "location_id",
    "company_id",
    "client_id",
    "scopes",
    "expires_at",
    "generation",
    "updated_at",
)


def listed(hub: Hub) -> list[Facts]:
    """Every credential by name, without its secrets; no key is needed.

    Raises:
        HubUnavailableError: The hub cannot be read.
    """
    query = sa.select(*(credentials.c[name] for name in _FACTS)).order_by(credentials.c.name)
    with hub.read() as connection:
        return [_facts(row) for row in connection.execute(query).mappings()]


def remove(hub: Hub, name: str) -> int:
    """Delete a credential and those made from it; no key is needed. Returns how many there were."""
    mine = sa.or_(credentials.c.name == name, credentials.c.parent == name)
    with hub.write() as connection:
        return connection.execute(sa.delete(credentials).where(mine)).rowcount


class TokenStore:
    """The hub's credentials, readable with the keys of a ring."""

    def __init__(self, hub: Hub, keyring: Keyring) -> None:
        self._hub = hub
        self._keyring = keyring

    def find(self, name: str) -> Stored | None:
        """A credential, or None where there is none of that name.

        Raises:
            BadCredentialError: It cannot be decrypted.
        """
        with self._hub.read() as connection:
            return self._read(connection, name)

    def get(self, name: str) -> Stored:
        """A credential.

        Raises:
            BadConfigurationError: There is none of that name.
            BadCredentialError: It cannot be decrypted.
        """
        found = self.find(name)
        if found is None:
            near = sentence(did_you_mean(name, [facts.name for facts in listed(self._hub)]))
            guess = f"{near or 'Correct the name in the settings or the connection.'} "
            raise BadConfigurationError(
                f"There is no credential named {name!r} in hub {self._hub.place}.",
                remedy=f"{guess}Or make one: {by_command('credentials add NAME')} (private integration token)"
                " or lusha-connect connect highlevel (OAuth app).",
            )
        return found

    def put(self, credential: Stored, *, replace: bool = True) -> None:
        """Store a credential.

        Args:
            replace: Whether in place of one of the same name, which a renewal under way then cannot
                bring back; otherwise that one stays.
        """
        mine = credentials.c.name == credential.facts.name
        number = sa.select(credentials.c.generation).where(mine).with_for_update()
        insert = sqlite.insert if self._hub.is_sqlite else postgresql.insert
        with self._hub.write() as connection:
            # A new row starts at the time of day, so that it is never taken for a removed namesake.
            before = connection.execute(number).scalar_one_or_none() or self._hub.now_ms(connection)
            row = self._row(credential, before + 1)
            new = insert(credentials).values(row)
            connection.execute(
                new.on_conflict_do_update(index_elements=["name"], set_=row)
                if replace
                else new.on_conflict_do_nothing()
            )

    def lease(self, name: str, generation: int, holder: str, seconds: float) -> Stored | None:
        """Ask to be the one who renews this credential.

        Args:
            generation: The token that is to be replaced.
            holder: Who asks; unlike any other's.
            seconds: After which the lease ends by itself.

        Returns:
            The credential: where its generation is still the one given, the lease is ours; where it is
            another, somebody has renewed it already. None while somebody else holds the lease.
        """
        with self._hub.write() as connection:
            found = self._read(connection, name, lock=True)
            if found is None:
                raise BadCredentialError(f"Credential {name!r} was removed while it was in use.")
            if found.facts.generation != generation:
                return found
            mine = credentials.c.name == name
            until = connection.execute(sa.select(credentials.c.lease_until_ms).where(mine)).scalar_one()
            now, longest = self._hub.now_ms(connection), int(seconds * 1000)
            if 0 < until - now <= longest:  # beyond it, a clock was set back
                return None
            held = {"lease_holder": holder, "lease_until_ms": now + longest}
            connection.execute(sa.update(credentials).where(mine).values(held))
            return found

    def save(self, renewed: Stored, holder: str) -> bool:
        """Keep the token that replaces the one of ``renewed.facts.generation``, and end the lease.

        Returns:
            False, and nothing is written, where a newer one is there already.
        """
        mine = credentials.c.name == renewed.facts.name
        same = credentials.c.generation == renewed.facts.generation
        row = self._row(renewed, renewed.facts.generation + 1)
        with self._hub.write() as connection:
            saved = connection.execute(sa.update(credentials).where(mine, same).values(row)).rowcount == 1
        if not saved:
            self.release(renewed.facts.name, holder)
        return saved

    def release(self, name: str, holder: str) -> None:
        """Give the lease back without a new token."""
        mine = sa.and_(credentials.c.name == name, credentials.c.lease_holder == holder)
        nobody = {"lease_holder": "", "lease_until_ms": 0}
        with self._hub.write() as connection:
            connection.execute(sa.update(credentials).where(mine).values(nobody))

    def rotate(self) -> int:
        """Encrypt every credential under the first key: all of them or none. Returns how many.

        Raises:
            BadCredentialError: One cannot be decrypted.
        """
        query = sa.select(credentials.c.name, credentials.c.payload).order_by(credentials.c.name)
        with self._hub.write() as connection:
            rows = connection.execute(query.with_for_update()).all()
            for name, payload in rows:
                again = {"payload": self._keyring.rotated(payload, name)}
                connection.execute(sa.update(credentials).where(credentials.c.name == name).values(again))
        return len(rows)

    def _read(self, connection: sa.Connection, name: str, *, lock: bool = False) -> Stored | None:
        query = sa.select(credentials).where(credentials.c.name == name)
        row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
        if row is None:
            return None
        return Stored(_facts(row), _opened(self._keyring.decrypt(row["payload"], name)))

    def _row(self, credential: Stored, generation: int) -> dict[str, Any]:
        facts = replace(credential.facts, generation=generation, updated_at=datetime.now(UTC))
        shown = {name: getattr(facts, name) for name in _FACTS}
        payload = self._keyring.encrypt(_closed(credential.secrets))
        parent, scopes = facts.parent or None, list(facts.scopes)
        nobody = {"lease_holder": "", "lease_until_ms": 0}
        return shown | {"parent": parent, "scopes": scopes, "payload": payload} | nobody


def _facts(row: sa.RowMapping) -> Facts:
    shown = {name: row[name] for name in _FACTS}
    kind, scopes = Kind(row["kind"]), tuple(row["scopes"])
    return Facts(**shown | {"kind": kind, "parent": row["parent"] or "", "scopes": scopes})


def _closed(secrets: Secrets) -> bytes:
    named = {name: getattr(secrets, name) for name in Secrets.__dataclass_fields__}
    return orjson.dumps({name: None if it is None else it.get_secret_value() for name, it in named.items()})


def _opened(content: bytes) -> Secrets:
    named: dict[str, str | None] = orjson.loads(content)
    kept = {name: SecretStr(value) for name, value in named.items() if value is not None}
    return Secrets(**kept)
