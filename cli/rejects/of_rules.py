"""What rules could not judge or make: no mapping reads it again, the rules themselves have to run again."""

from __future__ import annotations

import orjson
import sqlalchemy as sa

from tasks.core.errors import BadConfigurationError
from tasks.core.remedies import by_command
from tasks.core.words import counted
from tasks.hub.engine import Hub
from tasks.hub.tables import rejects, runs
from tasks.streams import RULES

IDS = 5
"""Records that are named; more are worked through with all others."""


def of_rules(stream: str) -> bool:
    """Whether the rejects of a stream are those of rules."""
    return stream.startswith(f"{RULES}.")


def judged_again(hub: Hub, location_id: str, stream: str, reject: str = "") -> BadConfigurationError:
    """What to do about the rejects of rules.

    Args:
        reject: One of them; "" for all of the stream.
    """
    query = sa.select(runs.c.automation, rejects.c.payload).select_from(
        rejects.outerjoin(runs, runs.c.id == rejects.c.run_id)
    )
    mine = (rejects.c.location_id == location_id, rejects.c.stream == stream)
    with hub.read() as connection:
        found = connection.execute(query.where(*mine, rejects.c.id == reject if reject else sa.true())).all()
    again: dict[tuple[str, str], dict[str, None]] = {}
    for automation, payload in found:
        if judged := _judged(payload):
            rules, subject = judged
            again.setdefault((automation or "AUTOMATION", rules), {})[subject] = None
    commands = [_command(*which, list(subjects)) for which, subjects in again.items()]
    if found and not commands:
        commands = ["plans apply PLAN --retry-failed"]
    told = "; ".join(map(by_command, commands))
    return BadConfigurationError(
        f"{counted(len(found), 'reject')} of {stream}: no mapping reads them, their rules judge them again.",
        remedy=f"After correcting the records or the rules, {told}" if told else "",
    )


def _command(automation: str, rules: str, subjects: list[str]) -> str:
    which = f"ids={orjson.dumps(subjects).decode()}" if len(subjects) <= IDS else "scope=all"
    return f"run {automation} --param rules={rules} --param '{which}'"


def _judged(payload: str) -> tuple[str, str] | None:
    """The rules file and the record that it could not judge; None of a row that was refused."""
    try:
        raw = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(raw, dict) or not {"rule", "id"} <= raw.keys():
        return None
    return str(raw["rule"]).rpartition(".")[0], str(raw["id"])
