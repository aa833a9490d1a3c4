"""``lusha-connect run housekeeping``: counts for people and for programs, before and after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tasks.hub.engine import Hub
from tasks.hub.tables import plans


def test_it_is_told_what_goes_and_how_long_things_are_kept(
    lusha_connect: Any, hub: Hub, people: Callable[..., str]
) -> None:
    file = people({"Email": "one@cli.example"}, {"Email": "two@cli.example"})
    assert lusha_connect("run", "import_contacts", "--param", f"file={file}", "--dry-run").code == 0
    with hub.write() as connection:
        connection.execute(sa.update(plans).values(made_at=datetime.now(UTC) - timedelta(days=366)))
    expected = {"plans": 1, "changes": 2, "runs": 0, "reviews": 0, "notices": 0, "journal": 0}
    before = lusha_connect("run", "housekeeping", "--dry-run")
    assert "housekeeping: done" in before.out
    assert any("to remove" in line for line in before.lines)
    assert lusha_connect("run", "housekeeping", "--dry-run", "--json").json["to_remove"] == expected
    done = lusha_connect("run", "housekeeping", "--json")
    assert (done.code, done.json["removed"]) == (0, expected)
    assert lusha_connect("run", "housekeeping", "--json").json["removed"] == dict.fromkeys(expected, 0)
    assert "No plans." in lusha_connect("plans", "list").out
