"""Countries by what people write."""

from __future__ import annotations

import pycountry
import pytest

from tasks.mapping.transform.countries import normalise_country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("usa", "US"),
        ("U.S.", "US"),
        ("United States", "US"),
        ("Vereinigte Staaten", "US"),
        ("États-Unis", "US"),
        ("Estados Unidos", "US"),
        ("  south   korea ", "KR"),
        ("Deutschland", "DE"),
        ("DEU", "DE"),
        ("ÖSTERREICH", "AT"),
        ("England", "GB"),
        ("Côte d'Ivoire", "CI"),
    ],
)
def test_a_country_has_one_code(text: str, code: str) -> None:
    assert normalise_country(text) == code


@pytest.mark.parametrize("text", ["", " ", "XX", "Europe", "Atlantis", "United"])
def test_what_is_no_country_has_none(text: str) -> None:
    assert normalise_country(text) is None


def test_every_code_and_english_name_is_its_own_country() -> None:
    for one in pycountry.countries:
        for text in (one.alpha_2, one.alpha_3.lower(), one.name.upper()):
            assert normalise_country(text) == one.alpha_2, text
