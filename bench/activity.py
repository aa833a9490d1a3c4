"""What is claimed about tasks, notes and appointments, and about the journal.

    python -m bench.activity [--lanes requests,journal] [--sizes 1000,10000] [--repeat 3]

* **requests**: of the first load, and of a sync after one contact in a hundred was edited, against the least
  that they could take (``bounds.py``) and against the naive way.
* **journal**: 100,000 contacts into a new hub, with the journal and without it, turn by turn.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench import processes
from bench.bounds import Account
from cli import prefect_server
from sandbox import process

MANY = 100_000
ONE_IN = 100


@dataclass(frozen=True, slots=True)
class Bench:
    """What the lanes share: a folder, a Prefect server, how many contacts, how often."""

    folder: Path
    api: str
    sizes: list[int]
    repeat: int


def requests(bench: Bench) -> Iterator[str]:
    """Requests, counted by the sandbox: they are the same each time."""
    yield "| contacts | run | requests | at least | ours : least | naive | naive : ours |"
    yield "|---:|---|---:|---:|---:|---:|---:|"
    for size in bench.sizes:
        with process.start(contacts=size, seed=1, quota="off", activity=True) as vendor:
            hub = processes.new_hub(bench.folder)
            there = Account(size, len(vendor.records("tasks")), len(vendor.records("calendars")))
            first = _ours(bench, vendor, hub, "backfill_activity")
            yield _line(size, "first load", first, there.first_load(), there.naive())
            edited = vendor.records("contacts")[::ONE_IN]
            for contact in edited:
                vendor.edit(kind="contacts", id=contact["id"], set={"city": "Graz"})
            sync = _ours(bench, vendor, hub, "sync_activity", "--param", "contacts_in_turn=0")
            yield _line(size, "sync, 1 % changed", sync, there.sync(len(edited)), there.naive())


def journal(bench: Bench) -> Iterator[str]:
    """Seconds of whole processes; the ratio of each round's two, and the median of these."""
    yield "| contacts | with the journal | without | with : without |"
    yield "|---:|---:|---:|---:|"
    found: list[tuple[float, float]] = []
    with process.start(contacts=MANY, seed=1, quota="off") as vendor:
        for _ in range(bench.repeat):
            pair = _load(bench, vendor, "cli"), _load(bench, vendor, "bench.without_journal")
            print(f"with {pair[0]:.1f} s, without {pair[1]:.1f} s", file=sys.stderr)
            found.append(pair)
    with_it, without = (median(seconds) for seconds in zip(*found, strict=True))
    ratio = median(first / second for first, second in found)
    yield f"| {MANY:,} | {with_it:.1f} s | {without:.1f} s | {ratio:.2f} |"


def _line(size: int, run: str, ours: int, least: int, naive: int) -> str:
    return (
        f"| {size:,} | {run} | {ours:,} | {least:,} | {ours / least:.3f} | {naive:,} | {naive / ours:.1f} |"
    )


def _ours(bench: Bench, vendor: Any, hub: str, *words: str) -> int:
    """Run an automation; how many requests it sent."""
    before = vendor.requests()["total"]
    _run(bench, vendor, hub, "cli", *words)
    return int(vendor.requests()["total"] - before)


def _load(bench: Bench, vendor: Any, program: str) -> float:
    ended = _run(bench, vendor, processes.new_hub(bench.folder), program, "backfill_contacts")
    if (read := json.loads(ended.output)["read"]) != MANY:
        raise RuntimeError(f"{program}: expected {MANY} contacts, got {read}")
    return ended.seconds


def _run(bench: Bench, vendor: Any, hub: str, program: str, *words: str) -> processes.Ended:
    command = [sys.executable, "-m", program, "run", *words, "--json"]
    return processes.run(command, processes.environment(vendor, hub, bench.api))


LANES = {"requests": requests, "journal": journal}


def main() -> None:
    """Run the lanes that are asked for and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.activity", description=__doc__)
    parser.add_argument("--lanes", type=lambda text: text.split(","), default=list(LANES))
    parser.add_argument(
        "--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[1_000, 10_000]
    )
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, prefect_server.server(Path(name) / "prefect") as api:
        for lane in options.lanes:
            for line in LANES[lane](Bench(Path(name), api, options.sizes, options.repeat)):
                print(line, flush=True)
            print()


if __name__ == "__main__":
    main()
