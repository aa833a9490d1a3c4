"""A read that began before a write of ours, or that the search gives late, is no word on what we wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox import process
from tasks.core.batch import Batch
from tasks.hub import schema
from tasks.hub.tables import MIRRORS, raw
from tasks.vendors.highlevel.readers.contacts import ContactSource
from tests.tasks.load.conftest import Office, hurry

mirror = MIRRORS["hub.contact"]

WRITES: dict[str, dict[str, Any]] = {
    "a field": {"city": "Springfield"},
    "tags": {"tags": ["fair"]},
    "a business": {"business": "0"},
    "a field and tags": {"city": "Springfield", "tags": ["fair"]},
}


@pytest.fixture
def held_back(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Holds the next page that is read back, until something is done."""
    read = ContactSource.read
    waiting: list[Callable[[], Any]] = []

    async def slowly(source: ContactSource, *asked: Any) -> Batch:
        batch = await read(source, *asked)
        if waiting:
            await asyncio.to_thread(waiting.pop())
        return batch

    monkeypatch.setattr(ContactSource, "read", slowly)
    return waiting.append


def records_of(office: Office, contact: dict[str, Any], what: str) -> list[dict[str, Any]]:
    written = {**WRITES[what], "email": contact["email"], "id": "1"}
    if "business" in written:
        businesses = office.vendor.records("businesses")
        written["business"] = next(b["id"] for b in businesses if b["id"] != contact.get("businessId"))
    return [written]


def held(office: Office, id_: str) -> dict[str, Any]:
    with office.hub.read() as connection:
        found = connection.execute(sa.select(mirror).where(mirror.c.id == id_)).mappings().one()
    return dict(found)


def by_hand(office: Office, id_: str) -> set[str]:
    return {name for name, system in office.origins(id_).items() if system == "highlevel"} - {"date_updated"}


def as_it_is_there(office: Office, id_: str) -> None:
    """The mirror has what HighLevel has, and nothing of it passes for somebody's edit."""
    row, there = held(office, id_), office.contact(id_)
    assert (row["city"], row["tags"], row["business_id"], row["website"]) == tuple(
        there.get(name) for name in ("city", "tags", "businessId", "website")
    )


@pytest.mark.parametrize("what", WRITES)
def test_what_was_read_before_a_write_is_not_stored_after_it(
    office: Office, tmp_path: Path, held_back: Any, what: str
) -> None:
    [one] = office.known(1, businessId=False)
    office.vendor.edit(kind="contacts", id=one["id"], set={"website": "https://new.example"})
    rival = Office(office.vendor, tmp_path, office.hub_url)
    held_back(lambda: rival.load(records_of(office, one, what)))
    office.scheduled_sync()
    assert by_hand(office, one["id"]) == {"website"}
    as_it_is_there(office, one["id"])
    office.scheduled_sync()
    assert by_hand(office, one["id"]) == {"website"}
    as_it_is_there(office, one["id"])


def test_what_was_read_before_a_contact_was_deleted_does_not_bring_it_back(
    office: Office, held_back: Any
) -> None:
    [one] = office.known(1, businessId=False)
    office.vendor.edit(kind="contacts", id=one["id"], set={"website": "https://new.example"})

    def gone() -> None:
        office.vendor.edit(kind="contacts", id=one["id"], delete=True)
        rival.load([{"id": "1", "email": one["email"], "city": "Springfield"}])

    rival = Office(office.vendor, office.folder, office.hub_url)
    rival.load([{"id": "1", "email": one["email"], "tags": ["fair"]}])
    held_back(gone)
    office.scheduled_sync()
    assert held(office, one["id"])["deleted_at"] is not None


@pytest.fixture
def lagging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Office]]:
    """An office whose HighLevel search shows a write only when the test makes it catch up."""
    hurry(monkeypatch)
    running: list[Any] = []

    def start() -> Office:
        running.append(process.start(contacts=20, seed=7, quota="off", search_lag=3600))
        made = Office(running[0].__enter__(), tmp_path, f"sqlite:///{tmp_path / 'hub.db'}")
        schema.upgrade(made.hub)
        made.sync()
        running.append(made)
        return made

    yield start
    running[1].hub.close()
    running[0].__exit__(None, None, None)


@pytest.mark.parametrize("what", WRITES)
def test_a_search_that_lags_is_no_word_on_what_we_wrote(
    lagging: Callable[[], Office], what: str
) -> None:
    office = lagging()
    [one] = office.known(1, businessId=False)
    office.load(records_of(office, one, what))
    for _ in range(2):
        office.scheduled_sync(full_pass="now")
        assert by_hand(office, one["id"]) == set()
        as_it_is_there(office, one["id"])
    edited = held(office, one["id"])
    assert edited["deleted_at"] is None
    writes = office.writes()
    office.load(records_of(office, one, what))
    assert office.writes() == writes


@pytest.mark.parametrize("what", WRITES)
def test_what_the_search_shows_late_is_stored_then(lagging: Callable[[], Office], what: str) -> None:
    office = lagging()
    [one] = office.known(1, businessId=False)
    office.load(records_of(office, one, what))
    office.scheduled_sync(full_pass="now")
    office.vendor.catch_up()
    office.scheduled_sync()
    assert known_whole(office, one["id"])
    assert by_hand(office, one["id"]) == set()
    as_it_is_there(office, one["id"])
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "Graz", "tags": ["theirs"]})
    office.vendor.catch_up()
    office.scheduled_sync()
    assert by_hand(office, one["id"]) == {"city", "tags"}


def known_whole(office: Office, id_: str) -> bool:
    """Whether a contact was read whole since it was last written."""
    there = office.contact(id_)["dateUpdated"]
    told = held(office, id_)["date_updated"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return told == there and held(office, id_)["fingerprint"] not in (
        "partial",
        "patched",
        "partial, patched",
    )


def test_a_contact_that_we_made_is_completed_when_the_search_shows_it(
    lagging: Callable[[], Office],
) -> None:
    office = lagging()
    business = office.vendor.records("businesses")[0]["id"]
    office.load([{"id": "1", "email": "new@reads.example", "first_name": "New", "business": business}])
    [made] = office.called("New")
    office.vendor.edit(kind="contacts", id=made["id"], set={"timezone": "Europe/Vienna"})
    office.scheduled_sync()
    assert not known_whole(office, made["id"])
    office.vendor.catch_up()
    office.scheduled_sync()
    assert known_whole(office, made["id"])
    assert held(office, made["id"])["timezone"] == "Europe/Vienna"
    assert by_hand(office, made["id"]) == set()


def test_the_record_of_what_an_update_answered_is_kept(office: Office) -> None:
    [one] = office.known(1, businessId=False)
    office.load([{"id": "1", "email": one["email"], "city": "Springfield"}])
    with office.hub.read() as connection:
        text = connection.execute(sa.select(raw.c.payload).where(raw.c.id == one["id"])).scalar_one()
    assert '"city":"Springfield"' in text


@pytest.mark.parametrize("what", ["tags", "a business"])
def test_what_a_workflow_does_right_after_our_write_reaches_the_hub(office: Office, what: str) -> None:
    """Dates do not tell which came last: both are of the same second."""
    [one] = office.known(1, businessId=False)
    office.load(records_of(office, one, what))
    other = office.vendor.records("businesses")[-1]["id"]
    theirs = {"tags": ["workflow"]} if what == "tags" else {"businessId": other}
    office.vendor.edit(kind="contacts", id=one["id"], set=theirs)
    office.scheduled_sync()
    as_it_is_there(office, one["id"])
    assert by_hand(office, one["id"]) == ({"tags"} if what == "tags" else {"business_id"})
