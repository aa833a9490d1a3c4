"""Contacts: as the hub mirrors them, as HighLevel takes them, and where they come from."""

from __future__ import annotations

from dataclasses import replace

from tasks.core.change import Verb
from tasks.streams.business import HIGHLEVEL_BUSINESS
from tasks.streams.crm_task import TASK
from tasks.streams.enrolment import ENROLMENT
from tasks.streams.model import (
    RULES,
    TEXT_LIMIT,
    Field,
    FieldType,
    Mirror,
    Naming,
    Operation,
    Source,
    Stream,
    Target,
    Written,
)
from tasks.streams.note import NOTE

_T = FieldType

HUB_CONTACT = Stream(
    name="hub.contact",
    mirror=Mirror(
        table="contacts",
        mapping="highlevel_contact",
        synced_by="sync_contacts",
        further={"email": "additional_emails", "phone": "additional_phones"},
        composed={"name": ("first_name", "last_name")},
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "first_name": Field(_T.TEXT, limit=1_000),
        "last_name": Field(_T.TEXT, limit=1_000),
        "name": Field(_T.TEXT, limit=2_000),
        "email": Field(_T.TEXT, limit=320, indexed=True),
        "additional_emails": Field(_T.TEXTS),
        "phone": Field(_T.TEXT, limit=64, indexed=True),
        "additional_phones": Field(_T.TEXTS),
        "company_name": Field(_T.TEXT, limit=1_000),
        "business_id": Field(_T.TEXT, limit=64),
        "website": Field(_T.TEXT, limit=2_048),
        "address": Field(_T.TEXT, limit=2_000),
        "city": Field(_T.TEXT, limit=1_000),
        "state": Field(_T.TEXT, limit=1_000),
        "postal_code": Field(_T.TEXT, limit=64),
        "country": Field(_T.TEXT, limit=64),
        "timezone": Field(_T.TEXT, limit=64),
        "date_of_birth": Field(_T.DATE),
        "source": Field(_T.TEXT, limit=2_000),
        "type": Field(_T.TEXT, limit=64),
        "assigned_to": Field(_T.TEXT, limit=64),
        "dnd": Field(_T.BOOLEAN),
        # HighLevel's lists do not tell it, a contact that is read by itself does.
        "dnd_calls": Field(_T.BOOLEAN, untold=False),
        "tags": Field(_T.TEXTS),
        "custom": Field(_T.OBJECT),
        "date_added": Field(_T.TIMESTAMP),
        "date_updated": Field(_T.TIMESTAMP),
    },
)


def _text(
    mirror: str, limit: int = 1_000, *, written: Written = Written.ALWAYS, clearable: bool = True
) -> Field:
    return Field(_T.TEXT, limit=limit, mirror=mirror, written=written, clearable=clearable)


NAME = "highlevel.contact"


def _in_groups(verb: Verb, part: str, name: str, title: str, short: str, order: int) -> Operation:
    return Operation(NAME, verb, name, title, short, order, part=part, in_groups=True, rechecked=True)


_OPERATIONS = (
    Operation(NAME, Verb.CREATE, "create", "new contacts", "new", 200),
    Operation(NAME, Verb.UPDATE, "update", "contacts updated", "updated", 210, rechecked=True),
    _in_groups(Verb.ADD, "tags", "tag_add", "contacts given tags", "tags added", 220),
    _in_groups(Verb.REMOVE, "tags", "tag_remove", "contacts that lose tags", "tags removed", 230),
    _in_groups(
        Verb.UPDATE,
        "business",
        "link_business",
        "contacts put into a business, or out of it",
        "businesses",
        240,
    ),
    # A contact is read with its notes, tasks and appointments before.
    Operation(NAME, Verb.DELETE, "delete", "contacts deleted", "deleted", 800, reads=4),
)

HIGHLEVEL_CONTACT = Stream(
    name=NAME,
    target=Target(
        called=("contact", "contacts"),
        operations=_OPERATIONS,
        mirror="hub.contact",
        imported_by="import_contacts",
        match=("link", "email", "phone"),
        naming=Naming(given="firstName", family="lastName", whole="name"),
        label=(("name",), ("firstName", "lastName"), ("email",), ("phone",), ("companyName",)),
        address=("email", "phone"),
        needs_one_of=("firstName", "lastName", "name", "email", "phone"),
        composed={"name": ("firstName", "lastName")},
    ),
    fields={
        # The source's own id of the record, by which its contact is found again.
        "id": Field(_T.TEXT, required=True, limit=255),
        # When the source last changed the record: what the policies compare. Never written.
        "asOf": Field(_T.TIMESTAMP),
        "firstName": _text("first_name"),
        "lastName": _text("last_name"),
        # HighLevel splits it, and puts it together again.
        "name": Field(
            _T.TEXT, limit=2_000, mirror="name", written=Written.ALWAYS, clearable=True, folded=True
        ),
        "email": _text("email", 320),
        "phone": Field(
            _T.TEXT, limit=64, mirror="phone", written=Written.ALWAYS, clearable=True, has_twins=True
        ),
        "companyName": _text("company_name", written=Written.BY_ADDRESS),
        "website": _text("website", 2_048),
        "address1": _text("address", 2_000),
        "city": _text("city"),
        "state": _text("state"),
        "postalCode": replace(_text("postal_code", 64, clearable=False), padded=True),
        "country": _text("country", 64, clearable=False),
        "timezone": _text("timezone", 64),
        "dateOfBirth": Field(_T.DATE, mirror="date_of_birth", written=Written.ALWAYS, clearable=True),
        "gender": _text("", 64, clearable=False, written=Written.WHEN_MADE),
        "source": _text("source", 2_000),
        "assignedTo": _text("assigned_to", 64),
        "dnd": Field(_T.BOOLEAN, mirror="dnd", written=Written.ALWAYS),
        # Of the channels that can be switched off, the one for calls.
        "dndCalls": Field(_T.BOOLEAN, mirror="dnd_calls", written=Written.ALWAYS, untold=False),
        "tags": Field(_T.TEXTS, mirror="tags", written=Written.WHEN_MADE, part="tags", folded=True),
        # Tags that it is to lose; those that it does not have, and others, are left alone.
        "tagsRemoved": Field(_T.TEXTS, mirror="tags", takes_from="tags"),
        # The name, the domain or the id of a business that is there.
        "business": Field(
            _T.TEXT,
            limit=1_000,
            mirror="business_id",
            part="business",
            clearable=True,
            told_as="businessId",
            refers_to=HIGHLEVEL_BUSINESS.name,
        ),
        "note": Field(_T.TEXT, limit=TEXT_LIMIT, child=NOTE.name),
        # title, dueDate, and as one likes body, assignedTo, completed
        "task": Field(_T.OBJECT, child=TASK.name),
        # id and, for people, name of a workflow that it joins, and of one that it leaves
        "workflows": Field(_T.OBJECT, child=ENROLMENT.name),
        "workflowsLeft": Field(_T.OBJECT, child=ENROLMENT.name, child_verb=Verb.DELETE),
    },
    custom=Field(_T.VALUE, mirror="custom", written=Written.ALWAYS),
)

SOURCES = (
    # The search cursor rides on each contact and changes with the sort order.
    Source("highlevel.contact", "highlevel_contact", volatile=frozenset({"searchAfter"})),
    # Rows of a CSV, Excel or JSON Lines file under canonical names (tasks/extract/columns.py).
    Source("file.contact", "file_to_contact", number="_row", volatile=frozenset({"_row"}), system="file"),
    # Rows of a query of the hub's database, likewise.
    Source("hub.contact", "file_to_contact", system="hub", priority=2),
    # Rows that rules made (tasks/mapping/rules); the mapping that reads them is made with them.
    Source(f"{RULES}.contact", "", system=RULES, priority=2),
)
"""Where contacts come from."""
