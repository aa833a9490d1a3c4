"""Names: what may be one person's, and what is clearly somebody else's."""

from __future__ import annotations

import pytest

from tasks.plan.names import Name, name_of
from tasks.streams import Naming

NAMING = Naming("given", "family", "whole")


def called(text: str) -> Name:
    """``Given|Family``, or a whole name."""
    given, bar, family = text.partition("|")
    return name_of({"given": given, "family": family} if bar else {"whole": text}, NAMING)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John|Doe", "JOHN|doe"),
        ("José|Muñoz", "Jose|Munoz"),
        ("Jürgen|Müller", "Juergen|Mueller"),
        ("Søren|Ågård", "Soren|Agard"),
        ("Łukasz|Żak", "Lukasz|Zak"),
        ("J.|Doe", "John|Doe"),
        ("John|D", "John|Doe"),
        ("Doe|John", "John|Doe"),
        ("Doe, John", "John|Doe"),
        ("John Doe", "John|Doe"),
        ("John|", "John|Doe"),
        ("|Doe", "John|Doe"),
        ("Anna Maria|Schmidt", "Anna|Schmidt"),
        ("Jean-Luc|Picard", "Jean Luc|Picard"),
        ("Jeanluc|Picard", "Jean-Luc|Picard"),
        ("Shane|O'Neil", "Shane|O\u2019Neil"),
        ("Dr. Bea|Muster", "Bea|Muster"),
        ("Karl|Strauß", "Karl|Strauss"),
        ("", "John|Doe"),
        ("", ""),
    ],
)
def test_names_that_may_be_one_person_s(one: str, other: str) -> None:
    for mine, its in ((one, other), (other, one)):
        assert called(mine).may_be(called(its))
        assert not called(mine).is_clearly_another(called(its))


@pytest.mark.parametrize(
    ("one", "other", "clearly"),
    [
        ("Jane|Doe", "John|Doe", True),
        ("Jane Doe", "John|Doe", True),
        ("Alice|Extension", "Bob|Front", True),
        ("Anna|Schmidt", "Anna|Müller", False),  # she may have married
        ("|Schmidt", "|Müller", True),
        ("Jane|Smith", "|Doe", True),
        ("Jane|Doe", "|Doe", False),
        ("Jo|Doe", "John|Doe", True),
    ],
)
def test_names_that_are_another_s(one: str, other: str, clearly: bool) -> None:
    for mine, its in ((one, other), (other, one)):
        agree = called(mine).may_be(called(its))
        assert called(mine).is_clearly_another(called(its)) is clearly
        assert agree is (one == "Jane|Doe" and other == "|Doe")


def test_a_name_is_shown_as_people_say_it() -> None:
    assert called("John|Doe").shown == "John Doe"
    assert called("Doe, John").shown == "John Doe"
    assert called("Madonna").shown == "Madonna"
