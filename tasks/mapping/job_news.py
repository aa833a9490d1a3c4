"""From what a vendor of leads tells of a change of job to what is new of the person (``lusha.contact``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tasks.core.batch import Json

COMPANY_CHANGE = "companyChange"

JOB_CHANGE, PROMOTION = "jobChange", "promotion"
"""Under which keys is kept when the newest of each was."""


def job_news(before: Json, signals: Iterable[Mapping[str, Any]]) -> Json | None:
    """What is new of a person; None where nothing is.

    Signals may come late and in any order: one that is older than what is known already says nothing.

    Args:
        before: The person as they are known.
        signals: Each with ``type``, ``signalDate``, ``currentCompanyName``, ``currentDomain``,
            ``currentTitle``, ``previousCompanyName`` and ``previousDomain``, as far as it tells them.
    """
    known = max(str((before.get(key) or {}).get("at") or "") for key in (JOB_CHANGE, PROMOTION))
    found: dict[str, Any] = {}
    for one in sorted(signals, key=lambda signal: str(signal.get("signalDate") or "")):
        at = str(one.get("signalDate") or "")
        if at >= known:
            found |= _told({**before, **found}, one, at)
    return {"id": before["id"], **found} if found else None


def _told(person: Json, signal: Mapping[str, Any], at: str) -> dict[str, Any]:
    """What one signal tells. What it leaves open of a new company is not the old one's: it is emptied."""
    title = signal.get("currentTitle")
    found: dict[str, Any] = {}
    if title:
        found["jobTitle"] = {"title": title, "departments": _departments(signal), "seniority": ""}
    if signal.get("type") != COMPANY_CHANGE:
        return found | {PROMOTION: {"at": at}}
    company, old = signal.get("currentCompanyName"), person.get("company") or {}
    if company:
        domain = signal.get("currentDomain") or ""
        found["company"] = {"id": "", "industry": "", "name": company, "domain": domain}
    previous = {
        "name": signal.get("previousCompanyName") or old.get("name") or "",
        "domain": signal.get("previousDomain") or (old.get("domain") if company else "") or "",
    }
    return found | {JOB_CHANGE: {"previousCompany": previous, "at": at}}


def _departments(signal: Mapping[str, Any]) -> list[str]:
    """``[{id, value}]`` in deliveries, a text elsewhere."""
    told = signal.get("currentDepartments") or []
    several = told if isinstance(told, list) else [told]
    return [str(one.get("value") or "") if isinstance(one, dict) else str(one) for one in several]
