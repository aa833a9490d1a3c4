"""HighLevel's oddities about tasks, notes, appointments, businesses and users, survived by the client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox import process
from tasks.core.errors import GarbledAnswerError, InvalidRequestError, UnknownOutcomeError, VendorFailedError
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.vendors.highlevel.api import appointments, businesses, contacts, crm_tasks, notes, users
from tasks.vendors.highlevel.api.activity_writes import BusinessCreate, CrmTaskCreate, NoteCreate
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.transport import Answer, Transport
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def first_contact(talk: Any) -> str:
    return str(talk.vendor.records("contacts")[0]["id"])


def a_task(**more: Any) -> CrmTaskCreate:
    return CrmTaskCreate(title="Call", due_date=NOON, completed=False, **more)


class DeafToSkip(Transport):
    """A vendor that has renamed its paging parameter."""

    async def send(self, method: str, path: str, **request: Any) -> Answer:
        query: Mapping[str, str] = request.get("query") or {}
        request["query"] = {("offset" if name == "skip" else name): value for name, value in query.items()}
        if isinstance(request.get("json"), dict):
            request["json"] = {name: value for name, value in request["json"].items() if name != "skip"}
        return await super().send(method, path, **request)


class AnswersWith(Transport):
    """A vendor that answers something else, after the effect."""

    body = b"{}"

    async def send(self, method: str, path: str, **request: Any) -> Answer:
        answer = await super().send(method, path, **request)
        return Answer(answer.status, answer.headers, self.body)


def answering(body: bytes) -> type[Transport]:
    return type("Answering", (AnswersWith,), {"body": body})


def test_an_ignored_paging_parameter_repeats_the_page_and_is_found_out(talk: Any) -> None:
    async def list_businesses(client: HighLevel) -> list[Any]:
        return [business async for business in businesses.list_all(client)]

    async def search_tasks(client: HighLevel) -> list[Any]:
        return [task async for task in crm_tasks.search(client, limit=2)]

    contact = first_contact(talk)
    for _ in range(3):
        talk(lambda client: crm_tasks.create(client, contact, a_task()))
    assert len(talk(list_businesses)) == 200
    assert len(talk(search_tasks)) == 3
    for question in (list_businesses, search_tasks):
        with pytest.raises(VendorFailedError, match="same records again"):
            talk(question, transport=DeafToSkip)


def test_a_page_size_over_the_cap_is_400_not_clamped(talk: Any) -> None:
    async def go(client: HighLevel) -> list[Any]:
        return [business async for business in businesses.list_all(client, limit=1000)]

    with pytest.raises(InvalidRequestError, match="HTTP 400"):
        talk(go)


def test_a_task_is_id_on_the_contact_and_underscore_id_in_the_search(talk: Any) -> None:
    contact = first_contact(talk)

    async def go(client: HighLevel) -> None:
        made = await crm_tasks.create(client, contact, a_task())
        found = [task async for task in crm_tasks.search(client)]
        listed = await crm_tasks.of_contact(client, contact)
        assert "_id" in found[0].raw
        assert made.id == found[0].id == listed[0].id
        assert (listed[0].date_updated, found[0].date_updated is None) == (None, False)

    talk(go)


def test_a_task_must_say_whether_it_is_completed(talk: Any) -> None:
    with pytest.raises(ValidationError, match="completed"):
        CrmTaskCreate.model_validate({"title": "Call", "dueDate": NOON})
    path, body = {"contactId": first_contact(talk)}, {"title": "Call", "dueDate": "2027-03-01T12:00:00Z"}
    with pytest.raises(InvalidRequestError) as caught:
        talk.call("POST", "/contacts/{contactId}/tasks", path=path, json=body, idempotent=False)
    assert caught.value.fields == ("completed",)


def test_a_task_for_somebody_elses_colleague_is_assigned_to_nobody(talk: Any) -> None:
    write = a_task(assigned_to="nobodyOfThisPlace001")
    made = talk(lambda client: crm_tasks.create(client, first_contact(talk), write))
    assert unconfirmed(write, made) == ("assignedTo",)


def test_buiseness_is_spelt_like_that_and_its_flag_is_success(talk: Any) -> None:
    made = talk(lambda client: businesses.create(client, BusinessCreate(name="Engines")))
    whole = talk.call("GET", "/businesses/{id}", path={"id": made.id})
    assert whole["business"]["name"] == made.name == "Engines"
    assert talk(lambda client: businesses.delete(client, made.id))


def test_two_businesses_may_have_one_name(talk: Any) -> None:
    async def go(client: HighLevel) -> set[str]:
        return {(await businesses.create(client, BusinessCreate(name="Twin"))).id for _ in range(2)}

    assert len(talk(go)) == 2


def test_the_same_note_twice_is_two_notes_so_a_lost_answer_is_looked_up(talk: Any) -> None:
    contact, note = first_contact(talk), NoteCreate(body="once")
    fault = {"operation": "POST /contacts/{contactId}/notes", "fault": "timeout_after", "seconds": 0.01}
    talk.vendor.set_faults([fault])
    with pytest.raises(UnknownOutcomeError):
        talk(lambda client: notes.create(client, contact, note))
    talk.vendor.set_faults([])
    assert [held.body for held in talk(lambda client: notes.of_contact(client, contact))] == ["once"]
    talk(lambda client: notes.create(client, contact, note))
    assert len(talk(lambda client: notes.of_contact(client, contact))) == 2


def test_dates_without_a_zone_are_the_locations_own(talk: Any) -> None:
    contact, calendar = first_contact(talk), talk.vendor.records("calendars")[0]["id"]
    record = {"contactId": contact, "calendarId": calendar, "startTime": "2027-03-01T12:00:00+00:00"}
    talk.vendor.edit(kind="appointments", create=record)
    zoneless = talk(lambda client: appointments.of_contact(client, contact, zone=UTC))[0]
    assert zoneless.raw["startTime"] == "2027-03-01 06:00:00"  # the sandbox is in Chicago
    assert zoneless.start_time == datetime(2027, 3, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize("flag", ["succeded", "succeeded", "success"])
def test_success_is_spelt_in_three_ways(talk: Any, flag: str) -> None:
    contact = first_contact(talk)
    note = talk(lambda client: notes.create(client, contact, NoteCreate(body="x")))
    with pytest.raises(VendorFailedError, match="did not succeed"):
        talk(
            lambda client: notes.delete(client, contact, note.id),
            transport=answering(b'{"%b": false}' % flag.encode()),
        )


def test_an_accepted_write_without_its_record_is_no_success(talk: Any) -> None:
    contact = first_contact(talk)
    empty = answering(b"{}")
    with pytest.raises(UnknownOutcomeError, match="look the record up"):
        talk(lambda client: crm_tasks.create(client, contact, a_task()), transport=empty)
    with pytest.raises(GarbledAnswerError, match="no list of tasks"):
        talk(lambda client: crm_tasks.of_contact(client, contact), transport=empty)
    with pytest.raises(GarbledAnswerError, match="without an id"):
        talk(
            lambda client: crm_tasks.of_contact(client, contact), transport=answering(b'{"tasks":[{"x":1}]}')
        )


@pytest.mark.parametrize("body", [b"", b"{}", b'{"contact":null}', b'{"contact":{}}', b"null"])
def test_no_duplicate_may_be_told_in_any_way(talk: Any, body: bytes) -> None:
    question = answering(body)
    assert (
        talk(lambda client: contacts.find_duplicate(client, email="a@b.example"), transport=question) is None
    )


def test_a_search_for_users_without_the_agency_is_401_and_no_fault_of_the_token(talk: Any) -> None:
    with pytest.raises(InvalidRequestError, match="required parameter is missing"):
        talk.call("GET", "/users/search", query={"locationId": talk.vendor.location_id})


def test_the_only_list_of_users_answers_under_both_versions(talk: Any) -> None:
    assert {user.first_name for user in talk(users.list_all)} == {"Robin", "Sasha", "Kim"}


def test_429_has_no_retry_after_and_the_window_is_in_the_headers(talk: Any, tmp_path: Path) -> None:
    talk.hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}")  # the other one knows a vendor without a quota
    schema.upgrade(talk.hub)
    with process.start(contacts=5, quota="25/1s", daily=10_000) as trial:
        talk.vendor = trial

        async def go(client: HighLevel) -> None:
            for _ in range(30):
                await users.list_all(client)

        talk(go)
        assert trial.requests()["operations"]["GET /users/"] == {"200": 30}
    talk.hub.close()


def test_odd_values_of_people_and_old_imports_are_read_as_absent(talk: Any) -> None:
    held = first_contact(talk)
    odd = {
        "dateAdded": "yesterday",
        "tags": "vip",
        "phone": 12025550199,
        "dnd": "perhaps",
        "customFields": [None, {"value": 1}, {"id": "a", "value": {"deep": []}}],
        "email": {"address": "x"},
        "dateOfBirth": "31.31.1990",
        "additionalEmails": ["plain@example.com", {"email": "other@example.com"}, 3],
    }
    talk.vendor.edit(kind="contacts", id=held, set=odd)
    read = talk(lambda client: contacts.get(client, held))
    assert (read.date_added, read.tags, read.dnd, read.email, read.date_of_birth) == (
        None,
        (),
        None,
        None,
        None,
    )
    assert read.phone == "12025550199"
    assert read.custom("a") == {"deep": []}
    assert read.additional_emails == ("plain@example.com", "other@example.com")
    assert read.raw["dateAdded"] == "yesterday"
