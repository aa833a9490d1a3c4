"""Imports that are disturbed: by answers that fail or are lost, by deaths, and by what befalls a process."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Json
from tasks.hub.plans import Plan
from tasks.hub.tables import plans
from tests.tasks.load.conftest import nothing
from tests.tasks.load.disturbances import Disturbance, Edited, drawn
from tests.tasks.load.machine import Machine
from tests.tasks.load.stories import Edit

CREATE, UPDATE, UPSERT = "POST /contacts/", "PUT /contacts/{contactId}", "POST /contacts/upsert"
NOTE, TASK = "POST /contacts/{contactId}/notes", "POST /contacts/{contactId}/tasks"
TAGS, BUSINESS = "POST /contacts/bulk/tags/update/{type}", "POST /contacts/bulk/business"
WRITES = (CREATE, CREATE, UPDATE, UPSERT, NOTE, TASK, TAGS, BUSINESS)
READS = (
    "*",
    "GET /contacts/{contactId}",
    "GET /contacts/search/duplicate",
    "POST /contacts/search",
    "GET /contacts/{contactId}/notes",
    "GET /contacts/{contactId}/tasks",
)
KINDS = ("429", "500", "502_html", "timeout_before", "timeout_after", "reset_before", "reset_after")
LOST = ("timeout_after", "reset_after", "truncated_json", "422_after")


def faults(dice: random.Random) -> list[Json]:
    made = []
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        writing = dice.random() < 0.75
        made.append(
            {
                "operation": dice.choice(WRITES if writing else READS),
                "fault": dice.choice(KINDS + LOST * 2) if writing else dice.choice(KINDS),
                "share": dice.choice((0.2, 0.5, 1.0)),
                "seed": dice.randrange(10**6),
                "seconds": 0.2,
                "times": dice.choice((1, 1, 2, 7)),
            }
        )
    return made


def edited_after(edit: Edit, contact: Json, dice: random.Random, *, recheck: str) -> Json:
    """A fault of HighLevel with an edit right after the request that it hits.

    A request about another contact would not do: it says nothing about when this one was read last.
    """
    operation = UPDATE if recheck == "by search" else dice.choice((UPDATE, READS[1]))
    hit = {"operation": operation, "record": contact["id"], "times": 1, "then": edit.of(contact)}
    return hit | {"fault": dice.choice(KINDS), "seconds": 0.2}


class Attempts:
    """Attempts to import records, each disturbed in its own way.

    Args:
        most: How many moments of a kind an undisturbed import has.
        edits: What a person does meanwhile.

    Attributes:
        told: What happened.
        wrong: What should not have happened.
    """

    def __init__(
        self,
        office: Any,
        records: list[Json],
        dice: random.Random,
        machine: Machine,
        most: Mapping[str, int],
        edits: Sequence[Edit] = (),
    ) -> None:
        self._office, self._records = office, records
        self._dice, self._machine, self._most = dice, machine, dict(most)
        self._edits = list(edits)
        self.told: list[str] = []
        self.wrong: list[str] = []

    def go(self) -> None:
        """Until one is through, or it has been enough."""
        for _ in range(self._dice.randint(1, 4)):
            if self._attempt() == "through":
                break
            self._edit(0.5)
        self._office.vendor.set_faults([])
        self._edit(0.5)
        if (left := unfinished(self._office)) and self._dice.random() < 0.5:
            self.told.append("an old plan is resumed")
            self._office.apply(self._dice.choice(left))
        if self._edits:
            self._office.load(self._records)
            self._edit(1)

    def _edit(self, share: float) -> None:
        for edit in list(self._edits):
            if self._dice.random() < share and edit(self._office.vendor):
                self._edits.remove(edit)
                self.told.append(f"by hand: {edit}")

    def _attempt(self) -> str:
        office, dice = self._office, self._dice
        after_faults = self._edits_after_faults()
        some = [fault for _, fault in after_faults] + faults(dice)
        office.vendor.set_faults(some)
        doing = self._doing()
        befalls = self._befalls(faulty=bool(some)) + self._edit_at_any_moment(
            [edit for edit in self._edits if edit not in [one for one, _ in after_faults]]
        )
        of, at, after = self._death() if not befalls else ("write", 0, False)
        office.befall = partial(tell_all, befalls)
        self.told += [f"{doing.func.__name__}, {of} {at} after {after}, {some}"]
        ended = str(office.attempt(doing, of, at, after=after))
        office.befall = nothing
        self.wrong += [f"{one}: {wrong}" for one in befalls if (wrong := one.over(ended))]
        office.give_up_leases()
        self.told += [f"  {ended}", *(f"  {one}" for one in befalls)]
        made = [edit for (edit, _), hits in zip(after_faults, office.vendor.hits(), strict=False) if hits]
        made += [one.edit for one in befalls if isinstance(one, Edited) and one.struck]
        self._edits = [edit for edit in self._edits if edit not in made]
        return ended

    def _edits_after_faults(self) -> list[tuple[Edit, Json]]:
        found: list[tuple[Edit, Json]] = []
        vendor, dice = self._office.vendor, self._dice
        for edit in self._edits:
            if edit.kind == "tag" or dice.random() > 0.3 or (contact := edit.contact(vendor)) is None:
                continue
            found.append((edit, edited_after(edit, contact, dice, recheck=self._office.recheck)))
        return found

    def _doing(self) -> partial[Any]:
        left = unfinished(self._office)
        if left and self._dice.random() < 0.5:
            return partial(self._office.apply, self._dice.choice(left))
        return partial(self._office.load, self._records)

    def _death(self) -> tuple[str, int, bool]:
        of = self._dice.choice(("write", "request"))
        at = self._dice.randint(4, self._most[of]) if self._dice.random() < 0.75 else 0
        return of, at, self._dice.random() < 0.5

    def _befalls(self, *, faulty: bool) -> list[Disturbance]:
        office, dice = self._office, self._dice
        if dice.random() > 0.6:
            return []
        return [drawn(office, dice, self._machine, self._most, self._records, faults=faulty)]

    def _edit_at_any_moment(self, edits: list[Edit]) -> list[Disturbance]:
        """Of what no write of ours touches, however late it is."""
        safe = [edit for edit in edits if edit.kind in ("field", "note")]
        if not safe or self._dice.random() > 0.3:
            return []
        return [Edited(self._office, self._dice.randint(1, self._most["request"]), self._dice.choice(safe))]


def tell_all(befalls: list[Disturbance], moment: str) -> None:
    for one in befalls:
        one(moment)


def unfinished(office: Any) -> list[Plan]:
    query = sa.select(plans).where(plans.c.state.in_(("ready", "applying", "stopped")))
    with office.hub.engine.connect() as connection:
        return [Plan(**row) for row in connection.execute(query.order_by(plans.c.made_at)).mappings()]
