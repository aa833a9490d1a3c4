"""A hub of each kind with a person's own tables in it, and queries of them; one hub for a module's tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tasks.core.batch import Batch, Json
from tasks.core.errors import BadConfigurationError
from tasks.extract.query import QuerySource
from tasks.hub import schema
from tasks.hub.engine import Hub

ROWS = 3000
SECRET = "sealed-token"
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"

NUMBERS = f"{ENDLESS[:-1]} WHERE i < {ROWS}) SELECT i FROM n"
STORED = (
    "INSERT INTO credentials (name, kind, location_id, company_id, client_id, scopes, payload, generation,"
    f" updated_at) VALUES ('main', 'private', '', '', '', '[]', '{SECRET}', 1, '2026-01-01')"
)
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
OWN = (
    "CREATE TABLE leads (id INTEGER PRIMARY KEY, mail TEXT, divisor INTEGER, doc TEXT)",
    f"INSERT INTO leads SELECT i, 'lead' || i || '@query.example', 1500 - i, '[1]' FROM ({NUMBERS}) AS n",
    "CREATE VIEW fresh AS SELECT id, mail FROM leads WHERE id < 4",
    STORED,
    "CREATE VIEW behind AS SELECT payload AS email FROM credentials",
    "CREATE VIEW further_behind AS SELECT email FROM behind",
)


class Query(QuerySource):
    """A source that tests read to its end."""

    def take(self, before: Batch | None = None, size: int = 1000) -> Batch:
        return asyncio.run(self.read(before.position if before else None, size))

    def records(self) -> list[Json]:
        batch = self.take()
        found = list(batch.records)
        while not batch.last:
            batch = self.take(batch)
            found += batch.records
        return found

    def refusal(self, before: Batch | None = None) -> str:
        """What a person is told."""
        with pytest.raises(BadConfigurationError) as caught:
            self.take(before)
        assert caught.value.remedy
        assert SECRET not in str(caught.value)
        return str(caught.value)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with a person's tables, views of them and of what is hidden, and a stored credential."""
    with ExitStack() as held:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('hub') / 'hub.db'}"
        else:
            url = held.enter_context(request.getfixturevalue("databases").empty())
        hub = Hub(url)
        schema.upgrade(hub)
        with hub.write() as connection:
            for statement in OWN:
                connection.exec_driver_sql(statement)
        yield hub
        hub.close()


@pytest.fixture
def ask(own: Hub) -> Iterator[Callable[..., Query]]:
    """Makes queries, and closes them all; whatever became of them, the hub is as it was before."""
    made: list[Query] = []

    def query(sql: str, **more: Any) -> Query:
        made.append(Query(own, "file.contact", "here", sql, **more))
        return made[-1]

    yield query
    require_nothing_open(own, [one._answer for one in made])
    for one in made:
        one.close()
    require_nothing_open(own, [])
    require_writable(own)


def require_nothing_open(hub: Hub, answers: list[Any]) -> None:
    """No connection but those that are being read; the server takes a moment to notice one that has gone."""
    if hub.is_sqlite:
        return
    hub.engine.dispose()
    until = time.monotonic() + 20
    with hub.read() as connection:
        while connection.exec_driver_sql(OTHERS).scalar_one() > sum(one is not None for one in answers):
            assert time.monotonic() < until, "a connection was left open"
            time.sleep(0.02)
            connection.rollback()  # statistics are of a transaction's beginning


def require_writable(hub: Hub) -> None:
    with hub.write() as connection:
        connection.exec_driver_sql("INSERT INTO leads (id, mail) VALUES (-1, 'later@query.example')")
        connection.exec_driver_sql("DELETE FROM leads WHERE id = -1")
        assert connection.exec_driver_sql("SELECT count(*) FROM leads").scalar_one() == ROWS


@pytest.fixture
def endless() -> str:
    """The beginning of a query that has no last row."""
    return ENDLESS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a query must make no file."""
    return tmp_path
