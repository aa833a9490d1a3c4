"""Of two words on a record the newer one is kept, by HighLevel's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tasks.core.change import State
from tasks.hub import provenance
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec
from tasks.hub.tables import MIRRORS
from tasks.load.mirror import Mirrored, mirror_rows
from tasks.load.record import record
from tasks.load.versions import Reading
from tasks.streams import HUB_CONTACT
from tasks.vendors.protocols import Effect, MirrorMapping, Told
from tests import operations

STREAM = HUB_CONTACT.name
mirror = MIRRORS[STREAM]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAPPING = MirrorMapping("a mapping", "highlevel.contact", lambda _records: [])
MINUTE = timedelta(minutes=1)
SPEC = PlanSpec("loc", "file", "file", NOON, ("link",), (), {}, "file.contact")


def row(at: datetime | None, **fields: Any) -> dict[str, Any]:
    return dict.fromkeys(HUB_CONTACT.fields) | {"id": "ada", "date_updated": at} | fields


def searched(hub: Hub, at: datetime | None, asked_at: datetime, **fields: Any) -> Mirrored:
    """The contact as a search gave it."""
    stamp = {"location_id": "loc", "run_id": "read", "synced_at": asked_at}
    with hub.write() as connection:
        return mirror_rows(connection, STREAM, [row(at, **fields)], stamp, Reading(MAPPING, asked_at))


def effect(hub: Hub, now: datetime, **what: Any) -> None:
    """What came of a write of ours, answered just now."""
    change = operations.change(operations.UPDATE, "1", target_id="ada", state=State.DONE)
    run = Run("import_contacts", "loc", "m", "d", {})
    plan = Plan(run.id, run.automation, run.location_id, "import", "a file", SPEC.plain())
    record(hub, run, plan, SPEC, [Effect(change, **what)], now)


def patched(hub: Hub, now: datetime, **fields: Any) -> None:
    effect(hub, now, patch=fields)


def answered(hub: Hub, at: datetime, *, partial: bool = False, **fields: Any) -> None:
    effect(hub, at, row=Told(row(at, **fields), "{}", MAPPING, at), partial=partial)


def held(hub: Hub) -> dict[str, Any]:
    with hub.read() as connection:
        return dict(connection.execute(sa.select(mirror)).mappings().one())


def edits(hub: Hub) -> set[str]:
    with hub.read() as connection:
        return set(provenance.origins(connection, "loc", STREAM, ["ada"]).get("ada", {}))


def test_an_older_read_is_not_stored_and_counts_as_unchanged(hub: Hub) -> None:
    searched(hub, NOON, NOON, city="Wien")
    done = searched(hub, NOON - MINUTE, NOON + MINUTE, city="Graz")
    assert (done.created, done.updated, done.unchanged, done.older) == ([], [], ["ada"], {"ada"})
    assert (held(hub)["city"], edits(hub)) == ("Wien", set())
    assert searched(hub, NOON, NOON + MINUTE, city="Linz").updated == ["ada"]
    assert searched(hub, NOON + MINUTE, NOON + MINUTE, city="Graz").updated == ["ada"]


def test_when_the_search_lags_no_more_it_is_right_whatever_the_record_says(hub: Hub) -> None:
    searched(hub, NOON, NOON, city="Wien")
    assert searched(hub, NOON - MINUTE, NOON + 9 * MINUTE, city="Graz").updated == []
    assert searched(hub, NOON - MINUTE, NOON + 10 * MINUTE, city="Graz").updated == ["ada"]


def test_a_record_without_a_date_is_stored_as_it_comes(hub: Hub) -> None:
    searched(hub, NOON, NOON, city="Wien")
    assert searched(hub, None, NOON, city="Graz").updated == ["ada"]
    assert searched(hub, NOON - MINUTE, NOON, city="Linz").updated == ["ada"]


def test_a_record_from_the_future_is_not_stuck_there(hub: Hub) -> None:
    searched(hub, NOON + timedelta(days=3650), NOON, city="Wien")
    assert searched(hub, NOON + timedelta(days=3650), NOON + MINUTE, city="Graz").updated == ["ada"]
    assert searched(hub, NOON + 15 * MINUTE, NOON + 30 * MINUTE, city="Linz").updated == ["ada"]


def test_our_tags_are_kept_until_the_search_has_them(hub: Hub) -> None:
    searched(hub, NOON - MINUTE, NOON, tags=["a"])
    patched(hub, NOON, tags=["a", "ours"])
    for late in (NOON - MINUTE, NOON + timedelta(seconds=1)):
        assert searched(hub, late, NOON + MINUTE, tags=["a"]).updated == []
    assert held(hub)["tags"] == ["a", "ours"]
    assert searched(hub, NOON, NOON + MINUTE, tags=["a", "ours"], city="Wien").updated == ["ada"]
    assert held(hub)["fingerprint"] != "patched"


def test_an_edit_after_our_tags_is_seen(hub: Hub) -> None:
    searched(hub, NOON - MINUTE, NOON, tags=["a"])
    patched(hub, NOON, tags=["a", "ours"])
    assert searched(hub, NOON + MINUTE, NOON + MINUTE, tags=["theirs"]).updated == ["ada"]
    assert edits(hub) == {"tags"}


def test_tags_that_were_there_already_hide_no_edit_of_before(hub: Hub) -> None:
    searched(hub, NOON - 3 * MINUTE, NOON - 2 * MINUTE, tags=["a"])
    patched(hub, NOON, tags=["a"])
    assert searched(hub, NOON - MINUTE, NOON + MINUTE, tags=["a"], city="Wien").updated == ["ada"]
    assert edits(hub) == {"city"}


def test_an_update_before_our_tags_is_kept_as_well(hub: Hub) -> None:
    searched(hub, NOON - 3 * MINUTE, NOON - 2 * MINUTE, tags=["a"], city="Wien")
    answered(hub, NOON - MINUTE, tags=["a"], city="Graz")
    patched(hub, NOON, tags=["a"])
    assert searched(hub, NOON - 3 * MINUTE, NOON + MINUTE, tags=["a"], city="Wien").updated == []


def test_tags_do_not_take_back_what_was_read_after_them(hub: Hub) -> None:
    searched(hub, NOON + MINUTE, NOON + MINUTE, tags=["a", "ours", "theirs"])
    patched(hub, NOON, tags=["a", "ours"])
    assert held(hub)["tags"] == ["a", "ours", "theirs"]


def test_the_answer_to_a_create_takes_nothing_from_a_whole_read(hub: Hub) -> None:
    searched(hub, NOON, NOON + MINUTE, city="Wien", timezone="Europe/Vienna")
    answered(hub, NOON, partial=True, city="Wien")
    assert held(hub)["timezone"] == "Europe/Vienna"
    assert edits(hub) == set()


def test_what_we_made_and_tagged_is_completed_and_nothing_of_it_is_an_edit(hub: Hub) -> None:
    answered(hub, NOON, partial=True, city="Wien")
    patched(hub, NOON + timedelta(seconds=1), business_id="b1")
    found = NOON + timedelta(seconds=1)
    searched(hub, found, NOON + MINUTE, city="Wien", business_id="b1", timezone="Europe/Vienna")
    assert held(hub)["timezone"] == "Europe/Vienna"
    assert edits(hub) == set()


def test_a_deleted_contact_stays_deleted_while_the_search_still_shows_it(hub: Hub) -> None:
    searched(hub, NOON - MINUTE, NOON, city="Wien")
    effect(hub, NOON, gone=True)
    assert searched(hub, NOON - MINUTE, NOON + MINUTE, city="Wien").updated == []
    assert held(hub)["deleted_at"] is not None
    assert searched(hub, NOON - MINUTE, NOON + 10 * MINUTE, city="Wien").updated == ["ada"]
    assert held(hub)["deleted_at"] is None
