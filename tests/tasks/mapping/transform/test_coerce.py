"""What a field of each type takes and refuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tasks.core.batch import Json
from tasks.mapping.transform.coerce import DEPTH_LIMIT, keeper
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.streams import Field, FieldType

NOW = dt.datetime(2024, 1, 31, 22, 30, tzinfo=dt.UTC)
CET = dt.timezone(dt.timedelta(hours=1))


def nested(depth: int) -> Json:
    value: Json = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "Ada"),
        ("text", "🙂 Ådå 清河 कविता \u202e"),
        ("text", "x" * 100),
        ("boolean", False),
        ("number", 0),
        ("number", -1.5),
        ("number", 2**62),
        ("date", NOW.date()),
        ("timestamp", NOW),
        ("texts", ["a", "🙂"]),
        ("object", {"a": [1, None, True, "x", {"b": 1.5}]}),
        ("object", {"a": "\\u0000"}),
        ("value", "Ada"),
        ("value", 0),
        ("value", -1.5),
        ("value", False),
        ("value", ["a", "b"]),
    ],
)
def test_a_good_value_is_kept(kind: str, value: Any) -> None:
    assert keeper(Field(FieldType(kind), limit=100))(value) == value


@pytest.mark.parametrize(
    ("kind", "value"), [("text", ""), ("texts", []), ("object", {}), ("value", ""), ("value", [])]
)
def test_empty_has_one_spelling(kind: str, value: Any) -> None:
    assert keeper(Field(FieldType(kind)))(value) is None


@pytest.mark.parametrize(
    ("kind", "value", "rule"),
    [
        ("text", 1, "type"),
        ("text", ["a"], "type"),
        ("text", b"a", "type"),
        ("text", "a\0b", "text"),
        ("text", "a\ud800", "text"),
        ("text", "x" * 101, "length"),
        ("boolean", 1, "type"),
        ("boolean", "true", "type"),
        ("number", True, "type"),
        ("number", "1", "type"),
        ("number", float("nan"), "type"),
        ("number", float("inf"), "type"),
        ("number", 2**63, "type"),
        ("number", 10**400, "type"),
        ("date", "2024-01-31", "type"),
        ("date", NOW, "type"),
        ("timestamp", "2024-01-31T22:30:00Z", "type"),
        ("timestamp", NOW.replace(tzinfo=None), "type"),
        ("timestamp", NOW.astimezone(CET), "type"),
        ("texts", "a", "type"),
        ("texts", ["a", None], "type"),
        ("texts", ["a\0"], "text"),
        ("texts", ["x" * 60, "y" * 60], "length"),
        ("object", ["a"], "type"),
        ("object", {1: "a"}, "type"),
        ("object", {"a": {2: "b"}}, "type"),
        ("object", {"a": NOW}, "type"),
        ("object", {"a": [float("nan")]}, "type"),
        ("object", {"a": [2**63]}, "type"),
        ("object", {"a\0": 1}, "text"),
        ("object", {"a": ["\udfff"]}, "text"),
        ("object", {"a": "x" * 100}, "length"),
        ("object", nested(DEPTH_LIMIT + 1), "shape"),
        ("object", nested(100_000), "shape"),
        ("value", {"a": 1}, "type"),
        ("value", float("inf"), "type"),
        ("value", 2**63, "type"),
        ("value", ["a", 1], "type"),
        ("value", "a\0b", "text"),
        ("value", "x" * 101, "length"),
        ("value", ["x" * 60, "y" * 60], "length"),
    ],
)
def test_a_value_that_cannot_be_stored_is_refused(kind: str, value: Any, rule: str) -> None:
    with pytest.raises(RefusedValueError) as caught:
        keeper(Field(FieldType(kind), limit=100))(value)
    assert caught.value.rule == rule
    assert len(caught.value.message) < 200


def test_a_date_of_a_custom_field_is_kept_as_text() -> None:
    keep = keeper(Field(FieldType.VALUE))
    assert keep(NOW.date()) == "2024-01-31"
    assert keep(NOW) == "2024-01-31T22:30:00+00:00"
