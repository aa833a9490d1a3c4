"""A word for something in the hub that means nothing, or several things, is refused with what to do."""

from __future__ import annotations

from tasks.hub import naming


def test_of_several_the_first_are_named_and_the_others_counted() -> None:
    found = [(f"ab{number}", f"file {number}") for number in range(7)]
    told = naming.several("plan", "ab", found)
    assert told.what == (
        "Several plans match 'ab': ab0 (file 0); ab1 (file 1); ab2 (file 2); ab3 (file 3); ab4 (file 4);"
        " and 2 others."
    )
    assert told.remedy == "Give more of the id."
    assert naming.several("plan", "ab", found[:2]).what.endswith("ab1 (file 1).")


def test_a_slip_is_told_the_nearest_id_and_nonsense_only_where_all_are_listed() -> None:
    known = ["abcdef123456", "99fedc000000"]
    near = naming.none("plan", "abcdef12345x", known, "plans list")
    assert near.remedy.startswith("Did you mean `abcdef123456`? For all of them, ")
    assert "plans list" in near.remedy
    nonsense = naming.none("plan", "qwerty", known, "plans list")
    assert nonsense.what == "There is no plan 'qwerty'."
    assert nonsense.remedy.startswith("For all of them, ")
