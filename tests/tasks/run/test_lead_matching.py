"""Which contact a lead is: by an address, by a name at its company, and by nothing that several share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS
from tasks.run.lead_matching import CONTACT, Found, Person, find

LOCATION = "location"
ADA = {"id": "ada", "first_name": "Ada", "last_name": "Lovelace", "company_name": "Acme Ltd"}
Find = Callable[..., Found]


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def found_among(hub: Hub) -> Find:
    """Finds one person among contacts."""

    def look(person: Person, *contacts: dict[str, Any]) -> Found:
        kept = {"fingerprint": "", "run_id": "", "synced_at": datetime.now(UTC), "location_id": LOCATION}
        with hub.write() as connection:
            for one in contacts:
                connection.execute(sa.insert(MIRRORS[CONTACT]).values({**kept, **one}))
        return find(hub, LOCATION, [person])

    return look


@pytest.mark.parametrize(
    ("told", "by"),
    [
        ({"emails": ["ADA@acme.example"]}, "e-mail ada@acme.example"),
        ({"emails": ["ada@old.example"]}, "e-mail ada@old.example"),
        (
            {"name": "ada  LOVELACE", "domain": "https://www.acme.example/"},
            "name and domain ada lovelace @ acme.example",
        ),
        ({"name": "Ada Lovelace", "company": "ACME Limited"}, "name and company ada lovelace @ acme"),
        ({"name": "Ada Lovelace", "company": "Other Inc."}, ""),
        ({"name": "Ada Lovelace"}, ""),
        ({"name": "Eve Lovelace", "company": "Acme Ltd", "domain": "acme.example"}, ""),
    ],
)
def test_a_lead_is_found_by_what_tells_it_apart(found_among: Find, told: dict[str, Any], by: str) -> None:
    addresses = {"email": "ada@acme.example", "additional_emails": ["ada@old.example"]}
    found = found_among(Person("one", **told), {**ADA, **addresses})
    assert found.found_by.get("one", "") == by
    assert ("one" in found.contacts) == bool(by)


def test_a_free_mail_s_domain_is_nobody_s_company(found_among: Find) -> None:
    person = Person("one", name="Ada Lovelace", domain="gmail.com")
    assert not found_among(person, {**ADA, "company_name": None, "email": "ada@gmail.com"}).contacts


def test_what_several_contacts_share_finds_none_and_is_told(found_among: Find) -> None:
    person = Person("one", name="Ada Lovelace", company="Acme")
    found = found_among(person, ADA, {**ADA, "id": "ada too"})
    assert not found.contacts
    assert found.several == {"one": "2 contacts have the name and company ada lovelace @ acme"}


def test_what_tells_it_apart_ends_the_doubt(found_among: Find) -> None:
    person = Person("one", emails=["ada@acme.example"], name="Ada Lovelace", company="Acme")
    found = found_among(person, {**ADA, "email": "ada@acme.example"}, {**ADA, "id": "ada too"})
    assert (found.contacts["one"]["id"], found.several) == ("ada", {})


def test_contacts_that_were_deleted_are_not_found(found_among: Find) -> None:
    person = Person("one", name="Ada Lovelace", company="Acme")
    assert not found_among(person, {**ADA, "deleted_at": datetime.now(UTC)}).contacts
