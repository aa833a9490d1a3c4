"""Looking up what a lost create made, where nothing but the name tells it and the pages lead in a circle."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tasks.core.errors import VendorFailedError
from tasks.vendors.highlevel.api import contacts
from tasks.vendors.transport import Answer, Transport

SMALL_PAGE = 5
OTHERS = 3 * SMALL_PAGE
PATIENCE = 20
"""Pages after the first one, far more than there are: who asks for so many goes in a circle."""

pages = count()


async def forgetful(transport: Transport, method: str, path: str, **request: Any) -> Answer:
    """A vendor that ignores where a search is to go on: the first page comes again and again."""
    body = request.get("json")
    if path.endswith("/contacts/search") and "searchAfter" in body:
        assert next(pages) < PATIENCE
        rest = {name: value for name, value in body.items() if name != "searchAfter"}
        request["json"] = rest | {"page": 1}
    return await send(transport, method, path, **request)


send = Transport.send


def test_pages_that_repeat_end_the_look_up_and_nothing_is_made_twice(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "PAGE_LIMIT", SMALL_PAGE)
    records = [{"id": "1", "first_name": "Lost", "last_name": "Only"}]
    for n in range(OTHERS):
        office.vendor.edit(kind="contacts", create={"firstName": "Other", "lastName": str(n)})
    office.vendor.set_faults([{"operation": "POST /contacts/", "fault": "reset_after", "times": 1}])
    with monkeypatch.context() as patch:
        patch.setattr(Transport, "send", forgetful)
        with pytest.raises(VendorFailedError, match="does not lead on"):
            office.load(records)
    office.load(records)
    assert len(office.called("Lost")) == 1
