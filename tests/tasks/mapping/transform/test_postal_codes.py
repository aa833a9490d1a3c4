"""Postal codes that lost their zeros in front."""

from __future__ import annotations

import pytest

from tasks.mapping.transform.postal_codes import with_zeros


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
