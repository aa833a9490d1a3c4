"""``lusha-connect opt-outs``: what is removed is said before, done once, and stands in a receipt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS
from tasks.streams import HUB_CONTACT, HUB_LEAD
from tests.tasks.hub.test_suppressions import NOW
from tests.words_held import held

Command = Callable[..., Any]
ADDRESS = "ada@private.example"
DELIVERY = {
    "contactId": 7,
    "linkedinUrl": "https://www.linkedin.com/in/ada-l/",
    "contactOptOutDate": "2031-01-08 10:00:00.000",
    "datapoints": [
        {"datapointId": ADDRESS.upper(), "datapointType": "email"},
        {"datapointId": "nonsense", "datapointType": "phone"},
    ],
}


def mirrored(hub: Hub) -> None:
    stamp = {"location_id": "loc", "fingerprint": "", "run_id": "r", "synced_at": NOW}
    contacts, leads = MIRRORS[HUB_CONTACT.name], MIRRORS[HUB_LEAD.name]
    with hub.write() as connection:
        connection.execute(sa.insert(contacts).values(id="c1", email=ADDRESS, last_name="L", **stamp))
        page = "http://linkedin.com/in/Ada-L"
        connection.execute(sa.insert(leads).values(id="v1.x", linkedin_url=page, **stamp))
        connection.execute(sa.insert(leads).values(id="v1.y", linkedin_url=f"{page}-too", **stamp))


def test_a_delivery_is_tried_carried_out_and_receipted(
    lusha_connect: Command, hub: Hub, tmp_path: Path
) -> None:
    mirrored(hub)
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps(DELIVERY), encoding="utf-8")
    assert "nothing was removed" in lusha_connect("opt-outs", "add", str(file), "--dry-run").out
    assert held(hub, ADDRESS) == {"contacts"}
    assert "Nobody has opted out" in lusha_connect("opt-outs", "list").out

    done = json.loads(lusha_connect("opt-outs", "add", str(file), "--json").out)
    assert not held(hub, ADDRESS)
    assert done["records"] == {"hub.contact": ["c1"], "hub.lead": ["v1.x"]}
    assert (done["removed"], done["unclear"]) == ({"contacts": 1}, 1)
    assert done["still_there"] == [{"location": "loc", "stream": "hub.contact", "id": "c1", "field": "email"}]
    assert done["opted_out_at"] == "2031-01-08T10:00:00+00:00"

    # Delivered again it is the same opt-out, and nothing is left to remove.
    again = json.loads(lusha_connect("opt-outs", "add", str(file), "--json").out)
    assert (again["id"], again["removed"]) == (done["id"], done["removed"])
    [listed] = json.loads(lusha_connect("opt-outs", "list", "--json").out)
    assert listed["id"] == done["id"]
    shown = lusha_connect("opt-outs", "show", "last").out
    assert "hub.contact c1: email (location loc)" in shown
    assert "1 that nobody can read" in shown
    assert ADDRESS not in shown + lusha_connect("opt-outs", "list").out


def test_what_names_no_value_is_refused(lusha_connect: Command, tmp_path: Path) -> None:
    file = tmp_path / "delivery.json"
    file.write_text('{"contactId": 7}', encoding="utf-8")
    for words in (
        (),
        ("--email", "nobody"),
        ("--phone", "12"),
        (str(file),),
        (str(file), "--phone", "+1415"),
    ):
        done = lusha_connect("opt-outs", "add", *words)
        assert done.code == 2, words
        assert "nobody" not in done.err
