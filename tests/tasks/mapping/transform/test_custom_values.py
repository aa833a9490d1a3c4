"""Values of custom fields, held against what the location says of them."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.mapping.transform.coerce import keeper
from tasks.mapping.transform.custom_values import custom_keeper
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.streams import Field, FieldType
from tasks.streams.custom_field import CustomField

TIERS = ("Gold", "Silver", "Bronze")
ANY = keeper(Field(FieldType.VALUE))


def kept(kind: FieldType, value: Any, options: tuple[str, ...] = ()) -> Any:
    return custom_keeper(CustomField("id", kind, options), ANY)(value)


@pytest.mark.parametrize(
    ("kind", "options", "value", "stored"),
    [
        (FieldType.DATE, (), "2024-01-31", "2024-01-31"),
        (FieldType.DATE, (), "2024-01-31T00:00:00Z", "2024-01-31"),
        (FieldType.NUMBER, (), 12.5, 12.5),
        (FieldType.NUMBER, (), "12.50", "12.50"),
        (FieldType.TEXT, TIERS, "gold ", "Gold"),
        (FieldType.TEXT, TIERS, ["Gold"], "Gold"),
        (FieldType.TEXTS, TIERS, ["silver", "Gold"], ["Silver", "Gold"]),
        (FieldType.TEXTS, TIERS, "Gold", ["Gold"]),
        (FieldType.TEXTS, TIERS, "gold; Silver", ["Gold", "Silver"]),
        (FieldType.TEXTS, ("Ham, eggs", "Tea"), "ham, eggs", ["Ham, eggs"]),
        (FieldType.TEXT, (), "anything", "anything"),
        (FieldType.VALUE, (), ["a"], ["a"]),
    ],
)
def test_what_fits_is_taken_in_the_location_s_spelling(
    kind: FieldType, options: tuple[str, ...], value: Any, stored: Any
) -> None:
    assert kept(kind, value, options) == stored


@pytest.mark.parametrize(
    ("kind", "options", "value", "problem"),
    [
        (FieldType.DATE, (), "31/01/2024", "is no date (`clean: date` reads one)"),
        (FieldType.DATE, (), True, "is no date (`clean: date` reads one)"),
        (FieldType.NUMBER, (), "$99", "is no number (`clean: number` reads one)"),
        (FieldType.NUMBER, (), ["1"], "is no number (`clean: number` reads one)"),
        (FieldType.TEXT, TIERS, "platinum", "is none of its options: Gold, Silver, Bronze"),
        (FieldType.TEXT, TIERS, ["Gold", "Silver"], "is a list, and one option may be chosen"),
        (FieldType.TEXTS, TIERS, ["Gold", "Lead"], "is none of its options: Gold, Silver, Bronze"),
    ],
)
def test_what_does_not_fit_is_refused(
    kind: FieldType, options: tuple[str, ...], value: Any, problem: str
) -> None:
    with pytest.raises(RefusedValueError) as caught:
        kept(kind, value, options)
    assert caught.value.problem == problem


def test_the_nearest_option_is_offered() -> None:
    with pytest.raises(RefusedValueError, match="did you mean `Silver`"):
        kept(FieldType.TEXT, "Silvre", TIERS)
