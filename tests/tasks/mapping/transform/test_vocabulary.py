"""The language's transforms are all there once their vocabulary is imported."""

from __future__ import annotations

from tasks.mapping.transform.vocabulary import TRANSFORMS


def test_every_kind_of_transform_is_known() -> None:
    assert {"text", "blank", "tags", "email", "phone", "country", "date", "birthday"} <= TRANSFORMS.keys()
