"""The register of transforms: a function becomes a word of the language, with its options."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.mapping.transform import registry
from tasks.mapping.transform.registry import transform
from tasks.mapping.transform.vocabulary import TRANSFORMS


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    known: dict[str, Any] = {}
    monkeypatch.setattr(registry, "TRANSFORMS", known)
    return known


def test_a_function_is_known_by_its_name_with_its_options(empty: dict[str, Any]) -> None:
    @transform(paths=("zone",))
    def round_(
        value: float, *, digits: int, zone: str | None = None, more: dict[str, Any] | None = None
    ) -> float:
        """Round it.

        Further words are no help text.
        """
        return round(value, digits)

    found = empty["round"]
    assert found.function is round_
    assert found.required == {"digits"}
    assert found.paths == {"zone"}
    assert found.summary == "Round it."
    assert set(found.options) == {"digits", "zone", "more"}
    assert isinstance(3, found.options["digits"])
    assert not isinstance("3", found.options["digits"])


def test_a_type_with_parameters_can_be_checked_too(empty: dict[str, Any]) -> None:
    @transform()
    def rename(value: str, *, names: dict[str, str]) -> str:
        """Rename it."""
        return names.get(value, value)

    assert rename("a", names={"a": "b"}) == "b"
    assert isinstance({}, empty["rename"].options["names"])


def test_the_language_s_own_have_a_help_text_each() -> None:
    assert TRANSFORMS
    assert all(one.summary.endswith(".") for one in TRANSFORMS.values())
    assert all(one.paths <= one.options.keys() for one in TRANSFORMS.values())
