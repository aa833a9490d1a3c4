"""Companies that were gathered from contacts, as rows of businesses: linked by key, or left to a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import Scope, Verb
from tasks.hub import links, reviews
from tasks.hub.tables import MIRRORS
from tasks.run import applying, planning
from tests.tasks.load.conftest import Records, mapped_by
from tests.tasks.load.test_businesses import CREATE, held, named, only, told_apart

COMPANIES = (Path(__file__).parent / "companies.yaml").read_text(encoding="utf-8")


@pytest.fixture
def office(make_office: Callable[..., Any]) -> Any:
    made = make_office()
    made.fields = COMPANIES
    return made


def load(office: Any, *rows: dict[str, Any], suggests: bool = True) -> Any:
    """Plan and apply rows whose ids are the companies' keys."""

    async def both(work: Any) -> Any:
        source = Records(list(rows), office.vendor.location_id, mapped_by(COMPANIES)[0].source)
        as_of = work.session.connection.theirs(office.as_of)
        how: dict[str, Any] = {"system": "rules", "as_of": as_of, "about": "a test", "size": 100}
        plan = await planning.make(work, source, recheck="each record", suggests=suggests, **how)
        await applying.apply(work, plan, "each record", follow_up=True)
        return plan

    return office.act(both)


def linked(office: Any, *keys: str) -> dict[str, str]:
    scope = Scope(office.vendor.location_id, "rules", "highlevel.business")
    with office.hub.read() as connection:
        return links.targets(connection, scope, keys)


def company(key: str, name: str) -> dict[str, Any]:
    return {"id": key, "name": name} | ({} if key.startswith("name:") else {"website": f"https://{key}"})


def test_a_company_is_made_once_and_found_again_by_its_key(office: Any) -> None:
    rows = [company("newcomer.example", "Newcomer"), company("name:solo", "Solo")]
    load(office, *rows)
    assert linked(office, "newcomer.example", "name:solo") == {
        "newcomer.example": named(office, "Newcomer")[0]["id"],
        "name:solo": named(office, "Solo")[0]["id"],
    }
    writes = office.writes()
    again = load(office, *rows)
    assert (again.counts["unchanged"], office.writes()) == (2, writes)


def test_one_that_is_there_is_found_by_domain_and_by_name(office: Any) -> None:
    one, two = told_apart(office), told_apart(office, 1)
    by_domain = company(one["website"].removeprefix("https://"), one["name"])
    rows = [by_domain, company("name:two", two["name"].upper())]
    before = len(held(office))
    load(office, *rows)
    assert linked(office, by_domain["id"], "name:two") == {by_domain["id"]: one["id"], "name:two": two["id"]}
    assert len(held(office)) == before


def test_a_name_that_the_domain_contradicts_is_for_a_person(office: Any) -> None:
    one = told_apart(office)
    plan = load(office, company("elsewhere.example", one["name"]))
    assert "the domain contradicts" in only(office, plan, Verb.CONFLICT).why
    [review] = reviews.waiting(office.hub, 10)[0]
    assert [found.id for found in review.candidates] == [one["id"]]


def test_one_that_is_called_almost_so_waits_with_those_that_are_there(office: Any) -> None:
    office.vendor.edit(kind="businesses", create={"name": "Umbrella Anvils Ltd"})
    [there] = named(office, "Umbrella Anvils Ltd")
    before = len(held(office))
    row = company("umbrella.example", "Umbrela Anvils GmbH")
    plan = load(office, row)
    assert only(office, plan, Verb.CONFLICT).why == (
        "no business is called so, but almost: Umbrella Anvils Ltd (97 %)"
    )
    assert len(held(office)) == before
    [review] = reviews.waiting(office.hub, 10)[0]
    assert [(found.id, found.label, found.by) for found in review.candidates] == [
        (there["id"], "Umbrella Anvils Ltd", "similar name (97 %)")
    ]


def test_what_a_person_says_of_it_is_followed(office: Any) -> None:
    office.vendor.edit(kind="businesses", create={"name": "Umbrella Anvils"})
    [there] = named(office, "Umbrella Anvils")
    rows = [company("umbrella.example", "Umbrela Anvils"), company("anvils.example", "Anvils Umbrella")]
    load(office, *rows)
    own, other = reviews.waiting(office.hub, 10)[0]
    reviews.split(office.hub, own.record_id)
    reviews.accept(office.hub, other.record_id)
    plan = load(office, *rows)
    made = {row["id"]: row for row in rows}[own.record_id]
    assert (plan.counts["create"], plan.counts["conflict"]) == (1, 0)
    assert only(office, plan, Verb.CREATE).why == "a business of its own, by review"
    assert len(named(office, made["name"])) == 1
    assert linked(office, other.record_id) == {other.record_id: there["id"]}
    assert reviews.waiting(office.hub, 10) == ([], 0)
    writes = office.writes()
    load(office, *rows)
    assert office.writes() == writes


def test_a_plan_that_does_not_suggest_makes_it(office: Any) -> None:
    office.vendor.edit(kind="businesses", create={"name": "Umbrella Anvils"})
    load(office, company("umbrella.example", "Umbrela Anvils"), suggests=False)
    assert len(named(office, "Umbrela Anvils")) == 1


def test_one_that_was_deleted_is_no_suggestion(office: Any) -> None:
    office.vendor.edit(kind="businesses", create={"name": "Umbrella Anvils"})
    [there] = named(office, "Umbrella Anvils")
    office.sync()
    gone = sa.update(MIRRORS["hub.business"]).where(MIRRORS["hub.business"].c.id == there["id"])
    with office.outside() as connection:
        connection.execute(gone.values(deleted_at=office.as_of))
    load(office, company("umbrella.example", "Umbrela Anvils"))
    assert len(named(office, "Umbrela Anvils")) == 1


def test_a_create_whose_answer_is_lost_is_no_suggestion_of_its_own(make_office: Callable[..., Any]) -> None:
    office = make_office(timeout=0.3)
    office.fields = COMPANIES
    office.sync()
    office.vendor.set_faults([{"operation": CREATE, "fault": "timeout_after", "seconds": 0.6, "times": 1}])
    row = company("umbrella.example", "Umbrella")
    load(office, row)
    load(office, row)
    assert len(named(office, "Umbrella")) == 1
    assert reviews.waiting(office.hub, 10) == ([], 0)


def test_contacts_come_to_a_business_by_its_id(make_office: Callable[..., Any]) -> None:
    office = make_office()
    of_contacts, office.fields = office.fields, COMPANIES
    load(office, company("newcomer.example", "Newcomer"))
    id_ = linked(office, "newcomer.example")["newcomer.example"]
    office.fields = of_contacts
    [contact] = office.known(1, businessId=False)
    office.load([{"id": "1", "email": contact["email"], "business": id_}])
    assert office.contact(contact["id"])["businessId"] == id_
