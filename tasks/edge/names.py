"""The names that a rules file uses, and what a location knows by them: users, tags, workflows, fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from tasks.core.batch import Row
from tasks.core.errors import BadMappingError
from tasks.core.words import nearest
from tasks.extract.contexts import Context, Contexts
from tasks.mapping.rules.compile import Rules
from tasks.mapping.rules.moments import At
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.plan.references import Named, References
from tasks.streams import HIGHLEVEL_CONTACT
from tasks.streams.custom_field import CustomField
from tasks.vendors.protocols import Connection

STREAMS = {
    "user": "highlevel.user",
    "tag": "highlevel.tag",
    "workflow": "highlevel.workflow",
    "business": "highlevel.business",
}
"""By the kind of a name, where the location lists it."""

GIVEN = {"assignedTo": "user", "workflows": "workflow", "workflowsLeft": "workflow"}
"""The fields of a contact's row that name a record, and its kind."""

DRAFT = "draft"
CUSTOM_FIELD = "custom field"
CHANNEL = "channel"


def _no_turns(_name: str, _size: int) -> int:
    return 0


def _given(rules: Rules) -> set[str]:
    rows = [row for rule in rules.rules for row in rule.made if row.target == HIGHLEVEL_CONTACT.name]
    return {GIVEN[name] for row in rows for name in row.fields if name in GIVEN}


@dataclass(slots=True)
class Names:
    """What a location knows.

    Args:
        listed: By kind, its records.
        statuses: Of workflows, by id.
        custom: Its custom fields by key.
        zone: Its zone.
        country: Its country, as ISO code; empty where it does not say.
    """

    listed: dict[str, list[Named]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    custom: Mapping[str, CustomField] = field(default_factory=dict)
    zone: tzinfo = UTC
    country: str = ""

    @classmethod
    async def of(cls, connection: Connection, rules: Rules) -> Names:
        """What a location knows of the kinds of names that a rules file uses."""
        found = cls()
        for kind in sorted(({one.kind for one in rules.names()} | _given(rules)) & set(STREAMS)):
            listed = [one async for one in connection.called(STREAMS[kind])]
            found.listed[kind] = [Named(one.id, one.name, "", one.email.lower()) for one in listed]
            found.statuses |= {one.id: one.status for one in listed}
        if any(one.kind == CUSTOM_FIELD for one in rules.names()):
            found.custom = await connection.custom_fields()
        found.zone, found.country = await connection.place()
        return found

    def contexts(self, rules: Rules, location_id: str, enrich: Callable[[Context], None]) -> Contexts:
        """What reads the records that a file's rules judge."""
        location = {"id": location_id, "zone": str(self.zone), "country": self.country}
        custom = {key: one.id for key, one in self.custom.items()}
        return Contexts(location_id, rules.roots, custom, location, enrich)

    def at(self, rules: Rules, now: datetime) -> At:
        """By which time, in whole seconds, and calendar a file's rules judge; nobody's turn is taken.

        Raises:
            BadMappingError: The location's country is not known, and the file names none.
        """
        return rules.at(now.replace(microsecond=0), _no_turns, country=self.country, zone=str(self.zone))

    def check(self, rules: Rules) -> None:
        """Refuse names that the location does not know.

        Raises:
            BadMappingError: There are some; all are told, with their lines and the nearest names.
        """
        problems: list[BadMappingError] = []
        for one in rules.names():
            if one.kind == CUSTOM_FIELD:
                known: Iterable[str] = self.custom
                there = one.name in self.custom
            elif one.kind == CHANNEL:
                known = rules.channels.by_name
                there = one.name in rules.channels.by_name
            elif one.kind in self.listed:
                known = [other.name for other in self.listed[one.kind]]
                there = bool(self._ids(one.kind, one.name))
            else:
                continue
            if not there:
                whose = "the file" if one.kind == CHANNEL else "the location"
                what = f"{whose} has no {one.kind} `{one.name}`"
                problems.append(rules.error(what, one.where, nearest(one.name, known)))
        if problems:
            raise BadMappingError.of(problems)

    def resolved(self, target: str, row: Row) -> Row:
        """A row of a rule with ids for names.

        Raises:
            RefusedValueError: A name is not known, or is several records'; a workflow is a draft.
        """
        found = dict(row)
        if target != HIGHLEVEL_CONTACT.name:
            return found
        for name in GIVEN.keys() & row.keys():
            if GIVEN[name] == "user":
                found[name] = self._id("user", str(row[name]))
            else:
                given = row[name] if isinstance(row[name], list) else [row[name]]
                found[name] = [self._workflow(one) for one in given]
        return found

    def _workflow(self, name: str) -> Row:
        id_ = self._id("workflow", name)
        if self.statuses.get(id_, "") == DRAFT:
            what = f"the workflow `{name}` is a draft: publish it in HighLevel"
            raise RefusedValueError("workflow", what, problem="is a draft")
        called = next((one.name for one in self.listed["workflow"] if one.id == id_), name)
        return {"id": id_, "name": called}

    def _id(self, kind: str, name: str) -> str:
        ids = self._ids(kind, name)
        if len(ids) != 1:
            told = f"several {kind}s are called" if ids else f"there is no {kind} called"
            raise RefusedValueError(kind, f"{told} `{name}`", problem=f"{told} so")
        return ids[0]

    def _ids(self, kind: str, name: str) -> list[str]:
        held = self.listed.get(kind, [])
        if kind == "tag":
            return [name] if any(one.name.casefold() == name.strip().casefold() for one in held) else []
        return References(held).find(name)
