"""Plans and their changes: what is to be written to a vendor, kept before, while and after it happens.

A change is marked as *sending* in a transaction of its own before its request leaves, and gets its end in
the transaction that records the effect. What is found as sending when nobody is at work was interrupted.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import canonical_json
from tasks.core.change import Change, FieldChange, State, Verb, plain_row
from tasks.hub import naming
from tasks.hub.engine import Hub
from tasks.hub.tables import IS_SENDING, changes, plans, runs
from tasks.hub.upsert import among
from tasks.streams import DEFAULT_TARGET, OPERATIONS, Operation

TO_APPLY = ("ready", "applying", "stopped")
"""States of a plan of which something is still to be written."""


@dataclass(slots=True)
class Plan:
    """A plan without its changes.

    Args:
        kind: ``import``, ``follow-up``, ``undo``, ``opt-out``, or what else made it.
        about: What it was made from, for people.
        spec: How it was made: matching, fields and policies, as ``tasks.plan.spec`` has them.
        state: ``planning``, ``ready``, ``applying``, ``stopped``, ``applied``.
        counts: Records read, mapped, rejected, and changes by the name of their operation.
        bill: What carrying it out takes, as ``tasks.plan.bill`` has it.
        digest: Hash of its changes.
    """

    run_id: str
    automation: str
    location_id: str
    kind: str
    about: str
    spec: dict[str, Any]
    parent_id: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    state: str = "planning"
    counts: dict[str, int] = field(default_factory=dict)
    bill: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    approved_by: str | None = None
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    applied_at: datetime | None = None

    @property
    def target(self) -> str:
        """The stream that it writes."""
        target: str = self.spec.get("target", DEFAULT_TARGET)
        return target

    @property
    def is_a_sources(self) -> bool:
        """Whether its changes are what a source's records ask for, and not what takes something away."""
        return self.kind not in (UNDO, OPT_OUT)


UNDO = "undo"
"""The kind of a plan that takes back what others did."""

OPT_OUT = "opt-out"
"""The kind of a plan that removes values whose owners opted out."""

WITHOUT_KEY = "create_without_key"
"""Under which name a plan counts the new records that have none of the keys by which they are found."""

LEFT_OVER = "address_left_over"
"""Under which name a plan counts the records with an address that their counterpart does not get."""

FOLLOW_UP = "follow_up"
"""Where a change's result names the plan that goes on with it."""

_IS_OPEN = sa.text(f"changes.state IN ('{State.PLANNED}', '{State.SENDING}')")

REMOVING = "removing"
"""The state of a plan that is being removed (``tasks.hub.retention``); nobody sees it any more."""

_THERE = plans.c.state != REMOVING


def insert(connection: sa.Connection, plan: Plan) -> None:
    """Keep a new plan."""
    connection.execute(sa.insert(plans).values(asdict(plan)))


def update(connection: sa.Connection, plan_id: str, **values: Any) -> None:
    """Change what is known about a plan."""
    connection.execute(sa.update(plans).where(plans.c.id == plan_id).values(**values))


def state_of(connection: sa.Connection, plan_id: str) -> str | None:
    """The state of a plan; None where it is gone."""
    return connection.execute(sa.select(plans.c.state).where(plans.c.id == plan_id)).scalar_one_or_none()


def states_by_run(connection: sa.Connection, run_ids: Iterable[str]) -> dict[str, set[str]]:
    """The states of the plans that runs made, by run; of those alone that follow no other."""
    mine = (plans.c.parent_id.is_(None), among(connection, plans.c.run_id, sorted(set(run_ids))))
    found: dict[str, set[str]] = {}
    for run_id, state in connection.execute(sa.select(plans.c.run_id, plans.c.state).where(*mine)):
        found.setdefault(run_id, set()).add(state)
    return found


def find(hub: Hub, word: str, location_id: str = "") -> Plan:
    """The plan that a person means.

    Args:
        word: The plan's id, the id of the run that made or applied it (the hub's or Prefect's), a part of one
            of them that means one plan only, or ``last``. Of several that one run made the newest is meant.
        location_id: Only plans of this location.

    Raises:
        BadConfigurationError: There is none, or there are several.
    """
    word, query = word.strip(), _newest(location_id)
    with hub.read() as connection:
        for named in _meanings(word):
            found = [Plan(**row) for row in connection.execute(query.where(named)).mappings()]
            if len({one.id if word in one.id else one.run_id for one in found}) > 1:
                raise naming.several("plan", word, [(one.id, _in_short(one)) for one in found])
            if found:
                return found[0]
        recent = [row.id for row in connection.execute(query.limit(naming.RECENT))]
        if recent and word == naming.LAST:
            return Plan(**connection.execute(query.limit(1)).mappings().one())
    raise naming.none("plan", word, recent, "plans list")


def _meanings(word: str) -> Iterator[sa.ColumnElement[bool]]:
    """What a word may mean, the surest first; each only where nothing surer is there."""
    if word in ("", naming.LAST):
        return
    yield plans.c.id == word
    yield sa.or_(plans.c.run_id == word, _made_in(runs.c.flow_run_id == word))
    yield _applied_in(runs.c.flow_run_id == word)
    part, run_part, flow_run_part = (
        column.contains(word, autoescape=True) for column in (plans.c.id, plans.c.run_id, runs.c.flow_run_id)
    )
    yield sa.or_(part, run_part, _made_in(flow_run_part))
    yield _applied_in(flow_run_part)


def _made_in(ran: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return plans.c.run_id.in_(sa.select(runs.c.id).where(ran))


def _applied_in(ran: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    named = sa.type_coerce(runs.c.parameters, sa.Text).contains('"plan":"' + plans.c.id + '"')
    return sa.exists().where(ran, named)


def newest(hub: Hub, limit: int, location_id: str = "") -> list[Plan]:
    """Plans, the newest first."""
    with hub.read() as connection:
        return [Plan(**row) for row in connection.execute(_newest(location_id).limit(limit)).mappings()]


def _newest(location_id: str) -> sa.Select[Any]:
    mine = [plans.c.location_id == location_id, _THERE] if location_id else [_THERE]
    return sa.select(plans).where(*mine).order_by(plans.c.made_at.desc(), plans.c.id)


def _in_short(plan: Plan) -> str:
    return f"{plan.about}, {plan.state}, {plan.made_at:%Y-%m-%d %H:%M} UTC"


def add(connection: sa.Connection, plan_id: str, first: int, made: Sequence[Change]) -> int:
    """Append changes, numbered from ``first``; the number that follows."""
    rows = []
    for n, change in enumerate(made, first):
        change.plan_id, change.n = plan_id, n
        rows.append(_row(change))
    if rows:
        connection.execute(sa.insert(changes), rows)
    return first + len(rows)


def forget(connection: sa.Connection, plan_id: str, record_ids: Sequence[str]) -> None:
    """Take the changes of some records out of a plan that is still being made; what was merged stays told."""
    mine = (
        changes.c.plan_id == plan_id,
        changes.c.verb != Verb.MERGED.value,
        among(connection, changes.c.record_id, record_ids),
    )
    connection.execute(sa.delete(changes).where(*mine))


def some(
    connection: sa.Connection,
    plan_id: str,
    *,
    states: Iterable[State] = (),
    operations: Iterable[Operation] = (),
    after: int = -1,
    limit: int | None = None,
    fewest_tries_first: bool = False,
) -> list[Change]:
    """Changes of a plan in their order: those of the given states and operations, or all.

    Args:
        after: Only those with a higher number.
        fewest_tries_first: What has stopped a run before comes last.
    """
    query = sa.select(changes).where(changes.c.plan_id == plan_id, changes.c.n > after)
    if states:
        query = query.where(changes.c.state.in_([str(state) for state in states]))
    if chosen := [_is(operation) for operation in operations]:
        query = query.where(sa.or_(*chosen))
    order = (changes.c.tries, changes.c.n) if fewest_tries_first else (changes.c.n,)
    rows = connection.execute(query.order_by(*order).limit(limit)).mappings()
    return [change_of(row) for row in rows]


def raws(connection: sa.Connection, plan_id: str, record_ids: Sequence[str]) -> dict[str, str]:
    """The source's records that a plan writes something of, by their id."""
    mine = (changes.c.plan_id == plan_id, among(connection, changes.c.record_id, record_ids))
    query = sa.select(changes.c.record_id, changes.c.raw).where(*mine, changes.c.raw.is_not(None))
    return dict(connection.execute(query).all())


def failed(connection: sa.Connection, plan_id: str, record_ids: Sequence[str]) -> set[str]:
    """Which of these records have a change that failed."""
    mine = (changes.c.plan_id == plan_id, among(connection, changes.c.record_id, record_ids))
    query = sa.select(changes.c.record_id).where(*mine, changes.c.state == State.FAILED.value)
    return set(connection.execute(query).scalars())


def _is(operation: Operation) -> sa.ColumnElement[bool]:
    stream, verb, part = operation.key
    return sa.and_(changes.c.stream == stream, changes.c.verb == verb.value, changes.c.part == part)


def counted(connection: sa.Connection, plan_id: str) -> dict[tuple[Operation, State], int]:
    """How many changes there are, by operation and state."""
    columns = (changes.c.stream, changes.c.verb, changes.c.part, changes.c.state)
    query = sa.select(*columns, sa.func.count()).where(changes.c.plan_id == plan_id).group_by(*columns)
    return {
        (OPERATIONS[stream, Verb(verb), part], State(state)): number
        for stream, verb, part, state, number in connection.execute(query)
    }


def mark_sending(
    connection: sa.Connection, plan_id: str, numbers: Sequence[int], now: datetime | None = None
) -> tuple[datetime, set[int]]:
    """Say that the requests of these changes are about to leave.

    Args:
        now: By the vendor's clock; ours where it is not known.

    Returns:
        The moment that was noted, and the changes that may be sent: one that is not planned any more,
        because somebody else has brought it to an end, may not.
    """
    moment = now or datetime.now(UTC)
    mine = (changes.c.plan_id == plan_id, changes.c.n.in_(numbers), changes.c.state == State.PLANNED.value)
    marking = sa.update(changes).where(*mine).values(state=State.SENDING.value, sent_at=moment)
    return moment, set(connection.execute(marking.returning(changes.c.n)).scalars())


def note_try(connection: sa.Connection, change: Change, error: str) -> None:
    """Note that a change has stopped a run, and why."""
    mine = (changes.c.plan_id == change.plan_id, changes.c.n == change.n, _IS_OPEN)
    connection.execute(sa.update(changes).where(*mine).values(tries=changes.c.tries + 1, error=error))


def to_plan_anew(hub: Hub, plan_id: str) -> list[Change]:
    """Changes whose record was another when they were to be carried out, and that no plan follows up yet."""
    with hub.read() as connection:
        stale = some(connection, plan_id, states=[State.STALE])
    return [change for change in stale if change.wanted is not None and FOLLOW_UP not in change.result]


def note_follow_up(connection: sa.Connection, followed: Sequence[Change], plan_id: str) -> None:
    """Note which plan goes on with these changes."""
    for change in followed:
        change.result[FOLLOW_UP] = plan_id
        mine = (changes.c.plan_id == change.plan_id, changes.c.n == change.n)
        connection.execute(sa.update(changes).where(*mine).values(result=change.result))


def retry_failed(hub: Hub, plan_id: str) -> int:
    """Take up again what failed, as if it had never been tried; how many changes that are."""
    mine = (changes.c.plan_id == plan_id, changes.c.state == State.FAILED.value)
    again = {"state": State.PLANNED.value, "tries": 0, "error": None, "sent_at": None}
    with hub.write() as connection:
        return connection.execute(sa.update(changes).where(*mine).values(again)).rowcount


def unmark(connection: sa.Connection, plan_id: str, numbers: Sequence[int]) -> None:
    """Say that no request of these changes left after all."""
    mine = (changes.c.plan_id == plan_id, changes.c.n.in_(numbers), changes.c.state == State.SENDING.value)
    connection.execute(sa.update(changes).where(*mine).values(state=State.PLANNED.value, sent_at=None))


def narrow(connection: sa.Connection, change: Change, fields: Sequence[FieldChange]) -> None:
    """Let a change write no more than these of its fields."""
    change.fields = list(fields)
    mine = (changes.c.plan_id == change.plan_id, changes.c.n == change.n)
    connection.execute(sa.update(changes).where(*mine).values(fields=list(map(asdict, change.fields))))


_ENDS = ("state", "target_id", "parent_id", "error", "result")


def end(connection: sa.Connection, ended: Sequence[Change]) -> None:
    """Write how changes ended: state, target, error and result; what has an end already keeps it."""
    if not ended:
        return
    statement = (
        sa.update(changes)
        .where(
            changes.c.plan_id == sa.bindparam("its_plan"),
            changes.c.n == sa.bindparam("its_n"),
            _IS_OPEN,
        )
        .values({name: sa.bindparam(f"its_{name}") for name in _ENDS})
    )
    rows = [
        {
            "its_plan": change.plan_id,
            "its_n": change.n,
            "its_state": change.state.value,
            "its_target_id": change.target_id or None,
            "its_parent_id": change.parent_id or None,
            "its_error": change.error,
            "its_result": change.result or None,
        }
        for change in ended
    ]
    connection.execute(statement, rows)


def follow_ups(hub: Hub, plan_id: str) -> list[Plan]:
    """The plans that went on with what changed while this one was applied, one after the other."""
    found: list[Plan] = []
    with hub.read() as connection:
        parents = [plan_id]
        while parents:
            mine = (plans.c.parent_id.in_(parents), plans.c.kind == "follow-up", _THERE)
            rows = connection.execute(sa.select(plans).where(*mine).order_by(plans.c.made_at)).mappings()
            children = [Plan(**row) for row in rows]
            found += children
            parents = [child.id for child in children]
    return found


def interrupted(hub: Hub, location_id: str) -> list[str]:
    """Ids of the location's plans that have changes whose outcome is not known."""
    # Both columns, because for the first alone SQLite would rather read a whole index of all changes.
    sending = sa.select(changes.c.plan_id, changes.c.target_id).where(IS_SENDING)
    with hub.read() as connection:
        found = list({row.plan_id for row in connection.execute(sending)})
        theirs = sa.select(plans.c.id, plans.c.location_id).where(among(connection, plans.c.id, found))
        rows = connection.execute(theirs.order_by(plans.c.made_at)).all() if found else []
    # Asked for by location, too, SQLite would look through all plans that the location ever had.
    return [row.id for row in rows if row.location_id == location_id]


_SEALED = tuple(changes.c[name] for name in ("n", "stream", "verb", "part", "record_id", "fields"))


def digest(connection: sa.Connection, plan_id: str) -> str:
    """Hash of what a plan's changes are, whatever became of them (hex)."""
    query = sa.select(*_SEALED)
    found = hashlib.blake2b(digest_size=16)
    ordered = query.where(changes.c.plan_id == plan_id).order_by(changes.c.n)
    for row in connection.execute(ordered, execution_options={"yield_per": 1000}):
        found.update(canonical_json(list(row)).encode())
    return found.hexdigest()


def _row(change: Change) -> dict[str, Any]:
    return {
        "plan_id": change.plan_id,
        "n": change.n,
        "stream": change.stream,
        "verb": change.verb.value,
        "part": change.part,
        "record_id": change.record_id,
        "target_id": change.target_id or None,
        "parent_id": change.parent_id or None,
        "label": change.label,
        "fields": list(map(asdict, change.fields)),
        "kept": list(map(asdict, change.kept)),
        "why": change.why,
        "cause": change.cause or None,
        "wanted": None if change.wanted is None else plain_row(change.wanted),
        "raw": change.raw or None,
        "state": change.state.value,
        "look_first": change.look_first,
        "result": change.result or None,
    }


_PLAIN = (
    *("plan_id", "n", "stream", "part", "record_id", "label", "why", "wanted", "sent_at", "tries"),
    "look_first",
)


def change_of(row: sa.RowMapping) -> Change:
    """A change from its row."""
    known = {name: row[name] for name in _PLAIN}
    return Change(
        **known,
        verb=Verb(row["verb"]),
        target_id=row["target_id"] or "",
        parent_id=row["parent_id"] or "",
        fields=[FieldChange(**one) for one in row["fields"]],
        kept=[FieldChange(**one) for one in row["kept"]],
        state=State(row["state"]),
        error=row["error"],
        cause=row["cause"] or "",
        result=row["result"] or {},
    )
