"""The control door: what a test or a benchmark may see and change behind the vendor's back.

No token, no quota, not counted:

* ``GET /_sandbox/requests``: how often each operation was answered, by what the client saw;
* ``GET /_sandbox/records/{kind}``: every record, contacts in the shape of reading by id;
* ``GET /_sandbox/oauth``: how many token pairs were issued and refreshed, and refused as dead;
* ``POST /_sandbox/oauth`` ``{"expire": true}``: all access tokens end now;
* ``POST /_sandbox/faults``: the faults from now on, an empty list for none;
* ``GET /_sandbox/faults``: how many requests each of them has hit;
* ``POST /_sandbox/search`` ``{"caughtUp": true}``: the search shows all that was written so far;
* ``POST /_sandbox/reset``: the generated data, no counts, no faults, a fresh quota;
* ``POST /_sandbox/edit``: one change as a person in the CRM would make it, odd values included;
* ``POST /_sandbox/location`` ``{"removed": true}``: the sub-account is gone, and none of its tokens is good;
* ``POST /_sandbox/load`` ``{"contacts": […], "notes": […], …}``: these records instead of all of their kinds.

Where several sub-accounts are played, every door is the first one's, and with ``?location=ID`` that one's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from sandbox import edits, loading
from sandbox.calls import Answer, answer, load
from sandbox.faults import Fault, parse_faults
from sandbox.location import Location
from sandbox.quota import Quota

__all__ = ["PREFIX", "Control", "Counts"]

PREFIX = "/_sandbox/"


class Counts:
    """How often each operation was answered, by what the client saw."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, operation: str, outcome: str) -> None:
        """Count one answer: a status, or ``timeout`` or ``reset`` where it was lost."""
        self._seen[operation][outcome] += 1

    def clear(self) -> None:
        """Start again from nothing."""
        self._seen.clear()

    def summary(self) -> dict[str, Any]:
        """The body of ``GET /_sandbox/requests``."""
        operations = {operation: dict(outcomes) for operation, outcomes in sorted(self._seen.items())}
        return {
            "total": sum(sum(outcomes.values()) for outcomes in operations.values()),
            "operations": operations,
        }


class Control:
    """Answers the control door."""

    def __init__(self, location: Location, quota: Quota, counts: Counts, faults: list[Fault]) -> None:
        self._location, self._quota, self._counts = location, quota, counts
        self.faults = faults
        self._doors: dict[tuple[str, str], Callable[[Any], Answer]] = {
            ("GET", "requests"): lambda _: answer(200, counts.summary()),
            ("GET", "oauth"): lambda _: answer(200, location.tokens.summary()),
            ("POST", "oauth"): self._expire,
            ("POST", "faults"): self._set_faults,
            ("GET", "faults"): lambda _: answer(200, {"hits": [fault.hits for fault in self.faults]}),
            ("POST", "search"): self._catch_up,
            ("POST", "reset"): self._reset,
            ("POST", "location"): self._remove,
            ("POST", "edit"): lambda given: edits.apply(location, given),
            ("POST", "load"): lambda given: loading.apply(location, given),
        }

    def then(self, fault: Fault) -> None:
        """Do what a person does right after a request that was hit."""
        if fault.then is not None:
            edits.apply(self._location, fault.then)

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request to the door."""
        name = path.removeprefix(PREFIX)
        if method == "GET" and name.startswith("records/"):
            return self._records(name.removeprefix("records/"))
        door = self._doors.get((method, name))
        if door is None:
            known = ", ".join(f"{verb} {PREFIX}{word}" for verb, word in self._doors)
            return answer(404, {"message": f"no such door; there are GET {PREFIX}records/{{kind}}, {known}"})
        try:
            return door(load(body) if body else None)
        except ValueError as refused:
            return answer(422, {"message": str(refused)})

    def _records(self, kind: str) -> Answer:
        location = self._location
        if kind == "contacts":
            rows = b",".join(row.by_id() for row in location.contacts.rows.values())
            return Answer(200, b'{"records":[' + rows + b"]}")
        lists = {name: list(records.values()) for name, records in location.others.items()}
        lists |= {"users": location.users, "customFields": location.custom_fields}
        lists["tags"] = list(location.tags.values())
        if kind not in lists:
            known = ", ".join(("contacts", *lists))
            return answer(404, {"message": f"no records of kind {kind!r}; there are {known}"})
        return answer(200, {"records": lists[kind]})

    def _set_faults(self, given: Any) -> Answer:
        self.faults = parse_faults(given)
        return answer(200, {"faults": len(self.faults)})

    def _expire(self, given: Any) -> Answer:
        if given != {"expire": True}:
            raise ValueError('send {"expire": true} to end all access tokens')
        return answer(200, {"expired": self._location.tokens.expire()})

    def _remove(self, given: Any) -> Answer:
        if given != {"removed": True}:
            raise ValueError('send {"removed": true} to remove the sub-account; reset brings it back')
        self._location.tokens.removed.add(self._location.id)
        return answer(200, {"removed": self._location.id})

    def _catch_up(self, given: Any) -> Answer:
        if given != {"caughtUp": True}:
            raise ValueError('send {"caughtUp": true} to make the search show what was written')
        self._location.index.catch_up()
        return answer(200, {"contacts": len(self._location.index.rows)})

    def _reset(self, _: Any) -> Answer:
        self._location.reset()
        self._quota.reset()
        self._counts.clear()
        self.faults = []
        return answer(200, {"contacts": len(self._location.contacts.rows)})
