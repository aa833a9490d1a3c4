"""Backfill: what a location holds reaches the hub, once, whatever happens on the way."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox import process
from tasks.core.errors import (
    BadConfigurationError,
    BadCredentialError,
    BadMappingError,
    HubUnavailableError,
    TooManyRejectsError,
    VendorFailedError,
)
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS, cursors, raw, rejects, runs

contacts = MIRRORS["hub.contact"]
Vendor = process.RunningSandbox


def ids(hub: Hub, table: sa.Table) -> set[str]:
    with hub.read() as connection:
        return set(connection.execute(sa.select(table.c.id)).scalars())


def one(hub: Hub, id_: str) -> Any:
    with hub.read() as connection:
        return connection.execute(sa.select(contacts).where(contacts.c.id == id_)).mappings().one()


def test_every_contact_arrives_or_is_rejected_with_its_reasons(run: Any, opened: Hub, vendor: Vendor) -> None:
    counts = run("backfill_contacts", batch_size=500).counts()
    there = {record["id"] for record in vendor.records("contacts")}
    assert counts["read"] == len(there) == 1200
    assert counts["created"] == counts["mapped"] == counts["read"] - counts["rejected"]
    assert 0 < counts["rejected"] < 60
    assert ids(opened, contacts) | ids(opened, rejects) == there
    assert ids(opened, contacts) == ids(opened, raw)
    assert not ids(opened, contacts) & ids(opened, rejects)
    with opened.read() as connection:
        reasons = connection.execute(sa.select(rejects.c.reasons)).scalars().all()
    assert all(reason["message"] for row in reasons for reason in row)


def test_a_second_run_writes_no_row(run: Any, opened: Hub) -> None:
    first = run("backfill_contacts").counts()
    with opened.read() as connection:
        before = connection.execute(sa.select(contacts.c.id, contacts.c.run_id, contacts.c.synced_at)).all()
    second = run("backfill_contacts").counts()
    assert (second["created"], second["updated"]) == (0, 0)
    assert second["unchanged"] == first["created"]
    with opened.read() as connection:
        after = connection.execute(sa.select(contacts.c.id, contacts.c.run_id, contacts.c.synced_at)).all()
    assert sorted(before) == sorted(after)


def test_what_was_edited_by_hand_is_updated_and_nothing_else(run: Any, opened: Hub, vendor: Vendor) -> None:
    run("backfill_contacts").counts()
    some = sorted(ids(opened, contacts))[10]
    vendor.edit(kind="contacts", id=some, set={"firstName": "Zoë 🦊"})
    counts = run("backfill_contacts").counts()
    assert (counts["created"], counts["updated"]) == (0, 1)
    assert one(opened, some)["first_name"] == "Zoë 🦊"


def test_a_window_reads_its_days_only(run: Any, opened: Hub) -> None:
    run("backfill_contacts", added_from="2025-01-01", added_until="2025-03-31").counts()
    with opened.read() as connection:
        added = connection.execute(sa.select(contacts.c.date_added)).scalars().all()
    assert added
    assert {(moment.year, moment.month) for moment in added} <= {(2025, 1), (2025, 2), (2025, 3)}


def test_the_run_is_in_the_ledger_with_its_counts(run: Any, opened: Hub) -> None:
    counts = run("backfill_contacts").counts()
    with opened.read() as connection:
        entry = connection.execute(sa.select(runs)).mappings().one()
    assert entry["state"] == "completed"
    assert entry["flow_run_id"]
    assert {name: entry["tally"][name] for name in counts} == counts
    assert "pit-sandbox" not in str(dict(entry))


HOSTILE = {
    "null": None,
    "a number": 17,
    "a list": [1, 2],
    "an object without id": {"firstName": "Nobody"},
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_a_record_of_no_known_shape_is_rejected_and_the_batch_goes_on(
    run: Any, opened: Hub, vendor: Vendor, shape: str
) -> None:
    vendor.edit(kind="contacts", raw=HOSTILE[shape])
    counts = run("backfill_contacts").counts()
    assert counts["created"] > 1000
    assert any(id_.startswith("raw:") for id_ in ids(opened, rejects))


ODD_VALUES = {
    "a wrong type": {"firstName": {"first": "Ann"}},
    "NUL": {"city": "Par\x00is"},
    "a lone surrogate": {"lastName": "\ud83d"},
    "a megabyte": {"source": "x" * 1_000_000},
    "no date": {"dateAdded": "yesterday"},
}


@pytest.mark.parametrize("oddity", ODD_VALUES)
def test_an_odd_value_rejects_its_row_alone(run: Any, opened: Hub, vendor: Vendor, oddity: str) -> None:
    victim = sorted(record["id"] for record in vendor.records("contacts") if record.get("email"))[100]
    vendor.edit(kind="contacts", id=victim, set=ODD_VALUES[oddity])
    run("backfill_contacts").counts()
    with opened.read() as connection:
        reject = connection.execute(sa.select(rejects).where(rejects.c.id == victim)).mappings().one()
    assert reject["reasons"]
    assert all(len(reason["message"]) < 500 for reason in reject["reasons"])
    assert victim not in ids(opened, contacts)


def test_emoji_and_every_script_arrive_as_they_are(run: Any, opened: Hub, vendor: Vendor) -> None:
    some = vendor.records("contacts")[50]["id"]
    vendor.edit(
        kind="contacts",
        id=some,
        set={"firstName": "👩🏽‍🚀", "lastName": "السَّلام 三浦 Ωμέγα", "email": "a@example.com"},
    )
    run("backfill_contacts").counts()
    assert (one(opened, some)["first_name"], one(opened, some)["last_name"]) == (
        "👩🏽‍🚀",
        "السَّلام 三浦 Ωμέγα",
    )


def test_a_mended_record_leaves_the_rejects(run: Any, opened: Hub, vendor: Vendor) -> None:
    run("backfill_contacts").counts()
    some = min(ids(opened, rejects))
    vendor.edit(
        kind="contacts", id=some, set={"email": "mended@example.com", "dateAdded": "2025-05-05T00:00:00.000Z"}
    )
    run("backfill_contacts").counts()
    assert some not in ids(opened, rejects)
    assert some in ids(opened, contacts)


def test_a_source_gone_wrong_stops_before_anything_of_its_batch_is_written(
    run: Any, opened: Hub, vendor: Vendor
) -> None:
    oldest = sorted(vendor.records("contacts"), key=lambda record: str(record.get("dateAdded")))
    for record in oldest[600:730]:
        vendor.edit(kind="contacts", id=record["id"], set={"email": "not an address"})
    ended = run("backfill_contacts", batch_size=500)
    assert isinstance(ended.error, TooManyRejectsError)
    assert "email" in str(ended.error)
    assert ended.tally.read == 500
    assert len(ids(opened, raw) | ids(opened, rejects)) == 500
    with opened.read() as connection:
        entry = connection.execute(sa.select(runs)).mappings().one()
    assert entry["state"] == "failed"
    assert "email" in entry["error"]


def test_a_fault_that_passes_is_not_noticed(run: Any, opened: Hub, vendor: Vendor) -> None:
    kinds = ["500", "502_html", "reset_before", "reset_after", "truncated_json"]
    vendor.set_faults([{"operation": "*", "fault": kind, "share": 0.08, "seed": 5} for kind in kinds])
    assert run("backfill_contacts", batch_size=100).counts()["read"] == 1200
    assert len(ids(opened, contacts) | ids(opened, rejects)) == 1200


def test_a_fault_that_lasts_fails_the_run_and_a_rerun_continues(
    run: Any, opened: Hub, vendor: Vendor
) -> None:
    everything = {"operation": "POST /contacts/search", "fault": "500", "share": 1.0, "seed": 1}
    run("backfill_contacts", added_until="2020-01-01")  # the hub exists; nothing is that old
    page_by_page = FailAfter(vendor, everything, pages=4)
    ended = page_by_page.during(lambda: run("backfill_contacts", batch_size=100))
    assert isinstance(ended.error, VendorFailedError)
    assert "POST /contacts/search" in str(ended.error)
    kept = len(ids(opened, contacts) | ids(opened, rejects))
    assert 100 <= kept < 1200
    vendor.set_faults([])
    counts = run("backfill_contacts", batch_size=100).counts()
    assert counts["read"] == 1200 - kept
    assert len(ids(opened, contacts) | ids(opened, rejects)) == 1200
    with opened.read() as connection:
        assert connection.execute(sa.select(cursors)).all() == []


def test_a_token_that_is_revoked_in_the_middle_says_what_was_done_before(
    run: Any, opened: Hub, vendor: Vendor
) -> None:
    run("backfill_contacts", added_until="2020-01-01")  # the hub exists; nothing is that old
    revoked = FailAfter(vendor, {"operation": "POST /contacts/search", "fault": "401"}, pages=6)
    ended = revoked.during(lambda: run("backfill_contacts", batch_size=100))
    assert isinstance(ended.error, BadCredentialError)
    kept = len(ids(opened, contacts) | ids(opened, rejects))
    assert 100 <= kept < 1200
    assert f"Done before, and kept: {kept} read, " in str(ended.error)
    with opened.read() as connection:
        [told] = connection.execute(sa.select(runs.c.error).where(runs.c.state == "failed")).scalars()
    assert f"{kept} read" in told
    vendor.set_faults([])
    assert run("backfill_contacts", batch_size=100).counts()["read"] == 1200 - kept


class FailAfter:
    """Turns a lasting fault on once the sandbox has served so many search pages."""

    def __init__(self, vendor: Vendor, fault: dict[str, Any], *, pages: int) -> None:
        self.vendor = vendor
        self.fault = fault
        self.pages = self.served() + pages

    def served(self) -> int:
        found = self.vendor.requests()["operations"].get("POST /contacts/search", {})
        return int(found.get("200", 0))

    def during(self, act: Any) -> Any:
        def watch() -> None:
            while self.served() < self.pages:
                time.sleep(0.005)
            self.vendor.set_faults([self.fault])

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        return act()


@pytest.mark.parametrize(
    ("setting", "value", "error"),
    [
        ("HIGHLEVEL_TOKEN", "pit-wrong", BadCredentialError),
        ("HIGHLEVEL_TOKEN", "pit-sandbox-unscoped", BadCredentialError),
        ("LOCATION_ID", "anotherLocation00001", BadCredentialError),
        ("HUB_URL", "postgresql://nobody:pw@127.0.0.1:1/hub", HubUnavailableError),
    ],
)
def test_what_is_refused_writes_nothing(
    run: Any, opened: Hub, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, error: type[Exception]
) -> None:
    monkeypatch.setenv(f"LUSHA_CONNECT_{setting}", value)
    ended = run("backfill_contacts")
    assert isinstance(ended.error, error)
    assert "Done before" not in str(ended.error)
    assert value not in str(ended.error) or setting == "LOCATION_ID"
    for table in (contacts, raw, rejects, cursors, runs):
        with opened.read() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


def test_a_window_that_ends_before_it_begins_is_refused(run: Any, opened: Hub, vendor: Vendor) -> None:
    ended = run("backfill_contacts", added_from="2026-02-01", added_until="2026-01-31")
    assert isinstance(ended.error, BadConfigurationError)
    assert "added_from, 2026-02-01, is after added_until, 2026-01-31" in str(ended.error)
    assert vendor.requests()["total"] == 0


def test_a_mapping_with_a_typo_is_refused_before_any_request(
    run: Any, opened: Hub, vendor: Vendor, tmp_path: Any
) -> None:
    file = tmp_path / "typo.yaml"
    file.write_text(
        "source: highlevel.contact\ntarget: hub.contact\nfields:\n  id: {from: id}\n  emial: {from: email}\n"
    )
    ended = run("backfill_contacts", mapping=str(file))
    assert isinstance(ended.error, BadMappingError)
    assert "typo.yaml:5" in str(ended.error)
    assert "email" in str(ended.error)
    assert vendor.requests()["total"] == 0
