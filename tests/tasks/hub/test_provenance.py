"""Whose a value is: an edit by hand is told from the echo of our own write."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.hub import provenance
from tasks.hub.engine import Hub
from tasks.hub.provenance import BY_HAND, SINCE, Origin, same
from tasks.load.mirror import mirror_rows
from tasks.streams import HUB_CONTACT

STREAM = HUB_CONTACT.name
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def read(hub: Hub, at: datetime = LATER, id_: str = "ada", *, partial: bool = False, **fields: Any) -> None:
    """Mirror a contact as a read of HighLevel finds it."""
    row = dict.fromkeys(HUB_CONTACT.fields) | {"id": id_, "date_updated": at} | fields
    stamp = {"location_id": "loc", "run_id": "read", "synced_at": at}
    with hub.write() as connection:
        mirror_rows(connection, STREAM, [row], stamp, partial=partial)


def wrote(hub: Hub, field: str, value: Any, system: str = "file", at: datetime = NOON) -> None:
    """Note a write of ours."""
    with hub.write() as connection:
        provenance.keep(connection, "loc", STREAM, [("ada", field, Origin(system, at, value))], "write")


def known(hub: Hub, id_: str = "ada") -> dict[str, Origin]:
    with hub.read() as connection:
        found = provenance.origins(connection, "loc", STREAM, [id_]).get(id_, {})
    return {name: origin for name, origin in found.items() if name != SINCE}


def test_what_a_contact_has_when_it_is_read_first_is_nobody_s(hub: Hub) -> None:
    read(hub, first_name="Ada", tags=["a"], custom={"k": 1})
    assert known(hub) == {}


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("city", "Wien", "Graz"),
        ("city", None, "Graz"),
        ("city", "Wien", None),
        ("tags", ["a"], ["a", "b"]),
        ("dnd", False, True),
        ("business_id", None, "biz1"),
        ("date_of_birth", None, date(1990, 2, 3)),
    ],
)
def test_a_change_that_is_not_ours_is_an_edit_by_hand_of_that_moment(
    hub: Hub, field: str, before: Any, after: Any
) -> None:
    read(hub, NOON, **{field: before})
    read(hub, LATER, **{field: after})
    value = after.isoformat() if isinstance(after, date) else after
    assert known(hub) == {field: Origin(BY_HAND, LATER, value)}


def test_each_custom_field_has_an_origin_of_its_own(hub: Hub) -> None:
    read(hub, NOON, custom={"same": 1, "edited": 1, "emptied": 1})
    read(hub, LATER, custom={"same": 1, "edited": 2, "filled": [1]})
    assert known(hub) == {
        "custom.edited": Origin(BY_HAND, LATER, 2),
        "custom.emptied": Origin(BY_HAND, LATER, None),
        "custom.filled": Origin(BY_HAND, LATER, [1]),
    }


def test_the_echo_of_our_own_write_stays_ours(hub: Hub) -> None:
    read(hub, NOON, city="Graz", tags=["a"], custom={"k": "1"})
    wrote(hub, "city", "Wien")
    wrote(hub, "tags", ["b", "a"])
    wrote(hub, "custom.k", 2)
    read(hub, LATER, city="Wien", tags=["a", "b"], custom={"k": "2"})
    assert {name: origin.system for name, origin in known(hub).items()} == dict.fromkeys(
        ["city", "tags", "custom.k"], "file"
    )


def test_an_edit_after_our_write_is_by_hand(hub: Hub) -> None:
    read(hub, NOON, city="Graz")
    wrote(hub, "city", "Wien")
    read(hub, LATER, city="Linz")
    assert known(hub)["city"] == Origin(BY_HAND, LATER, "Linz")


def test_an_edit_takes_back_that_highlevel_did_not_take_a_value(hub: Hub) -> None:
    read(hub, NOON, city="Graz")
    with hub.write() as connection:
        refused = Origin(BY_HAND, NOON, "Graz", dropped="Wien")
        provenance.keep(connection, "loc", STREAM, [("ada", "city", refused)], "write")
    assert known(hub)["city"].dropped == "Wien"
    read(hub, LATER, city="Linz")
    assert known(hub)["city"] == Origin(BY_HAND, LATER, "Linz")


def test_what_comes_to_light_of_a_contact_that_we_made_is_no_edit(hub: Hub) -> None:
    read(hub, NOON, first_name="Ada", partial=True)
    wrote(hub, "first_name", "Ada")
    read(hub, LATER, first_name="Ada", country="AT", source="api")
    assert known(hub) == {"first_name": Origin("file", NOON, "Ada")}
    read(hub, LATER + timedelta(hours=1), first_name="Ada", country="DE", source="api")
    assert known(hub)["country"].system == BY_HAND


def test_an_edit_before_the_first_whole_read_of_what_we_wrote_is_seen(hub: Hub) -> None:
    read(hub, NOON, first_name="Ada", partial=True)
    wrote(hub, "first_name", "Ada")
    read(hub, LATER, first_name="Eve")
    assert known(hub)["first_name"] == Origin(BY_HAND, LATER, "Eve")


def test_fields_that_no_plan_writes_are_not_tracked(hub: Hub) -> None:
    read(hub, NOON, type="lead", date_added=NOON, additional_emails=["a@a.example"])
    read(hub, LATER, type="customer", date_added=LATER, additional_emails=None)
    assert known(hub) == {}


def test_a_read_that_finds_nothing_new_notes_nothing(hub: Hub) -> None:
    read(hub, NOON, city="Graz")
    statements: list[str] = []
    sa.event.listen(hub.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    read(hub, NOON, city="Graz")
    assert [text for text in statements if "provenance" in text] == []


def test_the_last_word_on_a_field_replaces_the_one_before(hub: Hub) -> None:
    wrote(hub, "city", "Wien")
    wrote(hub, "city", ["any", {"json": None}], "lusha", LATER)
    assert known(hub) == {"city": Origin("lusha", LATER, ["any", {"json": None}])}


def test_origins_are_kept_apart_by_location_stream_and_record(hub: Hub) -> None:
    wrote(hub, "city", "Wien")
    with hub.read() as connection:
        assert provenance.origins(connection, "elsewhere", STREAM, ["ada"]) == {}
        assert provenance.origins(connection, "loc", "other", ["ada"]) == {}
        assert provenance.origins(connection, "loc", STREAM, ["bob"]) == {}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (None, "", True),
        ([], None, True),
        ({}, "", True),
        (["a", "b"], ["b", "a"], True),
        (["a"], ["a", "b"], False),
        (5, "5", True),
        ("5", 6, False),
        (0, None, False),
        (False, None, False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, "{'a': 1}", False),
        ("Ada", "ada", False),
    ],
)
def test_when_two_values_mean_the_same(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is same(other, one) is equal
