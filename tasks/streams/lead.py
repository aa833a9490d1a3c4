"""Leads: people whom Lusha knows, as the hub keeps what was told, and what was paid for, of them."""

from __future__ import annotations

from tasks.streams.model import Field, FieldType, Mirror, Source, Stream

LUSHA_CONTACT = "lusha.contact"
"""A person as Lusha tells them: by a search, beside it by revealing, and by a change of job."""

LUSHA_COMPANY = "lusha.company"
"""The company of such a person."""

LUSHA = "lusha"
"""The kind of system; under this name the links from Lusha's ids to HighLevel's are kept."""

CONTACT_ID = "_contactId"
"""Key of a record: id of the contact that the person is, once they are linked."""

REVEALED = "revealed"
"""Key of a record: what was revealed of the person, and so is paid for."""

REVEALED_AT = "_revealedAt"
"""Key of a record: when that was, as ISO text by datapoint."""

_T = FieldType

HUB_LEAD = Stream(
    name="hub.lead",
    mirror=Mirror(
        table="lusha_leads",
        mapping="lusha_lead",
        synced_by="",  # nothing reads all of Lusha's people
        parent="contact_id",
        parent_mirror="hub.contact",
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=255),  # Lusha's, opaque
        # The contact that it is linked with, once there is one.
        "contact_id": Field(_T.TEXT, limit=64, indexed=True),
        "first_name": Field(_T.TEXT, limit=1_000),
        "last_name": Field(_T.TEXT, limit=1_000),
        "name": Field(_T.TEXT, limit=2_000),
        "email": Field(_T.TEXT, limit=320, indexed=True),
        "emails": Field(_T.TEXTS),
        "phone": Field(_T.TEXT, limit=64, indexed=True),
        "phones": Field(_T.TEXTS),
        "phones_not_to_call": Field(_T.TEXTS),
        "job_title": Field(_T.TEXT, limit=1_000),
        "seniority": Field(_T.TEXT, limit=64),
        "departments": Field(_T.TEXTS),
        "company_name": Field(_T.TEXT, limit=1_000),
        "company_domain": Field(_T.TEXT, limit=320),
        "industry": Field(_T.TEXT, limit=1_000),
        "linkedin_url": Field(_T.TEXT, limit=2_048),
        "city": Field(_T.TEXT, limit=1_000),
        "state": Field(_T.TEXT, limit=1_000),
        "country": Field(_T.TEXT, limit=64),  # ISO 3166, two letters
        "in_eu": Field(_T.BOOLEAN),
        # What was revealed, and so is paid for: `emails`, `phones`.
        "revealed": Field(_T.TEXTS),
        # Of a change of job that Lusha told: where they were before, and since when it is so.
        "previous_company_name": Field(_T.TEXT, limit=1_000),
        "previous_company_domain": Field(_T.TEXT, limit=320),
        "job_changed_at": Field(_T.TIMESTAMP),
        "date_updated": Field(_T.TIMESTAMP),
    },
)

SOURCES = (
    Source(LUSHA_CONTACT, "lusha_lead", system=LUSHA, priority=1),
    Source(LUSHA_COMPANY, "lusha_company_to_business", system=LUSHA, priority=1),
)
"""Where leads and their companies come from."""
