"""Filling a field: found, cleaned, checked, in every way to do so; and nothing but a refusal is raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasks.mapping.transform.fill import constant, optional, required, with_default
from tasks.mapping.transform.refusal import CleanError, RefusedValueError


def get(record: dict[str, Any]) -> Any:
    return record.get("x")


def keep(value: Any) -> Any:
    if value == "bad":
        raise RefusedValueError("type", "bad")
    return value


def upper(value: str) -> str | None:
    return value.strip().upper() or None


def in_land(value: str, record: dict[str, Any]) -> str:
    return f"{value} in {record['land']}"


def breaks(*_: Any) -> Any:
    raise ZeroDivisionError


def refuses(value: Any, *_: Any) -> Any:
    raise CleanError(value, "is odd")


WAYS: list[tuple[tuple[Callable[..., Any], bool], ...]] = [
    (),
    ((upper, False),),
    ((in_land, True),),
    ((upper, False), (in_land, True)),
]


@pytest.mark.parametrize(
    ("clean", "filled"), list(zip(WAYS, [" ada ", "ADA", " ada  in IT", "ADA in IT"], strict=True))
)
def test_a_value_is_cleaned_step_by_step(clean: Any, filled: str) -> None:
    assert optional(get, clean, keep)({"x": " ada ", "land": "IT"}) == filled


@pytest.mark.parametrize("clean", WAYS)
def test_nothing_found_is_nothing(clean: Any) -> None:
    assert optional(get, clean, breaks)({}) is None


@pytest.mark.parametrize("clean", [((upper, False),), ((upper, False), (in_land, True))])
def test_nothing_left_is_nothing(clean: Any) -> None:
    assert optional(get, clean, breaks)({"x": "  "}) is None


def test_what_the_field_does_not_hold_is_refused() -> None:
    with pytest.raises(RefusedValueError) as caught:
        optional(get, (), keep)({"x": "bad"})
    assert caught.value.rule == "type"


@pytest.mark.parametrize("reads_record", [False, True])
@pytest.mark.parametrize("more", [(), ((upper, False),)])
def test_whatever_a_transform_raises_only_this_value_is_refused(reads_record: bool, more: Any) -> None:
    fill = optional(get, ((breaks, reads_record), *more), keep)
    with pytest.raises(CleanError, match=r"'ada' cannot be cleaned \(ZeroDivisionError\)"):
        fill({"x": "ada"})
    with pytest.raises(CleanError, match="'ada' is odd"):
        optional(get, ((refuses, reads_record), *more), keep)({"x": "ada"})


def test_a_constant_list_is_a_new_one_for_each_record() -> None:
    fill = constant([{"a": []}])
    fill({})[0]["a"].append(1)
    assert fill({}) == [{"a": []}]
    assert constant("x")({}) == "x"


def test_a_default_stands_where_nothing_is_found() -> None:
    fill = with_default(optional(get, (), keep), ["none"])
    assert fill({"x": False}) is False
    fill({}).append("more")
    assert fill({}) == ["none"]


def test_a_record_without_a_required_value_is_refused() -> None:
    fill = required(optional(get, (), keep))
    assert fill({"x": 0}) == 0
    with pytest.raises(RefusedValueError) as caught:
        fill({})
    assert (caught.value.rule, caught.value.message) == ("required", "no value")
