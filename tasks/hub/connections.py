"""The connections that the hub keeps: a vendor, an account, a location, and the credential for it, by name.

So one worker serves many locations: a run names a connection, and the credential is read inside the run. The
settings of the environment and ``.env`` are a connection as well, which is in no table.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.errors import BadConfigurationError
from tasks.core.settings import ENV_FILE, Settings, load_settings
from tasks.core.words import closest
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.tables import connections

ENVIRONMENT = "environment"
"""The name of the connection that the environment and ``.env`` are."""

ITSELF = ("", ENVIRONMENT, ENV_FILE)
"""How that one may be named."""


@dataclass(frozen=True, slots=True)
class SavedConnection:
    """One location of a vendor, and what opens it.

    Args:
        name: What runs and people call it.
        account: The vendor's account that the location belongs to; "" where it is not known.
        credential: Name of a stored credential.
        url: Base URL of the vendor's API; "" for the settings'.
        version: API version; "" for the settings'.
    """

    name: str
    vendor: str
    location_id: str
    credential: str
    account: str = ""
    url: str = ""
    version: str = ""
    added_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def is_same(self, other: SavedConnection) -> bool:
        """Whether both lead to the same in the same way."""
        return replace(self, added_at=other.added_at) == other

    def settings(self, environment: Settings) -> Settings:
        """The environment's settings, with the location, the credential and the API of this connection."""
        own = {"highlevel_url": self.url, "highlevel_version": self.version}
        return environment.model_copy(
            update={
                "location_id": self.location_id,
                "highlevel_credential": self.credential,
                "highlevel_token": None,
                **{name: value for name, value in own.items() if value},
            }
        )


def listed(hub: Hub) -> list[SavedConnection]:
    """Every connection that the hub keeps, by name.

    Raises:
        HubUnavailableError: The hub cannot be read.
    """
    with hub.read() as connection:
        rows = connection.execute(sa.select(connections).order_by(connections.c.name)).mappings()
        return [SavedConnection(**row) for row in rows]


def find(hub: Hub, name: str) -> SavedConnection | None:
    """The connection of that name; None where the hub keeps none.

    Raises:
        HubUnavailableError: The hub cannot be read.
    """
    with hub.read() as connection:
        query = sa.select(connections).where(connections.c.name == name)
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else SavedConnection(**row)


def add(hub: Hub, saved: SavedConnection, *, replace: bool = False) -> bool:
    """Keep a connection.

    Args:
        replace: Whether in place of another one of the same name.

    Returns:
        Whether it is new or changed; False where the same is there already.

    Raises:
        BadConfigurationError: There is another one of the same name.
    """
    row: dict[str, Any] = asdict(saved)
    insert = (sqlite.insert if hub.is_sqlite else postgresql.insert)(connections).values(row)
    mine = connections.c.name == saved.name
    with hub.write() as connection:
        connection.execute(insert.on_conflict_do_nothing())
        query = sa.select(connections).where(mine).with_for_update()
        held = SavedConnection(**connection.execute(query).mappings().one())
        if saved.is_same(held):
            return saved.added_at == held.added_at  # to the microsecond: it is the row just made
        if not replace:
            raise BadConfigurationError(
                f"There is a connection {saved.name!r} already, to location {held.location_id}"
                f" with credential {held.credential!r}.",
                remedy="Choose another name, or add --replace.",
            )
        connection.execute(sa.update(connections).where(mine).values(row))
    return True


def remove(hub: Hub, name: str) -> bool:
    """Forget a connection; what was read from its location stays. Returns whether there was one."""
    with hub.write() as connection:
        return connection.execute(sa.delete(connections).where(connections.c.name == name)).rowcount == 1


def look_up(name: str) -> tuple[Settings, SavedConnection | None, list[str]]:
    """The environment's settings, its hub's connection of a name or None, and the names of all of them.

    Raises:
        BadConfigurationError: A setting is wrong.
        HubSchemaError: The hub is another version's.
        HubUnavailableError: The hub cannot be read.
    """
    settings = load_settings()
    with closing(Hub(settings.hub_url)) as hub:
        if not hub.is_there or schema.revision(hub) is None:
            return settings, None, []  # looking for a name makes no hub
        schema.require_current(hub)
        known = {saved.name: saved for saved in listed(hub)}
    return settings, known.get(name), list(known)


def settings_for(name: str) -> Settings:
    """The settings that a name means, where there is no Prefect server to ask for a block.

    Raises:
        BadConfigurationError: The hub has no such connection, or a setting is wrong.
    """
    if name in ITSELF:
        return load_settings()
    settings, saved, known = look_up(name)
    if saved is None:
        raise unknown(name, known)
    return saved.settings(settings)


def unknown(name: str, known: list[str], *, more: str = "") -> BadConfigurationError:
    """The error of a name that no connection has.

    Args:
        more: How else one can be made.
    """
    there = [ENVIRONMENT, *known]
    guess = f"Did you mean {near[0]}? " if (near := closest(name, there)) else ""
    return BadConfigurationError(
        f"There is no connection {name!r}.",
        remedy=f"{guess}There are: {', '.join(there)}. Make one: lusha-connect connections add NAME"
        f" --location … --credential …{more}",
    )
