"""Parameters that several flows share: the same type, bounds and help in every form of Prefect's UI.

Prefect shows what a flow's docstring says of a parameter, and hides a ``description`` in its annotation
behind it; the schema's own ``description``, which is set here, stays. So each is described once, and a flow's
docstring describes what is the flow's own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tasks.edge import automating
from tasks.run import planning


def _described(text: str, **bounds: Any) -> Any:
    return Field(json_schema_extra={"description": text}, **bounds)


DryRun = Annotated[bool, _described("On, the plan is shown, and nothing is written to HighLevel.")]
Approve = Annotated[bool, _described("On, the run waits until a person has seen the plan and approves it.")]
ApprovalHours = Annotated[
    int, _described("How many hours to wait for a person, where one is asked.", ge=1, le=24 * 30)
]
Recheck = Annotated[
    planning.Recheck,
    _described(
        "How to notice what somebody edits while the plan is applied: read each record again right before"
        " it is written, or search for edits now and then (half the requests, but an edit of the last"
        " seconds is missed)."
    ),
]
HandEdits = Annotated[
    planning.HandEdits,
    _described(
        "What becomes of values that somebody edited in HighLevel, where the file does not say when its"
        " records were changed last: they stay, or those that are older than the file are overwritten. A copy"
        " of a file is as young as the copy."
    ),
]
PlanId = Annotated[
    str,
    _described(
        "The plan's id, the id of the run that made or applied it, a part of one of them that no other plan"
        " has, or `last`."
    ),
]
MappingName = Annotated[str, _described("Name of the mapping in `mappings/`, or a file.")]
RulesName = Annotated[str, _described("Name of the rules file in `mappings/`, or a file.")]
Scope = Annotated[
    automating.Scope,
    _described(
        "New: what changed since the automation ran last, as the journal tells. All: every record of the hub,"
        " e.g. to work through historical contacts."
    ),
]
Ids = Annotated[
    tuple[str, ...],
    _described("Instead of a scope: the ids of single records in HighLevel, e.g. to try the rules on one."),
]
Connection = Annotated[
    str, _described("Name of a connection, the hub's or a Prefect block; empty for the environment's.")
]
BatchSize = Annotated[
    int,
    _described(
        "Records in a batch: what one transaction holds, and what a crash can cost at most.", ge=1, le=5000
    ),
]

Datapoints = tuple[Literal["emails", "phones"], ...]
Reveal = Annotated[
    Datapoints,
    _described(
        "What is bought where a contact lacks it: `emails` (all of a person's cost 1 credit), `phones` (5"
        " credits); the live price list counts. Empty: nothing."
    ),
]
MaxCredits = Annotated[
    float | None,
    _described(
        "Credits that the run may spend at most; empty for the setting's. What does not fit is left for the"
        " next run.",
        ge=0,
    ),
]
OnlyWithTag = Annotated[
    str, _described("Only contacts with this tag; empty for all that Lusha's people are linked with.")
]
WebhookUrl = Annotated[
    str,
    _described(
        "Public https address of your receiver: Lusha tells changes there, and subscriptions are kept in"
        " step. Empty: they are asked for once a day."
    ),
]
MaxContacts = Annotated[int, _described("Contacts that are looked for, at most.", ge=1, le=100_000)]
ApproveSpending = Annotated[
    bool, _described("On, the run waits until a person has seen the bill of credits and approves it.")
]
Businesses = Annotated[
    bool,
    _described(
        "On, people's companies are linked as businesses, found by domain or name, and made where there is"
        " none."
    ),
]
MakeField = Annotated[
    bool,
    _described(
        "On, the custom field “Lusha ID” is made in HighLevel where it has none; it keeps who a contact is"
        " at Lusha."
    ),
]
LeadFile = Annotated[
    str, _described("Path, on the worker's machine, of a file of leads with the columns of Lusha's export.")
]
LeadSource = Annotated[
    Literal["", "inbox", "search"],
    _described(
        "Instead of a file. Inbox: a table in Lusha that people put leads into, and that is emptied. Search:"
        " a saved search."
    ),
]
LeadTable = Annotated[str, _described("Name or id of the table in Lusha that is the inbox.")]
LeadSearchName = Annotated[str, _described("Name of the saved search in `mappings/`, or a file.")]

ActivityMappings = Annotated[
    tuple[str, ...],
    _described(
        "Names of the mappings in `mappings/`, or files: of users, calendars, tasks, appointments and notes."
    ),
]
ContactsAtOnce = Annotated[
    int,
    _described(
        "Contacts whose notes are read in a batch: what one transaction holds, and what a crash can cost.",
        ge=1,
        le=2500,
    ),
]
MaxDeletedShare = Annotated[
    float,
    _described(
        "Share of the hub's records of a kind that a run may mark as deleted; more stops it.", ge=0, le=1
    ),
]

ImportFile = Annotated[
    str,
    _described(
        "Path, on the worker's machine, of a CSV, Excel (xlsx, xls), OpenDocument (ods) or JSON Lines file."
    ),
]
ImportQuery = Annotated[str, _described("Instead of a file: a SELECT over the hub's database.")]
Columns = Annotated[
    dict[str, str],
    _described('What a column is, where the guess is wrong: {"Kunde": "company"}; "" leaves one out.'),
]
Sheet = Annotated[str, _described("Name of the Excel sheet; empty for the first that holds a table.")]
Encoding = Annotated[str, _described("Of a CSV file, e.g. cp1252; empty to find out.")]
Delimiter = Annotated[str, _described("Between the columns of a CSV file; empty to find out.")]
System = Annotated[
    str,
    _described(
        "Which program gave the records their ids, e.g. hubspot: they are kept apart. Empty: `file` or `hub`."
    ),
]
