"""A query of an import can do nothing but read, and sees no tokens, no leases and no files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.hub.engine import Hub

Ask = Callable[..., Any]

sqlite = pytest.mark.parametrize("own", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("own", ["postgresql"], indirect=True)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM credentials",
        "SELECT count(*) AS n FROM credentials",
        'SELECT "payload" AS email FROM "credentials"',
        "SELECT email FROM behind",
        "SELECT email FROM further_behind",
        "SELECT 1 AS id FROM leads WHERE EXISTS (SELECT 1 FROM credentials)",
        "SELECT (SELECT payload FROM credentials LIMIT 1) AS email",
        "WITH c AS (SELECT payload FROM credentials) SELECT * FROM c",
        "SELECT mail FROM leads UNION ALL SELECT payload FROM credentials",
        "SELECT c.payload AS email FROM leads JOIN credentials AS c ON c.generation = leads.id",
        "SELECT id FROM leads WHERE false AND id = (SELECT count(*) FROM credentials)",
        "SELECT * FROM leases",
        "SELECT id FROM leads ORDER BY (SELECT min(holder) FROM leases)",
    ],
)
def test_tokens_and_leases_are_never_read(ask: Ask, sql: str) -> None:
    assert ("may not read leases" if "leases" in sql else "may not read credentials") in ask(sql).refusal()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO leads (id) VALUES (9999) RETURNING id",
        "UPDATE leads SET mail = '' RETURNING id",
        "DELETE FROM leads RETURNING id",
        "WITH gone AS (DELETE FROM leads RETURNING id) SELECT * FROM gone",
        "WITH x AS (SELECT 1) DELETE FROM leads",
        "SELECT id INTO copied FROM leads",
        "CREATE TABLE made (id INTEGER)",
        "CREATE TEMP TABLE made (id INTEGER)",
        "CREATE TABLE made AS SELECT id FROM leads",
        "DROP TABLE leads",
        "ALTER TABLE leads RENAME TO made",
        "SELECT id FROM leads; DELETE FROM leads",
        "SELECT 1 AS id; SELECT 2 AS id",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "VACUUM",
        "EXPLAIN DELETE FROM leads",
        "",
        "  -- nothing",
    ],
)
def test_what_is_not_one_select_is_refused(own: Hub, ask: Ask, sql: str) -> None:
    ask(sql).refusal()
    assert not {"made", "copied"} & set(sa.inspect(own.engine).get_table_names())


@pytest.fixture(scope="module")
def indexed(own: Hub) -> None:
    """A full-text index of what is hidden, which reads it whenever it is read, and statistics."""
    index = "CREATE VIRTUAL TABLE index_of_payload USING fts5(payload, content=credentials)"
    with own.write() as connection:
        connection.exec_driver_sql(index)
        connection.exec_driver_sql("ANALYZE")


@sqlite
@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{folder}/made.db' AS made",
        "DETACH main",
        "VACUUM INTO '{folder}/made.db'",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON",
        "PRAGMA journal_mode = DELETE",
        "UPDATE sqlite_master SET sql = ''",
        "SELECT payload FROM index_of_payload",
        "PRAGMA temp_store_directory = '{folder}'",
        "SELECT * FROM pragma_table_info('credentials')",
        "SELECT load_extension('{folder}/made.so') AS id",
        "SELECT writefile('{folder}/made.db', 'x') AS id",
        "SELECT readfile('/etc/hostname') AS id",
        "SELECT hex(data) AS id FROM sqlite_dbpage",
        "SELECT path AS id FROM dbstat",
        "SELECT stat FROM sqlite_stat1",
        "SELECT payload FROM CREDENTIALS",
        "SELECT payload FROM main.credentials",
        "SELECT payload FROM [credentials] INDEXED BY sqlite_autoindex_credentials_1",
        "SELECT name FROM credentials WHERE rowid = 1",
        "REINDEX",
        "ANALYZE",
        "SAVEPOINT made",
        "CREATE VIRTUAL TABLE temp.made USING fts5(x)",
    ],
)
def test_sqlite_opens_no_other_file_and_no_way_around(ask: Ask, folder: Path, sql: str) -> None:
    ask(sql.replace("{folder}", str(folder))).refusal()
    assert not list(folder.iterdir())


@pytest.fixture(scope="module")
def laid_out(own: Hub) -> None:
    """What somebody may have in such a database, and a query must not be led by."""
    body = "LANGUAGE plpgsql IMMUTABLE AS"
    reading = "'BEGIN RETURN (SELECT payload FROM credentials LIMIT 1); END'"
    with own.write() as connection:
        for statement in (
            "CREATE SEQUENCE counter",
            "CREATE VIEW by_file AS SELECT pg_read_file('/etc/hostname') AS email",
            "CREATE MATERIALIZED VIEW kept_behind AS SELECT email FROM behind",
            f"CREATE FUNCTION told(i int) RETURNS text {body} {reading}",
            f"CREATE FUNCTION told_equal(a int, b int) RETURNS bool {body} 'BEGIN RETURN a = b; END'",
            "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = told_equal)",
            f"CREATE FUNCTION told_next(a text, b int) RETURNS text {body} 'BEGIN RETURN told(b); END'",
            "CREATE AGGREGATE summed(int) (SFUNC = told_next, STYPE = text)",
            f"CREATE FUNCTION now(i int) RETURNS text {body} 'BEGIN RETURN told(i); END'",
            "CREATE TABLE elder (payload text NOT NULL)",
            "ALTER TABLE credentials INHERIT elder",
            "CREATE FOREIGN DATA WRAPPER files",
            "CREATE SERVER files FOREIGN DATA WRAPPER files",
            "CREATE FOREIGN TABLE server_file (line text) SERVER files",
        ):
            connection.exec_driver_sql(statement)


@postgresql
@pytest.mark.usefixtures("laid_out")
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT pg_read_file('/etc/hostname') AS id", "call pg_read_file"),
        ("SELECT pg_read_binary_file('/etc/hostname') AS id", "call pg_read_binary_file"),
        ("SELECT * FROM pg_ls_dir('/') AS id", "call pg_ls_dir"),
        ("SELECT (pg_stat_file('/etc/hostname')).size AS id", "call pg_stat_file"),
        ("SELECT lo_import('/etc/hostname') AS id", "call lo_import"),
        ("SELECT lo_export(1, '/tmp/made') AS id", "call lo_export"),
        ("COPY (SELECT 1) TO PROGRAM 'touch /tmp/made'", "COPY"),
        ("COPY leads FROM '/etc/hostname'", "COPY"),
        ("SELECT query_to_xml('SELECT payload FROM credentials', true, true, '')::text", "query_to_xml"),
        ("SELECT table_to_xml('credentials', true, true, '')::text", "call table_to_xml"),
        ("SELECT schema_to_xml('public', true, true, '')::text", "call schema_to_xml"),
        ("SELECT database_to_xml(true, true, '')::text", "call database_to_xml"),
        ("SELECT word AS id FROM ts_stat('SELECT to_tsvector(payload) FROM credentials')", "call ts_stat"),
        ("SELECT ts_rewrite('a'::tsquery, 'SELECT 1, 2')::text", "call ts_rewrite"),
        ("SELECT set_config('transaction_read_only', 'off', false) AS id", "call set_config"),
        ("SELECT set_config('role', 'none', false) AS id", "call set_config"),
        ("SELECT current_setting('data_directory') AS id", "call current_setting"),
        ("SELECT nextval('counter') AS id", "call nextval"),
        ("SELECT last_value AS id FROM counter", "read counter"),
        ("SELECT pg_terminate_backend(1) AS id", "call pg_terminate_backend"),
        ("SELECT pg_sleep(1)::text AS id", "call pg_sleep"),
        ("SELECT pg_get_viewdef('behind') AS id", "call pg_get_viewdef"),
        ("SELECT id FROM leads ORDER BY pg_read_file('/etc/hostname')", "call pg_read_file"),
        ("SELECT id FROM leads WHERE id = any(ARRAY[length(pg_read_file('/etc/x'))])", "call pg_read_file"),
        ("SELECT id FROM leads LIMIT length(pg_read_file('/etc/hostname'))", "call pg_read_file"),
        ("SELECT max(id) FILTER (WHERE pg_read_file('/etc/x') > '') AS id FROM leads", "call pg_read_file"),
        ("SELECT DISTINCT ON (pg_read_file('/etc/hostname')) id FROM leads", "call pg_read_file"),
        ("SELECT x FROM leads, LATERAL (SELECT pg_read_file(mail) AS x) AS l", "call pg_read_file"),
        ("SELECT id FROM leads TABLESAMPLE bernoulli (length(pg_read_file('/etc/x')))", "call pg_read_file"),
        ("SELECT email FROM by_file", "call pg_read_file"),
        ("SELECT told(id) AS id FROM leads", "call told"),
        ("SELECT now(1) AS id", "call now"),
        ("SELECT id FROM leads WHERE id === 1", "call told_equal"),
        ("SELECT id FROM leads WHERE id OPERATOR(public.===) ALL (ARRAY[1])", "call told_equal"),
        ("SELECT summed(id) AS id FROM leads", "call summed"),
        ("SELECT summed(id) OVER () AS id FROM leads", "call summed"),
        ("SELECT rolpassword AS id FROM pg_authid", "read pg_authid"),
        ("SELECT passwd AS id FROM pg_shadow", "read pg_"),
        ("SELECT most_common_vals::text AS id FROM pg_stats WHERE tablename = 'credentials'", "read pg_"),
        ("SELECT sourcefile AS id FROM pg_file_settings", "read pg_file_settings"),
        ("SELECT loid AS id FROM pg_largeobject", "read pg_largeobject"),
        ("SELECT query AS id FROM pg_stat_activity", "read pg_"),
        ("SELECT table_name AS id FROM information_schema.tables", "read "),
        ("SELECT email FROM kept_behind", "read credentials"),
        ("SELECT payload AS email FROM public.credentials", "read credentials"),
        ("SELECT payload AS email FROM elder", "read credentials"),
        ("SELECT line AS email FROM server_file", "read server_file"),
        ("SELECT id FROM leads FOR UPDATE", "FOR UPDATE"),
        ("SET ROLE postgres", '"SET"'),
        ("DO $$ BEGIN DELETE FROM leads; END $$", '"DO"'),
        ("CALL made()", '"CALL"'),
        ("EXPLAIN ANALYZE SELECT 1", '"EXPLAIN"'),
        ("SELECT id FROM leads WHERE mail = $1", "$1"),
        ("SELECT id FROM leads WITH CHECK OPTION", "WITH"),
    ],
)
def test_postgresql_opens_no_file_and_no_way_around(ask: Ask, sql: str, told: str) -> None:
    assert told in ask(sql).refusal()
