"""Dead letters: of a record, not of a run; there until it passes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Reason, Reject
from tasks.hub import rejects
from tasks.hub.engine import Hub
from tasks.hub.tables import rejects as table

SOURCE = {
    "location_id": "loc",
    "stream": "file.contact",
    "run_id": "r1",
    "synced_at": datetime(2026, 6, 1, tzinfo=UTC),
}


def made(id_: str, *rules: str, raw: str = "{}") -> Reject:
    return Reject(id_, [Reason(rule, "email", "odd") for rule in rules or ("shape",)], raw)


def keep(hub: Hub, *found: Reject, mapping: str = "mine", **more: Any) -> None:
    with hub.write() as connection:
        rejects.replace(connection, SOURCE | more, found, mapping)


def held(hub: Hub) -> dict[str, Any]:
    with hub.read() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
        return {row["id"]: dict(row) for row in rows}


def test_a_reject_keeps_every_reason_the_raw_record_and_its_mapping(hub: Hub) -> None:
    keep(hub, made("a", "shape", "length", raw='{"x":"\\u0000"}'))
    [row] = held(hub).values()
    assert [reason["rule"] for reason in row["reasons"]] == ["shape", "length"]
    assert (row["payload"], row["mapping"], row["run_id"]) == ('{"x":"\\u0000"}', "mine", "r1")


def test_a_record_that_fails_again_replaces_its_reject(hub: Hub) -> None:
    keep(hub, made("a", "shape"), made("b"))
    keep(hub, made("a", "length"), run_id="r2")
    assert [reason["rule"] for reason in held(hub)["a"]["reasons"]] == ["length"]
    assert set(held(hub)) == {"a", "b"}


def test_one_that_fails_just_as_before_is_not_written(hub: Hub) -> None:
    keep(hub, made("a"))
    keep(hub, made("a"), run_id="r2")
    assert held(hub)["a"]["run_id"] == "r1"
    keep(hub, made("a"), run_id="r3", mapping="other")
    assert held(hub)["a"]["mapping"] == "other"


def test_of_two_of_one_record_in_a_batch_the_last_is_kept(hub: Hub) -> None:
    keep(hub, made("a", "shape"), made("a", "length"))
    assert [reason["rule"] for reason in held(hub)["a"]["reasons"]] == ["length"]


def test_a_record_that_passes_takes_its_reject_away_and_no_other(hub: Hub) -> None:
    keep(hub, made("a"), made("b"))
    keep(hub, made("a"), location_id="elsewhere")
    keep(hub, made("c"), stream="highlevel.contact")
    with hub.write() as connection:
        assert rejects.among_them(connection, SOURCE, ["a", "c", "z"]) == {"a"}
        rejects.resolve(connection, SOURCE, ["a", "c", "z"])
    with hub.read() as connection:
        left = connection.execute(sa.select(table.c.location_id, table.c.id)).all()
    assert sorted(map(tuple, left)) == [("elsewhere", "a"), ("loc", "b"), ("loc", "c")]
