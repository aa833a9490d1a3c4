"""What happens to the hub of the upgrade tests, on the command line of the program that makes it.

Each import is a file of its own, kept as it was with its date, so that a test can import it again.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from program import Program, until
from pydantic import SecretStr

from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore

KEY = "dGVzdC1rZXktb2YtdGhlLXVwZ3JhZGUtdGVzdHMtMDE="
"""Of these tests alone."""

HERE = Path(__file__).parent
MAPPING = HERE / "people.yaml"
MIRROR = "highlevel_contact"
TASK = {"title": "Ring back", "dueDate": "2027-02-01T10:00:00Z"}
PLAIN, OTHERS = 28, 6
"""Contacts that the vendor holds at first: few, so that the fixture is small."""
SAID = (
    "businessId",
    "businessName",
    "companyName",
    "customFields",
    "attributionSource",
    "timezone",
    "address1",
)
"""What the plain ones do not say, likewise."""

Json = dict[str, Any]


class Story:
    """The hub, the vendor, and what a person does with both.

    Args:
        folder: The program's working directory.
        api: Of a Prefect server.

    Attributes:
        told: What a test wants to know of it.
    """

    def __init__(self, vendor: RunningSandbox, hub_url: str, folder: Path, api: str) -> None:
        self._vendor = vendor
        self._hub_url = hub_url
        self._folder = folder
        theirs = {"HIGHLEVEL_URL": vendor.url, "HIGHLEVEL_TOKEN": vendor.token}
        ours = {"HUB_URL": hub_url, "LOCATION_ID": vendor.location_id, "ENCRYPTION_KEYS": KEY}
        self._program = Program(folder, api, **theirs, **ours)
        self._known: Iterator[Json] = iter(())
        self.plans: dict[str, str] = {}
        self.files: dict[str, Json] = {}
        self.contacts: dict[str, str] = {}

    @property
    def told(self) -> Json:
        """What a test wants to know of it."""
        return {"key": KEY, "plans": self.plans, "files": self.files, "contacts": self.contacts}

    def happen(self) -> None:
        """All of it."""
        self._known = iter(self._keep_few())
        self._credentials()
        self._mirror()
        self._query()
        self._first_import()
        self._unclear()
        self._chain()
        self._undone()
        self._backfill_that_stops()
        self._ready()
        self._interrupted()

    def _keep_few(self) -> list[Json]:
        """Delete all but some contacts and businesses; the contacts that an address tells from all others."""
        everybody, firms = self._vendor.records("contacts"), self._vendor.records("businesses")
        emails = [str(one.get("email")).lower() for one in everybody]
        plain = [one for one in everybody if _is_plain(one) and emails.count(one["email"]) == 1]
        others = [one for one in everybody if not _is_plain(one)][:OTHERS]
        kept = {one["id"] for one in [*plain[:PLAIN], *others]}
        for one in everybody:
            if one["id"] not in kept:
                self._vendor.edit(kind="contacts", id=one["id"], delete=True)
        for one in firms[3:]:
            self._vendor.edit(kind="businesses", id=one["id"], delete=True)
        for one in plain[:PLAIN]:
            self._before(one, {"city": "Springfield"}, unset=[*SAID])
        self._before(others[0], {"email": "no address"})
        return plain[:PLAIN]

    def _before(self, one: Json, values: Json, **more: Any) -> None:
        """Make a contact what it has been since it was changed last."""
        values = {**values, "dateUpdated": one["dateUpdated"]}
        self._vendor.edit(kind="contacts", id=one["id"], set=values, **more)

    def _credentials(self) -> None:
        self._program.run("credentials", "add", "main", stdin=self._vendor.token)
        app = Facts("app", Kind.OAUTH, location_id=self._vendor.location_id, client_id="app-of-the-tests")
        secrets = Secrets(SecretStr("access-1"), SecretStr("refresh-1"), SecretStr("secret-1"))
        hub = Hub(self._hub_url)
        TokenStore(hub, Keyring(SecretStr(KEY))).put(Stored(app, secrets))
        hub.close()

    def _mirror(self) -> None:
        """Mirrored by an older mapping; then by the present one, which makes edits by hand of its own."""
        shipped = (self._program.root / "mappings" / f"{MIRROR}.yaml").read_text(encoding="utf-8")
        shipped = shipped.replace("{from: city, clean: text}", "{from: city, clean: upper}")
        older = self._folder / f"{MIRROR}.yaml"
        older.write_text(re.sub(r"\n  website:[^\n]*", "", shipped), encoding="utf-8")
        self._program.run("run", "backfill_contacts", "-p", f"mapping={older}")
        self._program.run("run", "sync_contacts", "-p", f"mapping={older}")
        self._by_hand("edited_around", city="Aroundville")
        self._program.run("run", "sync_contacts", "-p", "full_pass=now")
        self._by_hand("edited", city="Handville")
        self._program.run("run", "sync_contacts")
        self.contacts["untouched"] = next(self._known)["id"]

    def _by_hand(self, name: str, **fields: str) -> None:
        one = next(self._known)
        self._vendor.edit(kind="contacts", id=one["id"], set=fields)
        self.contacts[name] = one["id"]

    def _query(self) -> None:
        """What HighLevel spells in its own way, and what it does not tell when a contact is made."""
        told = "'q1' AS id, 'quentin@import.example' AS email, 'Quentin' AS first_name"
        query = f"SELECT {told}, 'Europe/Paris' AS zone, 'Lead' AS tags"
        words = ("-p", f"query={query}", "-p", f"mapping={HERE / 'hub.yaml'}", "--json")
        self.plans["query"] = self._program.run("run", "import_contacts", *words)["plan"]

    def _first_import(self) -> None:
        """Everything that an import writes, and what it rejects; one contact is edited by hand afterwards."""
        one, two, three, same, bad = (next(self._known) for _ in range(5))
        firm = self._vendor.records("businesses")[0]["name"]
        nora = {"email": "new.one@import.example", "first_name": "Nora", "last_name": "One", "tags": ["Fair"]}
        nils = {"phone": "+1 202 555 0171", "first_name": "Nils", "last_name": "Two", "city": "Riverton"}
        card = {"first_name": "Nobody", "last_name": "Reachable", "note": "Left a card"}
        odette = {"first_name": "Odette", "city": "Lakeside", "nickname": "Oda", "company": "Acme"}
        self._import(
            "first",
            {"id": "1", **nora, "firm": firm, "note": "Met at the fair", "task": TASK},
            {"id": "2", **nils},
            {"id": "3", **card},
            {"id": "4", "email": one["email"], **odette, "note": "Called"},
            {"id": "5", "email": two["email"], "tags": ["fair", "vip"], "firm": firm, "task": TASK},
            {"id": "6", "email": three["email"], "first_name": "Third", "city": "Lakeside"},
            {"id": "7", "email": same["email"], "first_name": same["firstName"]},
            {"id": "8", "email": bad["email"], "first_name": "Rita", "last_name": "rejected"},
            {"id": "9", "email": "bad@import.example", "first_name": "Rolf", "last_name": "rejected"},
        )
        self.contacts["edited_since"] = three["id"]
        self._vendor.edit(kind="contacts", id=three["id"], set={"firstName": "Edited"})
        self._program.run("run", "sync_contacts")

    def _unclear(self) -> None:
        """Three records that may each be one of two contacts: one waits, one is decided, one is split."""
        pairs = [(next(self._known), next(self._known)) for _ in range(3)]
        self._import(
            "unclear",
            *(
                {"id": f"u{n}", "email": one["email"], "phone": other["phone"], "first_name": f"Unclear{n}"}
                for n, (one, other) in enumerate(pairs)
            ),
        )
        waiting = {one["record_id"]: one["id"] for one in self._program.run("review", "list", "--json")}
        self.contacts["accepted"] = pairs[1][0]["id"]
        self._program.run("review", "accept", waiting["u1"], self.contacts["accepted"])
        self._program.run("review", "split", waiting["u2"])
        assert "u0" in waiting

    def _chain(self) -> None:
        """A plan during which a person edits one of its contacts, so that another plan follows it."""
        one, other = next(self._known), next(self._known)
        plan = self._import(
            "chain",
            {"id": "c1", "email": one["email"], "first_name": "Chained"},
            {"id": "c2", "email": other["email"], "first_name": "Chained", "city": "Plantown"},
            dry_run=True,
        )
        self.contacts |= {"chained": one["id"], "overtaken": other["id"]}
        self._vendor.edit(kind="contacts", id=other["id"], set={"firstName": "Overtaken"})
        applied = self._program.run("run", "apply_plan", "-p", f"plan={plan}", "--json")
        [self.plans["follow-up"]] = applied["follow_ups"]

    def _undone(self) -> None:
        plan = self._import(
            "undone",
            {"id": "b1", "email": "back@import.example", "first_name": "Gone", "note": "Gone as well"},
            {"id": "b2", "email": next(self._known)["email"], "first_name": "Back"},
        )
        self.plans["undo"] = self._undo(plan)

    def _undo(self, plan: str, *more: str) -> str:
        words = ("run", "undo_plan", "-p", f"plan={plan}", "-p", "delete_created=true", "--json")
        found: str = self._program.run(*words, *more)["plan"]
        return found

    def _backfill_that_stops(self) -> None:
        """Killed while it waits for its third page."""
        search = "POST /contacts/search"
        fault = {"operation": search, "fault": "timeout_before", "seconds": 600, "share": 0.5}
        # The check of the token and two pages come through, the third page does not.
        seed = next(seed for seed in range(10_000) if _strikes(seed, 4) == [False, False, False, True])
        self._vendor.set_faults([{**fault, "seed": seed}])
        backfill = self._program.start("run", "backfill_contacts", "-p", "batch_size=10")
        until(lambda: self._hanging(search) == 1)
        time.sleep(2)  # what was read before is committed
        self._kill(backfill)

    def _ready(self) -> None:
        self._import(
            "ready",
            {"id": "r1", "email": "ready@import.example", "first_name": "Ready", "note": "Waits"},
            {"id": "r2", "email": next(self._known)["email"], "first_name": "Prepared", "tags": ["ready"]},
            dry_run=True,
        )

    def _interrupted(self) -> None:
        """Five plans that wait for a person, and are killed in turn when they are applied."""
        self._plan_creates()
        self._plan_updates()
        self._plan_notes_and_tags()
        self._plan_deletes()
        names = ("creates", "updates", "notes", "tags", "deletes")
        waiting = {name: self._program.await_approval(self.plans[name]) for name in names}
        for name, operation, each in (
            ("creates", "POST /contacts/", 3),
            ("updates", "PUT /contacts/{contactId}", 2),
            ("notes", "POST /contacts/{contactId}/notes", 2),
            ("tags", "POST /contacts/bulk/tags/update/{type}", 1),
            ("deletes", "DELETE /contacts/{contactId}", 2),
        ):
            self._die(waiting[name], self.plans[name], operation, each)

    def _plan_creates(self) -> None:
        """Two have no address; one of them is made, and nobody hears of it."""
        people: list[Json] = [
            {"id": f"m{n}", "email": f"made{n}@import.example", "first_name": f"Made{n}"} for n in range(7)
        ]
        people[0] |= {"note": "First of all", "task": TASK, "tags": ["Made"]}
        people[5] |= {"note": "Second of all", "tags": ["Made"]}
        for place, name in ((1, "Vera"), (4, "Viktor")):
            people.insert(place, {"id": name, "first_name": name, "last_name": "Noaddress", "tags": ["Made"]})
        self._import("creates", *people, dry_run=True)

    def _plan_updates(self) -> None:
        people = self._some(5, lambda n: {"first_name": f"Changed{n}", "city": "Newtown"})
        people[0]["company"] = people[3]["company"] = "Halfway"  # takes a request of its own
        self._import("updates", *people, dry_run=True)

    def _plan_notes_and_tags(self) -> None:
        people = self._some(5, lambda n: {"note": f"Note {n}"})
        tagged = [{key: one[key] for key in ("id", "email")} for one in people[:4]]
        people[0] |= {"task": TASK, "first_name": "Noted"}
        people[4] |= {"task": TASK}
        self._import("notes", *people, dry_run=True)
        for n, one in enumerate(tagged):
            one["tags"] = ["Spring" if n < 2 else "Autumn"]
        self._import("tags", *tagged, dry_run=True)

    def _plan_deletes(self) -> None:
        people = [
            {"id": f"d{n}", "email": f"deleted{n}@import.example", "first_name": f"Deleted{n}"}
            for n in range(4)
        ]
        self.plans["deletes"] = self._undo(self._import("made", *people), "-p", "dry_run=true")

    def _some(self, count: int, say: Any) -> list[Json]:
        """Records of contacts that are there."""
        known = [next(self._known) for _ in range(count)]
        return [{"id": one["id"], "email": one["email"], **say(n)} for n, one in enumerate(known)]

    def _import(self, name: str, *records: Json, dry_run: bool = False) -> str:
        """Import records; the plan's id."""
        file = self._folder / f"{name}.jsonl"
        file.write_text("".join(f"{json.dumps(one)}\n" for one in records), encoding="utf-8")
        self.files[name] = {"records": records, "mtime_ns": file.stat().st_mtime_ns}
        words = ["run", "import_contacts", "-p", f"file={file.name}", "-p", f"mapping={MAPPING}", "--json"]
        plan: str = self._program.run(*words, *(["--dry-run"] if dry_run else []))["plan"]
        self.plans[name] = plan
        return plan

    def _die(self, process: subprocess.Popen[bytes], plan: str, operation: str, each: int) -> None:
        """Approve a plan, and kill its process when some requests have no answer yet.

        Args:
            each: So many take effect, and as many do not.
        """
        before = self._hanging(operation)
        hang = {"operation": operation, "seconds": 600, "times": each}
        self._vendor.set_faults([{**hang, "fault": f"timeout_{word}"} for word in ("after", "before")])
        self._program.approve(plan)
        until(lambda: self._hanging(operation) == before + 2 * each)
        time.sleep(2)  # the other requests come to their end
        self._kill(process)

    def _hanging(self, operation: str) -> int:
        counted: int = self._vendor.requests()["operations"].get(operation, {}).get("timeout", 0)
        return counted

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        self._program.kill(process)
        self._vendor.set_faults([])


def _is_plain(one: Json) -> bool:
    address = re.fullmatch(r"[a-z.0-9]+@[a-z.0-9]+", str(one.get("email")))
    whole = all(one.get(name) for name in ("firstName", "lastName", "dateAdded"))
    more = any(one.get(name) for name in ("additionalEmails", "tags", "dndSettings"))
    return bool(address) and whole and not more and str(one.get("phone")).startswith("+1")


def _strikes(seed: int, count: int) -> list[bool]:
    dice = random.Random(seed)
    return [dice.random() < 0.5 for _ in range(count)]
