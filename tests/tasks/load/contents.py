"""What HighLevel and the hub hold, in lines that two runs can be compared by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Json, canonical_json
from tasks.core.change import State
from tasks.hub.tables import MIRRORS, changes, links, provenance, reviews
from tests.tasks.load.stories import Edit

Content = dict[str, Counter[str]]

_ACTIVITIES = {"notes": ("body",), "tasks": ("title", "dueDate", "completed", "body")}
_DATES = ("id", "dateAdded", "dateUpdated")
_BOOKKEEPING = ("run_id", "synced_at", "date_added", "date_updated", "fingerprint", "id", "location_id")
_BOOKKEEPING += ("known_at", "mapped_by", "name")
"""And the name, which a contact's own answer tells and a search's does not."""


def content(office: Any, edits: list[Edit], first: set[str]) -> Content:
    """All of it.

    Args:
        edits: By hand; the origin of what was edited depends on when it was.
        first: Ids of contacts that were there at first; new ones are named by what they have.
    """
    contacts = office.vendor.records("contacts")
    names = {one["id"]: one["id"] if one["id"] in first else _named(one) for one in contacts}
    found = {"contacts": _told(names, ((one["id"], one) for one in contacts), _DATES)}
    for kind, keys in _ACTIVITIES.items():
        some = office.vendor.records(kind)
        found[kind] = Counter(f"{names[one['contactId']]}: {[one.get(key) for key in keys]}" for one in some)
    edited = {(edit.contact(office.vendor) or {}).get("id", ""): edit for edit in edits}
    with office.hub.read() as connection:
        return found | _in_hub(connection, names, edited)


def _in_hub(connection: sa.Connection, names: Mapping[str, str], edited: Mapping[str, Edit]) -> Content:
    mirrored = connection.execute(sa.select(MIRRORS["hub.contact"])).mappings()
    linked = connection.execute(sa.select(links.c.record_id, links.c.stream, links.c.target_id))
    origin = provenance.c
    origins = connection.execute(
        sa.select(origin.id, origin.field, origin.system, origin.value, origin.dropped).where(
            origin.field != "date_updated"
        )
    )
    asked = connection.execute(sa.select(reviews.c.record_id, reviews.c.state))
    sending = sa.select(changes.c.plan_id, changes.c.n, changes.c.verb)
    under_way = connection.execute(sending.where(changes.c.state == State.SENDING.value))
    return {
        "mirror": _told(names, ((row["id"], row) for row in mirrored), _BOOKKEEPING),
        "links": Counter(f"{record} {names.get(target, stream)}" for record, stream, target in linked),
        "origins": Counter(
            f"{names.get(id_)} {field}: {list(map(_plain, rest))}"
            for id_, field, *rest in origins
            if id_ not in edited or field not in edited[id_].columns
        ),
        "reviews": Counter(map(str, asked)),
        "under way": Counter(map(str, under_way)),
    }


def _named(contact: Json) -> str:
    """By its address; where it has none, by all that it has."""
    address = contact.get("email") or contact.get("phone")
    kept = {key: _plain(value) for key, value in contact.items() if key not in _DATES}
    return f"new {address or canonical_json(kept)}"


def _told(
    names: Mapping[str, str], some: Iterator[tuple[str, Any]], without: tuple[str, ...]
) -> Counter[str]:
    return Counter(
        f"{names.get(id_)} {key}: {_plain(value)}"
        for id_, one in some
        for key, value in one.items()
        if key not in without and value not in (None, [])
    )


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value


def differences(one: Content, other: Content) -> list[str]:
    """What the other lacks and has too much."""
    found = []
    for kind, lines in one.items():
        found += [f"{kind} missing: {line}" for line in (lines - other[kind]).elements()]
        found += [f"{kind} too many: {line}" for line in (other[kind] - lines).elements()]
    return found
