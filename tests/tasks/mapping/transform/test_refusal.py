"""Why a value is refused: a rule to count by, and a message that shows no whole payload."""

from __future__ import annotations

from tasks.mapping.transform.refusal import CleanError, RefusedValueError


def test_a_refusal_has_its_rule_and_its_message() -> None:
    error = RefusedValueError("length", "too long")
    assert (error.rule, error.message, str(error)) == ("length", "too long", "too long")


def test_what_cannot_be_cleaned_is_shown_shortened() -> None:
    error = CleanError("x" * 10_000, "is no date")
    assert error.rule == "clean"
    assert error.message.endswith("is no date")
    assert len(error.message) < 120


def test_what_cannot_be_stored_is_shown_escaped() -> None:
    assert "\0" not in CleanError("a\0b", "is odd").message
    CleanError("\ud800", "is odd").message.encode()
