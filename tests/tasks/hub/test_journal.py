"""The journal: numbered without gaps, read from where one stands, forgotten by age."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks.hub import journal
from tasks.hub.engine import Hub
from tasks.hub.journal import OURS, Asked, Entry, Kind

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def stamp(noted_at: datetime = NOON, location: str = "loc") -> dict[str, Any]:
    return {"location_id": location, "run_id": "run", "synced_at": noted_at}


def note(hub: Hub, *entries: Entry, noted_at: datetime = NOON, location: str = "loc") -> None:
    with hub.write() as connection:
        journal.write(connection, stamp(noted_at, location), entries)


def entry(id_: str = "ada", kind: Kind = Kind.UPDATED, stream: str = "hub.contact", **more: Any) -> Entry:
    return Entry(stream, id_, kind, NOON, **more)


def found(hub: Hub, limit: int | None = None, **asked: Any) -> list[Entry]:
    with hub.read() as connection:
        return journal.read(connection, "loc", Asked(**asked), limit=limit)


def test_what_is_noted_is_told_in_order(hub: Hub) -> None:
    note(hub, entry(kind=Kind.CREATED), entry("bob", fields={"city": (None, "Wien")}))
    note(hub, entry(whose=OURS, plan_id="p1", fields={"tags": (["a"], ["a", "b"])}))
    assert [(one.seq, one.id, one.kind) for one in found(hub)] == [
        (1, "ada", Kind.CREATED),
        (2, "bob", Kind.UPDATED),
        (3, "ada", Kind.UPDATED),
    ]
    last = found(hub)[-1]
    assert last.told() == {
        "seq": 3,
        "stream": "hub.contact",
        "record_id": "ada",
        "kind": "updated",
        "fields": {"tags": {"old": ["a"], "new": ["a", "b"]}},
        "at": "2026-06-01T12:00:00+00:00",
        "whose": "plan p1",
        "noted_at": "2026-06-01T12:00:00+00:00",
        "run_id": "run",
    }


def test_nothing_is_noted_of_nothing(hub: Hub) -> None:
    note(hub)
    assert found(hub) == []
    with hub.read() as connection:
        assert journal.head(connection, "loc") == 0


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"stream": "hub.business"}, ["biz"]),
        ({"id": "ada"}, ["ada"]),
        ({"kind": "deleted"}, ["bob"]),
        ({"whose": OURS}, ["bob"]),
        ({"after": 1}, ["bob", "biz"]),
        ({"since": NOON + timedelta(minutes=1)}, ["biz"]),
        ({"stream": "hub.contact", "after": 1}, ["bob"]),
    ],
)
def test_only_what_is_asked_for_is_told(hub: Hub, asked: dict[str, Any], ids: list[str]) -> None:
    note(hub, entry(), entry("bob", Kind.DELETED, whose=OURS))
    note(hub, entry("biz", stream="hub.business"), noted_at=NOON + timedelta(hours=1))
    assert [one.id for one in found(hub, **asked)] == ids


def test_a_limit_keeps_the_newest_or_what_comes_next(hub: Hub) -> None:
    note(hub, *(entry(str(n)) for n in range(1, 6)))
    assert [one.id for one in found(hub, 2)] == ["4", "5"]
    assert [one.id for one in found(hub, 2, after=1)] == ["2", "3"]


def test_each_location_has_its_own_numbers(hub: Hub) -> None:
    note(hub, entry(), entry())
    note(hub, entry("far"), location="other")
    with hub.read() as connection:
        assert journal.head(connection, "loc") == 2
        assert [one.seq for one in journal.read(connection, "other")] == [1]


def test_what_moved_is_told_once_for_each_record(hub: Hub) -> None:
    note(hub, entry("ada"), entry("bob"), entry("ada"), entry("biz", stream="hub.business"))
    with hub.read() as connection:
        assert journal.moved(connection, "loc", "hub.contact", after=0) == {"bob": 2, "ada": 3}
        assert journal.moved(connection, "loc", "hub.contact", after=2) == {"ada": 3}


def test_a_transaction_that_is_given_up_leaves_no_gap(hub: Hub) -> None:
    note(hub, entry())
    with pytest.raises(ZeroDivisionError):
        _note_and_fail(hub)
    note(hub, entry("after"))
    assert [(one.seq, one.id) for one in found(hub)] == [(1, "ada"), (2, "after")]


def _note_and_fail(hub: Hub) -> None:
    with hub.write() as connection:
        journal.write(connection, stamp(), [entry(), entry()])
        _ = 1 / 0


def test_whoever_reads_while_others_write_misses_nothing(hub: Hub) -> None:
    """A number is not seen before the smaller ones: a reader that has passed them would never come back."""
    done = threading.Event()
    writers = [threading.Thread(target=_write_many, args=(hub, str(n))) for n in range(4)]
    seen: list[int] = []

    def follow() -> None:
        while not done.is_set() or found(hub, after=seen[-1] if seen else 0, limit=1):
            seen.extend(one.seq for one in found(hub, after=seen[-1] if seen else 0, limit=50))

    reader = threading.Thread(target=follow)
    for thread in (*writers, reader):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert seen == list(range(1, 4 * 25 * 2 + 1))


def _write_many(hub: Hub, name: str) -> None:
    for _ in range(25):
        note(hub, entry(name), entry(name))


def test_old_entries_are_forgotten_and_numbers_go_on(hub: Hub) -> None:
    note(hub, entry("old"), entry("old"), noted_at=NOON - timedelta(days=400))
    note(hub, entry("new"))
    with hub.write() as connection:
        assert journal.count(connection, "loc", NOON - timedelta(days=365)) == 2
        assert journal.forget(connection, "loc", NOON - timedelta(days=365), limit=1) == 1
        assert journal.forget(connection, "loc", NOON - timedelta(days=365), limit=10) == 1
        assert journal.forget(connection, "loc", NOON - timedelta(days=365), limit=10) == 0
    note(hub, entry("newer"))
    assert [(one.seq, one.id) for one in found(hub)] == [(3, "new"), (4, "newer")]
