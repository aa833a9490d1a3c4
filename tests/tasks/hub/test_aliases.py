"""Further addresses: a contact is found by any of its addresses, and by none that it has no more."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tasks.hub import aliases
from tasks.hub.engine import Hub
from tasks.hub.tables import aliases as table
from tasks.streams import HUB_CONTACT

CONTACT = HUB_CONTACT.name


def keep(hub: Hub, *rows: dict[str, Any], location: str = "loc") -> None:
    with hub.write() as connection:
        aliases.replace(connection, location, CONTACT, rows, {row["id"] for row in rows})


def held(hub: Hub, location: str = "loc") -> set[tuple[str, str, str]]:
    with hub.read() as connection:
        query = sa.select(table.c.id, table.c.kind, table.c.value).where(table.c.location_id == location)
        return {(id_, kind, value) for id_, kind, value in connection.execute(query).all()}


ADA = {"id": "ada", "additional_emails": ["a@x.example", "b@x.example"], "additional_phones": ["+1"]}


def test_each_address_is_kept_once_with_its_kind(hub: Hub) -> None:
    keep(hub, ADA | {"additional_phones": ["+1", "+1"]}, {"id": "bob", "additional_emails": None})
    assert held(hub) == {
        ("ada", "email", "a@x.example"),
        ("ada", "email", "b@x.example"),
        ("ada", "phone", "+1"),
    }


def test_what_a_contact_has_no_more_is_gone_and_others_keep_theirs(hub: Hub) -> None:
    keep(hub, ADA, {"id": "bob", "additional_emails": ["bob@x.example"]})
    keep(hub, ADA, location="elsewhere")
    keep(hub, {"id": "ada", "additional_emails": ["b@x.example"], "additional_phones": []})
    assert held(hub) == {("ada", "email", "b@x.example"), ("bob", "email", "bob@x.example")}
    assert len(held(hub, "elsewhere")) == 3


def test_of_no_contact_nothing_is_changed(hub: Hub) -> None:
    keep(hub, ADA)
    keep(hub)
    assert len(held(hub)) == 3


@pytest.mark.parametrize(
    ("field", "value", "further"),
    [
        ("email", "b@x.example", True),
        ("email", "new@x.example", False),
        ("email", None, False),
        ("phone", "+1", True),
        ("phone", "b@x.example", False),
        ("city", "b@x.example", False),
    ],
)
def test_a_further_address_is_told_from_a_new_one(field: str, value: Any, further: bool) -> None:
    assert aliases.is_further(CONTACT, ADA, field, value) is further


def test_a_contact_without_any_has_none() -> None:
    assert not aliases.is_further(CONTACT, {"id": "bob", "additional_emails": None}, "email", "a@x.example")
