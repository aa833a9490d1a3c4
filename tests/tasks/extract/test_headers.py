"""Which field a header names, in four languages and in the words of the programs that export."""

from __future__ import annotations

import pytest

from tasks.extract.headers import FIELDS, field_of, words_of


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("First Name", "first_name"),
        ("firstName", "first_name"),
        ("FIRST_NAME", "first_name"),
        ("Vorname", "first_name"),
        ("Prénom", "first_name"),
        ("prenom", "first_name"),
        ("E-mail 2 - Value", "email"),
        ("Person - Phone - Work", "phone"),
        ("Business E-Mail-Adresse", "email"),
        ("Straße", "address"),
        ("STRASSE", "address"),
        ("Land", "country"),
        ("Land/Region", "country"),
        ("Correo electrónico", "email"),
        ("Group Membership", "tags"),
        ("Last Modified Date", "updated_at"),
        ("Kunden-Nr.", "id"),
    ],
)
def test_a_header_names_its_field(header: str, field: str) -> None:
    assert field_of(header) == field


@pytest.mark.parametrize("header", ["", "  ", "42", "Value", "Work", "Favourite colour", "Phone of the dog"])
def test_what_names_no_field_is_left_to_a_person(header: str) -> None:
    assert field_of(header) == ""


def test_a_word_that_says_whose_it_is_may_be_all_of_a_header() -> None:
    assert field_of("Mailing Address") == "address"
    assert field_of("Mail") == "email"


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_field_is_named_by_itself(field: str) -> None:
    assert field_of(field) == field
    assert field_of(field.replace("_", " ").title()) == field


def test_words_are_those_of_any_spelling() -> None:
    assert words_of("Date-of_birth") == ["date", "of", "birth"]
    assert words_of("dateOfBirth") == ["date", "of", "birth"]
    assert words_of("GÉNÉRAL") == ["general"]
