"""The demo's third part: people work in HighLevel, and rules do what their files say, each thing once."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cli.demo_steps import Steps, listed
from tasks.core.words import counted
from tasks.mapping.language import MAPPINGS

COMPANY, DOMAIN = "Larkspur Sailmakers", "larkspur-sails.example"
PEOPLE = (("Ida", "Lark"), ("Jon", "Spur"), ("Kit", "Sailer"))
DUE = "2036-03-03T09:00:00.000Z"
CHANNEL = "team"
SHOWN = 2
"""Notices that are shown."""

ROUTING = """\
on: {{stream: hub.contact, when: [created, updated]}}
rules:
  - key: sailmakers
    if: {{contact.email: {{ends_with: "@{domain}"}}}}
    then:
      - highlevel.contact:
          tags: [{tag}]
          workflows: {workflow}
          assignedTo: {{first: [contact.assigned_to, {{round_robin: {users}}}]}}
"""
"""Rules with names that the sandbox's location knows."""


@dataclass(slots=True)
class Rules:
    """The four automations at work: what each did, what a second run did, and all of it taken back."""

    steps: Steps
    plans: list[str] = field(default_factory=list)

    def play(self) -> dict[str, Any]:
        """Run every step.

        Returns:
            As JSON: what each automation did and did again, the notices that arrived, how each undo ended.

        Raises:
            FailedError: A step failed.
        """
        files = {"routing": self._routing(), "channels": self._channels()}
        runs = (
            ("create_first_tasks", "first_tasks"),
            ("link_businesses", "businesses"),
            ("route_contacts", "routing"),
            ("route_contacts", files["routing"]),
            ("notify_task_progress", files["channels"]),
        )
        with _team_channel() as arrived:
            people, task = self._people_work()
            done = [self._run(automation, rules) for automation, rules in runs]
            self._tell_arrived(arrived)
            again = [self._again(automation, rules) for automation, rules in runs]
        told = [
            {"automation": automation, "rules": rules, "did": did, "again": more}
            for (automation, rules), did, more in zip(runs, done, again, strict=True)
        ]
        undone = [self.steps.undo(plan) for plan in reversed(self.plans)]
        self._people_leave(people, task)
        return {"automations": told, "notices": len(arrived), "rules_undone": undone}

    def _people_work(self) -> tuple[list[str], str]:
        """In HighLevel somebody makes contacts of one company, and takes a task for the first of them."""
        create = self.steps.vendor.edit
        people = [
            create(kind="contacts", create=_person(first, last, place))["record"]["id"]
            for place, (first, last) in enumerate(PEOPLE)
        ]
        user = self.steps.vendor.records("users")[0]
        task = {"id": _new_id(), "title": "Measure the mainsail", "dueDate": DUE, "completed": False}
        create(kind="tasks", create=task | {"contactId": people[0], "assignedTo": user["id"]})
        self.steps.say(
            f"\nIn HighLevel, somebody adds {counted(len(people), 'contact')} of {COMPANY}"
            f" and a task for {' '.join(PEOPLE[0])}. Then the rules:"
        )
        return people, str(task["id"])

    def _run(self, automation: str, rules: str) -> dict[str, Any]:
        told = self.steps.run(automation, rules=rules)
        self.plans += told.get("plans") or ([told["plan"]] if told.get("plan") else [])
        did = _did(told)
        self.steps.say(f"{automation}, {rules}: {_in_words(did)}")
        return did

    def _again(self, automation: str, rules: str) -> dict[str, Any]:
        did = _did(self.steps.run(automation, rules=rules))
        self.steps.say(f"{automation}, {rules}, a second time: {_in_words(did)}")
        return did

    def _tell_arrived(self, arrived: list[dict[str, Any]]) -> None:
        for one in arrived[:SHOWN]:
            self.steps.say(f"    the team reads: {one['title']} - {one['message'].splitlines()[0]}")
        if len(arrived) > SHOWN:
            self.steps.say(f"    … and {counted(len(arrived) - SHOWN, 'more notice')}")

    def _routing(self) -> str:
        """A rules file with a tag, an owner and a workflow of the location; its path."""
        vendor = self.steps.vendor
        users = [f"{one['firstName']} {one['lastName']}" for one in vendor.records("users")][:2]
        workflow = next(one["name"] for one in vendor.records("workflows") if one["status"] == "published")
        tag = vendor.records("tags")[0]["name"]
        words = {"tag": json.dumps(tag), "workflow": json.dumps(workflow), "users": json.dumps(users)}
        return self._write("demo_routing", ROUTING.format(domain=DOMAIN, **words))

    def _channels(self) -> str:
        """The shipped rules for notices without the quiet hours, to be seen at any hour; their path."""
        shipped = (MAPPINGS / "channels.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
        return self._write("channels", "".join(line for line in shipped if "quiet:" not in line))

    def _write(self, name: str, text: str) -> str:
        self.steps.folder.mkdir(parents=True, exist_ok=True)
        file = self.steps.folder / f"{name}.yaml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    def _people_leave(self, people: list[str], task: str) -> None:
        """What somebody made in HighLevel is removed there, and the hub notices."""
        self.steps.vendor.edit(kind="tasks", id=task, delete=True)
        for one in people:
            self.steps.vendor.edit(kind="contacts", id=one, delete=True)
        gone = self.steps.run("sync_contacts", full_pass="now")["deleted"]  # noqa: S106 - no password
        self.steps.run("sync_activity")
        self.steps.say(f"sync_contacts: {counted(gone, 'contact')} deleted in HighLevel")


def _person(first: str, last: str, place: int) -> dict[str, Any]:
    """A contact as somebody makes it."""
    return {
        "id": _new_id(),
        "firstName": first,
        "lastName": last,
        "email": f"{first.lower()}@{DOMAIN}",
        "phone": f"+1312555{place + 7301}",
        "companyName": COMPANY,
    }


def _new_id() -> str:
    """An id that no earlier demo has seen; the sandbox's own are the same in each."""
    return secrets.token_hex(10)


def _did(told: dict[str, Any]) -> dict[str, Any]:
    """What a run did: how often each rule, how its changes ended, what became of notices."""
    fired = {rule: number for rule, number in told["rules"].items() if number}
    delivered = {f"notice {end}": number for end, number in told.get("delivered", {}).items() if number}
    return {"rules": fired, "changes": told.get("applied", {}) | delivered}


def _in_words(did: dict[str, Any]) -> str:
    if not did["rules"] and not did["changes"]:
        return "nothing to do"
    fired = ", ".join(f"{rule} for {number:,}" for rule, number in did["rules"].items())
    return f"{fired}: {listed(did['changes'])}"


@contextmanager
def _team_channel() -> Iterator[list[dict[str, Any]]]:
    """A channel of this process, saved as the one that the shipped rules name; what arrives at it."""
    from tasks.edge.channel_block import LushaConnectChannel

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    arrived: list[dict[str, Any]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as endpoint:
        threading.Thread(target=endpoint.serve_forever, daemon=True).start()
        try:
            block = LushaConnectChannel(url=f"json://127.0.0.1:{endpoint.server_address[1]}/")
            block.save(CHANNEL, overwrite=True)
            yield arrived
            LushaConnectChannel.delete(CHANNEL)
        finally:
            endpoint.shutdown()
