"""Which scopes of HighLevel each automation needs: the one list that tests, docs and commands read.

Without Prefect, so that a command that only asks for the list starts at once.
"""

from __future__ import annotations

from collections.abc import Iterable

from tasks.mapping.language import Mapping
from tasks.streams.lead import LUSHA_COMPANY, LUSHA_CONTACT

READS = ("contacts.readonly",)
WRITES = ("contacts.readonly", "contacts.write")

ACTIVITY = (
    *READS,
    *("locations/tasks.readonly", "calendars.readonly", "calendars/events.readonly", "users.readonly"),
)

RULES = ("locations.readonly", "users.readonly")
"""What rules read of a location: its zone and country, and who its users are."""

LEADS = (
    *WRITES,
    *("businesses.readonly", "businesses.write"),
    *("locations/customFields.readonly", "locations/customFields.write"),
)
"""What leads become: contacts and businesses, with a field for Lusha's id."""

SCOPES: dict[str, tuple[str, ...]] = {
    "backfill_contacts": READS,
    "sync_contacts": READS,
    "sync_businesses": (*READS, "businesses.readonly"),
    "backfill_activity": ACTIVITY,
    "sync_activity": ACTIVITY,
    "run_operation": (),  # the operation's own
    "import_contacts": WRITES,
    "import_businesses": (*READS, "businesses.readonly", "businesses.write"),
    "import_records": (
        *WRITES,
        *("locations.readonly", "locations/tasks.readonly", "users.readonly", "calendars.readonly"),
        *("calendars/events.readonly", "calendars/events.write", "businesses.readonly", "businesses.write"),
    ),
    "create_first_tasks": (*WRITES, *RULES, "locations/tasks.readonly"),
    "link_businesses": (*WRITES, *RULES, "businesses.readonly", "businesses.write"),
    "route_contacts": (
        *(*WRITES, *RULES, "locations/tasks.readonly"),
        *("workflows.readonly", "locations/tags.readonly"),
    ),
    "notify_task_progress": (*READS, *RULES, "locations/tasks.readonly"),
    "push_leads": LEADS,
    "enrich_contacts": LEADS,
    "apply_plan": WRITES,
    "undo_plan": WRITES,
    "sync_job_changes": READS,
    "react_to_job_changes": (*WRITES, *RULES, "locations/tasks.readonly"),
    "remove_opted_out": WRITES,
    "replay_rejects": WRITES,
    "housekeeping": (),  # it asks HighLevel nothing
}
"""By the automation's name."""

OF_LEADS = (LUSHA_CONTACT, LUSHA_COMPANY)
"""The streams of leads and their companies."""

OF_FIELDS = {
    "custom.": "locations/customFields.readonly",
    "business": "businesses.readonly",
    "task": "locations/tasks.readonly",
}
"""What a mapping into HighLevel needs besides, by the beginning of a field's name that it fills."""


def needed(mappings: Iterable[Mapping]) -> dict[str, tuple[str, ...]]:
    """The scopes by automation, with those that the fields of mappings ask for.

    What mappings of leads ask for, the automations with leads need in any case, and no other does.
    """
    filled = {
        name
        for mapping in mappings
        if mapping.target.startswith("highlevel.") and mapping.source not in OF_LEADS
        for name in (*mapping.fields, *mapping.match)
    }
    more = tuple(
        scope for begin, scope in OF_FIELDS.items() if any(name.startswith(begin) for name in filled)
    )
    return {name: scopes + more if scopes == WRITES else scopes for name, scopes in SCOPES.items()}
