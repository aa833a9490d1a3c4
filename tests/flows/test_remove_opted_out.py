"""Somebody opts out: their values leave the hub at once, HighLevel through a plan, and do not come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.process import RunningSandbox
from tasks.core.errors import BadConfigurationError
from tasks.hub.engine import Hub
from tasks.run.opting_out import handle, of_delivery
from tests.cli.conftest import people
from tests.flows.conftest import opened, run
from tests.hub_words import held

__all__ = ["opened", "people", "run"]  # fixtures

ADDRESS, NUMBER = "zebulonia@private.example", "+4930901820"
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


def at_highlevel(vendor: RunningSandbox) -> dict[str, Any]:
    [found] = [one for one in vendor.records("contacts") if one.get("lastName") == "Quastenflosser"]
    return found


@pytest.mark.parametrize("hub_url", ["sqlite", "postgresql"], indirect=True)
def test_what_somebody_wants_removed_is_nowhere_and_stays_away(
    run: Any, opened: Hub, vendor: RunningSandbox, people: Callable[..., str], hub_url: str
) -> None:
    for more in ({"Tags": "fair"}, {"Birthday": "kein Datum"}):
        assert run("import_contacts", file=people(PERSON | more)).error is None
    contact = at_highlevel(vendor)["id"]
    vendor.edit(
        kind="contacts",
        id=contact,
        set={"companyName": "Her own", "website": f"https://x.example/?m={ADDRESS}"},
    )
    assert run("sync_contacts", full_pass="now").error is None
    assert {"contacts", "raw", "changes", "provenance"} <= held(opened, ADDRESS)

    receipt = handle(opened, of_delivery(DELIVERY))
    for word in (ADDRESS, "901820"):
        assert not held(opened, word), word
    assert receipt.records["hub.contact"] == [contact]
    assert receipt.removed["contacts"] == 1
    assert receipt.finished_at is None

    # Whoever reads HighLevel again keeps nothing of it, and tells nobody that it came.
    before = journal_of(opened, contact)
    assert run("sync_contacts", full_pass="now").error is None
    assert not held(opened, ADDRESS)
    assert journal_of(opened, contact) == before

    # HighLevel: a plan, which the plan's own record does not give away either.
    done = run("remove_opted_out")
    assert done.error is None
    assert "email" not in at_highlevel(vendor)
    assert "phone" not in at_highlevel(vendor)
    assert at_highlevel(vendor)["firstName"] == "Zebulonia"
    assert not held(opened, ADDRESS)
    assert not held(opened, "901820")
    undone = run("undo_plan", plan="last")
    assert isinstance(undone.error, BadConfigurationError)

    # The same file, and another row without any other key: nothing comes back, nobody is made twice.
    again = run(
        "import_contacts", file=people(PERSON, PERSON | {"Phone": "", "Email": ADDRESS, "Last name": "Quast"})
    )
    assert again.error is None
    assert "email" not in at_highlevel(vendor)
    assert not held(opened, ADDRESS)
    assert not held(opened, "901820")
    assert again.tally.dropped.counted


def journal_of(hub: Hub, contact: str) -> list[Any]:
    from tasks.hub import journal
    from tasks.hub.journal import Asked

    with hub.read() as connection:
        return journal.read(connection, "sandboxlocation00001", Asked(id=contact))
