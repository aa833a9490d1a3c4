"""The flow that runs one operation: its form, its artifact, its refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flows.automations import load
from flows.run_operation import CALLABLE
from sandbox import process
from tasks.core.errors import BadConfigurationError, RecordNotFoundError
from tasks.edge import report
from tasks.hub.engine import Hub
from tasks.vendors import catalogs
from tests import prefect_server


@pytest.fixture
def hub_url(tmp_path: Any) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def shown(prefect_api: str, vendor: Any) -> Any:
    """The newest artifact of the flow, as Markdown."""
    key = report.artifact_key("run_operation", vendor.location_id)

    def newest() -> str:
        body = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC", "limit": 1}
        found = prefect_server.ask(prefect_api, "/artifacts/filter", body)
        return str(found[0]["data"]) if found else ""

    return newest


def content(markdown: str) -> Any:
    return json.loads(markdown.split("````````")[1].removeprefix("json\n"))


def test_the_form_offers_every_operation_that_can_be_called() -> None:
    offered = load("run_operation").parameters.properties["operation"]["enum"]
    assert offered == CALLABLE
    assert len(offered) == 192
    assert set(offered) < set(catalogs.actions())


def test_the_form_is_for_a_dry_run_unless_it_is_told_otherwise() -> None:
    about = load("run_operation").parameters.properties["dry_run"]
    assert about["default"] is True
    assert "nothing is sent" in about["description"]
    assert "changes real data in HighLevel" in about["description"]


def test_an_answer_becomes_an_artifact(
    run: Any, opened: Hub, vendor: process.RunningSandbox, shown: Any
) -> None:
    known = vendor.records("contacts")[0]["id"]
    ended = run(
        "run_operation", operation="contacts.get-contact", parameters={"contactId": known}, dry_run=False
    )
    assert ended.error is None
    assert content(shown())["contact"]["id"] == known
    assert vendor.token not in shown()


def test_a_dry_run_leaves_the_request_and_sends_nothing(
    run: Any, opened: Hub, vendor: process.RunningSandbox, shown: Any
) -> None:
    ended = run(
        "run_operation", operation="notes.create-note", parameters={"contactId": "someone", "body": "Hello"}
    )
    assert ended.error is None
    assert content(shown()) == {
        "method": "POST",
        "path": "/contacts/someone/notes",
        "query": {},
        "body": {"body": "Hello"},
    }
    assert "dry run: nothing was sent" in shown()
    assert vendor.requests()["total"] == 0


def test_an_operation_of_lusha_s_spends_no_more_than_the_form_allows(
    run: Any, opened: Hub, vendor: process.RunningSandbox, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.lusha.reset()
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_URL", vendor.lusha.url)
    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_API_KEY", vendor.lusha.key)
    person = vendor.lusha.records("people")[0]["id"]
    given = {"operation": "lusha-contacts.search", "parameters": {"contacts": [{"id": person}]}}
    assert run("run_operation", **given).error is None
    assert content(shown())["costs"]["credits_at_most"] == 1
    refused = run("run_operation", **given, dry_run=False)
    assert isinstance(refused.error, BadConfigurationError)
    assert vendor.lusha.bill()["credits"] == 0
    assert run("run_operation", **given, dry_run=False, max_credits=1).error is None
    assert content(shown())["results"][0]["id"] == person
    assert "lusha-contacts.search · Lusha · the answer" in shown()
    assert vendor.lusha.bill()["credits"] == 1


def test_secrets_in_an_answer_are_hidden(
    run: Any, opened: Hub, vendor: process.RunningSandbox, shown: Any
) -> None:
    given = {"name": "api", "value": "pit-0123456789abcdef"}
    ended = run(
        "run_operation", operation="custom-values.create-custom-value", parameters=given, dry_run=False
    )
    assert ended.error is None
    assert "pit-0123456789abcdef" not in shown()
    assert "(hidden)" in shown()


def test_a_long_answer_is_cut(
    run: Any, opened: Hub, vendor: process.RunningSandbox, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "SHOWN_CHARACTERS", 1000)
    search = {"pageLimit": 50}
    ended = run(
        "run_operation",
        operation="contacts.search-contacts-advanced",
        parameters=search,
        dry_run=False,
    )
    assert ended.error is None
    assert 1000 < len(shown()) < 1300
    assert "Cut: " in shown()


@pytest.mark.parametrize(
    ("operation", "parameters", "says"),
    [
        ("contacts.get-contct", {}, "contacts.get-contact"),
        ("contacts.get-contact", {"contactid": "a"}, "did you mean `contactId`?"),
        ("contacts.get-contact", {}, "`contactId` is required"),
        ("locations.get-location", {"locationId": "another"}, "Leave `locationId` out"),
        ("oauth.get-access-token", {}, "lusha-connect connect highlevel"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_sent(
    run: Any,
    opened: Hub,
    vendor: process.RunningSandbox,
    operation: str,
    parameters: dict[str, Any],
    says: str,
) -> None:
    ended = run("run_operation", operation=operation, parameters=parameters, dry_run=False)
    assert isinstance(ended.error, BadConfigurationError)
    assert says in str(ended.error)
    assert vendor.requests()["total"] == 0


def test_a_record_that_is_gone_is_told(run: Any, opened: Hub, vendor: process.RunningSandbox) -> None:
    known = vendor.records("contacts")[0]["id"]
    vendor.edit(kind="contacts", id=known, delete=True)
    ended = run(
        "run_operation", operation="contacts.get-contact", parameters={"contactId": known}, dry_run=False
    )
    assert isinstance(ended.error, RecordNotFoundError)
    assert known in str(ended.error)
    assert vendor.token not in str(ended.error)
