"""Which automations there are: the one list that the command line, the docs and the tests read."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flows.wrong_parameters import refusal
from tasks.core.errors import BadConfigurationError
from tasks.core.words import nearest_of_all

if TYPE_CHECKING:  # the list is read where importing Prefect would take too long
    from prefect import Flow

AUTOMATIONS = {
    "backfill_contacts": "Every contact of a location, or those of a window, into the hub; resumable.",
    "sync_contacts": "What changed since the last run, into the hub; deletions by a periodic full pass.",
    "sync_businesses": "HighLevel's businesses into the hub; deletions by a periodic full pass.",
    "backfill_activity": "All tasks, appointments and notes of a location into the hub; resumable.",
    "sync_activity": "Tasks, appointments and notes kept in step, with users and calendars.",
    "run_operation": "One operation of HighLevel's API, chosen by a person; a dry run by default.",
    "import_contacts": "Contacts of a file or a hub query into HighLevel: planned, shown, applied, undoable.",
    "import_businesses": "Businesses of a file or a hub query into HighLevel, in the same way.",
    "import_records": "Tasks, notes, appointments or businesses of a file or a query, in the same way.",
    "create_first_tasks": "The first tasks of contacts that are new or changed, by a playbook; each once.",
    "link_businesses": "Contacts grouped by company and linked with its business; doubtful ones for review.",
    "route_contacts": "Tags, owner and workflows of contacts by rules; each once for each change of state.",
    "notify_task_progress": "Tasks created, completed, reopened, reassigned or overdue: told to a team.",
    "push_leads": "Leads of Lusha into HighLevel: found, priced, bought once, planned, applied.",
    "enrich_contacts": "E-mail addresses and phones that contacts lack, bought from Lusha under a cap.",
    "apply_plan": "A plan that is kept in the hub, carried out; or gone on with where it stopped.",
    "undo_plan": "What a plan did, taken back from the old values; itself a plan.",
    "sync_job_changes": "Changes of job of people from Lusha, told or asked for, into the hub; under a cap.",
    "react_to_job_changes": "Tasks and tags of contacts whose job changed, by rules; each change once.",
    "remove_opted_out": "Values whose owners opted out, removed from HighLevel's contacts; itself a plan.",
    "replay_rejects": "The raw records that failed, through the mapping as it is now.",
    "housekeeping": "Plans that are over, runs and decided reviews, removed from the hub when they are old.",
}
"""Name of the module, the flow and the deployment, and what it does."""


def load(name: str) -> Flow[..., Any]:
    """The flow of an automation.

    Raises:
        BadConfigurationError: There is none of that name.
    """
    if name not in AUTOMATIONS:
        raise BadConfigurationError(
            f"There is no automation {name!r}.", remedy=nearest_of_all(name, AUTOMATIONS)
        )
    found: Flow[..., Any] = getattr(import_module(f"flows.{name}"), name)
    return found


def check_parameters(flow: Flow[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """``given`` as the flow's own types; Prefect itself lets an unknown name through and crashes later.

    Raises:
        BadConfigurationError: A name is unknown or a value does not fit.
    """
    known = list(flow.parameters.properties)
    for name in given:
        if name not in known:
            raise BadConfigurationError(
                f"{flow.name} has no parameter {name!r}.", remedy=nearest_of_all(name, known)
            )
    try:
        return flow.validate_parameters(given)
    except Exception as error:  # noqa: BLE001 - Prefect's and pydantic's share no base class
        if hasattr(error.__context__, "errors"):  # pydantic's, which Prefect tells in pydantic's words
            raise refusal(flow, error.__context__) from None
        raise BadConfigurationError(f"{flow.name}: {error}") from None
