"""The notices that rules make: what somebody is to be told, ready to be kept."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.core.batch import Row
from tasks.hub.notices import Notice
from tasks.mapping.rules.compile import Rules
from tasks.run.judging import Fired
from tasks.run.rule_rows import RuleRows


def notices_of(rules: Rules, source: RuleRows, page: str) -> Iterator[Notice]:
    """The notices of a run, each with the key of its event.

    Args:
        page: Address of a contact's page, with ``{}`` for its id.
    """
    for one, row in source.each():
        yield _notice(rules, one, row, page)


def _notice(rules: Rules, one: Fired, row: Row, page: str) -> Notice:
    firing = one.firing
    event = str(row.get("key") or one.event or firing.n)
    return Notice(
        key=f"{firing.name} · {firing.subject} · {event}",
        rules=rules.name,
        rule=one.rule.key,
        channel=str(row["channel"]),
        subject=str(row.get("subject") or ""),
        text=str(row["text"]),
        made_at=firing.fired_at,
        run_id=firing.run_id,
        link=page.format(firing.about) if firing.about else "",
        digest=row.get("digest"),
        contact_id=firing.about or None,
        why={"file": rules.file, "line": one.rule.line, "seq": firing.seq},
    )
