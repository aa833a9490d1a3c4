"""The control door: what a test or a benchmark may see and change behind a vendor's back.

No credential, no quota, not counted. Every vendor has these doors, and its own beside them:

* ``GET /_sandbox/requests``: how often each operation was answered, by what the client saw;
* ``GET /_sandbox/records/{kind}``: every record of a kind;
* ``POST /_sandbox/faults``: the faults from now on, an empty list for none;
* ``GET /_sandbox/faults``: how many requests each of them has hit;
* ``POST /_sandbox/reset``: the generated data, no counts, no faults, a fresh quota;
* ``POST /_sandbox/edit``: one change as a person at the vendor's would make it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from sandbox.core.answers import Answer, answer, load
from sandbox.core.faults import Fault, parse_faults

__all__ = ["PREFIX", "Behind", "Control", "Counts", "Door"]

PREFIX = "/_sandbox/"

Door = Callable[[Any], Answer]


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


class Behind(Protocol):
    """What a vendor shows and lets do behind its own back.

    Attributes:
        fault_kinds: The ways in which it may go wrong.
    """

    fault_kinds: tuple[str, ...]

    def doors(self) -> Mapping[tuple[str, str], Door]:
        """The vendor's own doors by method and name."""
        ...

    def records(self, kind: str) -> bytes | None:
        """A JSON list of all records of a kind, None where there is no such kind."""
        ...

    def kinds(self) -> Iterable[str]:
        """Which kinds of records there are."""
        ...

    def edit(self, given: Any) -> Answer:
        """Make one edit; a ``ValueError`` says why not."""
        ...

    def reset(self) -> dict[str, int]:
        """Back to the generated data and a fresh quota, and how many records there are."""
        ...


class Control:
    """Answers the control door of one vendor."""

    def __init__(self, behind: Behind, faults: list[Fault]) -> None:
        self.counts = Counts()
        self.faults = faults
        self._behind = behind
        self._doors: dict[tuple[str, str], Door] = {
            ("GET", "requests"): lambda _: answer(200, self.counts.summary()),
            ("POST", "faults"): self._set_faults,
            ("GET", "faults"): lambda _: answer(200, {"hits": [fault.hits for fault in self.faults]}),
            ("POST", "reset"): self._reset,
            ("POST", "edit"): behind.edit,
            **behind.doors(),
        }

    def then(self, fault: Fault) -> None:
        """Do what a person does right after a request that was hit."""
        if fault.then is not None:
            self._behind.edit(fault.then)

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
        records = self._behind.records(kind)
        if records is None:
            known = ", ".join(self._behind.kinds())
            return answer(404, {"message": f"no records of kind {kind!r}; there are {known}"})
        return Answer(200, b'{"records":' + records + b"}")

    def _set_faults(self, given: Any) -> Answer:
        self.faults = parse_faults(given, self._behind.fault_kinds)
        return answer(200, {"faults": len(self.faults)})

    def _reset(self, _: Any) -> Answer:
        records = self._behind.reset()
        self.counts.clear()
        self.faults = []
        return answer(200, records)
