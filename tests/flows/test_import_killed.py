"""An import that is killed again and again ends as one that nobody disturbed: nothing lost, nothing twice."""

from __future__ import annotations

import csv
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox import process
from tasks.core.batch import canonical_json
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS, changes, links, provenance, runs
from tests import chance
from tests.databases import new_file

KILLS = chance.many("RANDOM_KILLS", 1)
"""On each kind of database."""
RECORDS, FILES = 100, 2 + KILLS // 3
READING = ("GET ", "POST /contacts/search")


@pytest.fixture(scope="module")
def slow_vendor() -> Any:
    """A sandbox that takes its time, so that a kill falls anywhere in the run."""
    with process.start(contacts=300, seed=13, quota="off", latency=0.02) as running:
        yield running


def settings(vendor: process.RunningSandbox, hub_url: str, api: str) -> dict[str, str]:
    return {
        "PREFECT_API_URL": api,
        "LUSHA_CONNECT_HUB_URL": hub_url,
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
    }


def written_file(path: Path, contacts: list[dict[str, Any]], number: int, dice: random.Random) -> Path:
    """People who are new, with and without an address, and people who are there."""
    rows = []
    for n in range(RECORDS):
        person = {"Email": "", "Phone": "", "First Name": f"First{n}", "Last Name": f"File{number}"}
        roll = dice.random()
        if roll < 0.3:
            person["Email"] = f"new{n}@file{number}.example"
        elif roll < 0.4:
            person["Phone"] = f"+1650253{number}{n:03}"
        elif roll < 0.85:
            person |= {"Email": dice.choice(contacts)["email"], "Company": f"Company {n}"}
        tags = dice.choice(("", "fair", "fair, vip"))
        rows.append({"ID": f"{number}-{n}", **person, "Tags": tags, "Notes": dice.choice(("", f"Note {n}"))})
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(
            stream, ["ID", "Email", "Phone", "First Name", "Last Name", "Company", "Tags", "Notes"]
        )
        writer.writeheader()
        writer.writerows(rows)
    os.utime(path, (time.time() - 3600,) * 2)  # older than what the import itself changes
    return path


def writes(vendor: process.RunningSandbox) -> int:
    operations = vendor.requests()["operations"]
    return sum(sum(told.values()) for name, told in operations.items() if not name.startswith(READING))


def words(file: Path) -> tuple[str, ...]:
    return ("run", "import_contacts", "--param", f"file={file}", "--json")


def killed(forks: Any, environment: dict[str, str], file: Path, vendor: Any, wait: float) -> bool:
    """Start the import and kill it after its first request that writes; False where it was quicker."""
    before = writes(vendor)
    running = forks.run(environment, *words(file))
    while writes(vendor) == before and running.is_alive():
        time.sleep(0.01)
    time.sleep(wait)
    running.kill()
    running.join()
    return bool(running.exitcode == -signal.SIGKILL)


def content(vendor: process.RunningSandbox, hub: Hub) -> dict[str, list[str]]:
    contacts = vendor.records("contacts")
    names = {one["id"]: told(one) for one in contacts}
    mirror, origin = MIRRORS["hub.contact"].c, provenance.c
    with hub.read() as connection:
        held = connection.execute(
            sa.select(mirror.id, mirror.email, mirror.company_name, mirror.tags, mirror.deleted_at)
        ).all()
        linked = connection.execute(sa.select(links.c.record_id, links.c.stream, links.c.target_id)).all()
        origins = connection.execute(
            sa.select(origin.id, origin.field, origin.system, origin.value).where(
                origin.field != "date_updated"
            )
        ).all()
        sending = connection.execute(sa.select(changes.c.n).where(changes.c.state == "sending")).all()
    found = {
        "contacts": list(names.values()),
        "notes": [f"{names[one['contactId']]} {one['body']}" for one in vendor.records("notes")],
        "mirror": [f"{names[id_]} {rest}" for id_, *rest in held],
        "links": [f"{record} {names.get(target, stream)}" for record, stream, target in linked],
        "origins": [f"{names[id_]} {rest}" for id_, *rest in origins],
        "under way": list(map(str, sending)),
    }
    return {kind: sorted(lines) for kind, lines in found.items()}


def told(contact: dict[str, Any]) -> str:
    left_out = ("dateAdded", "dateUpdated", "id")
    return canonical_json({key: value for key, value in contact.items() if key not in left_out})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_import_survives_any_kill(
    kind: str,
    slow_vendor: Any,
    forks: Any,
    prefect_api: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    dice = chance.dice("kills of an import", kind)
    slow_vendor.reset()
    known = [one for one in slow_vendor.records("contacts") if "@" in one.get("email", "")]
    files = [written_file(tmp_path / f"{n}.csv", known, n, dice) for n in range(FILES)]
    url = new_file(tmp_path / "killed.db")
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url")
    environment = settings(slow_vendor, url, prefect_api)
    kills, used = 0, []
    for file in files:
        used.append(file)
        while kills < KILLS and killed(forks, environment, file, slow_vendor, dice.uniform(0, 0.2)):
            kills += 1
        forks.through(environment, *words(file))
        if kills == KILLS:
            break
    before = writes(slow_vendor)
    for file in used:
        forks.through(environment, *words(file))
    assert writes(slow_vendor) == before
    disturbed = Hub(url)
    killed_content = content(slow_vendor, disturbed)
    with disturbed.read() as connection:
        states = connection.execute(sa.select(runs.c.state)).scalars().all()
    disturbed.close()
    print(f"{kills} kills in {len(used)} files, {states.count('interrupted')} runs interrupted in the ledger")

    slow_vendor.reset()
    plain = Hub(new_file(tmp_path / "undisturbed.db"))
    environment = settings(slow_vendor, str(plain.engine.url), prefect_api)
    for file in (*used, used[-1]):
        forks.through(environment, *words(file))
    expected = content(slow_vendor, plain)
    plain.close()
    for kind_, lines in expected.items():
        assert killed_content[kind_] == lines
    assert kills == KILLS
