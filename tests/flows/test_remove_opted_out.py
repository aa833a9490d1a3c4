"""Somebody opts out: their values leave the hub at once, HighLevel through a plan, and do not come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.core.errors import BadConfigurationError
from tasks.hub import journal
from tasks.hub.engine import Hub
from tasks.hub.journal import Asked
from tasks.run.opting_out import handle, of_delivery
from tests.cli.conftest import people
from tests.flows.conftest import opened, run
from tests.words_held import held

__all__ = ["opened", "people", "run"]  # fixtures

ADDRESS, NUMBER = "zebulonia@private.example", "901820"
PERSON = {
    "First name": "Zebulonia",
    "Last name": "Quastenflosser",
    "Email": ADDRESS,
    "Phone": "030 901820",
    "Country": "DE",
}
DELIVERY = {
    "contactId": 4389064704,
    "fullName": "Zebulonia Quastenflosser",
    "contactOptOutDate": "2031-01-08 10:00:00.000",
    "datapoints": [
        {"datapointId": "Zebulonia@Private.example", "datapointType": "email"},
        {"datapointId": "+49 30 901820", "datapointType": "phone"},
    ],
    "partnerClientId": None,
}


def hers(vendor: RunningSandbox) -> list[dict[str, Any]]:
    return [one for one in vendor.records("contacts") if one.get("firstName") == "Zebulonia"]


def nowhere(hub: Hub) -> bool:
    return not held(hub, ADDRESS) | held(hub, NUMBER)


@pytest.mark.parametrize("hub_url", ["sqlite", "postgresql"], indirect=True)
def test_what_somebody_wants_removed_is_nowhere_and_stays_away(
    run: Any, opened: Hub, vendor: RunningSandbox, people: Callable[..., str], hub_url: str
) -> None:
    for more in ({"Notes": f"Write to {ADDRESS}."}, {"Birthday": "kein Datum", "Email": f" {ADDRESS}, x"}):
        assert run("import_contacts", file=people(PERSON | more)).error is None
    [contact] = hers(vendor)
    website = f"https://x.example/?m={ADDRESS}"
    vendor.edit(kind="contacts", id=contact["id"], set={"companyName": "Her own", "website": website})
    assert run("sync_contacts", full_pass="now").error is None
    assert {"contacts", "raw", "changes", "provenance"} <= held(opened, ADDRESS)

    assert handle(opened, of_delivery(DELIVERY), dry_run=True).removed["contacts"] == 1
    assert not nowhere(opened)
    receipt = handle(opened, of_delivery(DELIVERY))
    assert nowhere(opened)
    assert receipt.records == {"hub.contact": [contact["id"]]}
    assert receipt.finished_at is None

    # HighLevel still has it; whoever reads it there keeps nothing of it, and nobody is told that it came.
    before = entries(opened, contact["id"])
    assert run("sync_contacts", full_pass="now").error is None
    assert nowhere(opened)
    assert entries(opened, contact["id"]) == before

    # The plan takes it from HighLevel, and tells what only a person can do there.
    done = run("remove_opted_out")
    assert done.error is None
    [left] = hers(vendor)
    assert not {"email", "phone"} & left.keys()
    assert (left["companyName"], left["website"]) == ("Her own", website)
    assert done.tally.more["still_there"] == {"hub.contact.website": 1}
    assert done.tally.more["opt_outs_open"] == 1
    assert isinstance(run("undo_plan", plan="last").error, BadConfigurationError)
    vendor.edit(kind="contacts", id=contact["id"], unset=["website"])
    assert run("remove_opted_out").tally.more["opt_outs_open"] == 0

    # The same file again finds the same contact; a row that nothing else tells apart is no new contact.
    stranger = PERSON | {"Last name": "Quast", "Phone": ""}
    again = run("import_contacts", file=people(PERSON, stranger))
    assert again.error is None
    assert [one["id"] for one in hers(vendor)] == [contact["id"]]
    assert "email" not in hers(vendor)[0]
    assert again.tally.rejected == 1
    assert again.tally.dropped.counted["email", "was removed: its owner opted out"] == 2
    assert nowhere(opened)


def entries(hub: Hub, contact: str) -> list[Any]:
    with hub.read() as connection:
        return journal.read(connection, "sandboxLocation00001", Asked(id=contact))
