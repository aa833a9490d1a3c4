"""The transforms: what each makes of good, odd and wrong values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform import clean
from tasks.mapping.transform.partial import Partial
from tasks.mapping.transform.refusal import CleanError
from tasks.mapping.transform.vocabulary import TRANSFORMS


@pytest.mark.parametrize(
    ("name", "value", "cleaned"),
    [
        ("text", "  Ada \t\n Lovelace ", "Ada Lovelace"),
        ("text", "Ame\u0301lie", "Am\xe9lie"),
        ("text", " \n ", None),
        ("text", "\ufeffAda\u200b \u202aM\xfcller\u202c", "Ada M\xfcller"),
        ("text", 12345, "12345"),
        ("text", 12345.0, "12345"),
        ("text", 1.5, "1.5"),
        ("text", "🙂 नमस्ते", "🙂 नमस्ते"),
        ("multiline", " one \n\n two\r\nthree ", "one\n\n two\nthree"),
        ("multiline", " \n ", None),
        ("lower", " ÀB ", "àb"),
        ("lower", " ", None),
        ("upper", " us ", "US"),
        ("number", "12.50", 12.5),
        ("number", " 12 ", 12),
        ("number", 7, 7),
        ("boolean", True, True),
        ("boolean", " YES ", True),
        ("boolean", 0, False),
        ("boolean", "off", False),
        ("boolean", " ", None),
        ("tags", ["VIP ", "VIP", "", None, "new  lead"], ["VIP", "new lead"]),
        ("tags", "a, b,,a", ["a", "b"]),
        ("tags", "VIP; vip;\u200blead", ["VIP", "lead"]),
        ("tags", ["New York, NY", "a;b"], ["New York, NY", "a;b"]),
        ("blank", " N/A ", None),
        ("blank", "Nadia", "Nadia"),
        ("blank", ["-"], ["-"]),
        ("full_name", "Muster, Bea", "Bea Muster"),
        ("full_name", "Bea  Muster", "Bea Muster"),
        ("given_name", ["Bea", "Muster, Anna"], "Bea"),
        ("given_name", [None, "Muster, Anna"], "Anna"),
        ("given_name", [None, "Anna Muster"], None),
        ("given_name", "Bea", "Bea"),
        ("family_name", [" ", "van der Berg, Anna Maria"], "van der Berg"),
        ("tags", [], None),
        ("custom_fields", [{"id": "a", "value": 0}, {"id": "b", "value": ""}, {"id": "c"}], {"a": 0}),
        ("custom_fields", [{"id": "a", "value": ["x"]}, {"id": "a", "value": {"k": 1}}], {"a": {"k": 1}}),
        ("custom_fields", [], None),
        ("first", [None, "", "a", "b"], "a"),
        ("first", [0, 1], 0),
        ("first", [], None),
        ("first", "a", "a"),
        ("join", ["a ", None, 1, ""], "a, 1"),
        ("join", "a", "a"),
        ("join", [], None),
        ("split", "a, b ,,a", ["a", "b"]),
        ("split", ["a", "a"], ["a"]),
    ],
)
def test_what_a_transform_makes(name: str, value: Any, cleaned: Any) -> None:
    made = TRANSFORMS[name].function(value)
    assert (made, type(made)) == (cleaned, type(cleaned))


@pytest.mark.parametrize(
    ("name", "value", "options", "cleaned"),
    [
        ("blank", "NA", {"but": ["na"]}, "NA"),
        ("blank", 0, {"also": ["0"]}, None),
        ("tags", "a;b/c", {"separator": "/"}, ["a;b", "c"]),
        ("truncate", "Ada Lovelace", {"length": 4}, "Ada"),
        ("join", ["a", "b"], {"separator": " / "}, "a / b"),
        ("split", "a/b", {"separator": "/"}, ["a", "b"]),
        ("split", "a\t b  c", {"separator": ""}, ["a", "b", "c"]),
        (
            "prefer",
            [{"t": "x", "v": 1}, {"v": 2}, {"t": "B", "v": 3}, {"t": "a", "v": 4}, {"t": "a"}, None, "odd"],
            {"by": "t", "first": ["a", "b"], "take": "v"},
            [4, 3, 1, 2],
        ),
        ("prefer", [], {"by": "t", "first": ["a"], "take": "v"}, None),
        ("lookup", "a", {"table": {"a": "Alpha"}}, "Alpha"),
        ("lookup", "z", {"table": {"a": "Alpha"}}, "z"),
        ("lookup", "z", {"table": {"a": "Alpha"}, "default": "other"}, "other"),
        ("lookup", 1, {"table": {"1": "one"}}, "one"),
    ],
)
def test_what_a_transform_makes_with_options(
    name: str, value: Any, options: dict[str, Any], cleaned: Any
) -> None:
    assert TRANSFORMS[name].function(value, **options) == cleaned


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("text", True, "is no text"),
        ("text", ["a"], "is no text"),
        ("text", float("inf"), "is no text"),
        ("number", "1,5", "is no number"),
        ("number", "nan", "is no number"),
        ("number", "1e999", "is no number"),
        ("number", False, "is no number"),
        ("boolean", "maybe", "is neither true nor false"),
        ("boolean", 2, "is neither true nor false"),
        ("tags", {"a": 1}, "is no list of tags"),
        ("custom_fields", {"a": 1}, "is no list of custom fields"),
        ("custom_fields", [{"id": 1, "value": 2}], "is no custom field"),
    ],
)
def test_what_a_transform_refuses(name: str, value: Any, problem: str) -> None:
    with pytest.raises(CleanError, match=problem) as caught:
        TRANSFORMS[name].function(value)
    assert caught.value.rule == "clean"


def test_a_refused_value_is_shown_shortened() -> None:
    with pytest.raises(CleanError) as caught:
        clean.number("x" * 1_000_000)
    assert len(caught.value.message) < 120


TEXTS = st.one_of(st.text(), st.text(st.characters(exclude_categories=[])), st.emails())


@pytest.mark.parametrize("name", ["text", "multiline", "lower", "full_name"])
@given(value=TEXTS)
def test_cleaning_twice_changes_nothing(name: str, value: str) -> None:
    function = TRANSFORMS[name].function
    once = function(value)
    if once is not None:
        assert function(once) == once


def test_every_transform_says_what_it_does() -> None:
    for name, found in TRANSFORMS.items():
        assert found.summary.endswith("."), name
        assert found.name == name


def test_text_that_is_too_long_is_cut_and_told() -> None:
    cut = clean.multiline("one\ntwo three", length=7)
    assert isinstance(cut, Partial)
    assert cut.value == "one\ntwo"
    assert cut.left_out == (("clean", "is cut to 7 characters", "6 characters"),)
    assert clean.multiline("one\ntwo", length=7) == "one\ntwo"
