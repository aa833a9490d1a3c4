"""What is shown holds no secrets, and everything else as it came."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.vendors.catalog.redaction import HIDDEN, redact


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"access_token": "abc", "name": "Ada"}, {"access_token": HIDDEN, "name": "Ada"}),
        ({"clientSecret": "abc"}, {"clientSecret": HIDDEN}),
        ({"keys": {"apiKey": "abc", "api_key": ""}}, {"keys": {"apiKey": HIDDEN, "api_key": ""}}),
        ({"tokens": ["a", "b"]}, {"tokens": [HIDDEN, HIDDEN]}),
        ({"pagination": {"nextPageToken": "abc"}}, {"pagination": {"nextPageToken": "abc"}}),
        ({"value": "use pit-12345678-abcd now"}, {"value": f"use {HIDDEN} now"}),
        ({"note": "Authorization: Bearer abcdefgh.ijk"}, {"note": f"Authorization: {HIDDEN}"}),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", HIDDEN),
        ([1, None, True, "Spit-roast", "pit-stop"], [1, None, True, "Spit-roast", "pit-stop"]),
    ],
)
def test_secrets_are_hidden_and_the_rest_is_not(value: Any, shown: Any) -> None:
    assert redact(value) == shown
