"""When a key that two records share does not make them one: another key or the name says otherwise.

A switchboard's number, a family's e-mail address and a number for "none" are shared by people who are not the
same. So a shared key is believed unless somebody's data could be overwritten by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import NOT_KEYS, Row
from tasks.hub.spec import PlanSpec
from tasks.plan.keys import as_compared, title
from tasks.plan.names import Name, name_of
from tasks.streams import Naming, mirror_of, target_of


@dataclass(frozen=True, slots=True)
class Identity:
    """What a record is known by.

    Args:
        keys: All values of each key that it has, as they are compared.
        called: How a text speaks of it: ``contact 7f3a``, ``row 12``.
    """

    keys: Mapping[str, frozenset[str]]
    name: Name
    called: str


class Identities:
    """Makes identities of rows on both sides, as a plan's spec says."""

    def __init__(self, spec: PlanSpec) -> None:
        self._spec = spec
        self._naming, self._addresses = target_of(spec.target).naming, target_of(spec.target).address
        declared = [spec.stream.field(name) for name in self._naming]
        self._mirrored = Naming(*(field.mirror if field else "" for field in declared))
        self._further = mirror_of(spec.mirror)[1].further
        self._keys = [key for key in spec.match if key != "link"]

    def are_called_the_same(self, row: Row, mirrored: Row) -> bool:
        """Whether both have the same name to the letter, or one has none: there is nothing to doubt."""
        if not any(self._naming):
            return False
        mine = [row.get(name) for name in self._naming if name]
        its = [mirrored.get(name) for name in self._mirrored if name]
        return mine[:2] == its[:2] or not any(mine) or not any(its)

    def under_its_name(self, row: Row) -> Row:
        """A row by an id that its name is a part of."""
        name = " ".join(name_of(row, self._naming).words)
        told = not name or row["id"].endswith(f" {name}")
        return row if told else {**row, "id": f"{row['id']} {name}"}

    def of_record(self, row: Row, called: str = "") -> Identity:
        """Of a record that is planned; what identifies nobody is left out."""
        said = {key: [row.get(key)] for key in self._keys if key not in row.get(NOT_KEYS, ())}
        return Identity(self._compared(said), name_of(row, self._naming), called)

    def of_mirrored(self, row: Row) -> Identity:
        """Of what the mirror holds."""
        held = {key: [self._spec.held(row, key), *self._others(row, key)] for key in self._keys}
        called = f"{self._spec.called[0]} {row['id']}"
        return Identity(self._compared(held), name_of(row, self._mirrored), called)

    def _others(self, row: Row, key: str) -> list[Any]:
        """Further values of a key."""
        declared = self._spec.stream.field(key)
        column = self._further.get(declared.mirror, "") if declared else ""
        return list(row.get(column) or ())

    def _compared(self, values: Mapping[str, list[Any]]) -> dict[str, frozenset[str]]:
        told = {
            key: [str(value) for value in some if value not in (None, "")] for key, some in values.items()
        }
        return {
            key: frozenset(as_compared(self._spec, key, value) for value in some)
            for key, some in told.items()
            if some
        }

    def doubt(self, record: Identity, other: Identity, *, by_id: bool = False) -> str:
        """Why a person must say whether a record is another that shares a key with it; empty if it is clear.

        Args:
            by_id: Whether an id says that they are one: it tells more than an address, which families share.
        """
        both = [key for key in self._keys if key in record.keys and key in other.keys]
        if not both:
            return ""
        contradicting = [key for key in both if record.keys[key].isdisjoint(other.keys[key])]
        shared = [key for key in both if key not in contradicting]
        leads = _leads(record, other, shared)
        if not any(self._naming):  # companies are called this and that: the first key tells most
            return f"{leads}, but {_contradicts(record, other, both[0])}" if both[0] not in shared else ""
        if any(key not in self._addresses for key in shared):  # an id of the source's: nobody shares it
            return ""
        names = f"{record.name.shown} is another name than {other.name.shown}"
        if contradicting and not record.name.may_be(other.name):
            return f"{leads}, but {_contradicts(record, other, contradicting[0])}; and {names}"
        by_address = not by_id and not contradicting and len(shared) == 1 and shared[0] in self._addresses
        if by_address and record.name.is_clearly_another(other.name):
            return f"{leads}, and nothing else tells that they are one: {names}"
        return ""


def _contradicts(record: Identity, other: Identity, key: str) -> str:
    mine, its = (", ".join(sorted(identity.keys[key])) for identity in (record, other))
    return f"the {title(key)} contradicts: {mine} here, {its} there"


def _leads(record: Identity, other: Identity, shared: list[str]) -> str:
    by = ", ".join(f"{title(key)} {min(record.keys[key] & other.keys[key])}" for key in shared)
    return f"{by or 'its id'} leads to {other.called}"
