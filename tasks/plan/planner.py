"""From mapped rows to a plan: match, compare, and keep what is to happen, batch by batch.

Nothing is asked of HighLevel and nothing written to it; each batch's changes, rejects and reviews are one
transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import NO_ID, MappedBatch, Reject, Row, Tally
from tasks.core.change import Change, Verb
from tasks.hub import links, plans, provenance, rejects, reviews
from tasks.hub.budget import Quota
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec, child_id, child_scope
from tasks.plan import vet
from tasks.plan.claims import Came, Claims
from tasks.plan.closing import finish
from tasks.plan.draft import Draft, Drafter, Known
from tasks.plan.identify import Identifier
from tasks.plan.keys import as_compared, identifies
from tasks.plan.match import Matcher
from tasks.plan.references import References

WITHOUT_KEY = "create_without_key"
"""Under which name a plan counts the new records that have none of the keys by which they are found."""

_VETTED = (Verb.CREATE, Verb.UPDATE)
"""What a record's first change is where it writes fields of the counterpart."""


class Planner:
    """Adds batches to a plan.

    Args:
        plan: Inserted already; its counts are advanced.
        refusals: Why the vendor would refuse a change.
        references: The records that others may name, by their stream.

    Attributes:
        follows: Changes of an earlier plan that this one goes on with.
    """

    def __init__(
        self, hub: Hub, plan: Plan, refusals: vet.Refusals, references: Mapping[str, References]
    ) -> None:
        self._hub = hub
        self._plan = plan
        self.spec = PlanSpec.read(plan.spec)
        self._matcher = Matcher(self.spec)
        self._drafter = Drafter(self.spec, references)
        self._claims = Claims()
        self._refusals = refusals
        self._without_key: set[str] = set()  # new ones of which nobody can tell whether they are there
        self.follows: Sequence[Change] = ()
        self._next = 0
        self._identifier = Identifier(self.spec, self._matcher)

    def plan(self, batch: MappedBatch, run_id: str) -> Tally:
        """Plan one batch, all of it or nothing; of a record that comes twice, the later counts.

        Returns:
            Counts: read, mapped, rejected, unchanged; of records that come again, what they add to or
            take from the counts of their first time.

        Raises:
            HubUnavailableError: Nothing of the batch was kept.
        """
        refused = [reject.record_id for reject in batch.rejects if not reject.record_id.startswith(NO_ID)]
        again = [
            id_
            for id_ in (*(row["id"] for row in batch.rows), *refused)
            if self._claims.came(id_) is not None
        ]
        with self._claims.attempt(), self._hub.write() as connection:
            if again:
                plans.forget(connection, self._plan.id, again)
                reviews.settle(connection, self.spec.scope, again)
                self._claims.release(again)
            drafts = self._drafts(connection, batch)
            number = self._keep(connection, batch, drafts, run_id)
            mine = {"location_id": batch.location_id, "stream": batch.source}
            passing = {str(draft.row["id"]) for draft in drafts if not draft.reasons}
            rejects.resolve(connection, mine, [id_ for id_ in again if id_ in passing])
        self._next = number
        self._without_key -= set(again)
        self._without_key |= {str(draft.row["id"]) for draft in drafts if self._is_without_key(draft)}
        tally = self._tally(batch, drafts, again)
        self._claims.note((draft.row["id"], draft.came) for draft in drafts)
        self._claims.note((id_, Came.REJECTED) for id_ in refused)
        return tally

    def finish(self, tally: Tally, quota: Quota | None, *, recheck: bool) -> Plan:
        """Close the plan: what was made is what will be applied.

        Args:
            tally: Of all its batches.
            recheck: Whether each record is to be read again before it is written.
        """
        self._plan.counts = {WITHOUT_KEY: len(self._without_key)}
        return finish(self._hub, self._plan, tally, quota, recheck=recheck, follows=self.follows)

    def _drafts(self, connection: sa.Connection, batch: MappedBatch) -> list[Draft]:
        ties = self._matcher.ties(connection, [row["id"] for row in batch.rows])
        found = self._identifier.identify(connection, batch.rows, ties)
        drafts = list(map(self._drafter.begin, found.rows, batch.raws, found.matches))
        known = self._known(connection, drafts, found.current)
        for draft in drafts:
            self._draft(draft, known)
        self._vet(connection, drafts, known)
        mine = {"location_id": batch.location_id, "stream": batch.source}
        on_the_list = rejects.among_them(connection, mine, [draft.row["id"] for draft in drafts])
        for draft in drafts:
            if draft.row["id"] in on_the_list and not draft.reasons:
                self._drafter.trace(draft)  # it leaves the list when the plan is applied
        return drafts

    def _draft(self, draft: Draft, known: Known) -> None:
        match, record = draft.match, str(draft.row["id"])
        if match.conflict:
            self._drafter.conflict(draft, match.conflict, known)
            return
        keys = self._keys(draft)
        other = self._claims.other(keys.values(), record)
        if other and match.linked:
            return  # a person said so: the first record of a contact speaks for it
        if other and not match.split:
            why = f"record {other} of the same source is the same {self.spec.called[0]}"
            self._drafter.conflict(draft, why, known)
            return
        taken = (
            {hit.key: f"{self.spec.called[0]} {hit.ids[0]} has it" for hit in match.hits}
            if match.split
            else {}
        )
        for name, key in list(keys.items()) if other else ():
            if (held := self._claims.other([key], record)) != "":
                taken[name] = f"record {held} has it"
                del keys[name]
        self._claims.take(keys.values(), record)
        if match.target_id:
            self._drafter.update(draft, known)
        else:
            self._drafter.create(draft, taken, known)
        if draft.changes:
            self._refuse(draft, keys.values())

    def _keys(self, draft: Draft) -> dict[str, str]:
        """What only one record may claim, by field: the contact, or the keys of one to be made."""
        match, row = draft.match, draft.row
        if match.target_id:
            return {"id": match.target_id}
        held = {hit.key for hit in match.hits}
        return {
            key: f"{key} {as_compared(self.spec, key, str(row[key]))}"
            for key in self.spec.match
            if key != "link" and key not in held and identifies(row, key)
        }

    def _is_without_key(self, draft: Draft) -> bool:
        """Whether a contact is to be made that nothing but its name would tell from one that is there."""
        keys = [key for key in self.spec.match if key != "link"]
        made = bool(draft.changes) and draft.changes[0].verb is Verb.CREATE
        return made and not any(identifies(draft.row, key) for key in keys)

    def _refuse(self, draft: Draft, keys: Any = ()) -> None:
        """Reject the record where HighLevel would refuse what it asks for."""
        reasons = vet.refusals(draft.changes, self.spec, self._refusals)
        if reasons:
            draft.reasons, draft.changes = reasons, []
            self._claims.drop(keys)

    def _vet(self, connection: sa.Connection, drafts: Sequence[Draft], known: Known) -> None:
        writing = [draft for draft in drafts if draft.changes and _writes_fields(draft.changes[0])]
        holders = partial(self._matcher.holders, connection)
        altered = vet.keep_addresses_back(writing, self.spec, holders, self._claims)
        altered += vet.keep_upserts_back(writing, self.spec, holders, known.current)
        vet.drop_emptied(altered)
        for draft in altered:
            self._refuse(draft)

    def _known(self, connection: sa.Connection, drafts: Sequence[Draft], current: dict[str, Row]) -> Known:
        found = Known(current)
        differing = [one for one in drafts if one.match.target_id and self._drafter.compare(one, found)]
        if differing:
            ids = [draft.match.target_id for draft in differing]
            found.origins = provenance.origins(connection, self.spec.location_id, self.spec.mirror, ids)
        for name, stream in self.spec.stream.children.items():
            wanted = [
                child_id(one.row["id"], value) for one in drafts if (value := one.row.get(name)) is not None
            ]
            if wanted:
                found.made[name] = links.targets(connection, child_scope(self.spec, stream), wanted)
        return found

    def _keep(
        self, connection: sa.Connection, batch: MappedBatch, drafts: Sequence[Draft], run_id: str
    ) -> int:
        source = {
            "location_id": batch.location_id,
            "stream": batch.source,
            "run_id": run_id,
            "synced_at": datetime.now(UTC),
            "as_of": self.spec.as_of,
        }
        refused = [
            *batch.rejects,
            *(Reject(one.row["id"], list(one.reasons), one.raw) for one in drafts if one.reasons),
        ]
        rejects.replace(connection, source, refused, batch.mapping)
        found = [draft.review for draft in drafts if draft.review is not None]
        reviews.keep(connection, self.spec.scope, self._plan.id, found)
        reviews.settle(connection, self.spec.scope, [one.row["id"] for one in drafts if one.review is None])
        made = [change for draft in drafts for change in draft.changes]
        return plans.add(connection, self._plan.id, self._next, made)

    def _tally(self, batch: MappedBatch, drafts: Sequence[Draft], again: Sequence[str]) -> Tally:
        came = Counter(draft.came for draft in drafts)
        came.subtract(found for id_ in again if (found := self._claims.came(id_)) is not None)
        read, rejected = batch.read - len(again), len(batch.rejects) + came[Came.REJECTED]
        tally = Tally(
            read=read,
            mapped=read - rejected,
            rejected=rejected,
            unchanged=came[Came.UNCHANGED],
            warnings=batch.warnings.copy(),
        )
        for reasons in (
            *(reject.reasons for reject in batch.rejects),
            *(draft.reasons for draft in drafts if draft.reasons),
        ):
            tally.reasons.update({reason.label for reason in reasons})
        return tally


def _writes_fields(change: Change) -> bool:
    return change.verb in _VETTED and not change.part
