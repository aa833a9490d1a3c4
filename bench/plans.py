"""What the README claims about plans: pace under a quota, rate without one, planning of unchanged records.

    python -m bench.plans [--lanes quota,rate,unchanged] [--repeat 3]

* **quota**: 2,000 contacts, half new and half known, under 100 requests in 10 seconds: how much longer than
  the quota allows, and how many answers were 429.
* **rate**: 2,000 new contacts with the quota off, whole processes side by side: ours; drt-core as it comes
  (10 requests a second for each sync) and with its limit off; one Prefect task for each record.
* **unchanged**: 50,000 and 100,000 records that are all there already: requests that write, records planned
  a second, peak memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from bench import people_file, processes
from bench.findings import Finding, keep
from bench.processes import Ended
from cli import prefect_server
from sandbox import process
from tasks.hub.engine import Hub
from tasks.hub.tables import runs

RECORDS = 2_000
FEW = 200  # for what takes its time on purpose
LARGE = (50_000, 100_000)
READING = ("GET ", "POST /contacts/search")
QUOTA, INTERVAL = 100, 10.0
LATER, PLANNED = 0.02, 30_000
AS_IT_COMES, UNLIMITED, BY_TASK = "drt as it comes", "drt, limit off", "a Prefect task for each record"
TIMES = {BY_TASK: 3, AS_IT_COMES: 3, UNLIMITED: 1}
"""How many times as fast as another lane ours is to be."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What the lanes share: a folder, a Prefect server, how often."""

    folder: Path
    api: str
    repeat: int


def quota(bench: Bench) -> Iterator[Finding]:
    """How a plan is paced: once each, because each takes more than three minutes."""
    file = bench.folder / "people.csv"
    people_file.write(file, RECORDS, seed=1)
    for recheck in ("by search", "each record"):
        with process.start(contacts=0, seed=1, quota=f"{QUOTA}/10s") as vendor:
            hub = _new_hub(bench)
            _know(vendor, file, RECORDS // 2)
            plan = _ours(bench, vendor, hub, "import_contacts", f"file={file}", "dry_run=true")
            before = vendor.requests()["total"]
            plan_id = json.loads(plan.output)["plan"]
            _ours(bench, vendor, hub, "apply_plan", f"plan={plan_id}", f"recheck={recheck}")
            requests = vendor.requests()
            seconds = _step(hub, "apply_plan", "apply")
        sent = requests["total"] - before
        refused = sum(one.get("429", 0) for one in requests["operations"].values())
        allowed = processes.allowed(sent, QUOTA, INTERVAL)
        over = seconds / allowed - 1
        told = f"{over:+.1%} ({seconds:.1f} s of {allowed:.1f} s), {refused} of {sent:,} answers 429"
        work = f"{RECORDS:,} upserts under {QUOTA} requests in {INTERVAL:.0f} s, recheck={recheck}"
        yield Finding(work, "≤ 2 % longer than the quota allows, no 429", told, over <= LATER and not refused)


def rate(bench: Bench) -> Iterator[Finding]:
    """Contacts a second, whole processes, one after the other in each round.

    Each lane has a Prefect server of its own: one works for a minute on what thousands of task runs left it.
    """
    lanes: dict[str, tuple[int, Callable[[Bench, Any, Path], Ended]]] = {
        "ours": (RECORDS, _ours_new),
        UNLIMITED: (RECORDS, lambda *lane: _module(*lane, RECORDS, name="with_drt")),
        AS_IT_COMES: (FEW, lambda *lane: _module(*lane, FEW, "10", "1", name="with_drt")),
        BY_TASK: (RECORDS, lambda *lane: _module(*lane, RECORDS, name="task_per_record")),
    }
    found: dict[str, list[float]] = {name: [] for name in lanes}
    for _ in range(bench.repeat):
        for name, (count, lane) in lanes.items():
            file = bench.folder / f"people-{count}.csv"
            people_file.write(file, count, seed=1)
            home = Path(tempfile.mkdtemp(dir=bench.folder))
            with (
                prefect_server.server(home) as api,
                process.start(contacts=0, seed=1, quota="off") as vendor,
            ):
                ended = lane(replace(bench, api=api), vendor, file)
                _expect(name, len(vendor.records("contacts")), count)
            found[name].append(count / ended.seconds)
            print(f"{name}: {count / ended.seconds:.0f} contacts/s", file=sys.stderr)
    ours = found["ours"]
    for name, times in TIMES.items():
        ratio = median(mine / other for mine, other in zip(ours, found[name], strict=True))
        told = f"{ratio:.2f} times ({median(ours):,.0f} a second, {median(found[name]):,.0f})"
        work = f"{RECORDS:,} new contacts, no quota, beside {name}"
        yield Finding(work, f"≥ {times} times as fast", told, ratio >= times)


def unchanged(bench: Bench) -> Iterator[Finding]:
    """Importing what is all there: the second time, when every record is linked."""
    for size in LARGE:
        with process.start(contacts=size, seed=1, quota="off") as vendor:
            hub, file = _new_hub(bench), bench.folder / "all.csv"
            # In a process of its own: what the kernel tells of a child's memory begins with its parent's.
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                count = pool.submit(_export, vendor, file).result()
            _ours(bench, vendor, hub, "import_contacts", f"file={file}")
            before, rates = _writes(vendor), []
            for _ in range(bench.repeat):
                ended = _ours(bench, vendor, hub, "import_contacts", f"file={file}")
                rates.append(count / _step(hub, "import_contacts", "plan"))
            writes = _writes(vendor) - before
        planned = median(rates)
        told = f"{planned:,.0f} a second, {writes} requests that write, {ended.memory:.0f} MB"
        work = f"{count:,} unchanged records planned"
        yield Finding(work, f"≥ {PLANNED:,} a second", told, planned >= PLANNED and not writes)


def _ours_new(bench: Bench, vendor: Any, file: Path) -> Ended:
    return _ours(bench, vendor, _new_hub(bench), "import_contacts", f"file={file}", "recheck=by search")


def _ours(bench: Bench, vendor: Any, hub: str, automation: str, *parameters: str) -> Ended:
    words = [word for parameter in parameters for word in ("--param", parameter)]
    command = [sys.executable, "-m", "cli", "run", automation, *words, "--json"]
    return processes.run(command, processes.environment(vendor, hub, bench.api))


def _module(bench: Bench, vendor: Any, file: Path, count: int, *more: str, name: str) -> Ended:
    arguments = [vendor.url, vendor.token, vendor.location_id, str(file), str(count), *more]
    environment = os.environ | prefect_server.QUIET | {"PREFECT_API_URL": bench.api}
    return processes.run([sys.executable, "-m", f"bench.{name}", *arguments], environment)


def _new_hub(bench: Bench) -> str:
    return processes.new_hub(bench.folder)


def _step(hub_url: str, automation: str, step: str) -> float:
    """Seconds that the automation's last run spent on a step."""
    newest = sa.select(runs.c.tally).where(runs.c.automation == automation).order_by(runs.c.started_at.desc())
    with closing(Hub(hub_url)) as hub, hub.read() as connection:
        tally = connection.execute(newest.limit(1)).scalar_one()
    return float(tally["seconds"][step])


def _know(vendor: Any, file: Path, count: int) -> None:
    """Put the file's first people into the vendor's account, under other names."""
    with file.open(encoding="utf-8", newline="") as stream:
        for row in list(csv.DictReader(stream))[:count]:
            vendor.edit(
                kind="contacts",
                create={
                    "email": row["email"],
                    "phone": row["phone"],
                    "firstName": "Old",
                    "dateUpdated": "2020-01-01T00:00:00.000Z",
                },
            )


def _export(vendor: Any, file: Path) -> int:
    """Every contact with an address of its own, as a file. Returns how many."""
    seen: set[str] = set()
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "email", "first_name", "last_name", "city"])
        for contact in vendor.records("contacts"):
            email = contact.get("email")
            if not isinstance(email, str) or not email.isascii() or email.lower() in seen or "@" not in email:
                continue
            seen.add(email.lower())
            told = [contact.get(key) for key in ("firstName", "lastName", "city")]
            writer.writerow([contact["id"], email, *(text if isinstance(text, str) else "" for text in told)])
    return len(seen)


def _writes(vendor: Any) -> int:
    operations = vendor.requests()["operations"]
    return sum(
        sum(outcomes.values()) for name, outcomes in operations.items() if not name.startswith(READING)
    )


def _expect(lane: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise RuntimeError(f"{lane}: expected {wanted} contacts, found {found}")


LANES = {"quota": quota, "rate": rate, "unchanged": unchanged}


def run(lanes: Sequence[str] = tuple(LANES), repeat: int = 3) -> None:
    """Run lanes, and keep what was found, each by itself."""
    with tempfile.TemporaryDirectory() as name, prefect_server.server(Path(name) / "prefect") as api:
        for lane in lanes:
            keep(f"plans-{lane}", list(LANES[lane](Bench(Path(name), api, repeat))))


def main() -> None:
    """Run the lanes that are asked for and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.plans", description=__doc__)
    parser.add_argument("--lanes", type=lambda text: text.split(","), default=list(LANES))
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    run(options.lanes, options.repeat)


if __name__ == "__main__":
    main()
