"""On PostgreSQL queries may run as a role of their own: then its rights decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.errors import BadConfigurationError, HubUnavailableError
from tasks.hub.engine import Hub

PLANS = Path(__file__).parents[4] / "docs" / "plans.md"
Ask = Callable[..., Any]
pytestmark = pytest.mark.parametrize("own", ["postgresql"], indirect=True)


def run(hub: Hub, *statements: str) -> None:
    with hub.write() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def as_role(hub: Hub, role: str) -> str:
    url: sa.URL = hub.engine.url.set(drivername="postgresql", username=role, password="hush")
    return url.render_as_string(hide_password=False)


@pytest.fixture
def role(own: Hub) -> Iterator[str]:
    """A role for queries, as docs/plans.md makes it."""
    [made] = re.findall(r"```sql\n(CREATE ROLE lusha_query .+?)```", PLANS.read_text(), re.DOTALL)
    run(
        own,
        made.replace("lusha_query", "asks").replace("…", "hush"),
        "GRANT SELECT ON fresh TO asks",
        "CREATE FUNCTION shout(t text) RETURNS text LANGUAGE sql AS $$ SELECT upper(t) $$",
    )
    yield "asks"
    run(own, "DROP OWNED BY asks", "DROP ROLE asks", "DROP FUNCTION shout")


def test_its_rights_decide_what_is_read(own: Hub, ask: Ask, role: str) -> None:
    url = as_role(own, role)
    found = ask("SELECT id, shout(mail) AS email FROM fresh ORDER BY id", url=url).records()
    assert found[0] == {"id": "1", "email": "LEAD1@QUERY.EXAMPLE"}
    assert ask("SELECT count(*) AS n FROM contacts", url=url).records()[0]["n"] == 0
    for sql, told in (
        ("SELECT payload FROM credentials", "permission denied for table credentials"),
        ("SELECT email FROM behind", "permission denied for view behind"),
        ("SELECT query_to_xml('SELECT payload FROM credentials', true, true, '')::text AS x", "denied"),
        ("SELECT pg_read_file('/etc/hostname') AS x", "permission denied for function pg_read_file"),
        ("SELECT set_config('role', 'postgres', false) AS x", "permission denied"),
        ("DELETE FROM leads", "DELETE"),
        ("SELECT 1 AS a; SELECT 2 AS a", "multiple commands"),
        ("SELECT id FROM leads;\nSELECT 2", "multiple commands"),
        ("SELECT id,\n nobody FROM leads", "line 2, column 2"),
        ("SELECT 1 AS a, 2 AS a", "called a"),
    ):
        assert told in ask(sql, url=url).refusal()


def test_time_is_bound_even_where_the_query_lifts_the_bound(own: Hub, ask: Ask, role: str) -> None:
    lifting = "SELECT set_config('statement_timeout', '0', false) AS a, pg_sleep(60)::text AS b"
    assert "first row" in ask(lifting, url=as_role(own, role), seconds=0.3).refusal()


@pytest.mark.parametrize(
    ("right", "told"),
    [
        ("GRANT SELECT ON credentials TO asks", "may read credentials"),
        ("GRANT SELECT (payload) ON credentials TO asks", "may read credentials"),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO asks", "may read credentials"),
        ("GRANT SELECT ON leases TO PUBLIC", "may read leases"),
        ("GRANT pg_read_all_data TO asks", "may read credentials"),
        ("GRANT postgres TO asks", "may read credentials"),
        ("GRANT pg_read_server_files TO asks", "pg_read_server_files"),
        ("ALTER ROLE asks SUPERUSER", "may read credentials"),
    ],
)
def test_a_role_with_too_many_rights_is_refused(own: Hub, ask: Ask, role: str, right: str, told: str) -> None:
    run(own, right)
    assert told in ask("SELECT id FROM leads", url=as_role(own, role)).refusal()
    run(own, "REVOKE SELECT ON leases FROM PUBLIC")


def test_a_hub_whose_role_is_nobody_special_is_asked_likewise(own: Hub, ask: Ask, role: str) -> None:
    """The hub's own role need not be a superuser, but may have to be given what the check takes."""
    with_less = Hub(as_role(own, role))
    try:
        query = ask("SELECT id, mail AS email FROM fresh ORDER BY id")
        query._hub = with_less
        assert len(query.records()) == 3
        refused = ask("SELECT shout(mail) AS email FROM fresh")
        refused._hub = with_less
        assert "call shout" in refused.refusal()
        database = own.engine.url.database
        run(own, f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
        unchecked = ask("SELECT id FROM leads")
        unchecked._hub = with_less
        assert "temporary view" in unchecked.refusal()
        run(own, f"GRANT TEMPORARY ON DATABASE {database} TO PUBLIC")
    finally:
        with_less.close()


@pytest.mark.parametrize("url", ["sqlite:///hub.db", "nonsense", "mysql://a:hush@b/c"])
def test_another_kind_of_database_is_refused(ask: Ask, url: str) -> None:
    told = ask("SELECT 1 AS id", url=url).refusal()
    assert "LUSHA_CONNECT_QUERY_URL" in told
    assert "hush" not in told


def test_a_role_that_is_not_there_is_told(own: Hub, ask: Ask) -> None:
    with pytest.raises(HubUnavailableError, match="LUSHA_CONNECT_QUERY_URL") as caught:
        ask("SELECT 1 AS id", url=as_role(own, "nobody")).take()
    assert "hush" not in str(caught.value)


def test_it_is_for_postgresql_alone(ask: Ask, own: Hub) -> None:
    query = ask("SELECT 1 AS id", url=as_role(own, "asks"))
    query._hub = Hub("sqlite:///other.db")
    with pytest.raises(BadConfigurationError, match="SQLite"):
        query.take()
    query._hub.close()
