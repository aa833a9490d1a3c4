"""What every endpoint says of a record that is not there."""

from __future__ import annotations

from typing import Any

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
)
from tasks.vendors.highlevel.api.activity_writes import CrmTaskUpdate
from tasks.vendors.highlevel.api.writes import ContactUpdate


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
