"""The mirror's mapping is edited, or another one comes: what that changes is nobody's edit in HighLevel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa

from sandbox import process
from tasks.core.errors import BadConfigurationError, VendorFailedError
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS, provenance
from tasks.mapping.language import MAPPINGS
from tasks.streams import HUB_CONTACT, mirror_of

contacts = MIRRORS["hub.contact"]
Vendor = process.RunningSandbox
MIRROR_MAPPING = mirror_of(HUB_CONTACT.name)[1].mapping
SHIPPED = (MAPPINGS / f"{MIRROR_MAPPING}.yaml").read_text(encoding="utf-8")
WITHOUT_WEBSITE = SHIPPED.replace("  website:           {from: website, clean: text}\n", "")


@pytest.fixture
def mapping(tmp_path: Path) -> Callable[..., str]:
    """Writes the mirror's mapping as a person has edited it; under another name it is another mapping."""

    def write(text: str = SHIPPED, name: str = MIRROR_MAPPING, **respelt: str) -> str:
        for column, clean in respelt.items():
            lines = [line for line in text.splitlines() if line.startswith(f"  {column}:")]
            text = text.replace(lines[0], f"  {column}: {{from: {column}, clean: {clean}}}")
        file = tmp_path / f"{name}.yaml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return write


def edits(hub: Hub) -> set[tuple[str, str, Any]]:
    """Contact, field and value of what is known as somebody's edit in HighLevel."""
    held = provenance.c
    query = sa.select(held.id, held.field, held.value).where(held.system == "highlevel")
    with hub.read() as connection:
        return set(connection.execute(query.where(held.field != "date_updated")))


def with_city(vendor: Vendor, count: int) -> list[dict[str, Any]]:
    found = [one for one in vendor.records("contacts") if one.get("city") and one.get("website")]
    return found[:count]


def mirrored(hub: Hub, id_: str) -> Any:
    with hub.read() as connection:
        return connection.execute(sa.select(contacts).where(contacts.c.id == id_)).mappings().one()


def test_a_new_column_and_another_transform_are_no_edits_in_highlevel(
    run: Any, opened: Hub, vendor: Vendor, mapping: Callable[..., str]
) -> None:
    run("sync_contacts", mapping=mapping(WITHOUT_WEBSITE)).counts()
    [one] = with_city(vendor, 1)
    counts = run("sync_contacts", mapping=mapping(city="upper")).counts()
    assert counts["updated"] > 100
    assert mirrored(opened, one["id"])["city"] == one["city"].upper()
    assert mirrored(opened, one["id"])["website"] == one["website"]
    assert edits(opened) == set()


def test_what_a_person_edits_around_an_edit_of_the_mapping_is_theirs(
    run: Any, opened: Hub, vendor: Vendor, mapping: Callable[..., str]
) -> None:
    run("sync_contacts", mapping=mapping(WITHOUT_WEBSITE)).counts()
    before, after = (one["id"] for one in with_city(vendor, 2))
    vendor.edit(kind="contacts", id=before, set={"city": "Graz", "website": "https://graz.example"})
    run("sync_contacts", mapping=mapping(city="upper")).counts()
    assert edits(opened) == {(before, "city", "GRAZ"), (before, "website", "https://graz.example")}
    vendor.edit(kind="contacts", id=after, set={"city": "Linz"})
    run("sync_contacts", mapping=mapping(city="upper")).counts()
    assert edits(opened) == {
        (before, "city", "GRAZ"),
        (before, "website", "https://graz.example"),
        (after, "city", "LINZ"),
    }


def test_a_column_that_the_mapping_drops_was_emptied_by_nobody(
    run: Any, opened: Hub, vendor: Vendor, mapping: Callable[..., str]
) -> None:
    run("sync_contacts", mapping=mapping()).counts()
    for text in (WITHOUT_WEBSITE, SHIPPED):
        run("sync_contacts", mapping=mapping(text)).counts()
        [one] = with_city(vendor, 1)
        vendor.edit(kind="contacts", id=one["id"], set={"firstName": "Edited", "website": one["website"]})
        run("sync_contacts", mapping=mapping(text)).counts()
        assert {field for _, field, _ in edits(opened)} == {"first_name", "name"}


def test_another_mapping_does_not_write_the_mirror_of_the_first(
    run: Any, opened: Hub, vendor: Vendor, mapping: Callable[..., str]
) -> None:
    run("sync_contacts").counts()
    [one] = with_city(vendor, 1)
    asked = vendor.requests()["total"]
    other = mapping(name="mine", city="upper")
    for automation, more in (
        ("sync_contacts", {}),
        ("backfill_contacts", {"restart": True}),
        ("replay_rejects", {"stream": "highlevel.contact"}),
    ):
        ended = run(automation, mapping=other, **more)
        assert isinstance(ended.error, BadConfigurationError)
        for word in ("`highlevel_contact`", "`mine`", "full_pass=now"):
            assert word in str(ended.error)
    assert vendor.requests()["total"] == asked
    assert mirrored(opened, one["id"])["city"] == one["city"]


def test_a_person_gives_the_mirror_to_another_mapping_and_back(
    run: Any, opened: Hub, vendor: Vendor, mapping: Callable[..., str]
) -> None:
    run("sync_contacts").counts()
    [one] = with_city(vendor, 1)
    other = mapping(name="mine", city="upper")
    assert run("sync_contacts", mapping=other, full_pass="now").counts()["updated"] > 100
    assert mirrored(opened, one["id"])["city"] == one["city"].upper()
    assert isinstance(run("sync_contacts").error, BadConfigurationError)
    assert run("sync_contacts", mapping=other).counts()["read"] < 20
    vendor.set_faults([{"operation": "POST /contacts/search", "fault": "500", "share": 1.0, "seed": 1}])
    assert run("sync_contacts", full_pass="now").error  # refused by HighLevel, before it has taken over
    vendor.set_faults([])
    assert run("sync_contacts", full_pass="now").counts()["updated"] > 100
    assert mirrored(opened, one["id"])["city"] == one["city"]
    assert edits(opened) == set()


def test_a_switch_that_died_is_finished_by_the_next_run(
    run: Any, opened: Hub, vendor: Vendor, mapping: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sync_contacts").counts()
    [one] = with_city(vendor, 1)
    other = mapping(name="mine", city="upper")
    run("sync_contacts", mapping=other, full_pass="now").counts()
    with monkeypatch.context() as patch:
        patch.setattr(
            "tasks.vendors.highlevel.readers.contacts.newest_update",
            AsyncMock(side_effect=VendorFailedError("died")),
        )
        assert run("sync_contacts", full_pass="now").error
    run("sync_contacts", full_pass="never").counts()
    assert mirrored(opened, one["id"])["city"] == one["city"]


def test_an_import_reads_by_the_mapping_of_the_mirror(
    run: Any, opened: Hub, mapping: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sync_contacts", mapping=mapping(name="mine", city="upper")).counts()
    people = tmp_path / "people.csv"
    people.write_text("id,email,city\n1,new@mirror.example,Graz\n", encoding="utf-8")
    ended = run("import_contacts", file=str(people))
    assert isinstance(ended.error, BadConfigurationError)
    assert "`mine`" in str(ended.error)
    monkeypatch.setattr("tasks.run.refresh.MAPPINGS", tmp_path)  # where `mine` is known by its name
    assert run("import_contacts", file=str(people)).counts()["created"] == 1
    with opened.read() as connection:
        made = sa.select(contacts.c.city).where(contacts.c.email == "new@mirror.example")
        assert connection.execute(made).scalar_one() == "GRAZ"
