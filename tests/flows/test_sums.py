"""README's sums hold for every automation: dry runs, conflicts, rejects and merged rows included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flows.automations import AUTOMATIONS
from sandbox.lusha.export import write_csv
from sandbox.process import RunningSandbox
from tasks.core.change import RESTING
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.plans import LEFT_OVER, WITHOUT_KEY
from tasks.hub.tables import changes
from tasks.run.opting_out import handle, of_person

PEOPLE = """id,first name,last name,email,phone,tags,notes
1,Uma,Twice,uma@sums.example,+12125550131,fair,Met there
2,Uma,Twice,UMA@sums.example,,,
3,John,Doe,jd@sums.example,,,
4,Jane,Doe,jd@sums.example,,,
5,,,no address,,,
6,{known[firstName]},{known[lastName]},{known[email]},,sums,
7,Renamed,{other[lastName]},{other[email]},{other[phone]},,
8,{same[firstName]},{same[lastName]},{same[email]},,,
"""
"""Two rows of one person; a couple with one address; a reject; a new tag; a new name; nothing new."""

COMPANIES = "Company,Website\nAcme Anvils,https://anvils.example\nAcme Anvils,anvils.example\n,\n"

TASKS = """email,title,due
{known[email]},Call,2031-01-08T10:00:00Z
{known[email]},Call,2031-01-08T10:00:00Z
{known[email]},Write,2031-01-09T10:00:00Z
nobody@nowhere.example,Call,2031-01-08T10:00:00Z
"""
"""Two rows of one task, another, and one of nobody."""

REMARKS = (WITHOUT_KEY, LEFT_OVER)
"""What a plan counts that is no change of its own."""

Run = Callable[..., Any]


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def environment(
    environment: dict[str, str], vendor: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Those of HighLevel, and of Lusha."""
    vendor.lusha.reset()
    settings = {
        "LUSHA_CONNECT_LUSHA_URL": vendor.lusha.url,
        "LUSHA_CONNECT_LUSHA_API_KEY": vendor.lusha.key,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return environment | settings


class Adding:
    """Runs automations; what each of them tells adds up, or the test ends."""

    def __init__(self, run: Run, hub: Hub) -> None:
        self._run, self._hub = run, hub
        self.seen: set[str] = set()

    def __call__(self, automation: str, **parameters: Any) -> dict[str, Any]:
        self.seen.add(automation)
        ended = self._run(automation, **parameters)
        told = {**ended.counts(), **ended.tally.more}
        assert told["read"] == told["mapped"] + told["rejected"] + told["merged"], told
        if "planned" in told:
            self._changes_add_up(told)
            self._records_add_up(told)
        else:
            assert told["mapped"] == told["created"] + told["updated"] + told["unchanged"], told
        return told

    def _changes_add_up(self, told: dict[str, Any]) -> None:
        """Each change that was planned ended in one way; a follow-up's are told with how they ended."""
        first = [plans.find(self._hub, one) for one in told.get("plans", [told["plan"]])]
        made = first + [plans.find(self._hub, one) for one in told["follow_ups"]]
        ended: Counter[str] = Counter()
        for name, number in told["applied"].items():
            ended[name.rpartition(" ")[0]] += number
        for kind, number in told["planned"].items():
            if kind not in REMARKS:
                assert number == sum(plan.counts.get(kind, 0) for plan in first)
                assert ended[kind] == sum(plan.counts.get(kind, 0) for plan in made), (kind, told)
        for count, verb in (("created", "create"), ("updated", "update"), ("deleted", "delete")):
            done = [told["applied"].get(f"{name} done", 0) for name in (verb, f"{verb}_task")]
            assert told[count] == sum(done), (count, told)

    def _records_add_up(self, told: dict[str, Any]) -> None:
        """Of a record that was mapped something changes, or nothing does, or it waits for a person.

        What an undo reads are the changes that it takes back.
        """
        if not told["read"]:  # the plan was made by an earlier run
            return
        made = told.get("plans", [told["plan"]])
        undoes = plans.find(self._hub, told["plan"]).kind == "undo"
        counted = changes.c.n if undoes else changes.c.record_id
        query = (
            sa.select(changes.c.plan_id, sa.func.count(counted.distinct()))
            .where(changes.c.plan_id.in_(made), changes.c.verb.not_in([verb.value for verb in RESTING]))
            .group_by(changes.c.plan_id)
        )
        with self._hub.read() as connection:
            changed = sum(number for _, number in connection.execute(query))
        assert told["mapped"] == changed + told["unchanged"] + told["planned"]["conflict"], told


def test_the_counts_of_every_automation_add_up(
    run: Run, opened: Hub, vendor: RunningSandbox, tmp_path: Path
) -> None:
    go = Adding(run, opened)
    people, companies = tmp_path / "people.csv", tmp_path / "companies.csv"
    known, other, same = alone(vendor)[:3]
    people.write_text(PEOPLE.format(known=known, other=other, same=same), encoding="utf-8")
    companies.write_text(COMPANIES, encoding="utf-8")

    told = go("backfill_contacts")
    assert (told["created"] > 0, told["rejected"] > 0) == (True, True)
    vendor.edit(kind="contacts", id=known["id"], set={"city": "Graz"})
    assert go("sync_contacts")["updated"] == 1
    assert go("sync_contacts", full_pass="now")["updated"] == 0
    go("sync_businesses")

    told = go("import_contacts", file=str(people), dry_run=True)
    assert [told[name] for name in ("read", "mapped", "rejected", "merged", "unchanged")] == [8, 6, 1, 1, 1]
    assert [told["planned"][name] for name in ("create", "update", "tag_add", "conflict")] == [2, 1, 1, 1]
    assert go("apply_plan", plan=told["plan"], dry_run=True)["updated"] == 0
    vendor.edit(kind="contacts", id=other["id"], set={"firstName": "Meanwhile"})
    applied = go("apply_plan", plan=told["plan"])
    assert (applied["applied"].get("update stale"), len(applied["follow_ups"])) == (1, 1), applied
    assert go("import_contacts", file=str(people))["unchanged"] == 5
    go("replay_rejects", stream="file.contact", dry_run=True)
    go("replay_rejects", stream="file.contact")
    go("replay_rejects", stream="highlevel.contact")
    go("import_businesses", file=str(companies), dry_run=True)
    businesses = go("import_businesses", file=str(companies))
    assert (businesses["merged"], businesses["created"]) == (1, 1)
    for plan in (businesses["plan"], applied["plan"]):
        go("undo_plan", plan=plan, delete_created=True, dry_run=True)
        assert go("undo_plan", plan=plan, delete_created=True)["deleted"] > 0
    go("backfill_activity")
    tasks = tmp_path / "tasks.csv"
    tasks.write_text(TASKS.format(known=known), encoding="utf-8")
    told = go("import_records", stream="crm_task", file=str(tasks))
    assert [told[name] for name in ("read", "mapped", "rejected", "merged")] == [4, 2, 1, 1]
    assert go("import_records", stream="crm_task", file=str(tasks))["unchanged"] == 2
    go("sync_activity", contacts_in_turn=10)
    vendor.edit(kind="contacts", create={"firstName": "Ada", "companyName": "Engines", "type": "lead"})
    for automation in ("create_first_tasks", "link_businesses", "route_contacts", "notify_task_progress"):
        for asked in ({"dry_run": True}, {}, {"ids": [known["id"], other["id"]]}):
            go(automation, **asked)
    leads = vendor.lusha.records("people")
    some = [*leads[:3], *[one for one in leads if not one.get("contactId")][:5]]
    write_csv(tmp_path / "leads.csv", [*some, some[-1]])
    for asked in ({"dry_run": True}, {"max_credits": 13}, {}):
        go("push_leads", file=str(tmp_path / "leads.csv"), **asked)
    for asked in ({"dry_run": True}, {}):
        go("enrich_contacts", max_contacts=5, **asked)
        go("sync_job_changes", **asked)
        go("react_to_job_changes", **asked)
    handle(opened, of_person([other["email"]], []))
    assert go("remove_opted_out", dry_run=True)["updated"] == 0
    assert go("remove_opted_out")["updated"] == 1
    go("run_operation", operation="contacts.get-contact", parameters={"contactId": known["id"]})
    go("housekeeping", dry_run=True)
    go("housekeeping")
    assert go.seen == set(AUTOMATIONS)


def alone(vendor: RunningSandbox) -> list[dict[str, Any]]:
    """Contacts with names and an address of their own."""
    contacts = [one for one in vendor.records("contacts") if isinstance(one.get("email"), str)]
    emails = Counter(one["email"].lower() for one in contacts)
    return [
        one
        for one in contacts
        if emails[one["email"].lower()] == 1
        and one["email"].isascii()
        and str(one.get("phone")).startswith("+1")
        and one.get("firstName", "").isalpha()
        and one.get("lastName", "").isalpha()
    ]
