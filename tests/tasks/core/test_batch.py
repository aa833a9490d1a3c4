"""Canonical JSON and shortened values: whatever a record holds, its text can be stored and shown."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.batch import Json, Reason, Remark, canonical_json, fingerprint, shown

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(exclude_categories=[]))
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(VALUES)
def test_any_json_has_a_canonical_text_that_can_be_stored(value: Json) -> None:
    text = canonical_json(value)
    assert "\0" not in text
    text.encode()  # no lone surrogates
    json.loads(text)
    assert len(fingerprint(text)) == 32
    assert len(shown(value)) <= 80
    shown(value).encode()


@given(st.dictionaries(st.text(), SCALARS))
def test_the_order_of_keys_does_not_count(value: dict[str, Json]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))


def nested(depth: int) -> Json:
    value: Json = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [nested(3_000), 10**5_000, -(10**5_000), {1: "a", "b": 2}, {"d": Decimal("1.5")}, {"s": {1}}, b"bytes"],
    ids=["deep", "huge", "negative", "mixed keys", "decimal", "set", "bytes"],
)
def test_what_json_cannot_say_still_has_a_text(value: Json) -> None:
    json.loads(canonical_json({"x": value}))
    assert len(shown(value)) <= 80


def test_a_lone_surrogate_and_nul_are_kept_as_escapes() -> None:
    assert canonical_json("a\ud800\0") == '"a\\ud800\\u0000"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([None, True, "x"], "[null, true, 'x']"),
        ({"at": datetime(2026, 1, 2, tzinfo=UTC)}, "{'at': 2026-01-02T00:00:00+00:00}"),
        (date(2026, 1, 2), "2026-01-02"),
    ],
)
def test_a_value_in_a_message_is_not_written_as_python_writes_it(value: Json, text: str) -> None:
    assert shown(value) == text


def test_a_reason_tells_the_field_and_what_is_wrong_with_its_value() -> None:
    found = Remark("clean", "phone", "is no phone number", "'call me'").reason
    assert found.told == "phone: 'call me' is no phone number"
    assert (found.kind, found.label) == ("phone: is no phone number", "clean(phone)")
    assert Reason("shape", "", "[1] is no record", "is no record").told == "[1] is no record"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason("row", "", "a.csv, row 7: 8 cells"), "the row cannot be read"),
        (Reason("highlevel", "email", "no"), "email: HighLevel would refuse it"),
        (Reason("clean", "email", "'x' is no e-mail address"), "email: clean"),
    ],
)
def test_reasons_of_one_kind_are_counted_together_whatever_the_value(reason: Reason, kind: str) -> None:
    assert reason.kind == kind
