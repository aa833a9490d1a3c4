"""The waterfall: data that Lusha does not have, looked for at other providers, asynchronously.

A job is processing when it is first polled and complete from then on. Every second person is found, at the
other provider's rate; what was found is paid for once, like Lusha's own data.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sandbox.lusha.companies import Document
from sandbox.lusha.ledger import Ledger
from sandbox.lusha.world import World

__all__ = ["RATES", "Jobs"]

RATES = {"emails": 2, "phones": 8}
"""Credits of another provider."""
_KEPT = timedelta(hours=24)
_RETRY_AFTER = 1


@dataclass(slots=True)
class _Job:
    wanted: dict[str, list[str]]
    expires: datetime
    was_polled: bool = False
    is_complete: bool = False
    charged: int = 0
    found: list[Document] = field(default_factory=list)


class Jobs:
    """The account's jobs by id."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}

    def start(self, wanted: dict[str, list[str]]) -> Document:
        """A new job for the missing datapoints of some people, as an answer tells it."""
        job_id = str(uuid.uuid4())
        job = self._jobs[job_id] = _Job(wanted, datetime.now(UTC) + _KEPT)
        expires = job.expires.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"id": job_id, "status": "processing", "expiresAt": expires, "retryAfter": _RETRY_AFTER}

    def poll(self, job_id: str, world: World, ledger: Ledger) -> Document | None:
        """A job as it is told, None where there is none any more."""
        job = self._jobs.get(job_id)
        if job is None or job.expires < datetime.now(UTC):
            return None
        covers = ["emails", "phones"]
        if not job.was_polled:
            job.was_polled = True
            return {"jobId": job_id, "status": "processing", "retryAfter": _RETRY_AFTER, "covers": covers}
        if not job.is_complete:
            job.is_complete = True
            _run(job, world, ledger)
        told = {"jobId": job_id, "status": "complete", "covers": covers}
        return {**told, "contacts": job.found, "creditsCharged": job.charged}


def _run(job: _Job, world: World, ledger: Ledger) -> None:
    for place, (person_id, names) in enumerate(job.wanted.items()):
        person = world.person(person_id)
        if person is None or place % 2:
            job.found.append({"id": person_id, "missingDataPoints": _missing(names, "NOT_FOUND")})
            continue
        costs = {name: 0 if person[name] else RATES[name] for name in names}  # another job may have found it
        if sum(costs.values()) > ledger.remaining:
            job.found.append({"id": person_id, "missingDataPoints": _missing(names, "BILLING_FAILED")})
            continue
        found = {name: person[name] or [_elsewhere(name, person)] for name in names}
        job.charged += sum(ledger.reveal(person_id, name, cost) for name, cost in costs.items())
        job.found.append({"id": person_id, **found})
        world.change(person, **found)


def _missing(names: list[str], status: str) -> list[Document]:
    return [{"type": name[:-1], "status": status} for name in names]


def _elsewhere(name: str, person: Document) -> Document:
    shared = {"updateDate": "2026-10-10", "dataSource": "otherProvider", "credits": RATES[name]}
    if name == "emails":
        address = f"{person['personId']}@elsewhere.example.com"
        return {"email": address, "type": "work", "confidence": None, **shared}
    number = f"+120255501{person['personId'] % 100:02}"
    return {"number": number, "type": "mobile", "doNotCall": False, **shared}
