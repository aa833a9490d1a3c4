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

from tasks.core.batch import DOUBT, MappedBatch, Reason, Reject, Row, Tally
from tasks.core.change import RESTING, Change, Verb
from tasks.hub import links, plans, provenance, rejects, reviews, suppressions
from tasks.hub.budget import Quota
from tasks.hub.engine import Hub
from tasks.hub.plans import LEFT_OVER, WITHOUT_KEY, Plan
from tasks.hub.spec import PlanSpec, child_scope
from tasks.plan import vet
from tasks.plan.children import children
from tasks.plan.claims import Came, Claims
from tasks.plan.closing import Keep, finish, keep_nothing
from tasks.plan.draft import Draft, Drafter, Known, has_address
from tasks.plan.filed import Filed
from tasks.plan.gather import Gathered, Gatherer
from tasks.plan.identify import Identifier
from tasks.plan.keys import as_compared, identifies
from tasks.plan.match import Matcher
from tasks.plan.parents import WHY_NONE, Parents
from tasks.plan.references import References
from tasks.streams import RULES, target_of

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
        keeping: Keeps, in the transaction that closes the plan, what belongs to it.
    """

    def __init__(
        self, hub: Hub, plan: Plan, refusals: vet.Refusals, references: Mapping[str, References]
    ) -> None:
        self._hub = hub
        self._plan = plan
        self.spec = PlanSpec.read(plan.spec)
        self._parents = Parents(self.spec, references)
        self._matcher = Matcher(self.spec)
        self._identifier = Identifier(self.spec, self._matcher)
        self._gatherer = Gatherer(self.spec, self._identifier.identities)
        self._drafter = Drafter(self.spec, references)
        self._claims = Claims()
        parent = target_of(self.spec.target).parent
        self._parent_field = next(iter(parent.keys), "") if parent else ""
        self._refusals = refusals
        self._without_key: set[str] = set()  # new ones of which nobody can tell whether they are there
        self._left_over: set[str] = set()
        self._filed = Filed()
        self.follows: Sequence[Change] = ()
        self.keeping: Keep = keep_nothing
        self.files_rejects = True
        self._next = 0

    def plan(self, batch: MappedBatch, run_id: str) -> Tally:
        """Plan one batch, all of it or nothing; records that are the same are merged, of whatever batch.

        Returns:
            Counts: read, mapped, rejected, merged, unchanged; of a record that is planned anew, what it adds
            to or takes from the counts of its first time.

        Raises:
            HubUnavailableError: Nothing of the batch was kept.
        """
        with self._claims.attempt(), self._hub.write() as connection:
            suppressions.strip(connection, batch)
            batch.rows = self._parents.given(connection, batch.rows)
            ids = self._gatherer.ids(batch.rows)
            ties = self._matcher.tied(connection, batch.rows) | self._matcher.ties(connection, ids)
            gathered = self._gatherer.gather(batch, ties)
            again = gathered.again
            if again:
                plans.forget(connection, self._plan.id, again)
                reviews.settle(connection, self.spec.scope, again)
                self._claims.release(again)
            drafts = self._drafts(connection, batch, gathered)
            number = self._keep(connection, batch, drafts, run_id, again)
            number = plans.add(connection, self._plan.id, number, gathered.merged)
        self._next = number
        self._gatherer.keep(gathered)
        self._without_key -= set(again)
        self._left_over |= {str(draft.row["id"]) for draft in drafts if self._has_left_over(draft)}
        self._left_over |= {one.record_id for one in gathered.merged if has_address(self.spec, one.kept)}
        self._without_key |= {str(draft.row["id"]) for draft in drafts if self._is_without_key(draft)}
        tally = self._tally(batch, drafts, again, len(gathered.merged))
        self._claims.note((draft.row["id"], draft.came) for draft in drafts)
        return tally

    def finish(self, tally: Tally, quota: Quota | None, *, recheck: bool) -> Plan:
        """Close the plan: what was made is what will be applied.

        Args:
            tally: Of all its batches.
            recheck: Whether each record is to be read again before it is written.
        """
        self._plan.counts = {WITHOUT_KEY: len(self._without_key), LEFT_OVER: len(self._left_over)}
        return finish(
            self._hub,
            self._plan,
            tally,
            quota,
            recheck=recheck,
            follows=self.follows,
            keeping=self.keeping,
        )

    def _drafts(self, connection: sa.Connection, batch: MappedBatch, gathered: Gathered) -> list[Draft]:
        records = list(gathered.records.values())
        found = self._identifier.identify(connection, [one.row for one in records], gathered.ties)
        drafts = [
            self._drafter.begin(record.row, record.raw, match)
            for record, match in zip(records, found.matches, strict=True)
        ]
        known = self._known(connection, drafts, found.current)
        for record, draft in zip(records, drafts, strict=True):
            self._draft(draft, known, gathered.doubts.get(record.id, ""))
        self._vet(connection, drafts, known)
        mine = {"location_id": batch.location_id, "stream": batch.source}
        filed_as = [rejects.filed_as(draft.row["id"]) for draft in drafts]
        on_the_list = rejects.among_them(connection, mine, [id_ for ids in filed_as for id_ in ids])
        for draft, ids in zip(drafts, filed_as, strict=True):
            if not on_the_list.isdisjoint(ids) and not draft.reasons:
                self._drafter.trace(draft)  # it leaves the list when the plan is applied
        return drafts

    def _draft(self, draft: Draft, known: Known, doubt: str) -> None:
        match, record = draft.match, str(draft.row["id"])
        doubted = "" if match.decided or match.split else draft.row.get(DOUBT, "")
        if match.conflict or doubted:
            self._drafter.conflict(draft, "; ".join(filter(None, (doubted, match.conflict))), known)
            return
        keys = self._keys(draft)
        other = self._claims.other(keys.values(), record)
        if other and not match.split:
            why = f"record {other} of the same source is the same {self.spec.called[0]}"
            self._drafter.conflict(draft, doubt or why, known)
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
        elif why_none := draft.row.get(WHY_NONE):
            draft.reasons = [Reason("parent", self._parent_field, why_none)]
            self._claims.drop(keys.values())
        elif lost := self._lost_keys(draft, keys):
            draft.reasons = lost
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

    def _lost_keys(self, draft: Draft, keys: Mapping[str, str]) -> list[Reason]:
        """Why nobody can tell any more whose record it is, and so whether that is there."""
        removed = [] if keys else draft.row.get(suppressions.REMOVED, [])
        kind, problem = suppressions.RULE, suppressions.PROBLEM
        return [Reason(kind, name, f"it {problem}", problem) for name in self.spec.match if name in removed]

    def _is_without_key(self, draft: Draft) -> bool:
        """Whether a contact is to be made that nothing but its name would tell from one that is there."""
        keys = [key for key in self.spec.match if key != "link"]
        made = bool(draft.changes) and draft.changes[0].verb is Verb.CREATE
        by_rule = self.spec.source == RULES  # what a rule makes is known by its link
        return made and not by_rule and not any(identifies(draft.row, key) for key in keys)

    def _has_left_over(self, draft: Draft) -> bool:
        return draft.left_over or any(has_address(self.spec, change.kept) for change in draft.changes)

    def _refuse(self, draft: Draft, keys: Any = ()) -> None:
        """Reject the record where HighLevel would refuse what it asks for."""
        reasons = vet.contradictions(draft.asked, self.spec)
        reasons = reasons or vet.refusals(draft.changes, self.spec, self._refusals)
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
        asked: dict[str, set[str]] = {}
        for child in (child for one in drafts for child in children(self.spec, one.row)):
            asked.setdefault(child.stream, set()).update(child.ids)
        found.made = {
            stream: links.targets(connection, child_scope(self.spec, stream), list(ids))
            for stream, ids in asked.items()
        }
        return found

    def _keep(
        self,
        connection: sa.Connection,
        batch: MappedBatch,
        drafts: Sequence[Draft],
        run_id: str,
        again: Sequence[str],
    ) -> int:
        source = {
            "location_id": batch.location_id,
            "stream": batch.source,
            "run_id": run_id,
            "synced_at": datetime.now(UTC),
            "as_of": self.spec.as_of,
        }
        refused = [Reject(one.row["id"], list(one.reasons), one.raw) for one in drafts if one.reasons]
        rejected_before = [id_ for id_ in again if self._claims.came(id_) is Came.REJECTED]
        rejected_before += [reject.record_id for reject in batch.rejects]  # they are this run's from now on
        if self.files_rejects:
            rejects.resolve(connection, source, rejected_before)
            rejected = [*self._filed.together(batch.rejects), *refused]
            rejects.replace(connection, source, rejected, batch.mapping)
        found = [draft.review for draft in drafts if draft.review is not None]
        reviews.keep(connection, self.spec.scope, self._plan.id, found)
        reviews.settle(connection, self.spec.scope, [one.row["id"] for one in drafts if one.review is None])
        for draft in drafts:
            if draft.changes and draft.changes[0].verb not in RESTING:
                draft.changes[0].raw = draft.raw
        made = [change for draft in drafts for change in draft.changes]
        return plans.add(connection, self._plan.id, self._next, made)

    def _tally(self, batch: MappedBatch, drafts: Sequence[Draft], again: Sequence[str], merged: int) -> Tally:
        came = Counter(draft.came for draft in drafts)
        came.subtract(found for id_ in again if (found := self._claims.came(id_)) is not None)
        rejected = len(batch.rejects) + came[Came.REJECTED]
        tally = Tally(
            read=batch.read,
            mapped=batch.read - rejected - merged,
            rejected=rejected,
            merged=merged,
            unchanged=came[Came.UNCHANGED],
            warnings=batch.warnings.copy(),
            dropped=batch.left_out(),
        )
        for reasons in (
            *(reject.reasons for reject in batch.rejects),
            *(draft.reasons for draft in drafts if draft.reasons),
        ):
            tally.reasons.update({reason.kind for reason in reasons})
        return tally


def _writes_fields(change: Change) -> bool:
    return change.verb in _VETTED and not change.part
