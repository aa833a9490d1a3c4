"""The hub's schema: made by code, current, and refused when it is another program's."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tasks.core.errors import HubSchemaError
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.tables import metadata


def stamp(hub: Hub, revision: str) -> None:
    with hub.write() as connection:
        connection.execute(sa.text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '{revision}'"))


def test_an_empty_database_becomes_a_hub(hub_url: str) -> None:
    hub = Hub(hub_url)
    assert schema.upgrade(hub) == (None, schema.head())
    assert schema.upgrade(hub) == (schema.head(), schema.head())
    hub.close()


def test_migrations_end_in_the_tables_that_the_code_declares(hub: Hub) -> None:
    with hub.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.VERSION_TABLE, "compare_type": False}
        )
        assert compare_metadata(context, metadata) == []


def test_a_newer_hub_is_left_alone(hub: Hub) -> None:
    stamp(hub, "9999")
    for use in (schema.upgrade, schema.require_current):
        with pytest.raises(HubSchemaError, match="9999") as caught:
            use(hub)
        assert "newer lusha-connect" in str(caught.value)


def test_an_older_hub_asks_for_the_upgrade(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "head", lambda: "0099")
    with pytest.raises(HubSchemaError, match="lusha-connect hub upgrade"):
        schema.require_current(hub)
