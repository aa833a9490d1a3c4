"""Alembic's entry: migrates on the connection that ``tasks.hub.schema`` hands in."""

from __future__ import annotations

from alembic import context

from tasks.hub.schema import VERSION_TABLE
from tasks.hub.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
