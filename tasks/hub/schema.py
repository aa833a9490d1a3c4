"""The hub's schema versions: made and brought up to date by code, never half-way.

Migrations are alembic's, run from here so that no configuration file and no second tool is needed. Which
revision a hub has is asked at every command and told without alembic, whose import takes longer.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tasks.core.errors import HubMissingError, HubSchemaError
from tasks.core.remedies import by_command
from tasks.hub.engine import Hub

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "lusha_connect_version"


def upgrade(hub: Hub) -> tuple[str | None, str]:
    """Bring the hub to this program's schema, in one transaction.

    Returns:
        The revision before (None for an empty database) and after.

    Raises:
        HubSchemaError: The hub was made by a newer program.
    """
    from alembic import command  # noqa: PLC0415 - a tenth of a second, for what is rarely done

    hub.make_folder()
    before = revision(hub)
    refuse_newer(f"Hub {hub.place}", before)
    if before != head():
        with hub.write() as connection:
            if not hub.is_sqlite:  # two processes may start at once; SQLite's write lock orders them
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('lusha-connect-schema'))"))
            command.upgrade(_config(connection), "head")
    return before, head()


def require_current(hub: Hub, *, make: bool = True) -> None:
    """Refuse a hub whose schema is not this program's, and one that is not there; make one that is empty.

    Args:
        make: Whether one that is not there is made in the usual place; elsewhere it may be a misspelt URL.

    Raises:
        HubSchemaError: The schema is older or newer.
        HubMissingError: There is none.
    """
    if not hub.is_there and not (make and hub.is_usual):
        raise HubMissingError(
            f"There is no hub at {hub.place}.",
            remedy=f"Correct LUSHA_CONNECT_HUB_URL, or make a new hub: {by_command('hub upgrade')}",
        )
    if not hub.is_there:
        upgrade(hub)
        return
    found = revision(hub)
    if found is None:
        upgrade(hub)
        return
    refuse_newer(f"Hub {hub.place}", found)
    if found != head():
        raise HubSchemaError(
            f"Hub {hub.place} has schema {found}; this program needs {head()}.",
            remedy=f"Stop the workers and make a copy of the hub; then, {by_command('hub upgrade')}",
        )


def revision(hub: Hub) -> str | None:
    """The revision the hub is at; None for a database without one."""
    with hub.read() as connection:
        if not sa.inspect(connection).has_table(VERSION_TABLE):
            return None
        table = sa.table(VERSION_TABLE, sa.column("version_num", sa.String()))
        return connection.execute(sa.select(table.c.version_num)).scalar()


def head() -> str:
    """The revision this program works with."""
    return _revisions(MIGRATIONS)[-1]


@cache
def _revisions(migrations: Path) -> list[str]:
    """All that this program knows, oldest first; each migration's file is named by its own."""
    found = sorted(file.name.partition("_")[0] for file in (migrations / "versions").glob("[0-9]*.py"))
    if not found:  # pragma: no cover - the package is broken without its migrations
        raise HubSchemaError("This installation holds no migrations.", remedy="Install lusha-connect again.")
    return found


def refuse_newer(what: str, found: str | None) -> None:
    """Refuse a hub, or a copy of one, whose schema this program does not know.

    Args:
        what: How the message names it.

    Raises:
        HubSchemaError: It was made by a newer program.
    """
    if found is not None and found not in _revisions(MIGRATIONS):
        raise HubSchemaError(
            f"{what} has schema {found}, which this program (schema {head()}) does not know.",
            remedy="It was made by a newer lusha-connect: install that version, or use another hub.",
        )


def _config(connection: sa.Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
