"""Sync: changes since the last run, and deletions by a full pass that never guesses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox import process
from tasks.core.errors import SuspiciousDeletionError
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS, cursors, rejects

contacts = MIRRORS["hub.contact"]
Vendor = process.RunningSandbox


def deleted(hub: Hub) -> set[str]:
    with hub.read() as connection:
        query = sa.select(contacts.c.id).where(contacts.c.deleted_at.is_not(None))
        return set(connection.execute(query).scalars())


def present(hub: Hub) -> list[str]:
    with hub.read() as connection:
        query = sa.select(contacts.c.id).where(contacts.c.deleted_at.is_(None)).order_by(contacts.c.id)
        return list(connection.execute(query).scalars())


def test_the_first_run_reads_everything_and_the_next_only_what_changed(
    run: Any, opened: Hub, vendor: Vendor
) -> None:
    first = run("sync_contacts").counts()
    assert first["read"] == 1200
    some = present(opened)[5]
    vendor.edit(kind="contacts", id=some, set={"city": "Nagoya"})
    second = run("sync_contacts").counts()
    assert second["read"] < 20
    assert (second["created"], second["updated"]) == (0, 1)
    third = run("sync_contacts").counts()
    assert (third["created"], third["updated"]) == (0, 0)


def test_a_new_contact_is_created(run: Any, opened: Hub, vendor: Vendor) -> None:
    run("sync_contacts").counts()
    vendor.edit(kind="contacts", create={"firstName": "New", "email": "new@example.com"})
    counts = run("sync_contacts").counts()
    assert (counts["created"], counts["updated"]) == (1, 0)


def test_a_change_that_the_search_shows_late_is_not_missed(run: Any, opened: Hub, vendor: Vendor) -> None:
    run("sync_contacts").counts()
    early, late = present(opened)[:2]
    vendor.edit(kind="contacts", id=late, set={"city": "Late", "dateUpdated": "2026-11-20T10:00:00.000Z"})
    vendor.edit(kind="contacts", id=early, set={"city": "Early", "dateUpdated": "2026-11-20T10:01:00.000Z"})
    vendor.edit(
        kind="contacts", id=late, set={"dateUpdated": "2020-01-01T00:00:00.000Z"}
    )  # not yet in the index
    assert run("sync_contacts").counts()["updated"] == 1
    vendor.edit(kind="contacts", id=late, set={"dateUpdated": "2026-11-20T10:00:00.000Z"})
    assert run("sync_contacts").counts()["updated"] == 1


def test_a_deletion_is_noticed_by_the_full_pass(run: Any, opened: Hub, vendor: Vendor) -> None:
    run("sync_contacts").counts()
    gone = present(opened)[7]
    vendor.edit(kind="contacts", id=gone, delete=True)
    assert run("sync_contacts").counts()["deleted"] == 0
    assert run("sync_contacts", full_pass="now").counts()["deleted"] == 1
    assert deleted(opened) == {gone}
    assert run("sync_contacts", full_pass="now").counts()["deleted"] == 0


def test_only_what_is_gone_by_its_own_id_is_marked(
    run: Any, opened: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with process.start(contacts=60, seed=3, quota="off", search_lag=3600) as lagging:
        monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_URL", lagging.url)
        run("sync_contacts").counts()
        lagging.edit(kind="contacts", create={"firstName": "Hidden", "email": "hidden@example.com"})
        hidden = next(c["id"] for c in lagging.records("contacts") if c.get("firstName") == "Hidden")
        with opened.write() as connection:  # the hub knows both; the search shows neither
            row = dict(connection.execute(sa.select(contacts).limit(1)).mappings().one())
            rows = [row | {"id": id_} for id_ in (hidden, "notInTheVendorAtAll1")]
            connection.execute(sa.insert(contacts), rows)
        assert run("sync_contacts", full_pass="now").counts()["deleted"] == 1
    assert deleted(opened) == {"notInTheVendorAtAll1"}
    assert hidden in present(opened)


def test_too_many_missing_is_not_believed(run: Any, opened: Hub, vendor: Vendor) -> None:
    run("sync_contacts").counts()
    for id_ in present(opened)[:300]:
        vendor.edit(kind="contacts", id=id_, delete=True)
    ended = run("sync_contacts", full_pass="now")
    assert isinstance(ended.error, SuspiciousDeletionError)
    assert "300" in str(ended.error)
    assert deleted(opened) == set()
    assert run("sync_contacts", full_pass="now", max_deleted_share=0.5).counts()["deleted"] == 300


def test_a_contact_that_comes_back_is_present_again(run: Any, opened: Hub, vendor: Vendor) -> None:
    run("sync_contacts").counts()
    with opened.write() as connection:
        some = connection.execute(sa.select(contacts.c.id).limit(1)).scalar_one()
        values = {"deleted_at": sa.func.current_timestamp(), "fingerprint": "gone"}
        connection.execute(sa.update(contacts).where(contacts.c.id == some).values(values))
    assert run("sync_contacts", full_pass="now").counts()["updated"] == 1
    assert deleted(opened) == set()


@pytest.mark.parametrize("mode", ["never", "when due"])
def test_a_full_pass_happens_when_it_is_due(run: Any, opened: Hub, vendor: Vendor, mode: str) -> None:
    run("sync_contacts").counts()
    assert run("sync_contacts", full_pass=mode).counts()["read"] < 20


def rejected(hub: Hub) -> set[str]:
    with hub.read() as connection:
        return set(connection.execute(sa.select(rejects.c.id)).scalars())


def test_a_reject_without_a_usable_id_stays_as_long_as_its_record(
    run: Any, opened: Hub, vendor: Vendor
) -> None:
    for name in ("one", "two"):
        vendor.edit(kind="contacts", raw={"id": None, "firstName": name})
    run("sync_contacts").counts()
    bad = rejected(opened)
    assert sum(id_.startswith("raw:") for id_ in bad) == 2
    for _ in range(3):
        run("sync_contacts", full_pass="now").counts()
        assert rejected(opened) == bad


def test_a_reject_without_a_usable_id_goes_with_its_record(run: Any, opened: Hub, vendor: Vendor) -> None:
    vendor.edit(kind="contacts", raw={"id": None, "firstName": "one"})
    run("sync_contacts").counts()
    vendor.reset()
    run("sync_contacts", full_pass="now").counts()
    assert not any(id_.startswith("raw:") for id_ in rejected(opened))


AHEAD = "2031-01-01T00:00:00.000Z"


@pytest.mark.parametrize("first", ["before the first run", "after it"])
def test_a_contact_from_the_future_hides_no_later_change(
    run: Any, opened: Hub, vendor: Vendor, first: str
) -> None:
    ids = sorted(one["id"] for one in vendor.records("contacts"))
    if first == "after it":
        run("sync_contacts").counts()
    vendor.edit(kind="contacts", id=ids[0], set={"city": "Tomorrow", "dateUpdated": AHEAD})
    run("sync_contacts").counts()
    for city in ("Nagoya", "Graz"):
        vendor.edit(kind="contacts", id=ids[1], set={"city": city})
        counts = run("sync_contacts", full_pass="never").counts()
        assert (counts["read"] < 20, counts["updated"]) == (True, 1)


def test_a_sync_that_a_contact_from_the_future_has_stopped_goes_on(
    run: Any, opened: Hub, vendor: Vendor
) -> None:
    run("sync_contacts").counts()
    with opened.write() as connection:
        stuck = {"search_after": None, "newest": AHEAD}
        moved = sa.update(cursors).where(cursors.c.scope.startswith("dateUpdated")).values(position=stuck)
        assert connection.execute(moved).rowcount == 1
    vendor.edit(kind="contacts", id=present(opened)[0], set={"city": "Nagoya"})
    assert run("sync_contacts", full_pass="never").counts()["updated"] == 1
    assert run("sync_contacts", full_pass="never").counts()["read"] < 20


def test_a_full_pass_that_a_fast_clock_finished_does_not_put_off_the_next(
    run: Any, opened: Hub, vendor: Vendor
) -> None:
    run("sync_contacts").counts()
    with opened.write() as connection:  # what a clock a year ahead left behind
        finished = sa.update(cursors).where(cursors.c.scope.startswith("full pass"))
        connection.execute(finished.values(position={"finished": "2031-01-01T00:00:00+00:00"}))
        connection.execute(sa.update(contacts).values(synced_at=datetime(2031, 1, 1, tzinfo=UTC)))
    gone = present(opened)[7]
    vendor.edit(kind="contacts", id=gone, delete=True)
    assert run("sync_contacts").counts()["deleted"] == 1
    assert deleted(opened) == {gone}
