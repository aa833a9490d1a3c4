"""Names in one column."""

from __future__ import annotations

import pytest

from tasks.mapping.transform.names import split_name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Muster, Bea", ("Bea", "Muster")),
        ("MUSTER,BEA", ("BEA", "MUSTER")),
        ("van der Berg, Anna Maria", ("Anna Maria", "van der Berg")),
        ("M\xfcller-L\xfcdenscheidt, Hans J.", ("Hans J.", "M\xfcller-L\xfcdenscheidt")),
        ("Bea Muster", None),
        ("John Smith, Jr.", None),
        ("Anna Bell, M.D.", None),
        ("Acme, Inc.", None),
        ("Globex, S.A.", None),
        ("Muster,", None),
        (", Bea", None),
        ("Smith, John, Jane", None),
        ("Main St 5, Springfield", None),
        ("", None),
    ],
)
def test_a_comma_tells_the_family_name_from_the_given_one(text: str, parts: tuple[str, str] | None) -> None:
    assert split_name(text) == parts
