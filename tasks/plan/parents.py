"""On which record each of a source's hangs: found as any counterpart is, by link and keys, before all else.

Records that hang on another have no key of their own at the vendor. Where a mapping says so, their parent and
what tells them apart there (a task's title and due date) is one: the key ``content``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from tasks.core.batch import Json, Row
from tasks.hub.spec import PlanSpec
from tasks.plan.keys import PARENT, content_key
from tasks.plan.match import Match, Matcher
from tasks.plan.references import References
from tasks.streams import CONTENT, target_of

WHY_NONE = "_no_parent"
"""Under which name a row tells why there is nothing that it hangs on."""


class Parents:
    """Finds parents as a plan's spec says.

    Args:
        references: The records that others may name, by their stream.
    """

    def __init__(self, spec: PlanSpec, references: Mapping[str, References]) -> None:
        parent = target_of(spec.target).parent
        self._spec = spec
        self._references = references
        self._keys = dict(parent.keys) if parent else {}
        self._matcher: Matcher | None = None
        if parent is not None:
            named = tuple(dict.fromkeys(self._keys.values()))
            self._matcher = Matcher(replace(spec, target=parent.stream, match=named, fields=(), custom={}))
        self._called = target_of(parent.stream).called[0] if parent else ""

    def given(self, connection: sa.Connection, rows: Sequence[Row]) -> list[Row]:
        """The rows with what they hang on, and with the key that it gives them."""
        if self._matcher is None:
            return list(rows)
        asked = [self._as_parent(row) for row in rows]
        found = self._matcher.match(connection, asked)
        return [self._with(row, match, told) for row, match, told in zip(rows, found, asked, strict=True)]

    def _as_parent(self, row: Row) -> Row:
        """What a row says of its parent, as a row of the parent's stream."""
        said = {key: row.get(name) for name, key in self._keys.items()}
        return {**said, "id": said.get("link") or ""}

    def _with(self, row: Row, match: Match, asked: Row) -> Row:
        told = {PARENT: match.target_id}
        if not match.target_id:
            told[WHY_NONE] = match.conflict or self._nobody(asked)
        elif (content := self._content(row)) is not None:
            told[CONTENT] = content_key(self._spec, match.target_id, content)
        return {**row, **told}

    def _nobody(self, asked: Row) -> str:
        said = [str(value) for key, value in asked.items() if key != "id" and value not in (None, "")]
        if not said:
            return f"it does not say which {self._called} it belongs to"
        return f"the hub has no {self._called} with {' or '.join(said)}"

    def _content(self, row: Row) -> dict[str, Json] | None:
        """What tells a row apart from others of its parent; None where it does not say all of it."""
        found: dict[str, Json] = {}
        for name in target_of(self._spec.target).content:
            value, declared = row.get(name), self._spec.stream.fields[name]
            if declared.refers_to and value is not None:
                ids = self._references[declared.refers_to].find(value)
                value = ids[0] if len(ids) == 1 else None
            if value in (None, ""):
                return None
            found[name] = value
        return found
