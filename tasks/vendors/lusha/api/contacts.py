"""People: looked for, revealed, found by filters, and their changes of job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tasks.core.batch import Json
from tasks.vendors.leads import Datapoint, Told, Wanted
from tasks.vendors.lusha.api import jobs
from tasks.vendors.lusha.api.endpoint import Endpoint, charged, number, sorted_out, text
from tasks.vendors.lusha.client import Lusha
from tasks.vendors.retry import Check

SEARCH = Endpoint("POST", "/v3/contacts/search", repeatable=False)
ENRICH = Endpoint("POST", "/v3/contacts/enrich")
SEARCH_AND_ENRICH = Endpoint("POST", "/v3/contacts/search-and-enrich", repeatable=False)
PROSPECT = Endpoint("POST", "/v3/contacts/prospecting", repeatable=False)
FILTERS = Endpoint("GET", "/v3/contacts/prospecting/filters")
FILTER_VALUES = Endpoint("GET", "/v3/contacts/prospecting/filters/{filterType}")
SIGNALS = Endpoint("POST", "/v3/contacts/signals", repeatable=False)

SIGNAL_TYPES = ("companyChange", "promotion")
SIGNALS_OF_A_TYPE = 2
"""Signals of each type that are asked for, and so charged at most, for one person."""

LARGEST_PAGE = 1_000


async def search(client: Lusha, wanted: Sequence[Wanted]) -> Told:
    """Look for at most 100 people; charged by 25 who are found.

    Returns:
        By reference: names, company and ``canReveal``, no address or number.

    Raises:
        UnknownOutcomeError: The answer was lost; it may have been charged.
    """
    answer = await SEARCH.ask(client, json={"contacts": [_item(one) for one in wanted]})
    return _told_of(SEARCH, answer, wanted)


async def enrich(
    client: Lusha,
    ids: Sequence[str],
    datapoints: Collection[Datapoint],
    *,
    waterfall: bool = False,
    again: Check | None = None,
) -> Told:
    """Reveal these datapoints, and no other, of at most 100 people by id; free where it was done before.

    Args:
        datapoints: At least one: Lusha reveals all of them where none is named.
        waterfall: Whether other providers may be asked, at their prices.
        again: As ``Lusha.call`` has it.

    Returns:
        By id; where other providers take their time, after they are done.
    """
    if not datapoints:
        raise ValueError("nothing is to be revealed")
    reveal: list[Json] = sorted(datapoints)
    body = {"ids": list(ids), "reveal": reveal, "waterfallEnabled": waterfall}
    answer = await jobs.whole(client, await ENRICH.ask(client, json=body, again=again))
    people, problems = sorted_out(ENRICH.listed(answer, "results"), ids)
    return Told(people, problems, charged(answer), out_of_credits=_is_out_of_credits(answer))


async def search_and_enrich(
    client: Lusha, wanted: Sequence[Wanted], datapoints: Collection[Datapoint]
) -> Told:
    """Look for people and reveal at once; where the account has a waterfall, it cannot be switched off here.

    Raises:
        UnknownOutcomeError: The answer was lost; it may have been charged.
    """
    if not datapoints:
        raise ValueError("nothing is to be revealed")
    reveal: list[Json] = sorted(datapoints)
    body = {"contacts": [_item(one) for one in wanted], "reveal": reveal}
    answer = await jobs.whole(client, await SEARCH_AND_ENRICH.ask(client, json=body))
    return _told_of(SEARCH_AND_ENRICH, answer, wanted)


async def prospect(client: Lusha, filters: Mapping[str, Any], page: int, size: int) -> Told:
    """A page of the people whom filters let through, by id; charged by 25.

    Args:
        filters: ``contacts`` and ``companies``, each with ``include`` and ``exclude``, and ``options``.
        page: From 0 to 1,000.
        size: From 10 to 100.

    Raises:
        InvalidRequestError: The filters are not understood.
        UnknownOutcomeError: The answer was lost; it may have been charged.
    """
    options = {"options": filters["options"]} if "options" in filters else {}
    named = {"contacts": {}, "companies": {}} | {key: filters[key] for key in filters if key != "options"}
    body = {"pagination": {"page": page, "size": size}, "filters": named, **options}
    answer = await PROSPECT.ask(client, json=body)
    found = PROSPECT.listed(answer, "results")
    people, problems = sorted_out(found, [whose for one in found if (whose := text(one.get("id")))])
    total, more = _extent(answer, len(found), page, size)
    return Told(people, problems, charged(answer), total, more)


async def filter_types(client: Lusha) -> list[dict[str, Any]]:
    """Which filters have a list of values: ``filterType`` and ``requiresQuery``; free."""
    return FILTERS.listed(await FILTERS.ask(client), "availableFilters")


async def filter_values(client: Lusha, filter_type: str, query: str = "") -> Any:
    """What a filter may be set to; free.

    Args:
        query: Of 2 to 256 characters, where the filter requires one.
    """
    asked = {"query": query} if query else None
    return (await FILTER_VALUES.ask(client, {"filterType": filter_type}, query=asked)).get("values")


async def signals(client: Lusha, ids: Sequence[str], since: datetime) -> Told:
    """Changes of job since a day, of at most 100 people; each that is told is charged.

    Returns:
        By id: ``signals``, each with its ``type``, the latest first.

    Raises:
        UnknownOutcomeError: The answer was lost; it may have been charged.
    """
    body: dict[str, Json] = {
        "ids": list(ids),
        "signalTypes": list(SIGNAL_TYPES),
        "startDate": f"{since:%Y-%m-%d}",
        "maxResultsPerSignal": SIGNALS_OF_A_TYPE,
    }
    answer = await SIGNALS.ask(client, json=body)
    entries = [_with_signals(entry) for entry in SIGNALS.listed(answer, "results")]
    people, problems = sorted_out(entries, ids)
    return Told(people, problems, charged(answer))


def _item(wanted: Wanted) -> dict[str, Json]:
    """By what somebody is looked for: the one set of identifiers that finds best."""
    item: dict[str, Json] = {"clientReferenceId": wanted.reference}
    if wanted.id:
        return item | {"id": wanted.id}
    if wanted.linkedin:
        return item | {"linkedinUrl": wanted.linkedin}
    if wanted.email:
        return item | {"email": wanted.email}
    item |= {"firstName": wanted.first_name, "lastName": wanted.last_name}
    return item | ({"companyDomain": wanted.domain} if wanted.domain else {"companyName": wanted.company})


def _told_of(endpoint: Endpoint, answer: Mapping[str, Any], wanted: Sequence[Wanted]) -> Told:
    asked = [one.reference for one in wanted]
    by_id = {one.id: one.reference for one in wanted if one.id}
    people, problems = sorted_out(endpoint.listed(answer, "results"), asked, by_id)
    return Told(people, problems, charged(answer), out_of_credits=_is_out_of_credits(answer))


def _is_out_of_credits(answer: Mapping[str, Any]) -> bool:
    """Whether the credits ran out in the middle; that comes with a 200."""
    if text(answer.get("status")).upper() in ("OUT_OF_CREDITS", "PARTIAL_OUT_OF_CREDITS"):
        return True
    entries = answer.get("results")
    missing = [
        point
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
        for point in entry.get("missingDataPoints") or []
    ]
    return any(isinstance(point, dict) and point.get("status") == "BILLING_FAILED" for point in missing)


def _extent(answer: Mapping[str, Any], found: int, page: int, size: int) -> tuple[int | None, bool]:
    """How many there are in all, and whether pages follow.

    A page may hold fewer than were asked for (100 asked, 50 told), and so may the last one: a page that is
    short and not the end tells how long pages are.
    """
    told = answer.get("pagination")
    total = number(told.get("total")) if isinstance(told, dict) else None
    if not found or page >= LARGEST_PAGE:
        return (None if total is None else int(total)), False
    if total is None:
        return None, found >= size
    is_last = page * size + found >= total
    length = size if is_last or found >= size else found
    return int(total), (page + 1) * length < total


def _with_signals(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A person's signals of all types as one list."""
    found = [
        {"type": kind, **one}
        for kind in SIGNAL_TYPES
        for one in entry.get(kind) or []
        if isinstance(one, dict)
    ]
    found.sort(key=lambda one: text(one.get("signalDate")), reverse=True)
    rest = {key: value for key, value in entry.items() if key not in SIGNAL_TYPES}
    return {**rest, "signals": found}
