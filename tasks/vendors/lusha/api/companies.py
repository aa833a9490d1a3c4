"""Companies: looked for by name or domain, and enriched."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tasks.core.batch import Json
from tasks.vendors.leads import Told
from tasks.vendors.lusha.api.endpoint import Endpoint, charged, sorted_out
from tasks.vendors.lusha.client import Lusha

SEARCH = Endpoint("POST", "/v3/companies/search", repeatable=False)
ENRICH = Endpoint("POST", "/v3/companies/enrich")


@dataclass(frozen=True, slots=True)
class WantedCompany:
    """By what a company is looked for: its id, or its domain, or its name.

    Args:
        reference: By which the answer is found again.
    """

    reference: str
    id: str = ""
    domain: str = ""
    name: str = ""


async def search(client: Lusha, wanted: Sequence[WantedCompany]) -> Told:
    """Look for at most 100 companies, by reference; charged by 25 that are found.

    Raises:
        UnknownOutcomeError: The answer was lost; it may have been charged.
    """
    answer = await SEARCH.ask(client, json={"companies": [_item(one) for one in wanted]})
    asked = [one.reference for one in wanted]
    by_id = {one.id: one.reference for one in wanted if one.id}
    found, problems = sorted_out(SEARCH.listed(answer, "results"), asked, by_id)
    return Told(found, problems, charged(answer))


async def enrich(client: Lusha, ids: Sequence[str], reveal: Collection[str] = ()) -> Told:
    """What is known of at most 100 companies, by id; charged once for each, and again for no repeat.

    Args:
        reveal: Further fields, each charged for itself, e.g. ``competitors``.
    """
    body: dict[str, Json] = {"ids": list(ids), "reveal": sorted(reveal)}
    answer = await ENRICH.ask(client, json=body)
    found, problems = sorted_out(ENRICH.listed(answer, "results"), ids)
    return Told(found, problems, charged(answer))


def _item(wanted: WantedCompany) -> dict[str, Json]:
    item: dict[str, Json] = {"clientReferenceId": wanted.reference}
    if wanted.id:
        return item | {"id": wanted.id}
    return item | ({"domain": wanted.domain} if wanted.domain else {"name": wanted.name})
