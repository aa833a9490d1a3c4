"""A change says its stream, its verb and what of the record, in place of one word for all of it.

Notes and tasks become records of their own: with their own fields, their contact as parent, and their own id
as target.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from tasks.core.batch import canonical_json

revision = "0005"
down_revision = "0004"

_CONTACT, _NOTE, _TASK = "highlevel.contact", "highlevel.note", "highlevel.crm_task"

_KINDS = {
    "create": (_CONTACT, "create", ""),
    "update": (_CONTACT, "update", ""),
    "tag_add": (_CONTACT, "add", "tags"),
    "tag_remove": (_CONTACT, "remove", "tags"),
    "link_business": (_CONTACT, "update", "business"),
    "create_note": (_NOTE, "create", ""),
    "create_task": (_TASK, "create", ""),
    "delete_note": (_NOTE, "delete", ""),
    "delete_task": (_TASK, "delete", ""),
    "delete": (_CONTACT, "delete", ""),
    "unchanged": (_CONTACT, "unchanged", ""),
    "conflict": (_CONTACT, "conflict", ""),
}

_TASK_BEFORE = "highlevel.task"
_WAITING = ("ready", "applying", "stopped", "applied")
_SEALED = ("stream", "verb", "part")
_BLOCK = 1000


def upgrade() -> None:
    sealed = _well_sealed("kind")
    for name in _SEALED:
        op.add_column("changes", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("changes", sa.Column("parent_id", sa.Text(), nullable=True))
    _say("UPDATE changes SET stream = :stream, verb = :verb, part = :part WHERE kind = :kind", _named())
    _rewrite(_of_its_own, "target_id", "parent_id", "fields", "result")
    _say("UPDATE links SET stream = :new WHERE stream = :old", [{"old": _TASK_BEFORE, "new": _TASK}])
    op.drop_index("ix_changes_plan_id_state_kind", "changes")
    op.drop_column("changes", "kind")
    op.create_index("ix_changes_plan_id_state_stream_verb", "changes", ["plan_id", "state", "stream", "verb"])
    _seal(sealed, *_SEALED)


def downgrade() -> None:
    sealed = _well_sealed(*_SEALED)
    op.add_column("changes", sa.Column("kind", sa.Text(), server_default="", nullable=False))
    _say("UPDATE changes SET kind = :kind WHERE stream = :stream AND verb = :verb AND part = :part", _named())
    _rewrite(_of_a_contact, "target_id", "fields", "result")
    _say("UPDATE links SET stream = :old WHERE stream = :new", [{"old": _TASK_BEFORE, "new": _TASK}])
    op.drop_index("ix_changes_plan_id_state_stream_verb", "changes")
    for name in (*_SEALED, "parent_id"):
        op.drop_column("changes", name)
    op.create_index("ix_changes_plan_id_state_kind", "changes", ["plan_id", "state", "kind"])
    _seal(sealed, "kind")


def _named() -> list[dict[str, str]]:
    return [
        {"kind": kind, "stream": stream, "verb": verb, "part": part}
        for kind, (stream, verb, part) in _KINDS.items()
    ]


def _say(statement: str, rows: list[dict[str, str]]) -> None:
    if rows:
        op.get_bind().execute(sa.text(statement), rows)


def _well_sealed(*what: str) -> list[str]:
    """Plans that are what they were when they were made, by the seal of before."""
    waiting = sa.text("SELECT id, digest FROM plans WHERE state IN :states").bindparams(
        sa.bindparam("states", _WAITING, expanding=True)
    )
    found = op.get_bind().execute(waiting).all()
    return [plan_id for plan_id, digest in found if digest == _digest(plan_id, *what)]


def _seal(plan_ids: list[str], *what: str) -> None:
    rows = [{"plan": plan_id, "digest": _digest(plan_id, *what)} for plan_id in plan_ids]
    _say("UPDATE plans SET digest = :digest WHERE id = :plan", rows)


def _digest(plan_id: str, *what: str) -> str:
    changes = sa.table("changes", *map(sa.column, ("plan_id", "n", *what, "record_id", "fields")))
    columns = [changes.c[name] for name in ("n", *what, "record_id", "fields")]
    query = sa.select(*columns).where(changes.c.plan_id == plan_id).order_by(changes.c.n)
    found = hashlib.blake2b(digest_size=16)
    for *told, fields in op.get_bind().execute(query):
        found.update(canonical_json([*told, orjson.loads(fields)]).encode())
    return found.hexdigest()


def _rewrite(how: Callable[[Any], dict[str, Any]], *names: str) -> None:
    """Write the changes of notes and tasks in another way."""
    columns = ("plan_id", "n", "stream", "target_id", "parent_id", "fields", "result")
    changes = sa.table("changes", *map(sa.column, columns))
    one = (changes.c.plan_id == sa.bindparam("its_plan"), changes.c.n == sa.bindparam("its_n"))
    statement = sa.update(changes).where(*one).values({name: sa.bindparam(f"its_{name}") for name in names})
    query = sa.select(changes).where(changes.c.stream.in_([_NOTE, _TASK]))
    connection = op.get_bind()
    rows = [{"its_plan": row.plan_id, "its_n": row.n, **how(row)} for row in connection.execute(query)]
    for start in range(0, len(rows), _BLOCK):
        connection.execute(statement, rows[start : start + _BLOCK])


def _of_its_own(row: Any) -> dict[str, Any]:
    """A note's body, and a task field by field; the contact is the parent."""
    result = orjson.loads(row.result or "{}")
    return {
        "its_parent_id": row.target_id,
        "its_target_id": result.pop("id", None),
        "its_fields": _json([part for one in orjson.loads(row.fields) for part in _parts(one)]),
        "its_result": _json(result),
    }


def _parts(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if one["field"] != "task":
        yield {**one, "field": "body"}
        return
    old, new = one["old"] or {}, one["new"] or {}
    for name in old | new:
        yield {**one, "field": name, "old": old.get(name), "new": new.get(name)}


def _of_a_contact(row: Any) -> dict[str, Any]:
    """One field, whose value is all of the note or the task."""
    fields, result = orjson.loads(row.fields), orjson.loads(row.result or "{}")
    if row.stream == _NOTE:
        whole = [{**one, "field": "note"} for one in fields]
    else:
        old, new = ({one["field"]: one[side] for one in fields} for side in ("old", "new"))
        made = any(value is not None for value in new.values())
        told = {"old": None, "new": new} if made else {"old": old, "new": None}
        whole = [{"field": "task", "why": fields[0]["why"], **told}] if fields else []
    return {
        "its_target_id": row.parent_id,
        "its_fields": _json(whole),
        "its_result": _json(result | ({"id": row.target_id} if row.target_id else {})),
    }


def _json(value: Any) -> str | None:
    return orjson.dumps(value).decode() if value or isinstance(value, list) else None
