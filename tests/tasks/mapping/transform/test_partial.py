"""What is told of a value on its way through several transforms."""

from __future__ import annotations

import pytest

from tasks.mapping.transform.partial import Partial, part_of, without
from tasks.mapping.transform.refusal import CleanError, RefusedValueError


def test_what_every_step_tells_is_kept() -> None:
    first = Partial("a", (("clean", "is odd", "x"),), is_key=False, moved={"note": "n"})
    assert first.then("b") == Partial("b", (("clean", "is odd", "x"),), is_key=False, moved={"note": "n"})
    both = first.then(Partial("c", (("clean", "is long", "y"),), ("length",)))
    assert both.value == "c"
    assert [problem for _, problem, _ in both.left_out] == ["is odd", "is long"]
    assert both.warnings == ("length",)
    assert not both.is_key
    assert both.moved == {"note": "n"}


def test_a_refused_value_leaves_its_reason() -> None:
    assert without(CleanError("soon", "is no date")) == Partial(None, (("clean", "is no date", "'soon'"),))
    assert part_of("a", "b", "is left").left_out == (("clean", "is left", "'b'"),)


def test_what_is_left_must_fit_the_field() -> None:
    def keep(value: str) -> str:
        raise RefusedValueError("length", value)

    assert Partial(None).kept(keep) == Partial(None)
    with pytest.raises(RefusedValueError):
        Partial("a").kept(keep)
