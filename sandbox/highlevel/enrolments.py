"""Workflows, campaigns and followers: what a contact is put into.

Enrolment is one-way: nothing lists who is in a workflow or a campaign; who is put into one again goes through
it again, which ``times`` counts for tests. Workflow ids are UUIDs. The campaigns' remove-all operation
changed its path with v3 and answers under one dialect each. Followers of a contact are read from the contact
itself, those of an opportunity from the opportunity. Shapes from ``apps/contacts.json``,
``apps/workflows.json``, ``apps/campaigns.json`` and ``apps/opportunities.json``.
"""

from __future__ import annotations

from sandbox.core.answers import Answer
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.contacts import existing
from sandbox.highlevel.forms import Form, moment, texts
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Row

__all__ = ["ROUTES"]

_FOLLOWERS = Form({"followers": texts}, required=("followers",))
_WORKFLOW = Form({"eventStartTime": moment})
_EMPTY = Form({})


def workflows(location: Location, call: Call) -> Answer:
    """``GET /workflows/``."""
    location.require(call.query("locationId"), call)
    return traced(200, {"workflows": list(location.others["workflows"].values())})


def campaigns(location: Location, call: Call) -> Answer:
    """``GET /campaigns/``, of one status or of all."""
    location.require(call.query("locationId"), call)
    status = call.query("status")
    held = location.others["campaigns"].values()
    return traced(200, {"campaigns": [one for one in held if status in (None, "", one.get("status"))]})


def to_workflow(location: Location, call: Call) -> Answer:
    """``POST /contacts/{contactId}/workflow/{workflowId}``: 200."""
    _enrol(location, call, "workflow", _WORKFLOW, joins=True)
    return traced(200, call.done)


def from_workflow(location: Location, call: Call) -> Answer:
    """``DELETE /contacts/{contactId}/workflow/{workflowId}``: also for a contact that is not in it."""
    _enrol(location, call, "workflow", _WORKFLOW, joins=False)
    return traced(200, call.done)


def to_campaign(location: Location, call: Call) -> Answer:
    """``POST /contacts/{contactId}/campaigns/{campaignId}``: 201, the body is an empty object."""
    _enrol(location, call, "campaign", _EMPTY, joins=True)
    return traced(201, call.done)


def from_campaign(location: Location, call: Call) -> Answer:
    """``DELETE /contacts/{contactId}/campaigns/{campaignId}``."""
    _enrol(location, call, "campaign", _EMPTY, joins=False)
    return traced(200, call.done)


def from_all_campaigns(location: Location, call: Call) -> Answer:
    """``DELETE /contacts/{contactId}/campaigns/removeAll`` (v3: ``remove-all``)."""
    contact = existing(location, call)
    gone = [key for key, one in location.others["enrolments"].items() if one["contactId"] == contact.id]
    for key in gone:
        if location.others["enrolments"][key]["into"] in location.others["campaigns"]:
            del location.others["enrolments"][key]
    return traced(200, call.done)


def follow_contact(location: Location, call: Call) -> Answer:
    """``POST /contacts/{contactId}/followers``: 201; who is no user of the location is left out."""
    return _follow_contact(location, call, joins=True)


def unfollow_contact(location: Location, call: Call) -> Answer:
    """``DELETE /contacts/{contactId}/followers``: with a body."""
    return _follow_contact(location, call, joins=False)


def follow_opportunity(location: Location, call: Call) -> Answer:
    """``POST /opportunities/{id}/followers``: 201."""
    return _follow_opportunity(location, call, joins=True)


def unfollow_opportunity(location: Location, call: Call) -> Answer:
    """``DELETE /opportunities/{id}/followers``: with a body."""
    return _follow_opportunity(location, call, joins=False)


def _enrol(location: Location, call: Call, kind: str, form: Form, *, joins: bool) -> None:
    contact = existing(location, call)
    form.check(call)
    into = call.params[f"{kind}Id"]
    if into not in location.others[f"{kind}s"]:
        raise RefusalError.missing(kind.capitalize(), into, reading=False)
    key = f"{contact.id} {into}"
    if joins:
        times = location.others["enrolments"].get(key, {}).get("times", 0)
        held = {"id": key, "contactId": contact.id, "into": into, "times": times + 1}
        location.others["enrolments"][key] = held
    else:
        location.others["enrolments"].pop(key, None)


def _follow_contact(location: Location, call: Call, *, joins: bool) -> Answer:
    document = existing(location, call).document()
    held = document.get("followers")
    before = [one for one in held if isinstance(one, str)] if isinstance(held, list) else []
    after, changed = _changed(location, call, before, joins=joins)
    document = {**document, "followers": after, "dateUpdated": location.now()}
    location.contacts.put(Row({key: value for key, value in document.items() if value != []}))
    return _told(after, changed, joins=joins)


def _follow_opportunity(location: Location, call: Call, *, joins: bool) -> Answer:
    opportunity = location.others["opportunities"].get(call.params["id"])
    if opportunity is None:
        raise RefusalError.missing("Opportunity", call.params["id"], reading=False)
    after, changed = _changed(location, call, opportunity.get("followers", []), joins=joins)
    location.others["opportunities"][opportunity["id"]] = {**opportunity, "followers": after}
    return _told(after, changed, joins=joins)


def _changed(
    location: Location, call: Call, before: list[str], *, joins: bool
) -> tuple[list[str], list[str]]:
    """The followers after the change, and those it was about."""
    named = list(dict.fromkeys(_FOLLOWERS.check(call)["followers"]))
    if joins:
        added = [user for user in named if user not in before and location.user_or_none(user)]
        return [*before, *added], added
    return [user for user in before if user not in named], [user for user in named if user in before]


def _told(after: list[str], changed: list[str], *, joins: bool) -> Answer:
    key = "followersAdded" if joins else "followersRemoved"
    return traced(201 if joins else 200, {"followers": after, key: changed})


_WORKFLOW_PATH = "/contacts/{contactId}/workflow/{workflowId}"
_CAMPAIGN_PATH = "/contacts/{contactId}/campaigns/{campaignId}"
_REMOVE_ALL = {
    "dated": "/contacts/{contactId}/campaigns/removeAll",
    "v3": "/contacts/{contactId}/campaigns/remove-all",
}

ROUTES = (
    Route("GET", "/workflows/", "workflows.readonly", workflows),
    Route("GET", "/campaigns/", "campaigns.readonly", campaigns),
    Route("POST", _WORKFLOW_PATH, "contacts.write", to_workflow),
    Route("DELETE", _WORKFLOW_PATH, "contacts.write", from_workflow),
    Route("POST", _CAMPAIGN_PATH, "contacts.write", to_campaign),
    Route("DELETE", _CAMPAIGN_PATH, "contacts.write", from_campaign),
    *(
        Route("DELETE", path, "contacts.write", from_all_campaigns, dialect=dialect)
        for dialect, path in _REMOVE_ALL.items()
    ),
    Route("POST", "/contacts/{contactId}/followers", "contacts.write", follow_contact),
    Route("DELETE", "/contacts/{contactId}/followers", "contacts.write", unfollow_contact),
    Route("POST", "/opportunities/{id}/followers", "opportunities.write", follow_opportunity),
    Route("DELETE", "/opportunities/{id}/followers", "opportunities.write", unfollow_opportunity),
)
