"""Where in a hub a word stands."""

from __future__ import annotations

import sqlalchemy as sa

from tasks.hub.engine import Hub
from tasks.hub.tables import metadata


def held(hub: Hub, word: str) -> set[str]:
    """The tables in which a word stands; a row's own text leaves out the middle of what is long."""
    with hub.read() as connection:
        return {
            name
            for name, table in metadata.tables.items()
            if word.lower() in str([tuple(row) for row in connection.execute(sa.select(table))]).lower()
        }
