"""After a plan was applied: which contact each lead is, noted at the lead."""

from __future__ import annotations

from tasks.core.change import Scope
from tasks.hub import links
from tasks.load import leads as store
from tasks.run.leads import LeadRun
from tasks.streams import HIGHLEVEL_CONTACT
from tasks.streams.lead import CONTACT_ID, LUSHA


def link_contacts(run: LeadRun) -> list[str]:
    """Note at leads which contact they are.

    Returns:
        The vendor's ids of the leads that are contacts now.
    """
    session = run.lane.session
    ids = sorted({one.lead_id for one in run.leads if one.lead_id})
    with session.hub.read() as connection:
        scope = Scope(session.run.location_id, LUSHA, HIGHLEVEL_CONTACT.name)
        found = links.targets(connection, scope, ids)
        held = store.held(connection, session.run.location_id, list(found))
    linked = {id_: contact for id_, contact in found.items() if contact != links.SPLIT}
    news = [
        store.linked(contact, id_)
        for id_, contact in linked.items()
        if id_ in held and held[id_].get(CONTACT_ID) != contact
    ]
    if news:
        store.keep(session.hub, session.run, run.lane.mapper, news, lambda _connection: None)
    return list(linked)
