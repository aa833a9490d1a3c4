"""Tags of one cell."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform.tag_lists import split_tags


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        *((text, ["vip", "lead"]) for text in ("vip,lead", "vip;lead", "vip|lead", "vip\nlead", "vip\tlead")),
        *(
            (text, ["vip", "lead"])
            for text in ('["vip","lead"]', "['vip', 'lead']", "vip ::: lead", "vip\uff0clead")
        ),
        ("* myContacts ::: Friends", ["myContacts", "Friends"]),
        ("Blue category;VIP", ["Blue category", "VIP"]),
        ('"New York, NY",lead', ["New York, NY", "lead"]),
        ('"gold; silver", lead', ["gold; silver", "lead"]),
        ("New York, NY; lead", ["New York, NY", "lead"]),
        ('["New York, NY", "a;b"]', ["New York, NY", "a;b"]),
        ("[VIP]", ["[VIP]"]),
        ("[VIP], lead", ["[VIP]", "lead"]),
        ("A / B", ["A / B"]),
        ("\u200bvip\u200b, lead", ["vip", "lead"]),
    ],
)
def test_what_stands_between_tags_is_found_out(text: str, tags: list[str]) -> None:
    assert split_tags(text) == tags


def test_what_stands_between_tags_may_be_said() -> None:
    assert split_tags("vip, gold / lead", "/") == ["vip, gold", "lead"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_tags_that_a_program_wrote_are_never_split(tags: list[str]) -> None:
    assert split_tags(json.dumps(tags)) == tags
