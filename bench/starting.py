"""How long a command takes that has nothing, or next to nothing, to do; whole processes.

    python -m bench.starting [--repeat 5]

Beside them stands ``python -c "import prefect"``, which a run cannot be quicker than. A sync has nothing to
do when it was run before and nothing was edited since.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import processes
from bench.findings import Finding, keep
from cli import prefect_server
from sandbox import process

CONTACTS = 1_000
PREFECT = "import prefect"
RUN = "run sync_contacts, nothing to do, a server there"
RUN_ALONE = "run sync_contacts, nothing to do, no server there"
FIRST_VALIDATION = "mappings validate, for the first time"
COMMANDS: dict[str, tuple[list[str], float]] = {
    "lusha-connect --help": (["--help"], 0.6),
    "plans list": (["plans", "list"], 0.6),
    "rejects list": (["rejects", "list"], 0.6),
    FIRST_VALIDATION: (["mappings", "validate"], 1.5),
    "mappings validate": (["mappings", "validate"], 1.5),
}
"""What is typed, and the seconds aimed at."""

SERVED, TIMES, ALONE = 3.0, 2.0, 8.0
"""Seconds with a server, how many times as long as Prefect's import, and seconds without a server."""


@dataclass
class Lanes:
    """The seconds of every round, by lane."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Run it once and keep its seconds."""
        ended = processes.run([sys.executable, *command], environment)
        self.seconds.setdefault(name, []).append(ended.seconds)
        print(f"{ended.seconds:6.2f} s {ended.memory:6.0f} MB  {name}", file=sys.stderr)

    def median(self, name: str) -> float:
        """Seconds."""
        return median(self.seconds[name])


def measured(repeat: int) -> Lanes:
    """Every lane ``repeat`` times, in turn."""
    lanes = Lanes()
    with (
        tempfile.TemporaryDirectory() as name,
        prefect_server.server(Path(name) / "prefect") as api,
        process.start(contacts=CONTACTS, seed=1, quota="off") as vendor,
    ):
        alone = processes.environment(vendor, processes.new_hub(Path(name)))
        served = alone | {"PREFECT_API_URL": api}
        run = ["-m", "cli", "run", "sync_contacts", "--json"]
        for _ in range(2):
            processes.run([sys.executable, *run], served)
        for _ in range(repeat):
            lanes.measure(PREFECT, ["-c", "import prefect"], alone)
            for command, (words, _aim) in COMMANDS.items():
                if command == FIRST_VALIDATION:
                    alone["XDG_CACHE_HOME"] = tempfile.mkdtemp(dir=name)
                lanes.measure(command, ["-m", "cli", *words], alone)
            lanes.measure(RUN, run, served)
            lanes.measure(RUN_ALONE, run, alone)
    return lanes


def findings(lanes: Lanes) -> Iterator[Finding]:
    """The lanes beside their aims."""
    for command, (_, aim) in COMMANDS.items():
        seconds = lanes.median(command)
        yield Finding(f"`{command}`", f"≤ {aim} s", f"{seconds:.2f} s", seconds <= aim)
    seconds, least = lanes.median(RUN), lanes.median(PREFECT)
    ratio = seconds / least
    told = f"{seconds:.1f} s, {ratio:.1f} times"
    aim = f"≤ {SERVED:.0f} s, ≤ {TIMES:.0f} times `{PREFECT}`"
    yield Finding(f"`{RUN}`", aim, f"{told} ({least:.2f} s)", seconds <= SERVED and ratio <= TIMES)
    seconds = lanes.median(RUN_ALONE)
    yield Finding(f"`{RUN_ALONE}`", f"≤ {ALONE:.0f} s", f"{seconds:.1f} s", seconds <= ALONE)


def run(repeat: int) -> None:
    """Measure, and keep what was found."""
    keep("starting", list(findings(measured(repeat))))


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.starting", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    run(parser.parse_args().repeat)


if __name__ == "__main__":
    main()
