"""What HighLevel refuses for its content is a reject, with the source's record, until it passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import State
from tasks.hub.tables import rejects, runs
from tests import operations

BAD = {"id": "1", "first_name": "Refused", "email": "ada@nowhere"}
GOOD = {"id": "2", "first_name": "Bea", "email": "bea@refused.example"}


@pytest.fixture
def office(make_office: Callable[..., Any]) -> Any:
    """Imports by a mapping that lets through what HighLevel will not have."""
    found = make_office()
    found.fields = found.fields.replace("email, clean: email,", "email,")
    return found


def listed(office: Any) -> dict[str, Any]:
    """The rejects: reasons, raw record and mapping, by id."""
    with office.hub.read() as connection:
        query = sa.select(rejects.c.id, rejects.c.reasons, rejects.c.payload, rejects.c.mapping)
        return {row.id: row for row in connection.execute(query.where(rejects.c.stream == "file.contact"))}


def counts(office: Any) -> dict[str, int]:
    """Of the last run."""
    with office.hub.read() as connection:
        query = sa.select(runs.c.tally).where(runs.c.automation == "import_contacts")
        found: dict[str, int] = (
            connection.execute(query.order_by(runs.c.started_at.desc())).scalars().first() or {}
        )
    return found


def test_a_new_contact_that_is_refused_is_a_reject_and_replayed_once_it_is_mended(office: Any) -> None:
    [plan] = office.load([BAD, GOOD])
    [failed] = [one for one in office.changes(plan) if one.record_id == "1"]
    assert (failed.state, "email must be an email" in failed.error) == (State.FAILED, True)
    told = counts(office)
    assert (told["read"], told["mapped"], told["rejected"], told["created"]) == (2, 1, 1, 1)
    [reject] = listed(office).values()
    assert (reject.id, reject.payload) == ("1", '{"email":"ada@nowhere","first_name":"Refused","id":"1"}')
    [reason] = reject.reasons
    assert (reason["rule"], reason["field"], reason["message"]) == ("highlevel", "email", failed.error)

    office.mend_rejects(lambda record: record | {"email": "ada@refused.example"})
    office.replay()
    assert office.called("Refused")[0]["email"] == "ada@refused.example"
    assert listed(office) == {}


def test_an_update_that_is_refused_is_one_too_and_what_was_left_out_for_it_does_not_hide_it(
    office: Any,
) -> None:
    office.vendor.edit(kind="contacts", create={"firstName": "Refused", "phone": "+12125550133"})
    office.scheduled_sync()
    office.load([BAD | {"phone": "+12125550133", "tags": ["fair"], "note": "Hi"}])
    assert office.rejected() == {"1"}
    assert office.called("Refused")[0]["tags"] == ["fair"]


def test_of_a_contact_that_is_not_made_the_rest_is_left_and_the_reject_stays(office: Any) -> None:
    [plan] = office.load([BAD | {"note": "Hi"}])
    states = {change.key: change.state for change in office.changes(plan)}
    assert states[operations.CREATE_NOTE.key] is State.LEFT
    assert office.rejected() == {"1"}


def test_a_later_import_of_the_mended_row_takes_it_off_the_list(office: Any) -> None:
    office.load([BAD])
    office.load([BAD])
    assert office.rejected() == {"1"}
    office.load([BAD | {"email": "ada@refused.example"}])
    assert office.rejected() == set()


def test_rows_that_were_merged_are_rejected_and_replayed_together(office: Any) -> None:
    office.load([BAD, BAD | {"id": "3", "city": "Graz"}])
    assert office.rejected() == {"1"}
    office.mend_rejects(lambda both: [one | {"email": "ada@refused.example"} for one in both])
    office.replay()
    [made] = office.called("Refused")
    assert (made["city"], office.rejected()) == ("Graz", set())


@pytest.mark.parametrize("good_first", [True, False])
def test_a_bad_row_stays_on_the_list_though_a_good_one_of_its_id_is_written(
    good_first: bool, office: Any
) -> None:
    bad = {"id": "2", "first_name": "Bea", "updated_at": "not a date"}
    office.load([GOOD, bad] if good_first else [bad, GOOD])
    assert len(office.called("Bea")) == 1
    assert office.rejected() == {"2"}
    office.load([GOOD, bad] if good_first else [bad, GOOD])
    assert office.rejected() == {"2"}
    office.load([GOOD])
    assert office.rejected() == set()
