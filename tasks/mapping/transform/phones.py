"""Phone numbers: the one place that normalises them, and that says which of two spellings are one number.

Whatever is compared, matched or hashed goes through here first.
"""

from __future__ import annotations

import re

_TWINS = (
    # Brazil's mobile numbers got a leading 9 in 2012 to 2016; landlines begin with 2 to 5 and have none.
    (re.compile(r"\+55([1-9]\d)9([6-9]\d{7})"), r"+55\1\2"),
    (re.compile(r"\+55([1-9]\d)([6-9]\d{7})"), r"+55\g<1>9\2"),
    # Argentina's have a 9 from abroad, which many leave out; the ten digits are one number either way.
    (re.compile(r"\+549(\d{10})"), r"+54\1"),
    (re.compile(r"\+54([1-8]\d{9})"), r"+549\1"),
    # Mexico's had a 1 from abroad until 2019.
    (re.compile(r"\+521(\d{10})"), r"+52\1"),
    (re.compile(r"\+52(\d{10})"), r"+521\1"),
)
"""Ways to write one mobile number, each with what makes the other of it."""


def phone_twins(e164: str) -> tuple[str, ...]:
    """Every way in which one number is written as E.164, the given one first; alone where it has no other."""
    other = next((found.expand(made) for way, made in _TWINS if (found := way.fullmatch(e164))), None)
    return (e164,) if other is None else (e164, other)
