"""A query of an import reads a person's own tables and the hub's, and tells what goes wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tasks.core.errors import BadConfigurationError, HubUnavailableError
from tasks.extract.query import QuerySource
from tasks.hub.engine import Hub
from tasks.hub.query import bounds

ROWS = 3000
SOON = 20
"""Seconds in which a query that may take a part of one has ended, however busy the machine is."""
Ask = Callable[..., Any]

sqlite = pytest.mark.parametrize("own", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("own", ["postgresql"], indirect=True)


def test_own_tables_views_and_the_hubs_own_data_are_read(ask: Ask) -> None:
    assert len(ask("SELECT id, mail AS email FROM leads").records()) == ROWS
    assert len(ask("SELECT * FROM fresh").records()) == 3
    joined = (
        "WITH few AS (SELECT id, mail FROM fresh) SELECT few.id, upper(few.mail) AS email,"
        " (SELECT count(*) FROM contacts) AS known, coalesce(max(l.mail), '') AS last"
        " FROM few LEFT JOIN leads AS l ON l.id = few.id AND l.mail LIKE 'lead%' GROUP BY few.id, few.mail"
        " ORDER BY 1"
    )
    first = ask(joined).records()[0]
    assert first == {"id": "1", "email": "LEAD1@QUERY.EXAMPLE", "known": 0, "last": "lead1@query.example"}
    assert ask("VALUES (7)").records()[0]["column1"] == 7
    assert ask("SELECT count(*) AS n FROM plans; -- all of them").records()[0]["n"] == 0


@pytest.mark.parametrize("literal", [":noon", "100%", "%s", "%(x)s", "$1", "?", "a:b::c", "{}", "b\\s", "é"])
def test_a_literal_is_taken_literally(ask: Ask, literal: str) -> None:
    assert ask(f"SELECT 1 AS id, '{literal}' AS note").records() == [{"id": "1", "note": literal}]


@postgresql
@pytest.mark.parametrize(
    "column",
    [
        "to_char(now(), 'YYYY') || current_date || date_trunc('day', clock_timestamp())",
        "string_agg(mail, ',' ORDER BY id) FILTER (WHERE id > 2)",
        "json_agg(row_to_json(leads))::text || count(*)",
        "gen_random_uuid()::text || random() || md5(concat_ws(',', 'a', 1))",
        "(ROW(1, 2) < ROW(2, 1))::text || pg_typeof(1)",
        "regexp_replace('a b', '\\s', '') || unnest(ARRAY['x'])",
        "first_value(1) OVER ()",
        "to_tsvector('simple', 'a b') @@ to_tsquery('simple', 'a')",
    ],
)
def test_postgresqls_harmless_functions_are_called(ask: Ask, column: str) -> None:
    assert ask(f"SELECT {column} AS note FROM leads WHERE id = 3 OR id IS NULL GROUP BY leads.id").records()


@sqlite
def test_sqlites_harmless_functions_are_called(ask: Ask) -> None:
    told = (
        "SELECT json_extract(doc, '$[0]') AS one, e.value, date('now') AS day FROM leads, json_each(doc) AS e"
    )
    assert len(ask(told).records()) == ROWS
    assert ask("SELECT name FROM sqlite_master WHERE name = 'leads'").records()
    assert ask("WITH one AS (SELECT 1) SELECT count(*) AS n FROM one").records()[0]["n"] == 1


@sqlite
def test_a_full_text_index_of_ones_own_is_searched(own: Hub, ask: Ask) -> None:
    with own.write() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE calls USING fts5(note)")
        connection.exec_driver_sql("INSERT INTO calls VALUES ('wants a call'), ('wants nothing')")
    found = ask("SELECT rowid AS id, note FROM calls WHERE calls MATCH 'call'").records()
    assert found == [{"id": "1", "note": "wants a call"}]


def test_columns_of_one_name_are_refused(ask: Ask) -> None:
    assert "mail" in ask("SELECT mail, id, upper(mail) AS mail FROM leads").refusal()


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("SELECT id\nFORM leads AS x", "line 2"),
        ("SELECT id,\n  nobody FROM leads", "line 2, column 3"),
        ("SELECT id FROM nowhere", "line 1, column 16"),
    ],
)
def test_a_mistake_is_told_with_its_place(ask: Ask, sql: str, place: str) -> None:
    assert place in ask(sql).refusal()


@pytest.mark.parametrize("sql", ["SELECT '\0' AS id", "SELECT '\ud800' AS id"])
def test_what_no_database_can_be_asked_is_refused(ask: Ask, sql: str) -> None:
    ask(sql).refusal()


def test_an_error_in_the_middle_is_told_and_the_hub_stays_writable(own: Hub, ask: Ask) -> None:
    late = {
        "malformed JSON": "json_extract(CASE id WHEN 1500 THEN '{' ELSE doc END, '$')",
        "division by zero": "1 / divisor",
    }
    cause = "malformed JSON" if own.is_sqlite else "division by zero"
    source = ask(f"SELECT id, {late[cause]} AS x FROM leads")
    first = source.take()
    assert len(first.records) == 1000
    told = source.refusal(first)
    assert cause in told
    assert "after row 1,000" in told


@pytest.mark.parametrize("what", ["max(i) AS id FROM n", "count(*) AS id FROM n AS a, n AS b"])
def test_a_query_that_never_answers_is_given_up(ask: Ask, endless: str, what: str) -> None:
    begun = time.monotonic()
    told = ask(f"{endless} SELECT {what}", seconds=0.3).refusal()
    assert time.monotonic() - begun < SOON
    assert "first row" in told
    assert "LUSHA_CONNECT_QUERY_SECONDS" in told


def test_a_query_that_never_ends_is_given_up(ask: Ask, endless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "IN_ALL", 1.0)  # reading for ten times as long would show no more
    with pytest.raises(BadConfigurationError, match="in all"):
        ask(f"{endless} SELECT i AS id FROM n", seconds=3).records()


def test_a_batch_is_read_again_where_it_began(ask: Ask) -> None:
    source = ask("SELECT id, mail AS email FROM leads ORDER BY id")
    first = source.take()
    second = source.take(first)
    third = source.take(second)
    for before, batch in ((second, third), (first, second), (None, first), (third, None)):
        again = source.take(before)
        assert again.records == (batch.records if batch else [])
        assert again.last == (batch is None)


def test_other_rows_in_the_place_of_those_that_were_read_are_refused(own: Hub, ask: Ask) -> None:
    source = ask("SELECT id, mail AS email FROM leads ORDER BY mail")
    first = source.take()
    second = source.take(first)
    assert source.take(first).records == second.records
    with own.write() as connection:
        connection.exec_driver_sql("UPDATE leads SET mail = 'a first' WHERE id = 2999")
    assert "ORDER BY" in source.refusal(first)
    with own.write() as connection:
        connection.exec_driver_sql("UPDATE leads SET mail = 'lead2999@query.example' WHERE id = 2999")


def test_a_source_that_is_given_up_leaves_nothing_open(ask: Ask, endless: str) -> None:
    source = ask(f"{endless} SELECT count(*) AS id FROM n")

    async def give_up() -> None:
        reading = asyncio.create_task(source.read(None, 10))
        await asyncio.sleep(0.3)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await source.aclose()

    asyncio.run(give_up())  # it waits for the thread that asks
    with pytest.raises(RuntimeError, match="closed"):
        source.take()


def test_what_is_wrong_is_told_before_a_row_is_asked_for(ask: Ask, endless: str) -> None:
    for sql in (
        "SELECT nobody FROM leads",
        "SELECT payload FROM credentials",
        "DELETE FROM leads RETURNING id",
    ):
        with pytest.raises(BadConfigurationError):
            asyncio.run(ask(sql).check())
    asyncio.run(ask(f"{endless} SELECT count(*) AS id FROM n").check())  # it is not begun


@postgresql
def test_a_server_that_goes_away_is_the_hubs_failure_not_the_querys(own: Hub, ask: Ask) -> None:
    source = ask("SELECT id FROM leads")
    first = source.take()
    with own.read() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(HubUnavailableError):
        source.take(first)


def test_a_hub_in_memory_cannot_be_asked() -> None:
    hub = Hub("sqlite://")
    with pytest.raises(BadConfigurationError, match="memory"):
        asyncio.run(QuerySource(hub, "file.contact", "here", "SELECT 1 AS id").read(None, 1))
    hub.close()
