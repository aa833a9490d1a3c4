"""A value whose owner opted out is known again in any spelling, and nothing else is touched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.batch import MappedBatch, Reason, Reject, canonical_json
from tasks.hub import suppressions
from tasks.hub.engine import Hub
from tasks.hub.suppressions import Suppressed, mark
from tasks.hub.tables import salts
from tasks.hub.tables import suppressions as table
from tasks.run.opting_out import read_value

NOW = datetime(2031, 1, 8, tzinfo=UTC)
ADDRESS, NUMBER, DANISH = "ada@private.example", "+49 (0)30 901820", "+45 20 26 11 27"


@pytest.fixture
def suppressed(hub: Hub) -> Suppressed:
    values = [read_value("email", ADDRESS), read_value("Phone", NUMBER), read_value("phone", DANISH)]
    with hub.write() as connection:
        return suppressions.add(connection, [one for one in values if one is not None], "r", NOW)


@pytest.mark.parametrize(
    "spelt",
    [
        *(ADDRESS, " Ada@Private.Example ", "+4930901820", "+49 30 90 18-20", "(030) 901820"),
        *("0049 30 901820", "030/90 18 20", "4930901820", "20261127"),
    ],
)
def test_a_spelling_is_the_value(suppressed: Suppressed, spelt: str) -> None:
    assert suppressed.clean(spelt) is None
    assert suppressed.clean([spelt, "kept"]) == ["kept"]
    assert suppressed.clean([{"email": spelt, "type": "work"}, {"email": "b@x.example"}]) == [
        {"email": "b@x.example"}
    ]
    assert suppressed.clean({"fields": [spelt, "new"]}, shaped=True) == {"fields": [None, "new"]}
    cleaned = suppressed.clean_text(f"to {spelt}.")
    assert spelt.strip() not in cleaned
    assert suppressed.clean_text(cleaned) == cleaned
    assert suppressed.clean(cleaned.removeprefix("to ").removesuffix(".").strip()) is None


@pytest.mark.parametrize(
    "other",
    [
        *("xada@private.example", "ada@private.example.org", "ada@private", "+4930901821", "49309018201"),
        *("+1 30 901820", "2026-11-27", "2026-11-27T10:00:00Z", "id2026112730x", 4930901820, None, True, ""),
    ],
)
def test_nothing_else_is(suppressed: Suppressed, other: Any) -> None:
    record = {"a": [other, {"b": other}], "c": other}
    assert suppressed.clean(record) is record


def test_inside_texts_and_links_it_is_marked(suppressed: Suppressed) -> None:
    [hash_] = suppressed.found(ADDRESS)
    told = f"<mailto:{ADDRESS}>, https://x.example/?m={ADDRESS}&n=1 or\nADA@private.example."
    cleaned = suppressed.clean_text(told)
    assert cleaned == f"<mailto:{mark(hash_)}>, https://x.example/?m={mark(hash_)}&n=1 or\n{mark(hash_)}."


def test_a_batch_goes_on_without_it_and_tells_so(hub: Hub, suppressed: Suppressed) -> None:
    row = {"id": f"email:{ADDRESS} ada", "email": ADDRESS, "phone": "+15550100", "note": f"Ask {ADDRESS}"}
    reject = Reject(
        f"email:{ADDRESS}", [Reason("type", "x", f"'{ADDRESS}' is no date")], f'{{"e":"{ADDRESS}"}}'
    )
    rows, raws = [row, {**row, "id": "2", "email": "b@x.example", "note": "x"}], [canonical_json(row), "{}"]
    batch = MappedBatch("highlevel.contact", "file.contact", "loc", "m", rows, raws, [reject])
    with hub.write() as connection:
        suppressions.strip(connection, batch)
    assert "private" not in f"{batch.rows}{batch.raws}{batch.rejects}"
    assert (batch.rows[0]["email"], batch.rows[0]["phone"]) == (None, "+15550100")
    assert batch.rows[0]["id"].endswith("ada")
    assert batch.rows[1]["email"] == "b@x.example"
    assert batch.left_out().counted == {("email", suppressions.PROBLEM): 1, ("note", suppressions.PROBLEM): 1}


def test_only_hashes_are_kept_and_the_salt_is_the_hubs(hub: Hub, suppressed: Suppressed) -> None:
    with hub.read() as connection:
        kept = str(connection.execute(sa.select(table)).all())
        salt = connection.execute(sa.select(salts.c.salt)).scalar_one()
    assert not any(word in kept for word in ("private", "901820", "20261127"))
    assert len(bytes.fromhex(salt)) == 32
    assert not suppressions.NOBODY
