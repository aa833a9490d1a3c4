"""Answers that are not whole yet: other providers are still being asked.

Such an answer comes with a ``job``, which is asked for the rest until it is done. Asking is free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

from tasks.core.errors import RecordNotFoundError, VendorFailedError
from tasks.vendors.lusha.api.endpoint import Endpoint, charged, number, text
from tasks.vendors.lusha.client import Lusha

GET = Endpoint("GET", "/v3/contacts/jobs/{jobId}")

WAIT_SECONDS = 2.0
"""Between two questions where Lusha does not say how long."""
LONGEST_WAIT_SECONDS = 30.0
PATIENCE_SECONDS = 300.0
"""After so long what has come by then counts; what comes later is found by revealing again, for free."""


async def whole(client: Lusha, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with all that its job adds to it, once that is done."""
    began = monotonic()
    job = answer.get("job")
    while isinstance(job, dict) and (job_id := text(job.get("id") or job.get("jobId"))):
        if text(job.get("status")).lower() in ("complete", "completed", "expired", "failed"):
            break
        wait = min(number(job.get("retryAfter")) or WAIT_SECONDS, LONGEST_WAIT_SECONDS)
        if monotonic() - began + wait > PATIENCE_SECONDS:
            break
        await asyncio.sleep(wait)
        try:
            job = {"id": job_id, **await GET.ask(client, {"jobId": job_id})}
        except (
            RecordNotFoundError,
            VendorFailedError,
        ):  # it has expired, or cannot be asked: the rest is lost
            break
        if text(job.get("status")).lower().startswith("complete"):
            answer = _joined(answer, job)
    return answer


def _joined(answer: Mapping[str, Any], job: Mapping[str, Any]) -> dict[str, Any]:
    """An answer whose people are those of the job, as far as it has them, and which tells both charges."""
    added = {text(one.get("id")): one for one in job.get("contacts") or [] if isinstance(one, dict)}
    held = [one for one in answer.get("results") or [] if isinstance(one, dict)]
    results = [{**one, **added.pop(text(one.get("id")), {})} for one in held]
    taken = [one for one in (charged(answer), charged(job)) if one is not None]
    return {
        **answer,
        "status": job.get("status"),
        "results": [*results, *added.values()],
        "billing": {"creditsCharged": sum(taken) if taken else None},
    }
