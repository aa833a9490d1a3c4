"""Importing what a query of the hub finds: nothing but read, nothing left open, and what is wrong is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.core.errors import BadConfigurationError, TooManyRejectsError
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS, runs

Run = Callable[..., Any]
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"


@pytest.fixture
def leads(opened: Hub) -> Hub:
    """A hub with 3,000 leads of a person's own; the first two have an address, the 1,500th is broken."""
    numbers = f"{ENDLESS[:-1]} WHERE i < 3000) SELECT i FROM n"
    mail = "CASE WHEN i < 3 THEN 'lead' || i || '@import.example' ELSE 'no address' END"
    doc = "CASE i WHEN 1500 THEN '{' ELSE '[1]' END"
    with opened.write() as connection:
        for statement in (
            "CREATE TABLE leads (id INTEGER, mail TEXT, first TEXT, divisor INTEGER, doc TEXT)",
            f"INSERT INTO leads SELECT i, {mail}, 'Ada', 1500 - i, {doc} FROM ({numbers}) AS n",
        ):
            connection.exec_driver_sql(statement)
    return opened


@pytest.fixture
def nothing_open(leads: Hub) -> Callable[[], None]:
    """Says whether a run left a connection to the hub open."""

    def of_postgresql() -> int:
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        with leads.read() as connection:
            others = sa.text(f"{count} AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
            found: int = connection.execute(others).scalar_one()
            return found

    def of_sqlite() -> int:
        hub = str(Path(leads.place).resolve())
        return len([file for file in psutil.Process().open_files() if file.path == hub])

    def check() -> None:
        leads.close()
        until = time.monotonic() + 20
        while (of_sqlite if leads.is_sqlite else of_postgresql)():
            assert time.monotonic() < until, "a connection was left open"
            time.sleep(0.02)

    return check


def written(vendor: RunningSandbox) -> bool:
    operations = vendor.requests()["operations"]
    return any(name.startswith(("PUT", "DELETE", "POST /contacts/ ")) for name in operations)


def mirrored(hub: Hub) -> int:
    with hub.read() as connection:
        count: int = connection.execute(
            sa.select(sa.func.count()).select_from(MIRRORS["hub.contact"])
        ).scalar_one()
        return count


def last_run(hub: Hub) -> Any:
    with hub.read() as connection:
        query = sa.select(runs.c.state, runs.c.error).where(runs.c.automation == "import_contacts")
        return connection.execute(query.order_by(runs.c.started_at.desc()).limit(1)).one()


def test_colons_and_percent_signs_are_taken_literally(
    run: Run, vendor: RunningSandbox, leads: Hub, nothing_open: Callable[[], None]
) -> None:
    query = (
        "SELECT id, mail AS email, 'at :noon, 100%s' AS company FROM leads WHERE id < 3 AND first LIKE 'A%'"
    )
    assert run("import_contacts", query=query).counts()["created"] == 2
    made = [one for one in vendor.records("contacts") if one.get("email") == "lead1@import.example"]
    assert [one["companyName"] for one in made] == ["at :noon, 100%s"]
    nothing_open()


def test_an_error_in_the_middle_ends_the_import_and_the_hub_is_written_as_before(
    run: Run, vendor: RunningSandbox, leads: Hub, nothing_open: Callable[[], None]
) -> None:
    late = "json_extract(doc, '$[0]')" if leads.is_sqlite else "1 / divisor"
    query = f"SELECT id, 'lead' || id || '@import.example' AS email, {late} AS note FROM leads"
    ended = run("import_contacts", query=query, batch_size=1000)
    assert isinstance(ended.error, BadConfigurationError)
    assert "after row 1,000" in str(ended.error)
    assert last_run(leads).state == "failed"
    assert "after row 1,000" in last_run(leads).error
    assert not written(vendor)
    nothing_open()
    query = "SELECT id, mail AS email FROM leads WHERE id < 3"
    assert run("import_contacts", query=query).counts()["created"] == 2


def test_an_import_that_dies_in_the_middle_leaves_the_query_closed(
    run: Run, vendor: RunningSandbox, leads: Hub, nothing_open: Callable[[], None]
) -> None:
    ended = run("import_contacts", query="SELECT id, mail AS email FROM leads ORDER BY id", batch_size=500)
    assert isinstance(ended.error, TooManyRejectsError)
    assert last_run(leads).state == "failed"
    nothing_open()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT payload AS email FROM credentials",
        "DELETE FROM leads RETURNING id",
        "SELECT id, mial AS email FROM leads",
    ],
)
def test_what_is_wrong_with_a_query_is_told_before_anything_is_read_from_highlevel(
    run: Run, vendor: RunningSandbox, leads: Hub, nothing_open: Callable[[], None], query: str
) -> None:
    ended = run("import_contacts", query=query)
    assert isinstance(ended.error, BadConfigurationError)
    assert mirrored(leads) == 0
    nothing_open()


def test_the_settings_bound_a_query(
    run: Run, vendor: RunningSandbox, leads: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_QUERY_SECONDS", "0.3")
    ended = run("import_contacts", query=f"{ENDLESS} SELECT max(i) AS id FROM n")
    assert isinstance(ended.error, BadConfigurationError)
    assert "0.3 s" in str(ended.error)
    monkeypatch.setenv("LUSHA_CONNECT_QUERY_URL", "nonsense")
    ended = run("import_contacts", query="SELECT id FROM leads")
    assert isinstance(ended.error, BadConfigurationError)
    assert "LUSHA_CONNECT_QUERY_URL" in str(ended.error)
