"""From mapped rows to a plan: match, compare, and keep what is to happen, batch by batch.

Nothing is asked of HighLevel and nothing written to it; each batch's changes, rejects and reviews are one
transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from tasks.batch import MappedBatch, Reason, Reject, Row, Tally
from tasks.change import SLICE, WRITING, Change, FieldChange, Kind, plain
from tasks.highlevel import contact_payload
from tasks.hub import links, plans, provenance, rejects, reviews
from tasks.hub.budget import Quota
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.provenance import Origin
from tasks.hub.reviews import Candidate, Review
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.plan.bill import bill_of
from tasks.plan.businesses import Businesses
from tasks.plan.compare import Comparer, Comparison
from tasks.plan.match import Match, Matcher
from tasks.plan_spec import NOTE, TASK, PlanSpec, activity_id, activity_scope
from tasks.streams import Way

KEPT_SHOWN = 200
"""Records that are unchanged but for what a policy kept: so many are noted for the preview."""


@dataclass(slots=True)
class _Found:
    """What a batch comes to."""

    changes: list[Change] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    certain: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Known:
    """What the hub knows about a batch's counterparts."""

    current: dict[str, Row]
    origins: dict[str, dict[str, Origin]]
    notes: dict[str, str]
    tasks: dict[str, str]


class Planner:
    """Adds batches to a plan.

    Args:
        plan: Inserted already; its counts are advanced.
        businesses: The location's businesses, where the mapping links any.
    """

    def __init__(self, hub: Hub, plan: Plan, businesses: Businesses | None = None) -> None:
        self._hub = hub
        self._plan = plan
        self.spec = PlanSpec.read(plan.spec)
        self._matcher = Matcher(self.spec)
        self._comparer = Comparer(self.spec)
        self._businesses = businesses or Businesses(())
        self._next = 0
        self._claims: dict[str, str] = {}  # contact, or key of a contact to be made → record
        self._seen: set[str] = set()
        self._kept_shown = 0
        self._columns = _columns(self.spec)

    def plan(self, batch: MappedBatch, run_id: str) -> Tally:
        """Plan one batch, all of it or nothing.

        Returns:
            Counts: read, mapped, rejected, unchanged.

        Raises:
            HubUnavailableError: Nothing of the batch was kept.
        """
        ids = [row["id"] for row in batch.rows]
        claims = dict(self._claims)
        again = [id_ for id_ in ids if id_ in self._seen]
        try:
            with self._hub.write() as connection:
                if again:
                    plans.forget(connection, self._plan.id, again)
                    self._release(again)
                found = self._found(connection, batch)
                number = self._keep(connection, batch, found, run_id)
        except BaseException:
            self._claims = claims
            raise
        self._next = number
        self._seen.update(ids)
        return self._tally(batch, found, len(again))

    def finish(self, tally: Tally, quota: Quota | None, *, recheck: bool) -> Plan:
        """Close the plan: what was made is what will be applied.

        Args:
            tally: Of all its batches.
            recheck: Whether each record is to be read again before it is written.
        """
        return finish(self._hub, self._plan, tally, quota, recheck=recheck)

    def _found(self, connection: sa.Connection, batch: MappedBatch) -> _Found:
        rows = batch.rows
        matches = self._matcher.match(connection, rows)
        known = self._known(connection, rows, [match.target_id for match in matches if match.target_id])
        found = _Found()
        for row, raw, match in zip(rows, batch.raws, matches, strict=True):
            before = len(found.changes)
            self._one(found, row, match, known)
            problem = _refused(found.changes[before:], self.spec)
            if problem:
                del found.changes[before:]
                found.rejects.append(Reject(row["id"], problem, raw))
        self._respect_holders(connection, found)
        return found

    def _one(self, found: _Found, row: Row, match: Match, known: _Known) -> None:
        if match.conflict:
            self._conflict(found, row, match, known, match.conflict)
            return
        other = self._claim(row, match)
        if other and match.linked:
            found.certain.append(row["id"])
            found.counts["unchanged"] += 1  # a person said so: the first record of a contact speaks for it
            return
        if other:
            self._conflict(found, row, match, known, f"record {other} of the same source is the same contact")
            return
        found.certain.append(row["id"])
        wanted, unknown = self._with_business(row)
        if not match.target_id:
            self._create(found, wanted, match, known, unknown)
        else:
            self._update(found, wanted, match, known, unknown)

    def _claim(self, row: Row, match: Match) -> str:
        """Make a contact, there or to be made, this record's; "" or the record whose it is already."""
        keys: list[str] = [match.target_id] if match.target_id else []
        if not keys and not match.split:
            keys = [
                f"{key} {row[key]}" for key in ("email", "phone") if key in self.spec.match and row.get(key)
            ]
        held = next((self._claims[key] for key in keys if key in self._claims), "")
        if not held:
            self._claims.update(dict.fromkeys(keys, str(row["id"])))
        return "" if held == row["id"] else held

    def _release(self, records: Sequence[str]) -> None:
        gone = set(records)
        self._claims = {key: record for key, record in self._claims.items() if record not in gone}

    def _conflict(self, found: _Found, row: Row, match: Match, known: _Known, why: str) -> None:
        label = label_of(row)
        told: dict[str, list[str]] = {}
        for hit in match.hits:
            for id_ in hit.ids:
                told.setdefault(id_, []).append(hit.label)
        candidates = tuple(
            Candidate(id_, label_of_mirror(known.current.get(id_, {})), ", ".join(by))
            for id_, by in told.items()
        )
        if match.target_id and match.target_id not in told:
            there = label_of_mirror(known.current.get(match.target_id, {}))
            candidates = (Candidate(match.target_id, there, match.why), *candidates)
        found.reviews.append(Review(row["id"], label, why, candidates, row))
        found.changes.append(Change(Kind.CONFLICT, row["id"], label=label, why=why))

    def _create(
        self, found: _Found, row: Row, match: Match, known: _Known, unknown: list[FieldChange]
    ) -> None:
        taken = {hit.key: hit for hit in match.hits} if match.split else {}
        fields = [
            FieldChange(rule.name, None, plain(row[rule.name]), "new contact")
            for rule in self.spec.rules(Way.UPDATE, Way.CREATE, Way.UPSERT, Way.TAGS)
            if row.get(rule.name) is not None and rule.name not in taken
        ]
        kept = unknown + [
            FieldChange(key, None, hit.value, f"contact {hit.ids[0]} has it") for key, hit in taken.items()
        ]
        label = label_of(row)
        found.changes.append(Change(Kind.CREATE, row["id"], "", label, fields, kept, match.why, wanted=row))
        if row.get("business") is not None:
            change = FieldChange("business", None, row["business"], "new contact")
            found.changes.append(Change(Kind.LINK_BUSINESS, row["id"], "", label, [change], why="business"))
        self._activities(found, row, "", known)

    def _update(
        self, found: _Found, row: Row, match: Match, known: _Known, unknown: list[FieldChange]
    ) -> None:
        id_, label = match.target_id, label_of(row)
        current, origins = known.current.get(id_, {}), known.origins.get(id_, {})
        compared = self._comparer.compare(row, current, origins)
        compared.kept += unknown
        before = len(found.changes)
        found.changes += _changes(row, id_, label, match.why, compared)
        self._activities(found, row, id_, known)
        found.counts["kept_fields"] += len(compared.kept)
        if len(found.changes) > before:
            return
        found.counts["unchanged"] += 1
        show_kept = bool(compared.kept) and self._kept_shown < KEPT_SHOWN
        self._kept_shown += show_kept
        if show_kept or not match.linked:
            found.changes.append(
                Change(Kind.UNCHANGED, row["id"], id_, label, kept=compared.kept, why=match.why)
            )

    def _activities(self, found: _Found, row: Row, target_id: str, known: _Known) -> None:
        """A note and a task that the contact does not have from this record yet."""
        for name, kind, made in (
            ("note", Kind.CREATE_NOTE, known.notes),
            ("task", Kind.CREATE_TASK, known.tasks),
        ):
            value = row.get(name)
            if value is None or activity_id(row["id"], value) in made:
                continue
            change = FieldChange(name, None, plain(value), "new")
            found.changes.append(Change(kind, row["id"], target_id, label_of(row), [change], why="new"))

    def _with_business(self, row: Row) -> tuple[Row, list[FieldChange]]:
        """The row with its business's id for its name; what cannot be told is kept."""
        asked = row.get("business")
        if asked is None:
            return row, []
        ids = self._businesses.find(asked)
        if len(ids) == 1:
            return {**row, "business": ids[0]}, []
        why = "several businesses are called so" if ids else "there is no such business"
        return {**row, "business": None}, [FieldChange("business", None, asked, why)]

    def _respect_holders(self, connection: sa.Connection, found: _Found) -> None:
        """Leave an address or number out of an update that another contact has: HighLevel would refuse it."""
        for key in ("email", "phone"):
            writing = [change for change in found.changes if change.kind is Kind.UPDATE and change.value(key)]
            if not writing:
                continue
            held = self._matcher.holders(connection, key, [change.value(key) for change in writing])
            for change in writing:
                others = held.get(change.value(key), set()) - {change.target_id}
                if others:
                    _keep_back(change, key, f"contact {min(others)} has it")
        emptied = [change for change in found.changes if change.kind is Kind.UPDATE and not change.fields]
        found.counts["unchanged"] += len(emptied)
        for change in emptied:
            change.kind, change.wanted = Kind.UNCHANGED, None

    def _known(self, connection: sa.Connection, rows: Sequence[Row], ids: list[str]) -> _Known:
        current: dict[str, Row] = {}
        if ids:
            names = [column.name for column in self._columns]
            table = MIRRORS[self.spec.mirror]
            query = sa.select(*self._columns).where(
                table.c.location_id == self.spec.location_id, among(connection, table.c.id, ids)
            )
            current = {
                values[0]: dict(zip(names, values, strict=True)) for values in connection.execute(query)
            }
        return _Known(
            current,
            provenance.origins(connection, self.spec.location_id, self.spec.mirror, ids) if ids else {},
            self._made(connection, rows, "note", NOTE),
            self._made(connection, rows, "task", TASK),
        )

    def _made(self, connection: sa.Connection, rows: Sequence[Row], name: str, stream: str) -> dict[str, str]:
        wanted = [activity_id(row["id"], row[name]) for row in rows if row.get(name) is not None]
        return links.targets(connection, activity_scope(self.spec, stream), wanted) if wanted else {}

    def _keep(self, connection: sa.Connection, batch: MappedBatch, found: _Found, run_id: str) -> int:
        source = {
            "location_id": batch.location_id,
            "stream": batch.source,
            "run_id": run_id,
            "synced_at": datetime.now(UTC),
        }
        refused = [*batch.rejects, *found.rejects]
        rejects.replace(connection, source, refused, batch.mapping)
        failed = {reject.record_id for reject in refused}
        rejects.resolve(connection, source, [row["id"] for row in batch.rows if row["id"] not in failed])
        reviews.keep(connection, self.spec.scope, self._plan.id, found.reviews)
        reviews.settle(connection, self.spec.scope, found.certain)
        return plans.add(connection, self._plan.id, self._next, found.changes)

    def _tally(self, batch: MappedBatch, found: _Found, again: int) -> Tally:
        rejected = len(batch.rejects) + len(found.rejects)
        tally = Tally(
            read=batch.read - again,
            mapped=batch.read - again - rejected,
            rejected=rejected,
            unchanged=found.counts["unchanged"],
            warnings=batch.warnings.copy(),
        )
        for reject in [*batch.rejects, *found.rejects]:
            tally.reasons.update({reason.label for reason in reject.reasons})
        return tally


def label_of(row: Row) -> str:
    """Whom a wanted row is about, for people."""
    name = row.get("name") or " ".join(filter(None, (row.get("firstName"), row.get("lastName"))))
    return str(name or row.get("email") or row.get("phone") or row.get("companyName") or row["id"])


def label_of_mirror(row: Row) -> str:
    """Whom a mirrored contact is about, for people."""
    name = row.get("name") or " ".join(filter(None, (row.get("first_name"), row.get("last_name"))))
    return str(name or row.get("email") or row.get("phone") or row.get("company_name") or row.get("id") or "")


def finish(hub: Hub, plan: Plan, tally: Tally, quota: Quota | None, *, recheck: bool) -> Plan:
    """Close a plan: count it, bill it, seal it."""
    with hub.write() as connection:
        kinds = Counter[str]()
        for (kind, _), number in plans.counted(connection, plan.id).items():
            kinds[kind] += number
        plan.counts = {"read": tally.read, "mapped": tally.mapped, "rejected": tally.rejected}
        plan.counts |= {str(kind): kinds[kind] for kind in Kind} | {"unchanged": tally.unchanged}
        plan.bill = bill_of(_slices(connection, plan.id), quota, recheck=recheck).plain()
        plan.digest, plan.state = plans.digest(connection, plan.id), "ready"
        known = {name: getattr(plan, name) for name in ("counts", "bill", "digest", "state")}
        plans.update(connection, plan.id, **known)
    return plan


def _slices(connection: sa.Connection, plan_id: str) -> Iterator[list[Change]]:
    for kind in WRITING:
        after = -1
        while some := plans.some(connection, plan_id, kinds=[kind], after=after, limit=SLICE):
            yield some
            after = some[-1].n


def _columns(spec: PlanSpec) -> list[sa.Column[Any]]:
    table = MIRRORS[spec.mirror]
    used = {rule.declared.mirror for rule in spec.fields} - {""}
    names = ["id", *sorted(used | {"name", "first_name", "last_name", "email", "phone", "date_updated"})]
    return [table.c[name] for name in names]


def _changes(row: Row, id_: str, label: str, why: str, compared: Comparison) -> list[Change]:
    made = []
    if compared.update:
        made.append(
            Change(Kind.UPDATE, row["id"], id_, label, compared.update, compared.kept, why, wanted=row)
        )
    before = compared.tags_before
    if compared.add_tags:
        after = [*before, *compared.add_tags]
        fields = [FieldChange("tags", before, after, f"add {', '.join(compared.add_tags)}")]
        made.append(Change(Kind.TAG_ADD, row["id"], id_, label, fields, why=why))
    if compared.remove_tags:
        after = [tag for tag in before if tag not in compared.remove_tags]
        fields = [FieldChange("tags", before, after, f"remove {', '.join(compared.remove_tags)}")]
        made.append(Change(Kind.TAG_REMOVE, row["id"], id_, label, fields, why=why))
    if compared.business:
        made.append(Change(Kind.LINK_BUSINESS, row["id"], id_, label, [compared.business], why=why))
    return made


def _keep_back(change: Change, name: str, why: str) -> None:
    held = [one for one in change.fields if one.field == name]
    change.fields = [one for one in change.fields if one.field != name]
    change.kept = [*change.kept, *(replace(one, why=why) for one in held)]


def _refused(made: Sequence[Change], spec: PlanSpec) -> list[Reason]:
    """What HighLevel would refuse, found before anything is sent."""
    for change in made:
        try:
            if change.kind is Kind.CREATE:
                contact_payload.creation(change.values(), spec.custom)
            elif change.kind is Kind.UPDATE:
                contact_payload.changes(change.values(), spec.custom)
            elif change.kind is Kind.CREATE_TASK:
                contact_payload.task(change.value("task"))
        except ValidationError as error:
            told = contact_payload.refusals(error)
            return [Reason("highlevel", name, message) for name, message in told]
    return []
