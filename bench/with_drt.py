"""Upserts with drt, a reverse-ETL tool: SQLite source, its ``rest_api`` destination, one request a record.

Set up as its documentation says, and in its favour: no rate limit (10 a second is its default), every sync
one batch (it opens a connection for each batch), telemetry off, the source it reads fastest here, its command
line called without a second interpreter. It sends a sync's records one after the other and has parallelism
between syncs alone, so the people are split into several syncs that ``--threads`` runs side by side.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

SYNCS = 4


def main(
    url: str, token: str, location: str, source: str, count: str, rate: str = "0", syncs: str = str(SYNCS)
) -> int:
    """Upsert every person of the file. Returns how many drt says it sent.

    Args:
        rate: Requests a second that each sync may send; 0 for no limit.

    Raises:
        RuntimeError: It failed, or did not send every person exactly once.
    """
    expected, shares = int(count), int(syncs)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _import(Path(source), folder / "people.db")
        _project(folder, url, location, expected, shares, float(rate))
        os.environ.update(HOME=name, HIGHLEVEL_TOKEN=token, DO_NOT_TRACK="1")
        results = _run(folder, shares)
    failed = [result for result in results if result["status"] != "success"]
    sent = sum(result["rows_synced"] for result in results)
    if failed or len(results) != shares or sent != expected:
        raise RuntimeError(f"drt: expected {expected} upserts in {shares} syncs, got {sent}; {failed}")
    return sent


def _import(source: Path, database: Path) -> None:
    """The CSV file as the table ``people``: drt reads databases."""
    with (
        source.open(encoding="utf-8", newline="") as file,
        contextlib.closing(sqlite3.connect(database)) as connection,
        connection,
    ):
        rows = csv.reader(file)
        header = next(rows)
        connection.execute(f"CREATE TABLE people ({', '.join(header)})")
        connection.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(header))})", rows)


def _project(folder: Path, url: str, location: str, count: int, syncs: int, rate: float) -> None:
    """What ``drt run`` reads: profile, project and syncs (YAML, of which JSON is a part)."""
    profile = {"local": {"type": "sqlite", "database": str(folder / "people.db")}}
    _write(folder / ".drt" / "profiles.yml", profile)
    _write(folder / "drt_project.yml", {"name": "bench", "profile": "local"})
    for share in range(syncs):
        _write(folder / "syncs" / f"people_{share}.yml", _sync(url, location, count, syncs, share, rate))


def _sync(url: str, location: str, count: int, syncs: int, share: int, rate: float) -> Any:
    columns = {"firstName": "first_name", "lastName": "last_name", "email": "email", "phone": "phone"}
    fields = {name: f"{{{{ row.{column} | tojson_safe }}}}" for name, column in columns.items()}
    body = ", ".join(
        f'"{name}": {value}' for name, value in {"locationId": f'"{location}"', **fields}.items()
    )
    destination = {
        "type": "rest_api",
        "url": f"{url}/contacts/upsert",
        "method": "POST",
        "headers": {"Version": "2021-07-28", "Content-Type": "application/json"},
        "auth": {"type": "bearer", "token_env": "HIGHLEVEL_TOKEN"},
        "body_template": f"{{{body}}}",
    }
    options = {
        "mode": "full",
        "batch_size": count,
        "rate_limit": {"requests_per_second": rate},
        "on_error": "fail",
    }
    model = f"SELECT * FROM people WHERE CAST(id AS INTEGER) % {syncs} = {share}"
    return {"name": f"people_{share}", "model": model, "destination": destination, "sync": options}


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def _run(folder: Path, syncs: int) -> list[Any]:
    """``drt run`` in the folder. Returns what it reports of each sync."""
    from drt.cli.main import app  # noqa: PLC0415 - after HOME is set

    with contextlib.chdir(folder), contextlib.redirect_stdout(sys.stderr):
        app(["run", "--output", "json", "--threads", str(syncs)], standalone_mode=False)
    results: list[Any] = json.loads((folder / "target/drt/run_results.json").read_text())["results"]
    return results


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
