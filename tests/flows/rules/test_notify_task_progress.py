"""A team is told of its tasks: once for each event, and a channel that is dead loses nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.edge.channel_block import LushaConnectChannel
from tests.flows.conftest import Flow
from tests.flows.test_import_contacts import answered

Go = Callable[..., dict[str, Any]]
RULES = """
channels:
  team: {block: lusha-connect-channel/team}
on: {stream: hub.crm_task, when: [created]}
rules:
  - key: created
    then: [{notice: {channel: team, subject: "New: {task.title}", text: "For {contact.first_name}."}}]
  - key: done
    on: {stream: hub.crm_task, when: [updated], fields: [completed]}
    if: {task.completed: {is: true}}
    then: [{notice: {channel: team, text: "Done: {task.title}"}}]
  - key: again
    on: {stream: hub.crm_task, when: [updated], fields: [completed]}
    if: {task.completed: {changed_from: true}}
    then: [{notice: {channel: team, text: "Open again: {task.title}"}}]
  - key: overdue
    on: {stream: hub.crm_task, passed: due_date}
    if: {not: {task.completed: {is: true}}}
    then: [{notice: {channel: team, text: "Overdue: {task.title}"}}]
"""


class Endpoint(ThreadingHTTPServer):
    """Takes messages; answers 500 where it is told to."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.broken = False
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.server.broken:
            self.server.taken.append(body)
        self.send_response(500 if self.server.broken else 200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def team(prefect_api: str, endpoint: Endpoint) -> Endpoint:
    """The endpoint, saved as the team's channel."""
    block = LushaConnectChannel(url=f"json://127.0.0.1:{endpoint.server_address[1]}/")
    block.save("team", overwrite=True)
    return endpoint


def texts(endpoint: Endpoint) -> list[str]:
    return [f"{one['title']}|{one['message'].splitlines()[0]}" for one in endpoint.taken]


def make(vendor: RunningSandbox, title: str, due: str = "2036-01-01T10:00:00.000Z") -> str:
    whose = vendor.records("contacts")[3]["id"]
    task = {"title": title, "dueDate": due, "contactId": whose, "completed": False}
    made: str = vendor.edit(kind="tasks", create=task)["record"]["id"]
    return made


def test_each_event_is_told_once_with_a_link_and_a_reference(
    go: Go, loaded: RunningSandbox, team: Endpoint, rules_file: Callable[[str], str]
) -> None:
    rules = rules_file(RULES)
    go("notify_task_progress", rules=rules)
    task = make(loaded, "Call")
    dry = go("notify_task_progress", rules=rules, dry_run=True)
    assert (dry["notices"], team.taken) == (1, [])
    go("notify_task_progress", rules=rules)
    [told] = texts(team)
    assert told.startswith("New: Call|For ")
    assert f"/v2/location/{loaded.location_id}/contacts/detail/" in team.taken[0]["message"]
    for completed in (True, False):
        loaded.edit(kind="tasks", id=task, set={"completed": completed})
        go("notify_task_progress", rules=rules)
    go("notify_task_progress", rules=rules)
    assert [told.partition("|")[2] for told in texts(team)[1:]] == ["Done: Call", "Open again: Call"]


def test_what_is_overdue_is_told_when_the_moment_has_passed(
    go: Go, loaded: RunningSandbox, team: Endpoint, rules_file: Callable[[str], str]
) -> None:
    rules = rules_file(RULES)
    go("notify_task_progress", rules=rules)
    make(loaded, "Late", due="2020-01-01T10:00:00.000Z")
    go("notify_task_progress", rules=rules)
    assert [told.partition("|")[0] for told in texts(team)] == ["New: Late"]  # it was late before
    make(loaded, "To come")
    told = go("notify_task_progress", rules=rules, scope="all", dry_run=True)
    assert told["rules"]["overdue"] == 1  # of all records those alone that are late


def test_a_dead_channel_loses_nothing_and_is_told(
    go: Go, loaded: RunningSandbox, team: Endpoint, rules_file: Callable[[str], str]
) -> None:
    rules = rules_file(RULES)
    go("notify_task_progress", rules=rules)
    make(loaded, "Call")
    team.broken = True
    told = go("notify_task_progress", rules=rules)
    assert (told["delivered"]["failed"], team.taken) == (1, [])
    team.broken = False
    assert go("notify_task_progress", rules=rules)["delivered"]["sent"] == 1
    assert len(team.taken) == 1


@pytest.mark.parametrize("approve", [True, False])
def test_exactly_what_was_shown_is_sent_and_what_is_declined_is_not_asked_about_again(
    run: Flow,
    go: Go,
    loaded: RunningSandbox,
    team: Endpoint,
    rules_file: Callable[[str], str],
    prefect_api: str,
    approve: bool,
) -> None:
    rules = rules_file(RULES)
    go("notify_task_progress", rules=rules)
    make(loaded, "Call")
    person = answered(prefect_api, {"approve": approve, "approved_by": "Ada"})
    ended = run("notify_task_progress", rules=rules, approve=True)
    person.join()
    assert (ended.error is None) == approve
    assert len(team.taken) == int(approve)
    assert go("notify_task_progress", rules=rules)["notices"] == 0
    assert len(team.taken) == int(approve)


def test_a_channel_that_the_file_does_not_have_is_refused(
    run: Any, loaded: RunningSandbox, rules_file: Callable[[str], str]
) -> None:
    error = run(
        "notify_task_progress", rules=rules_file(RULES.replace("channel: team", "channel: taem"))
    ).error
    assert "the file has no channel `taem`" in str(error)
    assert "`team`" in str(error)
