"""Bulk upsert: created, updated and unchanged told apart, and nothing written for the last."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS, raw
from tasks.hub.upsert import Upserted, upsert

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def put(hub: Hub, content: dict[str, str], run: str = "r1", location: str = "loc") -> Upserted:
    fixed = {"location_id": location, "stream": "s", "run_id": run, "synced_at": NOW}
    rows = [{"id": id_, "payload": text} for id_, text in content.items()]
    with hub.write() as connection:
        return upsert(connection, raw, rows, list(content.values()), fixed)


def held(hub: Hub) -> dict[str, tuple[str, str]]:
    with hub.read() as connection:
        return {
            id_: (p, r) for id_, p, r in connection.execute(sa.select(raw.c.id, raw.c.payload, raw.c.run_id))
        }


def test_each_row_is_told_apart(hub: Hub) -> None:
    first = put(hub, {"a": "1", "b": "1"})
    assert (first.created, first.updated, first.unchanged) == (["a", "b"], [], [])
    second = put(hub, {"a": "1", "b": "2", "c": "1"}, run="r2")
    assert (second.created, second.updated, second.unchanged) == (["c"], ["b"], ["a"])
    assert held(hub) == {"a": ("1", "r1"), "b": ("2", "r2"), "c": ("1", "r2")}


def test_an_unchanged_rerun_writes_no_row(hub: Hub) -> None:
    rows = {str(number): "same" for number in range(1000)}
    put(hub, rows)
    statements: list[str] = []
    sa.event.listen(hub.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    assert len(put(hub, rows, run="r2").unchanged) == 1000
    assert [text for text in statements if text.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_the_same_id_in_another_location_is_another_record(hub: Hub) -> None:
    put(hub, {"a": "1"})
    assert put(hub, {"a": "1"}, location="other").created == ["a"]


def test_more_rows_than_a_look_up_holds(hub: Hub) -> None:
    rows = {f"{number:06}": "x" for number in range(12_001)}
    assert len(put(hub, rows).created) == 12_001
    assert len(put(hub, rows).unchanged) == 12_001


def test_every_kind_of_value_arrives_in_its_own_column(hub: Hub) -> None:
    table = MIRRORS["hub.contact"]
    row = {
        "id": "a",
        "first_name": "Zoë",
        "tags": ["x", "y"],
        "custom": {"k": [1, None]},
        "dnd": True,
        "date_of_birth": date(1990, 2, 3),
        "date_added": NOW,
        "city": None,
    }
    fixed = {"location_id": "loc", "run_id": "r", "synced_at": NOW, "deleted_at": None}
    with hub.write() as connection:
        upsert(connection, table, [row], ["mark"], fixed)
    with hub.read() as connection:
        found = connection.execute(sa.select(table)).mappings().one()
    assert {name: found[name] for name in (*row, *fixed, "fingerprint")} == row | fixed | {
        "fingerprint": "mark"
    }


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["1", "2", "3"])), min_size=1, max_size=6
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_batches_ends_in_the_last_content(hub: Hub, batches: list[dict[str, str]]) -> None:
    with hub.write() as connection:
        connection.execute(sa.delete(raw))
    model: dict[str, str] = {}
    for batch in batches:
        done = put(hub, batch)
        assert set(done.created) == batch.keys() - model.keys()
        assert set(done.unchanged) == {id_ for id_, content in batch.items() if model.get(id_) == content}
        model |= batch
    assert {id_: content for id_, (content, _) in held(hub).items()} == model
