"""What the journal says of contacts that are read, written, deleted, and mapped anew."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Json
from tasks.hub import journal
from tasks.hub.engine import Hub
from tasks.hub.journal import Asked, Entry, Kind
from tasks.hub.provenance import SINCE
from tasks.hub.tables import MIRRORS, mirror_mappings
from tasks.load.mirror import keep_raw, mirror_rows
from tasks.load.versions import Reading
from tasks.streams import HUB_CONTACT
from tasks.vendors.protocols import MirrorMapping
from tests.tasks.load.conftest import Office

STREAM = HUB_CONTACT.name
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def story(office: Office, id_: str = "", after: int = 0) -> list[Entry]:
    with office.hub.read() as connection:
        return journal.read(connection, office.vendor.location_id, Asked(id=id_, after=after))


def head(office: Office) -> int:
    with office.hub.read() as connection:
        return journal.head(connection, office.vendor.location_id)


def fields(entry: Entry) -> dict[str, tuple[Json, Json]]:
    return {name: value for name, value in entry.fields.items() if name != SINCE}


def test_a_first_load_is_no_news(office: Office) -> None:
    [one] = office.known(1)
    assert Counter(entry.kind for entry in story(office)).keys() == {Kind.LOADED}
    [entry] = story(office, one["id"])
    assert (entry.fields, entry.whose) == ({}, "highlevel")


def test_what_somebody_edits_is_theirs_field_by_field(office: Office) -> None:
    [one] = office.known(1)
    before = head(office)
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "Graz", "website": "https://a.example"})
    office.scheduled_sync()
    [entry] = story(office, after=before)
    assert (entry.id, entry.kind, entry.whose) == (one["id"], Kind.UPDATED, "highlevel")
    assert fields(entry)["city"] == (one.get("city"), "Graz")
    assert fields(entry)["website"] == (one.get("website"), "https://a.example")
    assert (
        entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        == office.contact(one["id"])["dateUpdated"]
    )


def test_what_a_plan_writes_is_ours_and_its_echo_is_no_news(office: Office) -> None:
    [one] = office.known(1)
    before = head(office)
    [plan] = office.load([{"id": "1", "email": one["email"], "city": "Springfield", "tags": ["fair"]}])
    ours = story(office, after=before)
    assert {entry.id for entry in ours} == {one["id"]}
    assert {entry.whose for entry in ours} == {"ours"}
    assert {entry.plan_id for entry in ours} == {plan.id}
    written = {name: value for entry in ours for name, value in fields(entry).items()}
    assert written.keys() == {"city", "tags"}
    assert written["city"] == (one.get("city"), "Springfield")
    behind = head(office)
    office.scheduled_sync()
    assert story(office, after=behind) == []


def test_a_contact_that_a_plan_makes_is_ours_one_that_somebody_adds_is_theirs(office: Office) -> None:
    office.known(1)
    before = head(office)
    office.load([{"id": "1", "email": "new@noted.example", "first_name": "New"}])
    [made, *_] = story(office, after=before)
    assert (made.kind, made.whose, fields(made)["first_name"]) == (Kind.CREATED, "ours", (None, "New"))
    before = head(office)
    office.vendor.edit(kind="contacts", create={"email": "walked@noted.example", "firstName": "Walk"})
    office.scheduled_sync()
    [theirs] = [entry for entry in story(office, after=before) if entry.kind is Kind.CREATED]
    assert (theirs.whose, fields(theirs)["first_name"]) == ("highlevel", (None, "Walk"))


def test_a_deletion_is_noted_once_and_a_return_is_a_new_beginning(office: Office) -> None:
    [one] = office.known(1)
    before = head(office)
    office.vendor.edit(kind="contacts", id=one["id"], delete=True)
    office.scheduled_sync(full_pass="now")
    office.scheduled_sync(full_pass="now")
    assert [(entry.kind, entry.whose) for entry in story(office, one["id"], before)] == [
        (Kind.DELETED, "highlevel")
    ]


def test_an_undo_that_deletes_what_was_made_is_ours(office: Office) -> None:
    office.known(1)
    [plan] = office.load([{"id": "1", "email": "new@noted.example", "first_name": "New"}])
    [made] = office.called("New")
    office.undo(plan)
    kinds = [(entry.kind, entry.whose) for entry in story(office, made["id"])]
    assert kinds[0] == (Kind.CREATED, "ours")
    assert kinds[-1] == (Kind.DELETED, "ours")


def test_what_was_not_kept_was_not_noted(office: Office) -> None:
    """Mirror and journal are one transaction: a process that dies leaves both or neither."""
    [one] = office.known(1)
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "Graz"})
    for at in range(1, 40):
        how = office.attempt(lambda death: office.act(_only_sync, death), "write", at, after=False)
        held = _city(office, one["id"])
        with office.outside() as connection:
            told = journal.read(connection, office.vendor.location_id, Asked(id=one["id"]))
        noted = [entry for entry in told if "city" in entry.fields]
        assert (held == "Graz") is bool(noted)
        if how == "through":
            break
    assert [fields(entry)["city"][1] for entry in noted] == ["Graz"]


async def _only_sync(_work: Any) -> None:
    """Beginning to work brings the mirror up to date."""


def _city(office: Office, id_: str) -> Json:
    mirror = MIRRORS[STREAM]
    with office.outside() as connection:
        return connection.execute(sa.select(mirror.c.city).where(mirror.c.id == id_)).scalar_one()


def mirrored(hub: Hub, mapping: MirrorMapping, at: datetime = NOON, **values: Any) -> list[Entry]:
    row = dict.fromkeys(HUB_CONTACT.fields) | {"id": "ada", "date_updated": at} | values
    stamp = {"location_id": "loc", "run_id": "read", "synced_at": at}
    with hub.write() as connection:
        return mirror_rows(connection, STREAM, [row], stamp, Reading(mapping, at)).entries


def spelling(digest: str, **values: Any) -> MirrorMapping:
    row = dict.fromkeys(HUB_CONTACT.fields) | {"id": "ada", "date_updated": NOON}
    return MirrorMapping(digest, "highlevel.contact", lambda kept: [{**row, **values} for _ in kept])


def test_another_mapping_changes_nothing(hub: Hub) -> None:
    mirrored(hub, spelling("one"), city="WIEN", source="a")
    with hub.write() as connection:
        kept = {"location_id": "loc", "stream": "highlevel.contact", "run_id": "r", "synced_at": NOON}
        keep_raw(connection, {"ada": "{}"}, kept)
    assert mirrored(hub, spelling("two", city="Wien", source="A"), city="Wien", source="A") == []
    later = NOON + timedelta(hours=1)
    three = spelling("three", city="wien", source="A")
    [entry] = mirrored(hub, three, later, city="graz", source="A")
    assert (entry.whose, fields(entry)) == ("highlevel", {"city": ("wien", "graz")})


def test_what_was_added_after_the_hub_began_is_new_whoever_reads_it(hub: Hub) -> None:
    with hub.write() as connection:
        began = {"location_id": "loc", "stream": STREAM, "mapping": "m", "since": NOON, "began_at": NOON}
        connection.execute(sa.insert(mirror_mappings).values(began))
    [old] = mirrored(hub, spelling("one"), date_added=NOON - timedelta(days=1))
    [new] = mirrored(hub, spelling("one"), id="bob", date_added=NOON + timedelta(seconds=1), city="Wien")
    assert (old.kind, old.fields) == (Kind.LOADED, {})
    assert (new.kind, fields(new)["city"]) == (Kind.CREATED, (None, "Wien"))
