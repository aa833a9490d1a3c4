"""The transforms: what each makes of good, odd and wrong values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform import clean
from tasks.mapping.transform.refusal import CleanError
from tasks.mapping.transform.registry import TRANSFORMS

MOMENT = dt.datetime(2024, 1, 31, 22, 30, tzinfo=dt.UTC)
DAY = dt.date(2024, 1, 31)


@pytest.mark.parametrize(
    ("name", "value", "cleaned"),
    [
        ("text", "  Ada \t\n Lovelace ", "Ada Lovelace"),
        ("text", "Ame\u0301lie", "Am\xe9lie"),
        ("text", " \n ", None),
        ("text", 12345, "12345"),
        ("text", 12345.0, "12345"),
        ("text", 1.5, "1.5"),
        ("text", "🙂 नमस्ते", "🙂 नमस्ते"),
        ("multiline", " one \n\n two\r\nthree ", "one\n\n two\nthree"),
        ("multiline", " \n ", None),
        ("lower", " ÀB ", "àb"),
        ("lower", " ", None),
        ("upper", " us ", "US"),
        ("email", " Ada@Example.com ", "ada@example.com"),
        ("email", " Not An Email ", "not an email"),
        ("email", "  ", None),
        ("emails", ["A@x.com", "a@X.com", {"email": "b@x.com", "n": 1}, None, {}], ["a@x.com", "b@x.com"]),
        ("emails", "A@x.com", ["a@x.com"]),
        ("emails", [], None),
        ("phone", "+1 212 555 0123", "+12125550123"),
        ("phone", " call  me ", "call me"),
        ("phone", 12125550123, "12125550123"),
        ("phone", "", None),
        (
            "phones",
            ["+1 212 555 0123", {"phone": "+12125550123"}, {"phone": None}, "x"],
            ["+12125550123", "x"],
        ),
        ("domain", "https://www.example.com/x", "example.com"),
        ("domain", " No Domain ", "no domain"),
        ("date", "2024-01-31", DAY),
        ("date", "2024-01-31T22:30:00.000Z", DAY),
        ("date", 1706740200000, DAY),
        ("date", MOMENT, DAY),
        ("date", DAY, DAY),
        ("timestamp", "2024-01-31T22:30:00.000Z", MOMENT),
        ("timestamp", "2024-01-31T23:30:00+01:00", MOMENT),
        ("timestamp", " 2024-01-31 22:30:00 ", MOMENT),
        ("timestamp", 1706740200000, MOMENT),
        ("timestamp", 1706740200, MOMENT),
        ("timestamp", MOMENT, MOMENT),
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
        ("phone", "(212) 555-0123", {"region": "US"}, "+12125550123"),
        ("phone", "(212) 555-0123", {"region": "DE", "default_region": "US"}, "+492125550123"),
        ("phone", "(212) 555-0123", {"region": None, "default_region": "US"}, "+12125550123"),
        ("phone", "(212) 555-0123", {"region": ["US"]}, "(212) 555-0123"),
        ("phones", ["(212) 555-0123"], {"region": "US"}, ["+12125550123"]),
        ("truncate", "Ada Lovelace", {"length": 4}, "Ada"),
        ("date", "31.01.2024", {"format": "%d.%m.%Y"}, DAY),
        ("timestamp", "31.01.2024 22:30", {"format": "%d.%m.%Y %H:%M"}, MOMENT),
        ("timestamp", "31.01.2024 23:30 +0100", {"format": "%d.%m.%Y %H:%M %z"}, MOMENT),
        ("join", ["a", "b"], {"separator": " / "}, "a / b"),
        ("split", "a/b", {"separator": "/"}, ["a", "b"]),
        ("split", "a\t b  c", {"separator": ""}, ["a", "b", "c"]),
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
        ("email", 3, "is no text"),
        ("emails", [3], "is no text"),
        ("domain", {}, "is no text"),
        ("date", "yesterday", "is no date"),
        ("date", "2024-02-30", "is no date"),
        ("date", True, "is no date"),
        ("timestamp", "yesterday", "is no timestamp"),
        ("timestamp", "0001-01-01T00:00:00+14:00", "is no timestamp"),
        ("timestamp", 10**30, "is no timestamp"),
        ("timestamp", float("nan"), "is no timestamp"),
        ("timestamp", [], "is no timestamp"),
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
        clean.timestamp("x" * 1_000_000)
    assert len(caught.value.message) < 120


TEXTS = st.one_of(st.text(), st.text(st.characters(exclude_categories=[])), st.emails())


@pytest.mark.parametrize("name", ["text", "multiline", "lower", "email", "phone", "domain"])
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


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("de", "DE"),
        ("GBR", "GB"),
        ("  united   states ", "US"),
        ("USA", "US"),
        ("UK", "GB"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("Estados Unidos", "US"),
        ("Atlantis", "ATLANTIS"),
    ],
)
def test_a_country_is_known_by_code_and_by_name_in_four_languages(written: str, code: str) -> None:
    assert TRANSFORMS["country"].function(written) == code


def test_a_phone_is_read_by_the_name_of_its_country() -> None:
    assert clean.phone("030 123456", region="Deutschland") == "+4930123456"
    assert clean.phone("(212) 555-0143", region="United States") == "+12125550143"
