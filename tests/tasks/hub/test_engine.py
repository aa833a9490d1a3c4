"""Opening the hub, and what is said when it does not open."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.core.errors import BadConfigurationError, HubUnavailableError
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.tables import runs


def a_run(id_: str) -> dict[str, object]:
    fixed = {"automation": "a", "location_id": "l", "mapping": "m", "mapping_digest": "d"}
    return {
        "id": id_,
        **fixed,
        "parameters": {},
        "state": "running",
        "tally": {},
        "started_at": datetime.now(UTC),
    }


def test_a_write_is_all_or_nothing(hub: Hub) -> None:
    def fails() -> None:
        with hub.write() as connection:
            connection.execute(sa.insert(runs).values(a_run("one")))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with hub.write() as connection:
        connection.execute(sa.insert(runs).values(a_run("two")))
    with hub.read() as connection:
        assert connection.execute(sa.select(runs.c.id)).scalars().all() == ["two"]


def test_moments_come_back_aware_and_in_utc(hub: Hub) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    with hub.write() as connection:
        connection.execute(sa.insert(runs).values(a_run("one") | {"started_at": moment}))
    with hub.read() as connection:
        found = connection.execute(sa.select(runs.c.started_at)).scalar_one()
    assert found == moment
    assert found.utcoffset() == timedelta(0)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("url", ["hub.db", "mysql://u:secret@h/db", "nonsense://x", ""])
def test_a_url_that_is_no_hub_is_refused(url: str) -> None:
    with pytest.raises(BadConfigurationError, match="LUSHA_CONNECT_HUB_URL") as caught:
        Hub(url)
    assert "sqlite:///" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    hub = Hub("postgresql://someone:secret@127.0.0.1:1/hub")
    with pytest.raises(HubUnavailableError) as caught, hub.read():
        pass
    assert "127.0.0.1:1/hub" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HubUnavailableError, match="file"):
        Hub(f"sqlite:///{tmp_path}/file/hub.db").make_folder()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "hub.db"
    file.write_bytes(b"certainly not a database" * 100)
    with (
        pytest.raises(HubUnavailableError, match="not a database"),
        Hub(f"sqlite:///{file}").read() as connection,
    ):
        connection.execute(sa.text("select * from sqlite_master"))


def test_a_full_disk_loses_nothing_and_says_so(tmp_path: Path) -> None:
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}")
    schema.upgrade(hub)

    def fill() -> None:
        with hub.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            for number in range(100):
                connection.execute(sa.insert(runs).values(a_run(str(number)) | {"error": "x" * 10_000}))

    with pytest.raises(HubUnavailableError, match="full") as caught:
        fill()
    assert "Free some space" in str(caught.value)
    with hub.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one() == 0
    hub.close()


def test_a_read_only_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "hub.db"
    hub = Hub(f"sqlite:///{file}")
    schema.upgrade(hub)
    hub.close()
    file.chmod(stat.S_IRUSR)
    if os.access(file, os.W_OK):  # root may write anywhere
        pytest.skip("this user may write read-only files")
    with pytest.raises(HubUnavailableError, match="readonly"), Hub(f"sqlite:///{file}").write():
        pass
