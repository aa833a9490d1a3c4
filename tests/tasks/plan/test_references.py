"""Which business a text means: by id, by domain or by name, and never a guess."""

from __future__ import annotations

import pytest

from tasks.plan.references import Named, References

KNOWN = References(
    [
        Named("b1", "Acme Ltd", "acme.example"),
        Named("b2", "Globex", "globex.example"),
        Named("b3", "globex", ""),
        Named("b4", "initech.example", ""),
        Named("b5", "Initech", "initech.example"),
        Named("b6", "", "shared.example"),
        Named("b7", "", "shared.example"),
    ]
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("b1", ["b1"]),
        ("acme.example", ["b1"]),
        ("ACME.example", ["b1"]),
        ("acme  LTD", ["b1"]),
        ("Globex", ["b2", "b3"]),
        ("globex.example", ["b2"]),
        ("shared.example", ["b6", "b7"]),
        ("initech.example", ["b5", "b4"]),  # the domain of one, the name of another
        ("Umbrella", []),
        ("B1", []),
    ],
)
def test_every_business_that_a_text_may_mean_is_found(text: str, ids: list[str]) -> None:
    assert KNOWN.find(text) == ids
