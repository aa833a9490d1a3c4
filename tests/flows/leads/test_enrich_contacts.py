"""enrich_contacts: gaps are filled under a cap, the newest first; what is in doubt waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.process import RunningSandbox
from tests.flows.leads.conftest import bought
from tests.flows.leads.test_push_leads import BOTH, email_of

Go = Callable[..., dict[str, Any]]


def add(vendor: RunningSandbox, person: dict[str, Any], **more: Any) -> str:
    """A contact that lacks what Lusha has, with more; its id."""
    values = {
        "firstName": person["firstName"],
        "lastName": person["lastName"],
        "companyName": person["company"]["name"],
        **more,
    }
    return str(vendor.edit(kind="contacts", create=values)["record"]["id"])


def contact(vendor: RunningSandbox, id_: str) -> dict[str, Any]:
    return next(one for one in vendor.records("contacts") if one["id"] == id_)


@BOTH
def test_gaps_are_filled_and_what_is_there_stays(
    go: Go, vendor: RunningSandbox, strangers: list[Any], hub_url: str
) -> None:
    person = strangers[0]
    id_ = add(vendor, person, email="mine@gmail.com")
    done = go("enrich_contacts", ids=[(id_)])
    assert bought(vendor) == {(person["id"], "phones"): 1}
    now = contact(vendor, id_)
    assert now["email"] == "mine@gmail.com"
    assert now["phone"].startswith("+")
    assert done["credits"]["spent"] == vendor.lusha.bill()["credits"] == 6

    go("enrich_contacts", ids=[id_])
    assert vendor.lusha.bill()["credits"] == 6


def test_the_newest_come_first_under_the_cap(go: Go, vendor: RunningSandbox, strangers: list[Any]) -> None:
    ids = [
        add(vendor, one, dateAdded=f"2035-01-0{day}T10:00:00.000Z")
        for day, one in enumerate(strangers[:4], 1)
    ]
    done = go("enrich_contacts", max_credits=3, reveal=["emails"], max_contacts=4)
    assert done["credits"]["spent"] == vendor.lusha.bill()["credits"] == 3
    assert [bool(contact(vendor, id_).get("email")) for id_ in ids] == [False, False, True, True]


def test_a_number_that_must_not_be_called_is_not_written(
    go: Go, vendor: RunningSandbox, strangers: list[Any]
) -> None:
    person = strangers[0]
    phones = [{**one, "doNotCall": True} for one in person["phones"]]
    vendor.lusha.edit(person["id"], set={"phones": phones})
    id_ = add(vendor, person)
    go("enrich_contacts", ids=[id_])
    now = contact(vendor, id_)
    assert now["email"] == email_of(person)
    assert not now.get("phone")


def test_whom_lusha_does_not_know_is_not_asked_for_again_so_soon(
    go: Go, vendor: RunningSandbox, monkeypatch: Any
) -> None:
    id_ = str(
        vendor.edit(
            kind="contacts", create={"firstName": "Nemo", "lastName": "Nobody", "companyName": "Nowhere Ltd"}
        )["record"]["id"]
    )
    asked = lambda: vendor.lusha.requests()["operations"].get("POST /v3/contacts/search", {})  # noqa: E731
    go("enrich_contacts", ids=[id_])
    first = asked()
    assert first
    go("enrich_contacts", ids=[id_])
    assert asked() == first

    monkeypatch.setenv("LUSHA_CONNECT_LUSHA_ASK_AGAIN_DAYS", "0")
    go("enrich_contacts", ids=[id_])
    assert asked() != first
