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
from tasks.vendors import catalogs

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
    assert "240 of 240 operations" in said("list")
    listed = json.loads(said("list", "--json"))
    assert len(listed) == 240
    assert {entry["kind"] for entry in listed} == {"action", "trigger"}
    assert all(entry["about"] and (entry.get("scope") or entry["vendor"] == "lusha") for entry in listed)


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


def test_those_of_one_vendor_are_listed() -> None:
    listed = json.loads(said("list", "--vendor", "lusha", "--json"))
    assert len(listed) == 59
    assert {entry["vendor"] for entry in listed} == {"lusha"}
    assert "revealPhone" in said("show", "lusha-contacts.enrich")


@pytest.fixture
def leads(
    environment: dict[str, str], vendor: process.RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """The sandbox's Lusha, in the environment."""
    vendor.lusha.reset()
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_URL", vendor.lusha.url)
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_API_KEY", vendor.lusha.key)
    return vendor.lusha


def test_what_lusha_would_charge_is_shown_and_then_allowed(leads: Any, hub: Hub) -> None:
    person = next(one for one in leads.records("people") if one["phones"] and not one.get("status"))
    words = ("lusha-contacts.enrich", "-p", f"ids={person['id']}", "-p", "reveal=phones", "--json")
    shown = json.loads(said("call", *words, "--dry-run"))
    assert shown["costs"]["credits_at_most"] == 5
    refused = failed("call", *words)
    assert isinstance(refused, BadConfigurationError)
    assert "max_credits 5" in str(refused)
    assert leads.bill()["credits"] == 0
    told = json.loads(said("call", *words, "--max-credits", "5"))
    assert told["results"][0]["phones"] == person["phones"]
    assert leads.bill()["credits"] == 5
    assert leads.key not in json.dumps(told)


def test_without_a_key_a_dry_run_tells_the_request_alone(environment: dict[str, str]) -> None:
    words = ("lusha-account.get-usage", "--dry-run", "--json")
    assert json.loads(said("call", *words))["path"] == "/v3/account/usage"


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
        (("list", "--vendor", "lucha"), "Did you mean `lusha`?"),
        (("call", "lusha-contacts.enrich", "-p", "ids=a"), "`reveal` is required"),
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
    assert page == render(), "run: lusha-connect operations page docs/operations.md"


def test_the_page_lists_every_operation() -> None:
    page = said("page")
    assert "194 actions and 46 triggers" in page
    every = (*catalogs.actions(), *catalogs.triggers())
    for name in every:
        assert page.count(f"| `{name}`<br>") == 1
