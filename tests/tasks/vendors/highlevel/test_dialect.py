"""What differs between the versions, and that nothing else does."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tasks.vendors.highlevel.dialect import DIALECTS


@pytest.mark.parametrize("version", sorted(DIALECTS))
def test_a_dialect_is_known_by_the_version_it_sends(version: str) -> None:
    dialect = DIALECTS[version]
    assert dialect.version == version
    assert dialect.version_for("/contacts/") == version
    assert set(dialect.dnd_channels) == {"call", "email", "sms", "whatsapp", "gmb", "fb"}


@pytest.mark.parametrize("path", ["/calendars/events", "/calendars", "/conversations/search"])
def test_products_that_never_had_the_dated_version_have_their_own(path: str) -> None:
    assert DIALECTS["2021-07-28"].version_for(path) == "2021-04-15"
    assert DIALECTS["v3"].version_for(path) == "v3"


def test_every_field_is_spelt_differently() -> None:
    dated, third = DIALECTS["2021-07-28"], DIALECTS["v3"]
    assert [one.name for one in fields(dated) if getattr(dated, one.name) == getattr(third, one.name)] == []


def test_a_dialect_cannot_be_changed_on_the_way() -> None:
    with pytest.raises(TypeError):
        DIALECTS["v3"].dnd_channels["sms"] = "SMS"  # type: ignore[index]
