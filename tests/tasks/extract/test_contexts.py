"""What rules judge: a record with its contact, business, owner, tasks and notes, as the hub has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.extract.contexts import ROOTS, Contexts
from tasks.hub.engine import Hub
from tasks.hub.journal import Entry, Kind
from tasks.hub.tables import MIRRORS

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def filled(hub: Hub) -> Hub:
    """Ada of Engines, whom Kim owns, with two tasks and a note; Bob alone; a stranger of another location."""
    make(hub, "hub.business", "engines", name="Engines")
    make(hub, "hub.user", "kim", name="Kim Stone")
    ada = {
        "first_name": "Ada",
        "business_id": "engines",
        "assigned_to": "kim",
        "custom": {"f1": "12", "f9": "x"},
    }
    make(hub, "hub.contact", "ada", **ada)
    make(hub, "hub.contact", "bob", first_name="Bob", business_id="gone", custom=None)
    make(hub, "hub.contact", "eve", location="elsewhere", first_name="Eve")
    make(hub, "hub.contact", "old", deleted_at=NOON)
    for id_, more in {"t1": {}, "t2": {}, "t3": {"deleted_at": NOON}}.items():
        make(hub, "hub.crm_task", id_, contact_id="ada", title=f"Task {id_}", **more)
    make(hub, "hub.note", "n1", contact_id="ada", body="Likes tea")
    make(hub, "hub.crm_task", "stray", contact_id="nobody", title="Stray")
    return hub


def make(hub: Hub, stream: str, id_: str, location: str = "loc", **fields: Any) -> None:
    stamp = {"location_id": location, "fingerprint": "", "run_id": "run", "synced_at": NOON}
    with hub.write() as connection:
        connection.execute(sa.insert(MIRRORS[stream]).values(id=id_, **stamp, **fields))


def contexts(hub: Hub, stream: str, *ids: str, roots: set[str] | None = None, **more: Any) -> dict[str, Any]:
    wanted = frozenset(ROOTS if roots is None else roots)
    with hub.read() as connection:
        return Contexts("loc", wanted, {"size": "f1", "plan": "f2"}, **more).read(connection, stream, ids)


def test_a_contact_comes_with_all_that_belongs_to_it(filled: Hub) -> None:
    found = contexts(filled, "hub.contact", "ada", "bob", "eve", "nobody")
    assert set(found) == {"ada", "bob"}
    ada, bob = found["ada"], found["bob"]
    assert ada["record"] is ada["contact"]
    assert (ada["business"]["name"], ada["owner"]["name"]) == ("Engines", "Kim Stone")
    assert [task["id"] for task in ada["tasks"]] == ["t1", "t2"]
    assert [one["body"] for one in ada["notes"]] == ["Likes tea"]
    assert (bob["business"], bob["owner"], bob["tasks"], bob["notes"]) == (None, None, [], [])


def test_custom_fields_go_by_their_keys(filled: Hub) -> None:
    found = contexts(filled, "hub.contact", "ada", "bob")
    assert found["ada"]["contact"]["custom"] == {"size": "12", "plan": None}
    assert found["bob"]["contact"]["custom"] == {"size": None, "plan": None}


def test_what_no_rule_reads_is_not_read(filled: Hub) -> None:
    ada = contexts(filled, "hub.contact", "ada", roots=set())["ada"]
    assert (ada["business"], ada["owner"]) == (None, None)
    assert "tasks" not in ada


def test_a_task_comes_with_its_contact_and_what_belongs_to_that(filled: Hub) -> None:
    found = contexts(filled, "hub.crm_task", "t1", "stray")
    task = found["t1"]
    assert task["record"] is task["task"]
    assert (task["task"]["title"], task["contact"]["first_name"]) == ("Task t1", "Ada")
    assert (task["business"]["name"], len(task["tasks"])) == ("Engines", 2)
    assert found["stray"]["contact"] is None


def test_a_business_is_its_own_and_what_is_deleted_says_so(filled: Hub) -> None:
    engines = contexts(filled, "hub.business", "engines")["engines"]
    assert (engines["business"], engines["contact"]) == (engines["record"], None)
    assert contexts(filled, "hub.contact", "old")["old"]["record"]["deleted_at"] == NOON


def test_a_record_is_about_its_contact_or_itself() -> None:
    about = Contexts("loc", frozenset(), {}).about
    assert about("hub.contact", {"id": "ada"}) == "ada"
    assert about("hub.crm_task", {"id": "t1", "contact_id": "ada"}) == "ada"
    assert about("hub.crm_task", {"id": "t1", "contact_id": None}) == ""
    assert about("hub.business", {"id": "engines"}) == "engines"


def test_a_change_is_told_by_the_keys_of_custom_fields() -> None:
    fields = {"city": (None, "Wien"), "custom.f1": ("1", "2"), "custom.f9": ("a", "b")}
    entry = Entry("hub.contact", "ada", Kind.UPDATED, NOON, fields)
    told = Contexts("loc", frozenset(), {"size": "f1"}).change(entry)
    assert (told["kind"], told["at"], told["whose"]) == ("updated", NOON, "highlevel")
    assert told["fields"] == {"city": [None, "Wien"], "custom.size": ["1", "2"], "custom.f9": ["a", "b"]}


def test_what_the_run_knows_besides_is_added(filled: Hub) -> None:
    def company(context: Row) -> None:
        context["company"] = {"key": context["contact"]["first_name"]}

    assert contexts(filled, "hub.contact", "ada", enrich=company)["ada"]["company"] == {"key": "Ada"}
