"""``lusha-connect rejects``: the rows that failed, for the person who mends them."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from flows.cli import console
from flows.cli.hub import open_hub
from tasks.errors import BadConfigurationError
from tasks.hub.tables import rejects


def list_rejects(limit: int, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    newest = sa.select(rejects).order_by(rejects.c.synced_at.desc(), rejects.c.id).limit(limit)
    with open_hub() as hub, hub.read() as connection:
        rows = [dict(row) for row in connection.execute(newest).mappings()]
        total = connection.execute(sa.select(sa.func.count()).select_from(rejects)).scalar_one()
    if as_json:
        console.print_json([_plain(row) for row in rows])
        return 0
    if not rows:
        console.out.print("No rejects.")
        return 0
    shown = [(row["id"], row["stream"], _reasons(row), f"{row['synced_at']:%Y-%m-%d %H:%M}") for row in rows]
    columns = {"record": "left", "stream": "left", "reasons": "left", "since (UTC)": "left"}
    console.table(f"{len(rows)} of {total:,} rejects", columns, shown)
    console.out.print("One of them whole: lusha-connect rejects show RECORD", highlight=False, soft_wrap=True)
    return 0


def show_reject(record: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub, hub.read() as connection:
        rows = connection.execute(sa.select(rejects).where(rejects.c.id == record)).mappings().all()
    if not rows:
        raise BadConfigurationError(f"There is no reject {record!r}.", remedy="lusha-connect rejects list")
    for row in rows:
        plain = _plain(dict(row))
        if as_json:
            console.print_json(plain)
            continue
        console.out.print(
            f"{row['stream']} {row['id']} of location {row['location_id']}", highlight=False, soft_wrap=True
        )
        for reason in row["reasons"]:
            console.out.print(
                f"  ✗ {reason['rule']} {reason['field']}: {reason['message']}", markup=False, soft_wrap=True
            )
        console.out.print_json(data=plain["raw"])
    return 0


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "stream", "location_id", "mapping", "reasons", "run_id", "synced_at")
    return {name: row[name] for name in kept} | {"raw": _raw(row["payload"])}


def _raw(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload


def _reasons(row: dict[str, Any]) -> str:
    return "; ".join(reason["message"] for reason in row["reasons"])
