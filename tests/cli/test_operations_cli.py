"""``lusha-connect operations`` as a person or a program uses it, and the page made of the catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import app
from cli.operations.page import render
from sandbox import process
from tasks.core.errors import BadConfigurationError, RecordNotFoundError
from tasks.hub.engine import Hub
from tasks.vendors.highlevel.catalog.catalog import load_catalog

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
CLI = CliRunner()


@pytest.fixture
def hub_url(tmp_path: Any) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


def said(*words: str) -> str:
    done = CLI.invoke(app, ["operations", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def failed(*words: str) -> BaseException:
    done: Result = CLI.invoke(app, ["operations", *words])
    assert done.exception is not None, done.output
    return done.exception


def test_all_of_them_are_listed() -> None:
    assert "181 of 181 operations" in said("list")
    listed = json.loads(said("list", "--json"))
    assert len(listed) == 181
    assert {entry["kind"] for entry in listed} == {"action", "trigger"}
    assert all(entry["about"] and entry["scope"] for entry in listed)


def test_the_list_can_be_narrowed() -> None:
    assert len(json.loads(said("list", "--kind", "trigger", "--json"))) == 46
    notes = json.loads(said("list", "--product", "notes", "--kind", "action", "--json"))
    assert [entry["name"] for entry in notes] == [
        "notes.get-all-notes",
        "notes.get-note",
        "notes.create-note",
        "notes.update-note",
        "notes.delete-note",
    ]


def test_one_is_shown_whole() -> None:
    text = said("show", "tasks.create-task")
    for word in ("POST /contacts/{contactId}/tasks", "contacts.write", "tasks.get-all-tasks", "dueDate"):
        assert word in text
    assert "highlevel.task.created" in said("show", "TaskCreate")
    plain = json.loads(said("show", "opportunities.search-opportunity", "--json"))
    by_name = {one["name"]: one["versions"] for one in plain["parameters"]}
    assert by_name["pipeline_id"] == ["2021-07-28"]
    assert by_name["pipelineId"] == ["v3"]
    assert by_name["status"] == ["2021-07-28", "v3"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list", "--product", "contact"), "Did you mean `contacts`?"),
        (("list", "--kind", "actions"), "Did you mean `action`?"),
        (("show", "contacts.get-contct"), "`contacts.get-contact`"),
        (("call", "ContactCreate"), "cannot be called"),
        (("call", "contacts.get-contact"), "`contactId` is required"),
        (("call", "contacts.get-contact", "-p", "contactid=a"), "did you mean `contactId`?"),
        (("call", "contacts.get-contact", "-p", "contactId"), "expected name=value"),
        (("call", "contacts.get-contact", "-p", "contactId=a", "-p", "contactId=b"), "given twice"),
        (("call", "notes.create-note", "-p", "contactId=a", "--body", "[]"), "expected a JSON object"),
        (("call", "notes.create-note", "-p", "contactId=a", "--body", "{"), "not JSON"),
        (("call", "notes.create-note", "--body", "@nowhere.json"), "cannot be read"),
        (
            ("call", "notes.create-note", "-p", "body=a", "--body", '{"body": "b"}'),
            "by --param and in --body",
        ),
        (("call", "locations.get-location", "-p", "locationId=another"), "Leave `locationId` out"),
    ],
)
def test_what_is_wrong_is_refused_with_what_is_right(
    environment: dict[str, str], vendor: process.RunningSandbox, words: tuple[str, ...], says: str
) -> None:
    error = failed(*words)
    assert isinstance(error, BadConfigurationError)
    assert says in str(error)
    assert vendor.requests()["total"] == 0


def test_a_dry_run_needs_neither_token_nor_hub(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, vendor: process.RunningSandbox
) -> None:
    monkeypatch.delenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN")
    words = ("-p", "contactId=a", "-p", "tags=vip,new", "--dry-run", "--json")
    assert json.loads(said("call", "tags.add-tags", *words)) == {
        "method": "POST",
        "path": "/contacts/a/tags",
        "query": {},
        "body": {"tags": ["vip", "new"]},
    }
    assert vendor.requests()["total"] == 0


def test_a_call_is_answered(
    environment: dict[str, str], hub: Hub, vendor: process.RunningSandbox, tmp_path: Path
) -> None:
    known = vendor.records("contacts")[0]["id"]
    body = tmp_path / "note.json"
    body.write_text('{"body": "Called back"}')
    made = said("call", "notes.create-note", "-p", f"contactId={known}", "--body", f"@{body}", "--json")
    assert json.loads(made)["note"]["body"] == "Called back"
    read = said("call", "notes.get-all-notes", "-p", f"contactId={known}")
    assert "Called back" in read
    assert vendor.token not in made + read


def test_a_record_that_is_gone_is_told(
    environment: dict[str, str], hub: Hub, vendor: process.RunningSandbox
) -> None:
    error = failed("call", "contacts.get-contact", "-p", "contactId=goneGoneGoneGoneGone")
    assert isinstance(error, RecordNotFoundError)
    assert "goneGoneGoneGoneGone" in str(error)


def test_the_committed_page_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(load_catalog()), "run: lusha-connect operations page docs/operations.md"


def test_the_page_lists_every_operation() -> None:
    page = said("page")
    assert "135 actions and 46 triggers" in page
    catalog = load_catalog()
    for name in (*catalog.actions, *catalog.triggers):
        assert page.count(f"| `{name}`<br>") == 1
