"""Dead letters: of a record, not of a run; there until it passes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.batch import Reason, Reject
from tasks.core.errors import BadConfigurationError
from tasks.hub import rejects
from tasks.hub.engine import Hub
from tasks.hub.rejects import Wanted
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


def test_rejects_are_listed_by_location_stream_and_words_of_a_reason_the_newest_first(hub: Hub) -> None:
    phone = Reject(
        "a", [Reason("clean", "phone", "'call me' is no phone number"), Reason("x", "", "y")], "{}"
    )
    keep(hub, phone)
    keep(hub, made("b"), synced_at=datetime(2026, 6, 2, tzinfo=UTC))
    keep(hub, made("c"), stream="highlevel.contact")
    keep(hub, made("d"), location_id="elsewhere")

    def ids(limit: int = 9, **wanted: str) -> tuple[list[str], int]:
        found, total = rejects.listed(hub, Wanted(**wanted), limit)
        return [one.record_id for one in found], total

    assert ids() == (["b", "a", "c", "d"], 4)
    assert ids(1) == (["b"], 4)
    assert ids(location_id="loc") == (["b", "a", "c"], 3)
    assert ids(location_id="loc", stream="file.contact") == (["b", "a"], 2)
    assert ids(reason="Phone NUMBER") == ids(reason="clean phone") == (["a"], 1)
    assert ids(reason="phone odd") == ids(reason="number y") == ([], 0)  # all words of one reason
    assert ids(1, reason="odd") == (["b"], 3)
    [kept] = [one for one in rejects.listed(hub, Wanted(), 9)[0] if one.record_id == "a"]
    assert (kept.reasons, kept.raw, kept.mapping, kept.run_id) == (phone.reasons, "{}", "mine", "r1")


def test_a_reject_is_found_by_its_id_a_part_of_it_or_as_the_last(hub: Hub) -> None:
    keep(hub, made("email:ada@a.example"), made("email:eve@a.example"))
    keep(hub, made("12"), made("123"), synced_at=datetime(2026, 6, 2, tzinfo=UTC))
    keep(hub, made("12"), stream="hub.contact")
    for word, found in (
        ("ada", ["email:ada@a.example"]),
        ("12", ["12", "12"]),
        ("123", ["123"]),
        ("last", ["12"]),
    ):
        assert [one.record_id for one in rejects.find(hub, word, "loc")] == found
    for word, message in (
        ("a.example", r"Several rejects match 'a.example': email:ada@a.example \(file.contact\); "),
        ("email:ada@a.exampel", "Did you mean `email:ada@a.example`"),
        ("zz", "There is no reject 'zz'.\n.*rejects list"),
        ("", "There is no reject ''"),
    ):
        with pytest.raises(BadConfigurationError, match=message):
            rejects.find(hub, word, "loc")
    with pytest.raises(BadConfigurationError, match="There is no reject"):
        rejects.find(hub, "ada", "elsewhere")
