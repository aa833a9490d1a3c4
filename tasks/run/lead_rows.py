"""The rows that leads come to, as sources that the planner reads: their companies, then the people."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from tasks.core.batch import DOUBT, TIED, UNKNOWN, Batch, Json, Position, Reason, Reject, Row, canonical_json
from tasks.core.change import Scope
from tasks.hub import links
from tasks.hub.engine import Hub
from tasks.mapping.company_domains import domain_of_website
from tasks.mapping.company_names import normalised
from tasks.mapping.wrong_company import doubt
from tasks.run.lead_matching import LINK
from tasks.run.leads import OPTED_OUT, Lead
from tasks.streams import HIGHLEVEL_BUSINESS
from tasks.streams.lead import LUSHA, LUSHA_COMPANY, LUSHA_CONTACT

BUSINESS = "_business"
"""Key of a record: id of the business that the person's company is in HighLevel."""


class RecordSource:
    """Records that are made already, batch by batch.

    Args:
        told: By record id, what a row tells besides its fields.
    """

    def __init__(
        self,
        stream: str,
        location_id: str,
        records: Sequence[Json],
        told: dict[str, Row],
        rejects: Sequence[Reject] = (),
    ) -> None:
        self._stream = stream
        self._location_id = location_id
        self._records = records
        self._rejects = list(rejects)
        self.told = told
        self.total: int | None = len(records) + len(rejects)

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after a position; what is no record comes with the first."""
        at = (position or {}).get("at", 0)
        await asyncio.sleep(0)
        return Batch(
            self._stream,
            self._location_id,
            list(self._records[at : at + size]),
            {"at": at + size},
            last=at + size >= len(self._records),
            rejects=self._rejects if at == 0 else [],
        )


def people(
    leads: Sequence[Lead],
    location_id: str,
    businesses: dict[str, str],
    others: Sequence[Reject],
    expected: Collection[str],
) -> RecordSource:
    """The people, one row each.

    Args:
        businesses: Ids of businesses by the key of a company.
        others: What the source could not tell as leads.
        expected: The references of leads of whom something is still to be bought.
    """
    records: list[Json] = []
    told: dict[str, Row] = {}
    rejects: list[Reject] = list(others)
    for lead in leads:
        record = {**lead.record, "id": lead.record_id}
        if why := _why_not(lead, expected):
            rejects.append(Reject(record["id"], [Reason(UNKNOWN, "", why, why)], canonical_json(record)))
            continue
        if business := businesses.get(company_key(record)):
            record[BUSINESS] = business
        records.append(record)
        told[record["id"]] = _told(lead)
    return RecordSource(LUSHA_CONTACT, location_id, records, told, rejects)


def companies(leads: Sequence[Lead], location_id: str, expected: Collection[str]) -> RecordSource:
    """The companies of people whose contact has no business yet, one row each."""
    found: dict[str, Json] = {}
    for lead in leads:
        key = company_key(lead.record)
        if key and not _why_not(lead, expected) and not (lead.contact and lead.contact["business_id"]):
            company = lead.record["company"]
            known = found.setdefault(
                key, {"id": key, "name": company.get("name"), "domain": _domain(company)}
            )
            known["name"] = known["name"] or company.get("name")
    named = [one for one in found.values() if one["name"]]
    return RecordSource(LUSHA_COMPANY, location_id, named, {})


def company_key(record: Json) -> str:
    """By what a person's company is told from others: its domain, or else its name; empty for none."""
    company = record.get("company") or {}
    if domain := _domain(company):
        return domain
    name = normalised(company.get("name") or "")
    return f"name:{name}" if name else ""


def businesses(hub: Hub, location_id: str, leads: Sequence[Lead]) -> dict[str, str]:
    """Which businesses the companies of leads are, by company key."""
    keys = sorted({key for one in leads if (key := company_key(one.record))})
    with hub.read() as connection:
        found = links.targets(connection, Scope(location_id, LUSHA, HIGHLEVEL_BUSINESS.name), keys)
    return {key: id_ for key, id_ in found.items() if id_ != links.SPLIT}


def _domain(company: Json) -> str:
    told = company.get("domain") or ""
    return domain_of_website(told) if told else ""


def _why_not(lead: Lead, expected: Collection[str]) -> str:
    """Why a lead comes to no row; empty where it does."""
    if lead.problem == OPTED_OUT:
        return lead.problem
    if lead.doubt:  # a person says who it is, and only then anything is bought
        return ""
    if lead.contact is None and not lead.is_reachable and lead.reference not in expected:
        return lead.problem or "neither an e-mail address nor a phone number is known"
    return ""


def _told(lead: Lead) -> Row:
    row: Row = {}
    if lead.contact is not None and lead.found_by != LINK:
        row[TIED] = [lead.contact["id"], lead.found_by]
    if why := lead.doubt or wrong_company(lead):
        row[DOUBT] = why
    return row


def wrong_company(lead: Lead) -> str:
    """Why an address may be that of another company; empty where nothing speaks for it."""
    company = lead.record.get("company") or {}
    website = (lead.contact or {}).get("website") or ""
    emails = [one for one in lead.record.get("emails") or () if one.get("type") != "private"]
    if not emails:
        return ""
    return doubt(
        emails[0].get("email") or "", company.get("name") or "", company.get("domain") or "", website
    )
