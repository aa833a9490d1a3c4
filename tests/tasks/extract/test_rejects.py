"""The raw records of rejects, handed out again in batches."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.core.batch import UNREADABLE, Reason, Reject, canonical_json
from tasks.extract.rejects import RejectSource, mappings_of
from tasks.hub import rejects
from tasks.hub.engine import Hub

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def reject(hub: Hub, *ids: str, mapping: str = "mine", location: str = "loc", **more: Any) -> None:
    source = {"location_id": location, "stream": "file.contact", "run_id": "r", "synced_at": NOON} | more
    found = [Reject(id_, [Reason("shape", "", "odd")], canonical_json({"id": id_})) for id_ in ids]
    with hub.write() as connection:
        rejects.replace(connection, source, found, mapping)


def read(source: RejectSource, size: int) -> list[list[Any]]:
    batches, position = [], None
    while True:
        batch = asyncio.run(source.read(position, size))
        batches.append(batch.records)
        if batch.last:
            return batches
        position = batch.position


def test_they_come_by_their_id_in_batches_and_each_once(hub: Hub) -> None:
    reject(hub, "c", "a", "e", "b", "d")
    source = RejectSource(hub, "file.contact", "loc")
    assert source.total == 5
    assert read(source, 2) == [[{"id": "a"}, {"id": "b"}], [{"id": "c"}, {"id": "d"}], [{"id": "e"}]]
    one_by_one = [batch[0] for batch in read(source, 1)[:-1]]
    assert one_by_one == read(source, 9)[0]


def test_only_those_of_the_place_the_stream_and_the_mapping(hub: Hub) -> None:
    reject(hub, "a")
    reject(hub, "b", mapping="other")
    reject(hub, "c", location="elsewhere")
    reject(hub, "d", stream="highlevel.contact")
    assert read(RejectSource(hub, "file.contact", "loc"), 10) == [[{"id": "a"}, {"id": "b"}]]
    assert read(RejectSource(hub, "file.contact", "loc", "other"), 10) == [[{"id": "b"}]]
    assert mappings_of(hub, "file.contact", "loc") == ["mine", "other"]
    assert mappings_of(hub, "file.contact", "nowhere") == []


def test_rows_that_were_rejected_together_come_one_by_one(hub: Hub) -> None:
    source = {"location_id": "loc", "stream": "file.contact", "run_id": "r", "synced_at": NOON}
    both = Reject("a", [Reason("shape", "", "odd")], '[{"id":"a","n":1},{"id":"a","n":2}]')
    with hub.write() as connection:
        rejects.replace(connection, source, [both, Reject("b", [Reason("shape", "", "odd")], "[1]")], "mine")
    source_of_both = RejectSource(hub, "file.contact", "loc")
    assert read(source_of_both, 10) == [[{"id": "a", "n": 1}, {"id": "a", "n": 2}, [1]]]


def test_nothing_is_one_last_empty_batch_of_now(hub: Hub) -> None:
    source = RejectSource(hub, "file.contact", "loc")
    assert (source.total, read(source, 10)) == (0, [[]])
    assert source.as_of.tzinfo


def test_what_they_say_is_as_old_as_the_oldest_file_or_reading(hub: Hub) -> None:
    reject(hub, "a")
    assert RejectSource(hub, "file.contact", "loc").as_of == NOON
    reject(hub, "b", as_of=NOON - timedelta(days=3))
    assert RejectSource(hub, "file.contact", "loc").as_of == NOON - timedelta(days=3)


def test_a_record_that_is_no_json_any_more_is_handed_out_as_text(hub: Hub) -> None:
    source = {"location_id": "loc", "stream": "file.contact", "run_id": "r", "synced_at": NOON}
    with hub.write() as connection:
        rejects.replace(connection, source, [Reject("a", [], '{"cut')], "mine")
    assert read(RejectSource(hub, "file.contact", "loc"), 10) == [['{"cut']]


def test_what_is_no_record_stays_a_reject_for_the_reason_it_was(hub: Hub) -> None:
    source = {"location_id": "loc", "stream": "file.contact", "run_id": "r", "synced_at": NOON}
    unreadable = Reject("raw:1", [Reason(UNREADABLE, "", "row 3: 5 cells")], '{"_row":3,"text":"a,b"}')
    with hub.write() as connection:
        rejects.replace(connection, source, [unreadable], "mine")
    reject(hub, "z")
    batch = asyncio.run(RejectSource(hub, "file.contact", "loc").read(None, 10))
    assert (batch.records, batch.rejects) == ([{"id": "z"}], [unreadable])
    assert batch.position == {"id": "z"}
