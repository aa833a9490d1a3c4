"""Every way in which rows come in: records read are those that were mapped, rejected and merged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub

ROWS: tuple[dict[str, str], ...] = (
    {"first_name": "Uma", "last_name": "Twice", "email": "uma@sum.example", "phone": "+12125550131"},
    {"first_name": "John", "last_name": "Doe", "email": "jd@sum.example"},
    {"email": "no address"},
    {"first_name": "Uma", "last_name": "Twice", "email": "UMA@sum.example", "company": "Globex"},
    {"first_name": "Jane", "last_name": "Doe", "email": "jd@sum.example"},
    {"last_name": "Twice", "phone": "+1 212 555 0131", "city": "Graz"},
)
"""One of three rows; a couple that shares an address; one that is rejected."""

Run = Callable[..., Any]


def csv(rows: tuple[dict[str, str], ...]) -> str:
    names = ("first_name", "last_name", "email", "phone", "company", "city")
    return "\n".join([",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)])


def jsonl(rows: tuple[dict[str, str], ...]) -> str:
    return "\n".join(orjson.dumps(row).decode() for row in rows)


def added_up(ended: Any) -> None:
    counts, planned = ended.counts(), ended.tally.more["planned"]
    assert (counts["read"], counts["mapped"], counts["rejected"], counts["merged"]) == (6, 3, 1, 2)
    assert (
        counts["mapped"] == planned["create"] + planned["update"] + planned["conflict"] + counts["unchanged"]
    )


def check(vendor: RunningSandbox) -> None:
    contacts = vendor.records("contacts")
    [uma] = [one for one in contacts if one.get("email") == "uma@sum.example"]
    assert (uma["phone"], uma["companyName"], uma["city"]) == ("+12125550131", "Globex", "Graz")
    assert [one["firstName"] for one in contacts if one.get("email") == "jd@sum.example"] == ["John"]


@pytest.mark.parametrize("size", [2, 2500])
@pytest.mark.parametrize(("ending", "text"), [("csv", csv), ("jsonl", jsonl)])
def test_a_file(
    run: Run, vendor: RunningSandbox, tmp_path: Path, ending: str, text: Callable[..., str], size: int
) -> None:
    file = tmp_path / f"people.{ending}"
    file.write_text(text(ROWS), encoding="utf-8")
    added_up(run("import_contacts", file=str(file), batch_size=size))
    check(vendor)
    added_up(run("import_contacts", file=str(file), batch_size=size))


def test_a_query_and_the_replay_of_what_it_rejected(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path
) -> None:
    with opened.write() as connection:
        connection.execute(
            sa.text(
                "CREATE TABLE people (n INT, first_name TEXT, last_name TEXT, email TEXT, phone TEXT,"
                " company TEXT, city TEXT)"
            )
        )
        names = ("first_name", "last_name", "email", "phone", "company", "city")
        rows = [{"n": n, **{name: row.get(name) for name in names}} for n, row in enumerate(ROWS)]
        listed = ", ".join(f":{name}" for name in ("n", *names))
        connection.execute(sa.text(f"INSERT INTO people VALUES ({listed})"), rows)
    query = f"SELECT {', '.join(names)} FROM people ORDER BY n"
    added_up(run("import_contacts", query=query, batch_size=2))
    check(vendor)
    replayed = run("replay_rejects", stream="file.contact", system="hub").counts()
    assert (replayed["read"], replayed["rejected"], replayed["merged"]) == (1, 1, 0)
