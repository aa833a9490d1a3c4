"""Of somebody none of whose numbers may be called: no number is written, and calls are switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.process import RunningSandbox


def test_a_lead_who_must_not_be_called_has_no_phone_and_calls_are_off(
    go: Callable[..., dict[str, Any]], vendor: RunningSandbox, leads_file: Callable[..., str]
) -> None:
    people = vendor.lusha.records("people")
    protected = [
        one
        for one in people
        if not one.get("contactId")
        and not one.get("problem")
        and one["phones"]
        and all(phone["doNotCall"] for phone in one["phones"])
        and any(email["type"] == "work" for email in one["emails"])
    ]
    go("push_leads", file=leads_file(protected[:3]), businesses=False)
    written = [one for one in vendor.records("contacts") if "lusha" in one.get("tags", [])]
    assert written
    for one in written:
        assert not one.get("phone")
        assert one["dndSettings"] == {"Call": {"status": "active"}}
        assert not one["dnd"]
