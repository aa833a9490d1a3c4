"""Comparing field by field: what is to be written, what stays, and what is the same after all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tasks.core.change import FieldChange
from tasks.hub.provenance import BY_HAND, SINCE, Origin
from tasks.hub.spec import FieldRule, PlanSpec
from tasks.plan.compare import Comparer, Comparison, Members
from tasks.streams import Policy

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def nothing_of(found: Comparison) -> bool:
    return not (found.update or found.sets or found.parts)


def compared(
    name: str,
    wanted: Any,
    current: dict[str, Any],
    policy: str = "overwrite",
    *,
    origins: dict[str, Origin] | None = None,
    **more: Any,
) -> Comparison:
    custom_id = "cf1" if name.startswith("custom.") else ""
    rule = FieldRule(name, Policy(policy), custom_id)
    spec = PlanSpec("loc", "file", "file", AS_OF, ("link",), (rule,), {"key": "cf1"})
    row, held = {"id": "r", name: wanted, **more}, {"id": "c", **current}
    comparer = Comparer(spec)
    return comparer.judge(comparer.differing(row, held), row, held, origins or {})


@pytest.mark.parametrize(
    ("name", "wanted", "current"),
    [
        ("firstName", "Ada", {"first_name": "Ada"}),
        ("firstName", None, {"first_name": "Ada"}),  # a record without a value asks for nothing
        ("name", "Ada McLovelace", {"name": "ada mclovelace"}),  # HighLevel spells names its own way
        ("dateOfBirth", date(1990, 2, 3), {"date_of_birth": date(1990, 2, 3)}),
        ("dateOfBirth", "1990-02-03", {"date_of_birth": date(1990, 2, 3)}),  # as a kept plan has it
        ("custom.key", 5, {"custom": {"cf1": "5"}}),  # custom numbers come as text
        ("custom.key", ["b", "a"], {"custom": {"cf1": ["a", "b"]}}),
        ("custom.key", "2024-01-31", {"custom": {"cf1": 1706659200000}}),
        ("custom.key", "2024-01-31", {"custom": {"cf1": "2024-01-31T00:00:00.000Z"}}),
        ("postalCode", "2108", {"postal_code": "02108"}),  # a spreadsheet took the zero
        ("postalCode", "2108-1234", {"postal_code": "02108-1234"}),
        ("tags", ["VIP ", "b"], {"tags": ["b", "vip"]}),  # HighLevel's tags are lower case
        ("gender", "female", {}),  # only a create takes it, and nothing tells it
        ("dnd", False, {"dnd": False}),
    ],
)
def test_the_same_value_spelt_otherwise_is_no_difference(name: str, wanted: Any, current: Any) -> None:
    found = compared(name, wanted, current)
    assert nothing_of(found)
    assert found.kept == []


@pytest.mark.parametrize(
    ("name", "wanted", "current", "old", "new"),
    [
        ("firstName", "Ada", {"first_name": "Eve"}, "Eve", "Ada"),
        ("firstName", "Ada", {}, None, "Ada"),
        ("companyName", "Acme", {"company_name": None}, None, "Acme"),
        ("dateOfBirth", date(1990, 2, 3), {}, None, "1990-02-03"),
        ("custom.key", "x", {"custom": {"cf1": "y"}}, "y", "x"),
        ("custom.key", "x", {"custom": None}, None, "x"),
        ("custom.key", "x", {"custom": {"cf2": "x"}}, None, "x"),
        ("custom.key", "2024-01-31", {"custom": {"cf1": 1706745600000}}, 1706745600000, "2024-01-31"),
        ("postalCode", "02108", {"postal_code": "2108"}, "2108", "02108"),
        ("postalCode", "2109", {"postal_code": "02108"}, "02108", "2109"),
        ("city", "1", {"city": "01"}, "01", "1"),
        ("dnd", False, {"dnd": True}, True, False),
        ("dnd", False, {}, None, False),
    ],
)
def test_a_difference_tells_old_new_and_why(name: str, wanted: Any, current: Any, old: Any, new: Any) -> None:
    [found] = compared(name, wanted, current).update
    assert (found.field, found.old, found.new) == (name, old, new)
    assert found.why == ("overwrite" if old not in (None, "") else "was empty")


def test_what_a_policy_keeps_tells_what_it_would_have_been() -> None:
    found = compared("phone", "+1", {"phone": "+2"}, "fill_empty")
    assert nothing_of(found)
    assert found.kept == [FieldChange("phone", "+2", "+1", "fill_empty: there is a value")]


def test_tags_are_added_and_nothing_is_taken_away() -> None:
    found = compared("tags", ["New", "b"], {"tags": ["a", "b"]}, "add")
    assert found.sets == [Members("tags", ["a", "b"], ["new"], [])]
    assert nothing_of(compared("tags", ["b"], {"tags": ["a", "b"]}, "add"))


def test_tags_are_replaced_only_under_overwrite() -> None:
    found = compared("tags", ["c", "b"], {"tags": ["a", "b"]}, "overwrite")
    assert [(one.missing, one.extra) for one in found.sets] == [(["c"], ["a"])]
    kept = compared("tags", ["c"], {"tags": ["a"]}, "fill_empty")
    assert nothing_of(kept)
    assert kept.kept == [FieldChange("tags", ["a"], ["c"], "fill_empty: there is a value")]
    [found] = compared("tags", ["c"], {"tags": None}, "fill_empty").sets
    assert found.missing == ["c"]


def test_a_business_is_linked_not_updated() -> None:
    found = compared("business", "biz2", {"business_id": "biz1"})
    assert found.update == []
    assert found.parts == {"business": FieldChange("business", "biz1", "biz2", "overwrite")}


@pytest.mark.parametrize("name", ["firstName", "custom.key"])
def test_a_newer_hand_edit_stays(name: str) -> None:
    current = {"first_name": "Eve", "custom": {"cf1": "Eve"}}
    field = "first_name" if name == "firstName" else "custom.cf1"
    origins = {field: Origin(BY_HAND, AS_OF + timedelta(days=1), "Eve")}
    found = compared(name, "Ada", current, origins=origins)
    assert nothing_of(found)
    assert "edited in HighLevel on 2026-06-02" in found.kept[0].why


def test_a_record_says_itself_how_old_it_is() -> None:
    origins = {"first_name": Origin(BY_HAND, AS_OF + timedelta(days=1), "Eve")}
    newer = {"asOf": AS_OF + timedelta(days=2)}
    assert compared("firstName", "Ada", {"first_name": "Eve"}, origins=origins, **newer).update
    kept = {"asOf": (AS_OF + timedelta(hours=1)).isoformat()}  # as a kept plan has it
    assert nothing_of(compared("firstName", "Ada", {"first_name": "Eve"}, origins=origins, **kept))


def test_a_record_of_the_future_is_as_old_as_its_file() -> None:
    origins = {"first_name": Origin(BY_HAND, AS_OF + timedelta(days=1), "Eve")}
    typo = {"asOf": datetime(2206, 1, 1, tzinfo=UTC)}
    assert nothing_of(compared("firstName", "Ada", {"first_name": "Eve"}, origins=origins, **typo))


def test_our_own_writes_do_not_make_the_rest_of_a_contact_look_newer() -> None:
    current = {"first_name": "Eve", "date_updated": AS_OF + timedelta(days=1)}
    assert nothing_of(compared("firstName", "Ada", current, "newest"))
    origins = {SINCE: Origin(BY_HAND, AS_OF - timedelta(days=1))}
    assert compared("firstName", "Ada", current, "newest", origins=origins).update


def test_a_field_with_nothing_to_compare_it_to_has_no_present_value() -> None:
    row = {"first_name": "Ada", "custom": {"cf1": 1}}
    spec = PlanSpec("loc", "file", "file", AS_OF, ("link",), (), {"key": "cf1"})
    assert [spec.held(row, name) for name in ("firstName", "custom.key", "note", "nothing")] == [
        "Ada",
        1,
        None,
        None,
    ]
