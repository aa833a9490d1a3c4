"""Whose a mirror is: one mapping's, by its name. Two would spell its rows to and fro."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.errors import BadConfigurationError
from tasks.core.remedies import by_deployment
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.tables import cursors, mirror_mappings
from tasks.streams import mirror_of


def mapping_of(hub: Hub, location_id: str, stream: str) -> str | None:
    """The name of the mapping whose a location's mirror is; None where nothing was mirrored yet."""
    with hub.read() as connection:
        return connection.execute(_held(location_id, stream)).scalar_one_or_none()


def check(hub: Hub, location_id: str, stream: str, mapping: str) -> None:
    """Refuse a mapping that is not the mirror's.

    Raises:
        BadConfigurationError: The mirror is another one's.
    """
    held = mapping_of(hub, location_id, stream)
    if held is not None and held != mapping:
        raise refusal(location_id, stream, held, mapping)


def claim(hub: Hub, run: Run, stream: str, mapping: str, *, switching: bool = False) -> None:
    """Keep whose the mirror is from now on.

    Args:
        run: Of the automation that is about to write it.
        mapping: The name of the mapping by which it does.
        switching: Whether it may have been another one's: then all of it is to be read anew.

    Raises:
        BadConfigurationError: The mirror is another one's.
    """
    if mapping_of(hub, run.location_id, stream) == mapping:
        return
    key = {"location_id": run.location_id, "stream": stream}
    now = datetime.now(UTC)
    news = {"mapping": mapping, "since": now}
    with hub.write() as connection:
        insert = (sqlite.insert if hub.is_sqlite else postgresql.insert)(mirror_mappings)
        connection.execute(insert.values(key | news | {"began_at": now}).on_conflict_do_nothing())
        held = connection.execute(_held(run.location_id, stream).with_for_update()).scalar_one()
        if held == mapping:
            return
        if not switching:
            raise refusal(run.location_id, stream, held, mapping)
        mine = [mirror_mappings.c[name] == value for name, value in key.items()]
        connection.execute(sa.update(mirror_mappings).where(*mine).values(news))
        # What it had read when the mirror was its own before is not what the mirror holds now.
        here = (cursors.c.location_id == run.location_id, cursors.c.automation == run.automation)
        its_own = cursors.c.scope.contains(f" · {mapping}@", autoescape=True)
        connection.execute(sa.delete(cursors).where(*here, its_own))


def began(connection: sa.Connection, location_id: str, stream: str) -> datetime | None:
    """When the hub began to mirror a stream of a location; None where nothing tells."""
    mine = (mirror_mappings.c.location_id == location_id, mirror_mappings.c.stream == stream)
    return connection.execute(sa.select(mirror_mappings.c.began_at).where(*mine)).scalar_one_or_none()


def refusal(location_id: str, stream: str, held: str, mapping: str) -> BadConfigurationError:
    """The error of a mapping that would write another one's mirror."""
    mirror = mirror_of(stream)[1]
    return BadConfigurationError(
        f"The hub's {mirror.table} of location {location_id} are mapped by `{held}`; `{mapping}` would"
        " rewrite them by other rules, and the next run of the other one back again.",
        remedy=f"Use mapping={held}; or, to switch on purpose, "
        + by_deployment(
            mirror.synced_by,
            f"run {mirror.synced_by} --param mapping={mapping} --param full_pass=now",
            mapping=mapping,
            full_pass="now",  # noqa: S106 - no password
        ),
    )


def _held(location_id: str, stream: str) -> sa.Select[str]:
    mine = (mirror_mappings.c.location_id == location_id, mirror_mappings.c.stream == stream)
    return sa.select(mirror_mappings.c.mapping).where(*mine)
