"""Bulk upsert: created, updated and unchanged told apart, and nothing written for the last."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.hub.engine import Hub
from tasks.hub.tables import raw
from tasks.hub.upsert import upsert

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def row(id_: str, content: str, run: str = "r1", location: str = "loc") -> dict[str, object]:
    fixed = {"location_id": location, "stream": "s", "run_id": run, "synced_at": NOW}
    return {"id": id_, "payload": content, "fingerprint": content, **fixed}


def held(hub: Hub) -> dict[str, tuple[str, str]]:
    with hub.read() as connection:
        return {
            id_: (p, r) for id_, p, r in connection.execute(sa.select(raw.c.id, raw.c.payload, raw.c.run_id))
        }


def test_each_row_is_told_apart(hub: Hub) -> None:
    with hub.write() as connection:
        first = upsert(connection, raw, [row("a", "1"), row("b", "1")])
        assert (first.created, first.updated, first.unchanged) == (["a", "b"], [], [])
    with hub.write() as connection:
        second = upsert(connection, raw, [row("a", "1", "r2"), row("b", "2", "r2"), row("c", "1", "r2")])
    assert (second.created, second.updated, second.unchanged) == (["c"], ["b"], ["a"])
    assert held(hub) == {"a": ("1", "r1"), "b": ("2", "r2"), "c": ("1", "r2")}


def test_an_unchanged_rerun_writes_no_row(hub: Hub) -> None:
    rows = [row(str(number), "same") for number in range(1000)]
    with hub.write() as connection:
        upsert(connection, raw, rows)
    statements: list[str] = []
    sa.event.listen(hub.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    with hub.write() as connection:
        assert len(upsert(connection, raw, rows).unchanged) == 1000
    assert [text for text in statements if text.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_the_same_id_in_another_location_is_another_record(hub: Hub) -> None:
    with hub.write() as connection:
        upsert(connection, raw, [row("a", "1")])
        assert upsert(connection, raw, [row("a", "1", location="other")]).created == ["a"]


def test_more_rows_than_a_look_up_holds(hub: Hub) -> None:
    rows = [row(f"{number:06}", "x") for number in range(12_001)]
    with hub.write() as connection:
        assert len(upsert(connection, raw, rows).created) == 12_001
        assert len(upsert(connection, raw, rows).unchanged) == 12_001


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
        with hub.write() as connection:
            done = upsert(connection, raw, [row(id_, content) for id_, content in batch.items()])
        assert set(done.created) == batch.keys() - model.keys()
        assert set(done.unchanged) == {id_ for id_, content in batch.items() if model.get(id_) == content}
        model |= batch
    assert {id_: content for id_, (content, _) in held(hub).items()} == model
