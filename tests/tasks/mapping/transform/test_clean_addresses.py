"""The transforms of addresses: what each makes of good, odd and wrong values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform import clean_addresses as clean
from tasks.mapping.transform.partial import Partial
from tasks.mapping.transform.refusal import CleanError
from tasks.mapping.transform.vocabulary import TRANSFORMS


@pytest.mark.parametrize(
    ("name", "value", "options", "cleaned"),
    [
        ("email", " Ada@Example.com ", {}, "ada@example.com"),
        ("email", "  ", {}, None),
        ("email", [None, "", "nobody", "Ada@Example.com", "b@example.com"], {}, "ada@example.com"),
        ("email", [], {}, None),
        (
            "emails",
            ["A@x.com", "a@X.com", {"email": "b@x.com", "n": 1}, None, {}],
            {},
            ["a@x.com", "b@x.com"],
        ),
        ("emails", "A@x.com", {}, ["a@x.com"]),
        ("emails", ["nobody"], {}, ["nobody"]),
        ("emails", [], {}, None),
        ("phone", "+1 212 555 0123", {}, "+12125550123"),
        ("phone", 2125550123, {"default_region": "US"}, "+12125550123"),
        ("phone", 2125550123.0, {"default_region": "US"}, "+12125550123"),
        ("phone", "", {}, None),
        ("phone", ["n/a", "(212) 555-0123", "+4930123456"], {"region": "US"}, "+12125550123"),
        ("phone", "(212) 555-0123", {"region": "US"}, "+12125550123"),
        ("phone", "(212) 555-0123", {"region": "DE", "default_region": "US"}, "+492125550123"),
        ("phone", "(212) 555-0123", {"region": None, "default_region": "US"}, "+12125550123"),
        ("phone", "(212) 555-0123", {"region": "N/A", "default_region": "US"}, "+12125550123"),
        ("phone", "07911 123456", {"region": "UK"}, "+447911123456"),
        ("phone", "07911 123456", {"region": "Britain", "default_region": "US"}, "+447911123456"),
        ("phone", "030 123456", {"region": "Deutschland"}, "+4930123456"),
        (
            "phones",
            ["+1 212 555 0123", {"phone": "+12125550123"}, {"phone": None}, "x"],
            {},
            ["+12125550123", "x"],
        ),
        ("phones", ["(212) 555-0123"], {"region": "US"}, ["+12125550123"]),
        ("domain", "https://www.example.com/x", {}, "example.com"),
        ("country", "uk", {}, "GB"),
        ("country", " ", {}, None),
        ("postal_code", 2108, {"country": "USA"}, "02108"),
        ("postal_code", "2108", {}, "2108"),
    ],
)
def test_what_a_transform_makes(name: str, value: Any, options: dict[str, Any], cleaned: Any) -> None:
    assert TRANSFORMS[name].function(value, **options) == cleaned


@pytest.mark.parametrize(
    ("name", "value", "options", "problem"),
    [
        ("email", 3, {}, "is no text"),
        ("email", "Not An Email", {}, "is no e-mail address"),
        ("emails", [True], {}, "is no text"),
        ("phone", "call me", {"default_region": "US"}, "is no phone number"),
        ("phone", "0171 1234567", {"region": "Atlantis", "default_region": "US"}, "its country is not known"),
        ("phone", True, {}, "is no text"),
        ("domain", "No Domain", {}, "has no domain"),
        ("domain", {}, {}, "is no text"),
        ("country", "Atlantis", {}, "is no country of ISO 3166"),
    ],
)
def test_what_a_transform_refuses(name: str, value: Any, options: dict[str, Any], problem: str) -> None:
    with pytest.raises(CleanError, match=problem):
        TRANSFORMS[name].function(value, **options)


def test_a_further_address_is_left_over() -> None:
    found = clean.email("ada@example.com; bea@example.com")
    assert found == Partial(
        "ada@example.com", (("clean", "is a further e-mail address", "'bea@example.com'"),)
    )


def test_a_switchboard_s_number_is_no_key_and_its_extension_is_kept_elsewhere_or_told() -> None:
    number = "+1 212 555 0103 ext. 12"
    assert clean.phone(number, extension="note") == Partial(
        "+12125550103", is_key=False, moved={"note": "Phone: +12125550103 ext. 12"}
    )
    assert clean.phone(number) == Partial(
        "+12125550103", (("clean", "is the extension of a phone number", "12"),), is_key=False
    )


TEXTS = st.one_of(st.text(), st.text(st.characters(exclude_categories=[])), st.emails())


@pytest.mark.parametrize("name", ["email", "phone", "domain", "country", "postal_code"])
@given(value=TEXTS)
def test_cleaning_twice_changes_nothing(name: str, value: str) -> None:
    function = TRANSFORMS[name].function
    try:
        once = function(value)
    except CleanError:
        return
    once = once.value if isinstance(once, Partial) else once
    if once is not None:
        assert function(once) == once
