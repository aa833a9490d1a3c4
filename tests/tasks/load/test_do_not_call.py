"""Do not disturb by calls: written by itself, known although lists do not tell it, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.hub.tables import MIRRORS
from tests.tasks.load.conftest import Office
from tests.tasks.load.undoing import MADE, undo_all

mirror = MIRRORS["hub.contact"]
EMAIL_ONLY = {"Email": {"status": "active"}}
CALLS = {"status": "active"}
NO_CALLS = {"status": "inactive"}


@pytest.fixture
def calling(make_office: Callable[..., Office]) -> Office:
    """An office whose records may say `dnd_calls`."""
    office = make_office()
    office.fields += "  dndCalls: {from: dnd_calls}\n"
    return office


@pytest.fixture
def contact(calling: Office) -> dict[str, Any]:
    """One that gets no e-mails, and of whose calls nothing is known."""
    [one] = calling.known(1, dndSettings=False)
    calling.vendor.edit(kind="contacts", id=one["id"], set={"dndSettings": EMAIL_ONLY})
    return one


def channels(office: Office, contact: dict[str, Any]) -> Any:
    return office.contact(contact["id"]).get("dndSettings")


def mirrored(office: Office, contact: dict[str, Any]) -> Any:
    with office.hub.read() as connection:
        return connection.execute(sa.select(mirror.c.dnd_calls).where(mirror.c.id == contact["id"])).scalar()


def no_calls(contact: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"id": "1", "email": contact["email"], "dnd_calls": True, **more}]


def test_it_is_written_once_beside_other_channels_and_taken_back(
    calling: Office, contact: dict[str, Any]
) -> None:
    calling.load(no_calls(contact))
    assert channels(calling, contact) == {**EMAIL_ONLY, "Call": CALLS}
    calling.vendor.edit(kind="contacts", id=contact["id"], set={"city": "Springfield"})
    calling.scheduled_sync()
    assert mirrored(calling, contact) is True  # the search that told the city left it out
    written = calling.writes()
    calling.load(no_calls(contact))
    assert calling.writes() == written
    undo_all(calling)
    assert channels(calling, contact) == {**EMAIL_ONLY, "Call": NO_CALLS}
    assert mirrored(calling, contact) is False


def test_where_it_is_off_it_is_put_on(calling: Office, contact: dict[str, Any]) -> None:
    calling.vendor.edit(kind="contacts", id=contact["id"], set={"dndSettings": {"Call": NO_CALLS}})
    calling.load(no_calls(contact))
    assert channels(calling, contact) == {"Call": CALLS}


def test_where_a_person_had_put_it_on_nothing_is_sent(calling: Office, contact: dict[str, Any]) -> None:
    calling.vendor.edit(
        kind="contacts", id=contact["id"], set={"dndSettings": {"Call": {"status": "permanent"}}}
    )
    written = calling.writes()
    calling.load(no_calls(contact))
    assert calling.writes() == written
    undo_all(calling)
    assert channels(calling, contact) == {"Call": {"status": "permanent"}}


def test_where_a_person_put_it_off_again_it_stays_off(calling: Office, contact: dict[str, Any]) -> None:
    calling.load(no_calls(contact))
    calling.vendor.edit(kind="contacts", id=contact["id"], set={"dndSettings": {"Call": NO_CALLS}})
    calling.load(
        [{"id": "1", "email": contact["email"], "city": "Springfield"}]
    )  # HighLevel's answer tells it
    assert (mirrored(calling, contact), calling.origins(contact["id"])["dnd_calls"]) == (False, "highlevel")
    calling.load(no_calls(contact))
    assert channels(calling, contact) == {"Call": NO_CALLS}


def test_that_it_was_never_told_is_no_edit_of_a_person_s(calling: Office, contact: dict[str, Any]) -> None:
    calling.vendor.edit(kind="contacts", id=contact["id"], set={"dndSettings": {"Call": NO_CALLS}})
    calling.load([{"id": "1", "email": contact["email"], "city": "Springfield"}])
    assert "dnd_calls" not in calling.origins(contact["id"])


def test_a_contact_is_made_with_it_and_taken_back(calling: Office) -> None:
    before = len(calling.vendor.records("contacts"))
    calling.load([{**MADE, "dnd_calls": True}])
    [made] = [one for one in calling.vendor.records("contacts") if one.get("email") == MADE["email"]]
    assert (made["dndSettings"], mirrored(calling, made)) == ({"Call": CALLS}, True)
    undo_all(calling)
    assert len(calling.vendor.records("contacts")) == before


def test_what_was_put_on_after_it_was_made_does_not_keep_a_contact(calling: Office) -> None:
    before = len(calling.vendor.records("contacts"))
    calling.load([MADE])
    calling.load([{**MADE, "dnd_calls": True}])
    undo_all(calling)
    assert len(calling.vendor.records("contacts")) == before
