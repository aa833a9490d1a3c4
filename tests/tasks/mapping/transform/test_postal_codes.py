"""Postal codes that lost their zeros in front."""

from __future__ import annotations

import pytest

from tasks.mapping.transform.postal_codes import lost_zeros, with_zeros


@pytest.mark.parametrize(
    ("code", "country", "whole"),
    [
        ("2108", "US", "02108"),
        ("501", "US", "00501"),
        ("1067", "DE", "01067"),
        ("150", "NO", "0150"),
        ("10001", "US", "10001"),
        ("2108-1234", "US", "2108-1234"),
        ("21", "US", "21"),
        ("8001", "CH", "8001"),
        ("2108", None, "2108"),
        ("SW1A 1AA", "GB", "SW1A 1AA"),
    ],
)
def test_zeros_are_put_back_where_the_country_tells(code: str, country: str | None, whole: str) -> None:
    assert with_zeros(code, country) == whole


@pytest.mark.parametrize(
    ("code", "whole", "lost"),
    [
        ("2108", "02108", True),
        ("2108-1234", "02108-1234", True),
        ("02108", "2108", False),
        ("02108", "02108", False),
        ("2109", "02108", False),
        ("", "000", False),
    ],
)
def test_a_code_may_be_another_without_its_zeros(code: str, whole: str, lost: bool) -> None:
    assert lost_zeros(code, whole) is lost
