"""Typed records in and out, for every kind, in both dialects: what is written is what is read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api import (
    appointments,
    businesses,
    contacts,
    crm_tasks,
    locations,
    notes,
    tags,
    users,
    workflows,
)
from tasks.vendors.highlevel.api.activity_writes import (
    AppointmentCreate,
    AppointmentUpdate,
    BusinessCreate,
    BusinessUpdate,
    CrmTaskCreate,
    CrmTaskUpdate,
    NoteCreate,
    NoteUpdate,
)
from tasks.vendors.highlevel.api.writes import ContactCreate, ContactUpdate, ContactUpsert
from tasks.vendors.highlevel.client import HighLevel
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def first_contact(talk: Any) -> str:
    return str(talk.vendor.records("contacts")[0]["id"])


def test_a_contact_is_made_read_changed_and_deleted(talk: Any) -> None:
    new = ContactCreate.model_validate(
        {
            "firstName": "Ada",
            "lastName": "Lovelace",
            "email": "Ada@Example.com",
            "phone": "+1 202-555-0199",
            "dateOfBirth": "1990-09-25",
            "gender": "female",
            "companyName": "Engines",
            "tags": ["Lead"],
            "country": "GB",
            "dndSettings": {"sms": {"status": "active"}, "whatsapp": {"status": "inactive"}},
        }
    )

    async def go(client: HighLevel) -> None:
        made = await contacts.create(client, new)
        held = await contacts.get(client, made.id)
        assert unconfirmed(new, held) == ()
        assert (held.name, held.phone, held.tags) == ("Ada Lovelace", "+12025550199", ("lead",))
        assert held.date_of_birth == date(1990, 9, 25)
        assert held.date_added is not None
        assert held.date_added.tzinfo
        assert held.dnd_settings["sms"].status == "active"
        changes = ContactUpdate(city="London", email=None)
        after = await contacts.update(client, made.id, changes)
        assert unconfirmed(changes, after) == ()
        assert (after.city, after.email, after.last_name) == ("London", None, "Lovelace")
        assert await contacts.delete(client, made.id)
        assert not await contacts.delete(client, made.id)
        with pytest.raises(RecordNotFoundError):
            await contacts.get(client, made.id)
        assert not await contacts.exists(client, made.id)

    talk(go)


def test_an_upsert_tells_whether_it_made_the_contact(talk: Any) -> None:
    async def go(client: HighLevel) -> None:
        first = await contacts.upsert(client, ContactUpsert(email="new@example.com", first_name="New"))
        second = await contacts.upsert(client, ContactUpsert(email="NEW@example.com", city="Rome"))
        assert (first.new, second.new) == (True, False)
        assert second.contact.id == first.contact.id
        assert (second.contact.first_name, second.contact.city) == ("New", "Rome")

    talk(go)


def test_a_task_is_made_changed_completed_found_and_deleted(talk: Any) -> None:
    contact = first_contact(talk)

    async def go(client: HighLevel) -> None:
        new = CrmTaskCreate(title="Call back", due_date=NOON, completed=False, body="about the offer")
        made = await crm_tasks.create(client, contact, new)
        assert unconfirmed(new, made) == ()
        assert await crm_tasks.get(client, contact, made.id) == made
        changes = CrmTaskUpdate(title="Write back", due_date=NOON + timedelta(days=1))
        assert unconfirmed(changes, await crm_tasks.update(client, contact, made.id, changes)) == ()
        done = await crm_tasks.complete(client, contact, made.id)
        assert done.completed
        assert not (await crm_tasks.complete(client, contact, made.id, completed=False)).completed
        assert [task.id for task in await crm_tasks.of_contact(client, contact)] == [made.id]
        found = [task async for task in crm_tasks.search(client, contact_ids=[contact], query="write")]
        assert [task.id for task in found] == [made.id]
        assert found[0].date_updated is not None
        assert [task async for task in crm_tasks.search(client, completed=True)] == []
        assert await crm_tasks.delete(client, contact, made.id)
        assert not await crm_tasks.delete(client, contact, made.id)

    talk(go)


def test_a_note_is_made_changed_and_deleted(talk: Any) -> None:
    contact = first_contact(talk)

    async def go(client: HighLevel) -> None:
        new = NoteCreate(body="Met at the fair", title="Fair", color="#00ff00", pinned=True)
        made = await notes.create(client, contact, new)
        assert unconfirmed(new, made) == ()
        changes = NoteUpdate(body="Met at the spring fair")
        assert unconfirmed(changes, await notes.update(client, contact, made.id, changes)) == ()
        assert (await notes.get(client, contact, made.id)).body == "Met at the spring fair"
        assert [note.id for note in await notes.of_contact(client, contact)] == [made.id]
        assert await notes.delete(client, contact, made.id)
        assert not await notes.delete(client, contact, made.id)

    talk(go)


def test_an_appointment_is_the_same_hour_in_every_list(talk: Any) -> None:
    contact, calendar = first_contact(talk), talk.vendor.records("calendars")[0]

    async def go(client: HighLevel) -> None:
        zone = ZoneInfo((await locations.get(client)).timezone or "")
        new = AppointmentCreate(
            calendar_id=calendar["id"],
            contact_id=contact,
            start_time=NOON,
            end_time=NOON + timedelta(hours=1),
            title="Demo",
            appointment_status="confirmed",
        )
        made = await appointments.create(client, new)
        assert unconfirmed(new, made) == ()
        of_contact = await appointments.of_contact(client, contact, zone=zone)
        in_period = await appointments.in_period(
            client, NOON - timedelta(1), NOON + timedelta(1), by="calendarId", of=calendar["id"]
        )
        read = await appointments.get(client, made.id)
        for seen in (*of_contact, *in_period, read):
            assert (seen.id, seen.start_time, seen.end_time) == (made.id, NOON, NOON + timedelta(hours=1))
        assert len(of_contact) == len(in_period) == 1
        changes = AppointmentUpdate(start_time=NOON + timedelta(hours=2), end_time=NOON + timedelta(hours=3))
        assert unconfirmed(changes, await appointments.update(client, made.id, changes)) == ()
        assert await appointments.delete(client, made.id)
        assert not await appointments.delete(client, made.id)

    talk(go)


def test_tags_of_one_contact_of_many_and_of_the_location(talk: Any) -> None:
    some = [record["id"] for record in talk.vendor.records("contacts")[:3]]

    async def go(client: HighLevel) -> None:
        before = set((await contacts.get(client, some[0])).tags)
        assert set(await tags.add(client, some[0], ["Fair 2027"]) or ()) == {*before, "fair 2027"}
        assert set(await tags.remove(client, some[0], ["fair 2027"]) or ()) == before
        added = await tags.add_in_bulk(client, [*some, "no such"], ["bulk"])
        assert [outcome.succeeded for outcome in added] == [True, True, True, False]
        assert [outcome.contact_id for outcome in added] == [*some, "no such"]
        assert added[3].message
        assert all(outcome.tags_added == ("bulk",) for outcome in added[:3])
        removed = await tags.remove_in_bulk(client, some, ["bulk"])
        assert all(outcome.tags_removed == ("bulk",) for outcome in removed)
        emptied = await tags.remove_all_in_bulk(client, some[:1])
        assert set(emptied[0].old_tags) == before
        assert (await contacts.get(client, some[0])).tags == ()
        known = {tag.name for tag in await tags.list_all(client)}
        assert {"fair 2027", "bulk"} <= known
        made = await tags.create(client, "Season")
        renamed = await tags.rename(client, made.id, "Spring")
        assert (await tags.get(client, made.id)).name == renamed.name == "spring"
        assert await tags.delete(client, made.id)
        assert not await tags.delete(client, made.id)

    talk(go)


def test_a_business_is_made_linked_and_deleted(talk: Any) -> None:
    some = [record["id"] for record in talk.vendor.records("contacts")[:3]]

    async def go(client: HighLevel) -> None:
        new = BusinessCreate(name="Engines", website="https://engines.example.com", city="London")
        made = await businesses.create(client, new)
        assert unconfirmed(new, made) == ()
        changes = BusinessUpdate(city="Paris")
        assert unconfirmed(changes, await businesses.update(client, made.id, changes)) == ()
        assert (await businesses.get(client, made.id)).city == "Paris"
        assert await businesses.link(client, made.id, some) == some
        assert (await contacts.get(client, some[0])).business_id == made.id
        linked = {contact.id async for contact in contacts.of_business(client, made.id, limit=2)}
        assert linked == set(some)
        await businesses.unlink(client, some)
        assert (await contacts.get(client, some[0])).business_id is None
        listed = [business.id async for business in businesses.list_all(client, limit=90)]
        assert len(listed) == len(set(listed)) == 201
        assert made.id in listed
        assert await businesses.delete(client, made.id)
        assert not await businesses.delete(client, made.id)

    talk(go)


def test_workflows_take_a_contact_and_let_it_go(talk: Any) -> None:
    contact = first_contact(talk)

    async def go(client: HighLevel) -> None:
        welcome = (await workflows.list_all(client))[0]
        await workflows.add(client, contact, welcome.id, event_start=NOON)
        await workflows.remove(client, contact, welcome.id)
        with pytest.raises(RecordNotFoundError, match="Workflow"):
            await workflows.add(client, contact, "no such workflow")

    talk(go)
    assert talk.vendor.records("enrolments") == []


def test_the_location_its_fields_and_its_people(talk: Any) -> None:
    async def go(client: HighLevel) -> None:
        location = await locations.get(client)
        assert location.settings.allow_duplicate_contact is False
        fields = await locations.custom_fields(client)
        tier = next(field for field in fields if field.name == "Tier")
        assert tier.picklist_options[0] == "Gold"
        assert (await locations.custom_field(client, "contact.tier")).id == tier.id
        people = await users.list_all(client)
        assert (await users.get(client, people[0].id)).email == people[0].email
        found = [
            user async for user in users.search(client, location.company_id or "", query="robin", limit=2)
        ]
        assert [user.first_name for user in found] == ["Robin"]

    talk(go)


@pytest.mark.parametrize(
    "read",
    [
        lambda client: crm_tasks.get(client, "noSuchContact0000001", "noSuchTask0000000001"),
        lambda client: notes.get(client, "noSuchContact0000001", "noSuchNote0000000001"),
        lambda client: appointments.get(client, "noSuchEvent000000001"),
        lambda client: businesses.get(client, "0123456789abcdef01234567"),
        lambda client: tags.get(client, "noSuchTag00000000001"),
        lambda client: users.get(client, "noSuchUser0000000001"),
        lambda client: locations.custom_field(client, "contact.no_such_field"),
        lambda client: crm_tasks.update(client, "noSuchContact0000001", "t", CrmTaskUpdate(title="x")),
        lambda client: contacts.update(client, "noSuchContact0000001", ContactUpdate(city="x")),
    ],
)
def test_a_record_that_is_not_there_is_said_so(talk: Any, read: Any) -> None:
    with pytest.raises(RecordNotFoundError, match="sandboxLocation00001"):
        talk(read)
    assert talk.vendor.requests()["total"] == 1
