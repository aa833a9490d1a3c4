"""``docs/privacy.md``: its statements erase a person, and its table names every table that holds one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.hub import notices
from tasks.hub.credits import Item, Who
from tasks.hub.engine import Hub
from tasks.hub.notices import Notice
from tasks.hub.tables import MIRRORS, OUTBOXES, intake, lookups, metadata
from tests.cli.conftest import people
from tests.flows.conftest import opened, run
from tests.tasks.hub.buying import bill, buy
from tests.words_held import held

__all__ = ["opened", "people", "run"]  # fixtures

PAGE = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")
LEADS = {"lusha_leads", "lookups", "intake", "credits"}
NOW = datetime(2031, 1, 8, 10, tzinfo=UTC)
IMPERSONAL = {
    "connections",
    "credentials",
    "leases",
    "mirror_mappings",
    "request_log",
    "request_quotas",
    "turns",
}


def test_every_table_is_named_or_holds_nobody() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.partition("## In the hub")[2].partition("## In Prefect")[0]))
    assert {table for table in metadata.tables if table not in named} == IMPERSONAL


@pytest.mark.parametrize("hub_url", ["sqlite", "postgresql"], indirect=True)
def test_the_statements_leave_nothing_of_a_person(
    run: Any, opened: Hub, vendor: RunningSandbox, people: Callable[..., str], hub_url: str
) -> None:
    address = "zebulonia@private.example"
    person = {"First name": "Zebulonia", "Last name": "Quastenflosser", "Email": address}
    for more in ({"Phone": "+4930901820"}, {"Phone": "+4930901821", "Birthday": "kein Datum"}):
        assert run("import_contacts", file=people(person | more)).error is None
    assert run("sync_contacts", full_pass="now").error is None
    [known] = [one for one in vendor.records("contacts") if one.get("email") == address]
    vendor.edit(kind="notes", create={"contactId": known["id"], "body": "Zebulonia called."})
    with opened.write() as connection:
        row = {"id": "1", "contact_email": address, "title": "Zebulonia", "due_date": "2031-01-08T10:00:00Z"}
        connection.execute(sa.insert(OUTBOXES["highlevel.crm_task"]).values(row))
        notice = Notice("one", "channels", "created", "team", "Zebulonia", "Call her.", NOW, "run")
        hers = replace(notice, contact_id=known["id"])
        quoting = replace(notice, key="two", subject="Refer a friend", text=f"She named {address}.")
        notices.put(connection, vendor.location_id, [hers, quoting])
    keep_leads(opened, vendor.location_id, known["id"], address)
    assert run("sync_activity", contacts_in_turn=2500).error is None
    everywhere = {
        "notices",
        "contacts",
        "raw",
        "changes",
        "journal",
        "notes",
        "crm_tasks",
        "outbox_crm_tasks",
        *LEADS,
    }
    assert held(opened, "Zebulonia") >= everywhere
    [made] = [one for one in vendor.records("contacts") if one.get("email") == address]
    with opened.write() as connection:
        for statement in statements(made["id"], vendor.location_id, address):
            connection.exec_driver_sql(statement.replace("%", "%%") if not opened.is_sqlite else statement)
    for word in ("Zebulonia", "Quastenflosser", address, "901820", made["id"]):
        assert not held(opened, word), word
    assert bill(opened) == 5


def keep_leads(hub: Hub, location: str, contact: str, address: str) -> None:
    """Two of Lusha's people who are her: one is linked with her contact, the other has her address."""
    stamp = {"location_id": location, "run_id": "run", "synced_at": NOW, "fingerprint": "1"}
    hers = [
        {"id": "v1.Zebulonia-linked", "contact_id": contact, "emails": None},
        {"id": "v1.Zebulonia", "contact_id": None, "emails": [address]},
    ]
    taken = {"location_id": location, "run_id": "run", "lead_id": "v1.Zebulonia"}
    bought = Item("v1.Zebulonia", "phones", "revealPhone", 5)
    with hub.write() as connection:
        connection.execute(sa.insert(MIRRORS["hub.lead"]), [stamp | one for one in hers])
        connection.execute(sa.insert(lookups).values(**taken, key="1", outcome="found", asked_at=NOW))
        connection.execute(sa.insert(intake).values(**taken, source="table:1", state="done", taken_at=NOW))
    buy(hub, Who("lusha:a", location, "run", "push_leads"), [bought])


def statements(contact: str, location: str, address: str) -> list[str]:
    [block] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    text = block.replace("CONTACT", contact).replace("LOCATION", location).replace("ADDRESS", address)
    return [one.strip() for one in text.split(";") if one.strip()]
