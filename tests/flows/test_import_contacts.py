"""Importing contacts: planned, shown, approved, applied exactly, taken back."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.core.change import State
from tasks.core.errors import BadConfigurationError, BadCredentialError, BadMappingError, StoppedError
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.tables import links, rejects
from tasks.streams import operation_of
from tests import operations, prefect_server

WRITING = (
    "POST /contacts/",
    "PUT /contacts/{contactId}",
    "POST /contacts/upsert",
    "DELETE /contacts/{contactId}",
)
Run = Callable[..., Any]


def table(path: Path, *rows: dict[str, str]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def known(vendor: RunningSandbox, count: int) -> list[dict[str, Any]]:
    """Contacts with addresses that nobody shares."""
    contacts = [one for one in vendor.records("contacts") if isinstance(one.get("email"), str)]
    emails = [one["email"].lower() for one in contacts]
    return [
        one
        for one in contacts
        if emails.count(one["email"].lower()) == 1
        and one.get("phone", "").startswith("+1")
        and not one.get("additionalEmails")
        and one["email"].isascii()
        and one.get("firstName")
    ][:count]


def of(vendor: RunningSandbox, contact_id: str) -> dict[str, Any]:
    return next(one for one in vendor.records("contacts") if one["id"] == contact_id)


def written(vendor: RunningSandbox) -> dict[str, int]:
    operations = vendor.requests()["operations"]
    return {name: sum(operations[name].values()) for name in WRITING if name in operations}


def last_plan(hub: Hub) -> plans.Plan:
    return plans.find(hub, "last")


def test_new_contacts_are_made_and_known_ones_get_what_differs(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path
) -> None:
    one, other = known(vendor, 2)
    file = table(
        tmp_path / "people.csv",
        {"ID": "1", "Email": "new@import.example", "First Name": "New", "Tags": "fair", "Notes": "Met there"},
        {
            "ID": "2",
            "Email": one["email"].upper(),
            "Phone": one["phone"],
            "First Name": "Renamed",
            "Tags": "Fair",
        },
        {"ID": "3", "Email": other["email"], "First Name": other["firstName"]},
        {"ID": "4", "Email": "no address", "City": "Rome"},
    )
    counts = run("import_contacts", file=file).counts()
    assert (counts["read"], counts["mapped"], counts["rejected"]) == (4, 3, 1)
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (1, 1, 1)

    made = next(c for c in vendor.records("contacts") if c.get("email") == "new@import.example")
    assert (made["firstName"], made["tags"]) == ("New", ["fair"])
    assert [note["body"] for note in vendor.records("notes") if note["contactId"] == made["id"]] == [
        "Met there"
    ]
    now = of(vendor, one["id"])
    assert now["firstName"] == "Renamed"
    assert set(now["tags"]) == {*one.get("tags", []), "fair"}
    assert {key: now.get(key) for key in ("lastName", "phone", "email")} == {
        key: one.get(key) for key in ("lastName", "phone", "email")
    }
    assert of(vendor, other["id"]) == other
    with opened.read() as connection:
        linked = dict(connection.execute(sa.select(links.c.record_id, links.c.target_id)).all())
    assert {linked[n] for n in "123"} == {made["id"], one["id"], other["id"]}

    before = written(vendor)
    again = run("import_contacts", file=file)
    assert again.counts()["unchanged"] == 3
    assert written(vendor) == before
    assert len(vendor.records("notes")) == 1


def test_a_dry_run_shows_and_writes_nothing_and_its_plan_can_be_applied(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path
) -> None:
    one = known(vendor, 1)[0]
    file = table(
        tmp_path / "people.csv",
        {"Email": one["email"], "Phone": one["phone"], "First Name": "Other"},
        {"Email": "n@import.example"},
    )
    ended = run("import_contacts", file=file, dry_run=True)
    assert ended.counts()["created"] == 0
    assert written(vendor) == {}
    assert ended.tally.more["bill"]["writes"] == 2
    plan = last_plan(opened)
    assert (plan.state, plan.counts["create"], plan.counts["update"]) == ("ready", 1, 1)

    applied = run("apply_plan", plan=plan.id[:8])
    assert (applied.counts()["created"], applied.counts()["updated"]) == (1, 1)
    assert of(vendor, one["id"])["firstName"] == "Other"
    assert last_plan(opened).state == "applied"
    before = written(vendor)
    assert run("apply_plan", plan="last").counts()["created"] == 0
    assert written(vendor) == before


def answered(
    api: str, answer: dict[str, Any], meanwhile: Callable[[], None] = lambda: None
) -> threading.Thread:
    """A person at the Prefect UI: waits for the paused run, does something, and answers its form."""

    def at_the_ui() -> None:
        paused = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}}
        with prefect_server.client(api) as client:
            while not (runs := client.post("/flow_runs/filter", json=paused).json()):
                time.sleep(0.1)
            meanwhile()
            [flow_run] = runs
            resume, form = f"/flow_runs/{flow_run['id']}/resume", {"run_input": answer}
            # A run is paused a moment before its form is there, and a busy server refuses; ABORT: it goes on.
            while client.post(resume, json=form).json().get("status") not in ("ACCEPT", "ABORT"):
                time.sleep(0.1)

    thread = threading.Thread(target=at_the_ui, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("recheck", ["each record", "by search"])
def test_a_person_approves_and_exactly_that_plan_is_applied(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path, prefect_api: str, recheck: str
) -> None:
    one, other = known(vendor, 2)
    file = table(
        tmp_path / "people.csv",
        {"Email": one["email"], "Phone": one["phone"], "First Name": "Approved"},
        {"Email": other["email"], "Phone": other["phone"], "First Name": "Overtaken"},
    )

    def edited() -> None:
        assert written(vendor) == {}
        vendor.edit(kind="contacts", id=other["id"], set={"firstName": "By hand"})

    person = answered(prefect_api, {"approve": True, "approved_by": "Ada"}, edited)
    ended = run("import_contacts", file=file, approve=True, recheck=recheck)
    person.join()
    assert ended.counts()["updated"] == 1
    assert of(vendor, one["id"])["firstName"] == "Approved"
    assert of(vendor, other["id"])["firstName"] == "By hand"
    [follow_up] = ended.tally.more["follow_ups"]
    plan = plans.find(opened, ended.tally.more["plan"])
    assert (plan.approved_by, plan.state) == ("Ada", "applied")
    with opened.read() as connection:
        assert plans.counted(connection, plan.id)[operations.UPDATE, State.STALE] == 1
    # What changed meanwhile was planned anew, with the edit in sight: it is newer than the file, and stays.
    assert plans.find(opened, follow_up).counts["unchanged"] == 1


@pytest.mark.parametrize("recheck", ["each record", "by search"])
def test_who_came_while_a_plan_waited_for_a_person_is_not_made_once_more(
    run: Run, vendor: RunningSandbox, tmp_path: Path, prefect_api: str, recheck: str
) -> None:
    """However short the wait: where a location allows duplicates, HighLevel would take a second contact."""
    file = table(tmp_path / "people.csv", {"Email": "waited@import.example", "First Name": "Waited"})
    by_hand = {"email": "waited@import.example", "firstName": "By hand"}
    person = answered(
        prefect_api, {"approve": True}, lambda: vendor.edit(kind="contacts", create=by_hand) and None
    )
    ended = run("import_contacts", file=file, approve=True, recheck=recheck)
    person.join()
    assert ended.counts()["created"] == 0
    assert ended.tally.more["applied"]["create stale"] == 1
    assert "POST /contacts/" not in written(vendor)


def test_a_declined_plan_writes_nothing_and_cannot_be_applied(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path, prefect_api: str
) -> None:
    file = table(tmp_path / "people.csv", {"Email": "declined@import.example"})
    person = answered(prefect_api, {"approve": False})
    ended = run("import_contacts", file=file, approve=True)
    person.join()
    assert isinstance(ended.error, StoppedError)
    assert "declined" in str(ended.error)
    assert written(vendor) == {}
    refused = run("apply_plan", plan=last_plan(opened).id)
    assert isinstance(refused.error, BadConfigurationError)


def test_a_token_that_is_revoked_in_the_middle_says_what_was_written_before(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path
) -> None:
    file = table(tmp_path / "people.csv", *({"Email": f"r{n}@import.example"} for n in range(80)))
    run("sync_contacts").counts()
    # Of the creates some get through: where the dice fall is the fault's own.
    vendor.set_faults([{"operation": "POST /contacts/", "fault": "401", "share": 0.05, "seed": 3}])
    ended = run("import_contacts", file=file)
    assert isinstance(ended.error, BadCredentialError)
    made = sum("@import.example" in str(one.get("email")) for one in vendor.records("contacts"))
    assert made > 0
    assert f"{made} create done" in str(ended.error)
    assert "mirror: " in str(ended.error)  # what was read before it
    vendor.set_faults([])
    assert run("apply_plan", plan="last").counts()["created"] == 80 - made


def test_a_plan_that_is_declined_half_way_does_not_say_that_nothing_was_written(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path, prefect_api: str
) -> None:
    file = table(tmp_path / "people.csv", *({"Email": f"h{n}@import.example"} for n in range(80)))
    vendor.set_faults([{"operation": "POST /contacts/", "fault": "401", "share": 0.05, "seed": 3}])
    assert run("import_contacts", file=file).error is not None
    vendor.set_faults([])
    before = written(vendor)
    person = answered(prefect_api, {"approve": False})
    ended = run("apply_plan", plan="last", approve=True)
    person.join()
    assert written(vendor) == before
    assert "nothing more was written" in str(ended.error)


def test_an_edit_by_hand_stays_where_the_file_does_not_say_how_old_it_is(
    run: Run, vendor: RunningSandbox, tmp_path: Path
) -> None:
    [one] = known(vendor, 1)
    row = {
        "Email": one["email"],
        "First Name": one["firstName"],
        "Last Name": one["lastName"],
        "City": "Old Town",
    }
    run("import_contacts", file=table(tmp_path / "first.csv", row)).counts()
    vendor.edit(kind="contacts", id=one["id"], set={"city": "By Hand"})
    run("sync_contacts").counts()
    copy = table(tmp_path / "copy.csv", row)  # the same old file, downloaded once more: younger than the edit
    ended = run("import_contacts", file=copy)
    assert of(vendor, one["id"])["city"] == "By Hand"
    assert ended.counts()["unchanged"] == 1
    assert any("does not say when" in note for note in ended.tally.notes)
    dated = table(tmp_path / "dated.csv", row | {"Last modified": "2026-01-01"})
    ended = run("import_contacts", file=dated)
    assert (of(vendor, one["id"])["city"], ended.tally.notes) == ("By Hand", [])
    run("import_contacts", file=copy, hand_edits="by age").counts()
    assert of(vendor, one["id"])["city"] == "Old Town"


def test_undo_brings_back_what_was_and_leaves_what_was_edited_since(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path
) -> None:
    one, other = known(vendor, 2)
    file = table(
        tmp_path / "people.csv",
        {
            "Email": one["email"],
            "Phone": one["phone"],
            "First Name": "Changed",
            "Tags": "imported",
            "Company": "Acme",
            "Notes": "",
        },
        {
            "Email": other["email"],
            "Phone": other["phone"],
            "First Name": "Changed",
            "Tags": "imported",
            "Company": "Acme",
            "Notes": "a",
        },
        {"Email": "made@import.example", "First Name": "Made", "Tags": "", "Company": "Acme", "Notes": "b"},
        {"Email": "kept@import.example", "First Name": "Kept", "Tags": "", "Company": "Acme", "Notes": ""},
    )
    run("import_contacts", file=file).counts()
    plan = last_plan(opened)
    vendor.edit(kind="contacts", id=other["id"], set={"firstName": "By hand"})
    kept = next(c for c in vendor.records("contacts") if c.get("email") == "kept@import.example")
    vendor.edit(kind="contacts", id=kept["id"], set={"firstName": "Worked on"})

    shown = run("undo_plan", plan=plan.id, delete_created=True, dry_run=True)
    assert of(vendor, one["id"])["firstName"] == "Changed"
    assert shown.tally.more["planned"]["delete"] == 2
    ended = run("undo_plan", plan=plan.id, delete_created=True)
    assert ended.counts()["deleted"] == 1

    back = {key: value for key, value in of(vendor, one["id"]).items() if key != "dateUpdated"}
    assert back == {key: value for key, value in one.items() if key != "dateUpdated"}
    assert of(vendor, other["id"])["firstName"] == "By hand"
    assert of(vendor, other["id"]).get("companyName") == other.get("companyName")
    emails = {c.get("email") for c in vendor.records("contacts")}
    assert "made@import.example" not in emails
    assert "kept@import.example" in emails
    assert [note["body"] for note in vendor.records("notes")] == []
    with opened.read() as connection:
        left = plans.some(connection, ended.tally.more["plan"], states=[State.LEFT])
    assert [operation_of(change) for change in left] == [operations.DELETE]
    assert "firstName" in str(left[0].error)

    again = run("import_contacts", file=file)
    assert again.counts()["created"] == 1  # what was deleted is made again, its note too
    assert "b" in [note["body"] for note in vendor.records("notes")]


def test_what_was_made_stays_unless_its_deletion_is_asked_for(
    run: Run, vendor: RunningSandbox, tmp_path: Path
) -> None:
    file = table(tmp_path / "people.csv", {"Email": "made@import.example", "Notes": "a"})
    run("import_contacts", file=file).counts()
    before = written(vendor)
    run("undo_plan", plan="last").counts()
    assert written(vendor) == before


def test_rejects_are_tried_again_by_the_mended_mapping(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path
) -> None:
    file = table(
        tmp_path / "people.csv",
        {"ID": "1", "Email": "one@import.example", "Country": "Albion"},
        {"ID": "2", "Email": "two@import.example", "Country": "GB"},
    )
    source = Path(__file__).parents[2] / "mappings" / "file_to_contact.yaml"
    strict = source.read_text().replace("stop_when: {rejected_share: 0.5}\n", "")
    strict = strict.replace("country], policy: fill_empty, on_failure: drop", "country], policy: fill_empty")
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(strict)
    counts = run("import_contacts", file=file, mapping=str(mapping)).counts()
    assert (counts["created"], counts["rejected"]) == (1, 1)

    mapping.write_text(
        strict.replace(
            "clean: [{blank: {but: [na]}}, country]", "clean: [upper, {lookup: {table: {ALBION: GB}}}]"
        )
    )
    replayed = run("replay_rejects", stream="file.contact", mapping=str(mapping)).counts()
    assert (replayed["read"], replayed["created"], replayed["rejected"]) == (1, 1, 0)
    made = next(c for c in vendor.records("contacts") if c.get("email") == "one@import.example")
    assert made["country"] == "GB"
    with opened.read() as connection:
        waiting = connection.execute(sa.select(rejects.c.id).where(rejects.c.stream == "file.contact")).all()
    assert waiting == []


def test_a_query_of_the_hub_is_imported_likewise(run: Run, vendor: RunningSandbox, opened: Hub) -> None:
    with opened.write() as connection:
        connection.execute(sa.text("CREATE TABLE leads (id INTEGER, mail TEXT, first TEXT)"))
        connection.execute(sa.text("INSERT INTO leads VALUES (7, 'seven@import.example', 'Seven')"))
    query = "SELECT id, mail AS email, first AS first_name FROM leads"
    assert run("import_contacts", query=query).counts()["created"] == 1
    assert run("import_contacts", query=query).counts()["unchanged"] == 1
    assert any(c.get("email") == "seven@import.example" for c in vendor.records("contacts"))
    refused = run("import_contacts", query="DELETE FROM leads RETURNING id")
    assert isinstance(refused.error, BadConfigurationError)


def test_a_location_is_written_by_one_process_at_a_time(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path
) -> None:
    from tasks.hub.leases import Lease  # noqa: PLC0415 - the other process

    other = Lease(f"write {vendor.location_id}", "plan of somebody else", holder="elsewhere/1/x")
    assert other.take(opened) == ""
    file = table(tmp_path / "people.csv", {"Email": "waits@import.example"})
    threading.Timer(3, other.release, [opened]).start()
    start = time.monotonic()
    assert run("import_contacts", file=file).counts()["created"] == 1
    assert time.monotonic() - start > 2


@pytest.mark.parametrize(
    ("parameters", "kind", "told"),
    [
        ({}, BadConfigurationError, "either a file or a query"),
        ({"file": "nowhere.csv"}, BadConfigurationError, "nowhere.csv"),
        ({"file": "people.csv", "columns": {"Emial": "email"}}, BadConfigurationError, "Emial"),
        ({"file": "people.csv", "columns": {"Email": "emial"}}, BadConfigurationError, "mean `email`?"),
        ({"file": "people.csv", "mapping": "fiel_to_contact"}, BadMappingError, "file_to_contact"),
        ({"file": "people.csv", "mapping": "custom.yaml"}, BadMappingError, "nick"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(
    run: Run, vendor: RunningSandbox, tmp_path: Path, parameters: Any, kind: type[Exception], told: str
) -> None:
    table(tmp_path / "people.csv", {"Email": "a@import.example"})
    (tmp_path / "custom.yaml").write_text(
        "source: file.contact\ntarget: highlevel.contact\nmatch: [link, email]\n"
        "fields:\n  id: {from: id}\n  email: {from: email}\n  custom.nicknam: {from: nick}\n"
    )
    ended = run("import_contacts", **parameters)
    assert isinstance(ended.error, kind)
    assert told in str(ended.error)
    assert written(vendor) == {}


def test_custom_fields_are_written_by_key_and_match_by_foreign_id(
    run: Run, vendor: RunningSandbox, tmp_path: Path
) -> None:
    [field] = [one for one in vendor.records("customFields") if one["dataType"] == "TEXT"][:1]
    key = field["fieldKey"].removeprefix("contact.")
    mapping = tmp_path / "custom.yaml"
    mapping.write_text(
        f"source: file.contact\ntarget: highlevel.contact\nmatch: [link, custom.{key}, email]\n"
        f"fields:\n  id: {{from: id}}\n  email: {{from: email, policy: never}}\n"
        f"  firstName: {{from: first_name}}\n  custom.{key}: {{from: id}}\n"
    )
    file = table(
        tmp_path / "people.csv", {"ID": "X-77", "Email": "custom@import.example", "First Name": "One"}
    )
    run("import_contacts", file=file, mapping=str(mapping)).counts()
    made = next(c for c in vendor.records("contacts") if c.get("email") == "custom@import.example")
    assert made["customFields"] == [{"id": field["id"], "value": "X-77"}]

    other = table(
        tmp_path / "later.csv", {"ID": "X-77", "Email": "moved@import.example", "First Name": "Two"}
    )
    assert run("import_contacts", file=other, mapping=str(mapping), system="other").counts()["updated"] == 1
    now = of(vendor, made["id"])
    assert (now["firstName"], now["email"]) == ("Two", "custom@import.example")
