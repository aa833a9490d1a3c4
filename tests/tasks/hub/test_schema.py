"""The hub's schema: made by code, current, and refused when it is another program's."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tasks.core.errors import HubMissingError, HubSchemaError
from tasks.core.settings import HUB_URL
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


def test_the_revisions_are_those_that_alembic_knows() -> None:
    """They are told by the names of the files, without alembic."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    known = [one.revision for one in scripts.walk_revisions()]
    assert schema._revisions(schema.MIGRATIONS) == known[::-1]
    assert schema.head() == scripts.get_current_head()


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


def test_a_misspelt_url_makes_neither_a_hub_nor_a_folder(tmp_path: Path) -> None:
    hub = Hub(f"sqlite:///{tmp_path}/typo/hub.db")
    with pytest.raises(HubMissingError, match="lusha-connect hub upgrade"):
        schema.require_current(hub)
    assert list(tmp_path.iterdir()) == []
    schema.upgrade(hub)
    schema.require_current(hub)
    hub.close()


def test_where_hubs_usually_are_one_is_made_by_what_writes(tmp_path: Path) -> None:
    hub = Hub(HUB_URL)  # relative: below the folder of the test
    with pytest.raises(HubMissingError):
        schema.require_current(hub, make=False)
    assert list(tmp_path.iterdir()) == []
    schema.require_current(hub)
    assert schema.revision(hub) == schema.head()
    hub.close()


def test_a_new_hub_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".lusha-connect"
    hub = Hub(f"sqlite:///{folder / 'hub.db'}")
    schema.upgrade(hub)
    with hub.write() as connection:
        connection.execute(sa.text("CREATE TABLE one (n int)"))
        files = {one.name: one.stat().st_mode & 0o777 for one in folder.iterdir()}
    hub.close()
    assert files == dict.fromkeys(("hub.db", "hub.db-wal", "hub.db-shm"), 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700
