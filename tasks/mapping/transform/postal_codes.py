"""Postal codes, and the zeros in front that a spreadsheet takes from them."""

from __future__ import annotations

_LENGTHS = {
    5: "US PR DE FR ES IT MX FI EE HR RS UA TR MA SA GR SE",
    4: "NO AU ZA NZ",
}
_LENGTH = {country: length for length, countries in _LENGTHS.items() for country in countries.split()}
"""Digits of the postal codes of countries in which some begin with 0 and all are of one length."""

_MOST_LOST = 2
"""Zeros in front that a code may have lost."""


def with_zeros(code: str, country: str | None) -> str:
    """The code with the zeros in front that it must have had; as it is where the country does not tell."""
    length = _LENGTH.get(country or "", 0)
    return code.zfill(length) if code.isdecimal() and len(code) >= length - _MOST_LOST else code
