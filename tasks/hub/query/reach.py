"""What a query on PostgreSQL would reach, as the server itself understands it, before any of it is done.

The server is asked to make a temporary view of the query. It analyses the query for that, refuses whatever
is not one SELECT, and runs nothing. The tree that it keeps of a view names every table and function by
number, however they were written: operators, casts, and the views that the query reads are in it as well.
The view is rolled back. What is not known to be harmless is refused, so that a function that could run SQL
or read files is refused whether or not it is known here.
"""

from __future__ import annotations

import re

import psycopg
from psycopg.rows import TupleRow

from tasks.core.errors import BadConfigurationError
from tasks.hub.query.bounds import HIDDEN, refused

VIEW = "lusha_connect_query"
PREFIX = f"CREATE TEMPORARY VIEW {VIEW} AS "

_RELATION = re.compile(r":relid (\d+)")
_FUNCTION = re.compile(r":(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)")
_OPERATOR = re.compile(r":opno (\d+)|:opnos \(o ([\d ]+)\)")

_TREES = """
    SELECT ev_action::text FROM pg_catalog.pg_rewrite WHERE ev_class = ANY(%(some)s) AND ev_type = '1'
    UNION ALL
    SELECT ':relid ' || inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = ANY(%(some)s)
"""
"""What relations are made of: a view's tree; a table's partitions, written as they are in a tree."""

_RELATIONS = """
    SELECT c.relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = ANY(%(some)s) AND (
        c.relname = ANY(%(hidden)s)
        OR c.relkind NOT IN ('r', 'p', 'v', 'm')
        OR n.nspname = 'information_schema' OR starts_with(n.nspname, 'pg_')
    )
"""
"""Hidden tables, what is behind foreign tables, and the server's own: its statistics hold samples of any."""

_FUNCTIONS = """
    SELECT f.proname FROM pg_catalog.pg_proc AS f JOIN pg_catalog.pg_language AS l ON l.oid = f.prolang
    WHERE f.oid IN (
        SELECT unnest(%(some)s::oid[])
        UNION SELECT oprcode::oid FROM pg_catalog.pg_operator WHERE oid = ANY(%(operators)s)
    ) AND NOT CASE
        WHEN f.oid >= 16384 THEN f.provolatile = 'i' AND f.prokind = 'f' AND l.lanname = 'c'
        WHEN f.provolatile = 'v' THEN f.proname = ANY(%(changing)s)
        WHEN f.provolatile = 's' THEN f.proname = ANY(%(telling)s)
            OR NOT (f.proname ~ '_to_xml' OR f.proname = 'current_setting' OR starts_with(f.proname, 'pg_'))
        ELSE true
    END
"""
"""PostgreSQL marks its functions: an immutable one computes, a stable one may look, a volatile one may do.

Numbers from 16384 on are not its own; of those only an administrator can make one in C.
"""

CHANGING = [
    *("random", "random_normal", "gen_random_uuid", "uuidv4", "uuidv7", "clock_timestamp", "timeofday"),
    *("array_shuffle", "array_sample"),
]
"""Volatile functions that do nothing."""

TELLING = ["pg_typeof", "pg_input_is_valid", "pg_column_size", "pg_collation_for"]
"""Stable functions of the server's own that tell of nothing but their arguments."""

_RIGHTS = """
    SELECT 'may read ' || min(c.relname) FROM pg_catalog.pg_class AS c
    WHERE c.relname = ANY(%(hidden)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (
        has_any_column_privilege(c.oid, 'SELECT') OR pg_has_role(c.relowner, 'MEMBER')
    ) HAVING count(*) > 0
    UNION ALL
    SELECT 'is a member of ' || rolname FROM pg_catalog.pg_roles
    WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
        AND pg_has_role(oid, 'MEMBER')
"""

Connection = psycopg.Connection[TupleRow]


def require_harmless(connection: Connection, sql: str) -> None:
    """Refuse a query that reaches what it must not; within a transaction that is rolled back.

    Raises:
        BadConfigurationError: It does.
        psycopg.Error: It is not a SELECT.
    """
    _require_temporary(connection)
    # Binary, because that goes by the protocol that takes one statement only.
    connection.execute((PREFIX + sql).encode(), binary=True)
    relations, trees = _walk(connection)
    hidden = {"some": list(relations), "hidden": list(HIDDEN)}
    for name in _names(connection, _RELATIONS, hidden):
        raise refused(f"it may not read {name}")
    operators = " ".join(" ".join(one) for one in _OPERATOR.findall(trees)).split()
    functions = {
        "some": [int(one) for one in _FUNCTION.findall(trees)],
        "operators": [int(one) for one in operators],
        "changing": CHANGING,
        "telling": TELLING,
    }
    for name in _names(connection, _FUNCTIONS, functions):
        raise refused(
            f"it may not call {name}",
            remedy="Do without it, or let queries run as a role of their own (docs/plans.md).",
        )


def require_few_rights(connection: Connection) -> None:
    """Refuse a role that could read what no query may.

    Raises:
        BadConfigurationError: It could.
    """
    for what in _names(connection, _RIGHTS, {"hidden": list(HIDDEN)}):
        raise BadConfigurationError(
            f"The role of LUSHA_CONNECT_QUERY_URL {what}.",
            remedy="Take that right from it; docs/plans.md has the SQL that makes a role for queries.",
        )


def _require_temporary(connection: Connection) -> None:
    may = "SELECT current_user WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')"
    for role in _names(connection, may, {}):
        raise BadConfigurationError(
            f"The query cannot be checked: {role} may make no temporary view.",
            remedy=f"GRANT TEMPORARY ON DATABASE … TO {role}, or let queries run as a role of their own"
            " (docs/plans.md).",
        )


def _walk(connection: Connection) -> tuple[set[int], str]:
    """Every relation that the view reads, through views and partitions, and the trees that say so."""
    [(view,)] = connection.execute(f"SELECT 'pg_temp.{VIEW}'::regclass::oid").fetchall()
    seen, new, trees = {view}, {view}, ""
    while new:
        found = " ".join(_names(connection, _TREES, {"some": list(new)}))
        new = {int(one) for one in _RELATION.findall(found)} - seen
        seen |= new
        trees += found
    return seen - {view}, trees


def _names(connection: Connection, sql: str, values: dict[str, object]) -> list[str]:
    return [name for (name,) in connection.execute(sql, values)]
