"""Our clock and HighLevel's are apart: what was sent is found again, and made once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.hub import schema
from tasks.vendors.highlevel.writers import making
from tests.tasks.load.conftest import Death, Office, hurry
from tests.tasks.load.test_interrupted import LOST, WHO, lost
from tests.tasks.load.test_promises import without_task

TEN_MINUTES = 600


@pytest.fixture(scope="module", params=[-TEN_MINUTES, TEN_MINUTES], ids=["behind", "ahead"])
def apart(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    """A HighLevel whose clock is ten minutes behind ours, or ahead."""
    with process.start(contacts=20, seed=7, quota="off", clock_ahead=request.param) as running:
        yield running


@pytest.fixture
def office(apart: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    apart.reset()
    hurry(monkeypatch)
    made = Office(apart, tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", timeout=0.3)
    schema.upgrade(made.hub)
    made.sync()
    yield made
    made.hub.close()


@pytest.mark.parametrize("fault", LOST)
def test_a_create_without_an_address_whose_answer_is_lost_is_found(office: Office, fault: str) -> None:
    lost(office, "POST /contacts/", fault)
    office.load([{"id": "1", **WHO["name"]}])
    assert len(office.called("Lost")) == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [("notes", {"note": "Hi"}), ("tasks", {"task": {"title": "Call", "dueDate": "2027-01-01T00:00:00Z"}})],
)
def test_a_note_or_task_whose_answer_is_lost_is_found(
    office: Office, kind: str, content: dict[str, Any]
) -> None:
    lost(office, f"POST /contacts/{{contactId}}/{kind}", "timeout_after")
    office.load([{"id": "1", "email": office.known(1)[0]["email"], **content}])
    assert len(office.vendor.records(kind)) == 1


def test_what_a_dead_process_made_is_found_by_the_next(office: Office) -> None:
    records = [{"id": "1", **WHO["name"], "note": "Hi"}]
    made = office.writes()
    requests: Callable[[Death], Any] = partial(office.load, records)
    at = 1
    while office.writes() == made:  # dies over one request after the other, until over the create
        assert office.attempt(requests, "request", at, after=True) == "died"
        at += 1
    office.load(records)
    assert len(office.called("Lost")) == 1
    assert len(office.vendor.records("notes")) == 1


def test_a_create_that_is_still_at_work_there_is_waited_for(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "LOOK_AGAIN_SECONDS", (0, 1.5))
    slow = {"operation": "POST /contacts/", "fault": "slow", "seconds": 1.0, "times": 1}
    office.vendor.set_faults([slow])
    office.load([{"id": "1", **WHO["name"]}])
    time.sleep(1.5)  # until nothing is at work there any more
    assert len(office.called("Lost")) == 1


def test_whose_value_it_is_stays_known(office: Office) -> None:
    theirs, ours = (one["id"] for one in office.known(2))
    office.vendor.edit(kind="contacts", id=theirs, set={"city": "Graz"})
    email = office.contact(ours)["email"]
    office.load([{"id": "1", "email": email, "city": "Springfield", "tags": ["fair"]}])
    office.scheduled_sync()
    assert office.origins(theirs)["city"] == "highlevel"
    assert office.origins(ours) == {"city": "file", "tags": "file", "date_updated": "highlevel"}


def theirs_now(office: Office) -> datetime:
    """This instant by HighLevel's clock."""
    made = office.vendor.edit(kind="contacts", create={"firstName": "Clock"})["record"]
    office.vendor.edit(kind="contacts", id=made["id"], delete=True)
    return datetime.fromisoformat(made["dateAdded"])


def test_an_edit_after_the_file_was_written_is_kept_and_one_before_it_is_not(office: Office) -> None:
    before, after = office.known(2)
    office.vendor.edit(kind="contacts", id=before["id"], set={"city": "Graz"})
    time.sleep(1.1)  # what the clocks are apart is known to a second
    office.as_of = datetime.now(UTC)
    time.sleep(1.1)
    office.vendor.edit(kind="contacts", id=after["id"], set={"city": "Graz"})
    office.load([{"id": one["id"], "email": one["email"], "city": "Springfield"} for one in (before, after)])
    assert office.contact(before["id"])["city"] == "Springfield"
    assert office.contact(after["id"])["city"] == "Graz"


def test_a_record_from_their_future_outdoes_no_edit(office: Office) -> None:
    [one] = office.known(1)
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "Graz"})
    slip = (theirs_now(office) + timedelta(minutes=5)).isoformat()
    office.load([{"id": "1", "email": one["email"], "city": "Springfield", "updated_at": slip}])
    assert office.contact(one["id"])["city"] == "Graz"


def test_a_file_from_their_future_is_no_younger_than_now(office: Office) -> None:
    [one] = office.known(1)
    office.as_of = datetime.now(UTC) + timedelta(days=1)
    office.load([{"id": "1", "email": one["email"], "city": "Springfield"}])
    time.sleep(1.1)
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "Graz"})
    assert office.origins(one["id"])["city"] == "file"
    office.scheduled_sync()
    office.as_of = datetime.now(UTC) - timedelta(hours=1)
    office.load([{"id": "1", "email": one["email"], "city": "Elsewhere"}])
    assert office.contact(one["id"])["city"] == "Graz"


def test_a_replay_is_as_old_as_its_file(office: Office) -> None:
    [one] = office.known(1)
    office.load([{"id": "1", "email": one["email"], "city": "Springfield", "task": {"title": "no date"}}])
    later = office.as_of - (datetime.now(UTC) - theirs_now(office)) + timedelta(minutes=1)
    edited = {"city": "By hand", "dateUpdated": later.isoformat()}
    office.vendor.edit(kind="contacts", id=one["id"], set=edited)
    office.mend_rejects(without_task)
    office.replay()
    assert office.contact(one["id"])["city"] == "By hand"
