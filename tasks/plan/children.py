"""What hangs on a record's counterpart, as a row says it: notes and tasks to be made, workflows to join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.core.batch import Json, Row, canonical_json
from tasks.core.change import Change, FieldChange, Verb, plain
from tasks.hub.spec import PlanSpec, child_id, children_of, label_of
from tasks.streams import child_fields, child_identity, target_of

Made = Mapping[str, Mapping[str, str]]
"""What was done already, by stream: link to id."""


@dataclass(frozen=True, slots=True)
class Child:
    """One of those.

    Args:
        verb: Whether it is made or ended.
        record_id: The row's.
        came_with: Id of the row that it came with, where several were merged.
    """

    stream: str
    verb: Verb
    record_id: str
    came_with: str
    value: Json

    @property
    def ids(self) -> set[str]:
        """By what it is known once it was done: it may have been done of the row that it came with."""
        return {child_id(self.stream, self._known_as(id_), self.value) for id_ in self._rows}

    @property
    def identity(self) -> str:
        """The same for all that ask for the same."""
        return canonical_json([self.stream, self.verb, plain(child_identity(self.stream, self.value))])

    def change(self, contact_id: str, label: str, *, look_first: bool, cause: str = "") -> Change:
        """What does it.

        Args:
            contact_id: On which it hangs; empty while that is not made.
            label: Of the row, for people.
            look_first: It may be there from before this hub.
            cause: What made the row, in words.
        """
        told, ends = child_fields(self.stream, plain(self.value)), self.verb is Verb.DELETE
        why = self._why(told)
        came_with = self._known_as(self.came_with)
        return Change(
            self.stream,
            self.verb,
            self.record_id,
            parent_id=contact_id,
            label=label,
            fields=[
                FieldChange(name, plain(given), None, why)
                if ends
                else FieldChange(name, None, plain(given), why)
                for name, given in told.items()
            ],
            why=why,
            cause=cause,
            look_first=look_first and not target_of(self.stream).membership,
            result={} if came_with == self.record_id else {"came_with": came_with},
        )

    @property
    def _rows(self) -> tuple[str, str]:
        return self.record_id, self.came_with

    def _known_as(self, id_: str) -> str:
        """Who joins a workflow and who leaves it may do so at the word of one row."""
        return f"{id_} ends" if self.verb is Verb.DELETE else id_

    def _why(self, told: Mapping[str, Json]) -> str:
        words = target_of(self.stream).membership
        if words is None:
            return "new"
        return f"{words[self.verb is Verb.DELETE]} {label_of(self.stream, dict(told))}"


def children(spec: PlanSpec, row: Row) -> Iterator[Child]:
    """What a row says hangs on its counterpart, or does so no more."""
    for name, stream, verb in spec.children:
        for came_with, value in children_of(row, name):
            yield Child(stream, verb, row["id"], came_with, value)


def due(spec: PlanSpec, row: Row, made: Made, *, is_there: bool) -> list[Child]:
    """Of those, what was not done yet; what several rows ask for is done once, at the word of the first.

    Args:
        is_there: Whether the counterpart is: on a new one nothing hangs that could end.
    """
    asked: dict[str, list[Child]] = {}
    for child in children(spec, row):
        if is_there or child.verb is not Verb.DELETE:
            asked.setdefault(child.identity, []).append(child)
    return [some[0] for some in asked.values() if not any(_is_done(one, made) for one in some)]


def _is_done(child: Child, made: Made) -> bool:
    return not child.ids.isdisjoint(made.get(child.stream, {}))
