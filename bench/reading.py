"""How near reading comes to what a quota allows, and whether memory grows with what is read.

    python -m bench.reading [--contacts 200000] [--large 1000000]

* **quota**: a first load under 100 requests in 10 seconds, in pages of 500. The quota allows the last request
  so long after the first; the run may end 3 % later, with all that it read mapped, checked and stored.
* **memory**: the peak of a first load of 50,000 contacts and of a million, the quota off.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import processes
from bench.findings import Finding, keep
from bench.processes import Ended
from cli import prefect_server
from sandbox import process
from tasks.hub.engine import Hub
from tasks.hub.tables import runs

CONTACTS, SMALL, LARGE = 200_000, 50_000, 1_000_000
QUOTA, INTERVAL, PAGE = 100, 10.0, 500
LATER, MEMORY, GROWTH = 1.03, 400, 1.1


def under_quota(api: str, folder: Path, contacts: int) -> Finding:
    """A first load under a quota."""
    hub = processes.new_hub(folder)
    with process.start(contacts=contacts, seed=1, quota=f"{QUOTA}/{INTERVAL:.0f}s") as vendor:
        _load(api, hub, vendor, contacts)
        requests = vendor.requests()
    refused = sum(one.get("429", 0) for one in requests["operations"].values())
    allowed = processes.allowed(requests["total"], QUOTA, INTERVAL)
    seconds = _seconds(hub)
    told = f"{seconds / allowed - 1:+.1%} ({seconds:.1f} s of {allowed:.1f} s), {refused} answers 429"
    work = f"{contacts:,} contacts under {QUOTA} requests in {INTERVAL:.0f} s"
    return Finding(
        work, "≤ 3 % longer than the quota allows", told, seconds <= LATER * allowed and not refused
    )


def memory(api: str, folder: Path, large: int) -> Finding:
    """First loads of few contacts and of many."""
    peaks = []
    for contacts in (SMALL, large):
        with process.start(contacts=contacts, seed=1, quota="off") as vendor:
            peaks.append(_load(api, processes.new_hub(folder), vendor, contacts).memory)
    few, many = peaks
    return Finding(
        f"{SMALL:,} and {large:,} contacts: memory",
        f"flat, ≤ {MEMORY} MB",
        f"{few:.0f} MB and {many:.0f} MB",
        many <= MEMORY and many <= few * GROWTH,
    )


def _load(api: str, hub: str, vendor: Any, contacts: int) -> Ended:
    command = [sys.executable, "-m", "cli", "run", "backfill_contacts", "--json"]
    ended = processes.run(command, processes.environment(vendor, hub, api))
    if (read := json.loads(ended.output)["read"]) != contacts:
        raise RuntimeError(f"expected {contacts} contacts, got {read}")
    return ended


def _seconds(hub_url: str) -> float:
    """How long the hub's one run took."""
    with closing(Hub(hub_url)) as hub, hub.read() as connection:
        began, ended = connection.execute(sa.select(runs.c.started_at, runs.c.finished_at)).one()
    seconds: float = (ended - began).total_seconds()
    return seconds


def run(contacts: int = CONTACTS, large: int = LARGE) -> None:
    """Measure, and keep what was found."""
    with tempfile.TemporaryDirectory() as name, prefect_server.server(Path(name) / "prefect") as api:
        keep("reading", [under_quota(api, Path(name), contacts), memory(api, Path(name), large)])


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--large", type=int, default=LARGE)
    options = parser.parse_args()
    if options.contacts <= QUOTA * PAGE:
        parser.error(f"--contacts: more than {QUOTA * PAGE:,}, or the quota holds nothing up")
    run(options.contacts, options.large)


if __name__ == "__main__":
    main()
