"""What HighLevel would refuse or misunderstand, found before anything is sent to it.

An address belongs to one contact. A field that only an upsert writes goes by the contact's own address,
and by nothing where it has none or shares it: the upsert would make or change somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tasks.core.batch import Reason, Row
from tasks.core.change import Change, Verb
from tasks.hub.spec import PlanSpec
from tasks.plan.claims import Claims
from tasks.plan.draft import Draft
from tasks.plan.keys import as_compared, identifies, title
from tasks.streams import target_of

Holders = Callable[[str, Sequence[str]], dict[str, set[str]]]
"""Which contacts have an e-mail or phone: kind and values to ids by value as it is compared."""


Refusals = Callable[[Change, Mapping[str, str]], list[Reason]]
"""Why the vendor would refuse a change; custom field key to id beside it."""


def refusals(changes: Iterable[Change], spec: PlanSpec, told: Refusals) -> list[Reason]:
    """Why the vendor would refuse one of these changes of a record."""
    return next(filter(None, (told(change, spec.custom) for change in changes)), [])


def contradictions(row: Row, spec: PlanSpec) -> list[Reason]:
    """What a record asks for and against at once: a member that a set is to gain and to lose."""
    found = []
    for rule in spec.rules(lambda field: bool(field.takes_from)):
        taking_from = rule.declared.takes_from
        spelt = spec.stream.fields[taking_from].spelt
        lost, gained = spelt(row.get(rule.name)) or [], spelt(row.get(taking_from)) or []
        if both := [member for member in lost if member in gained]:
            told = f"{taking_from} are to be added and removed at once"
            found.append(Reason("contradiction", rule.name, f"{told}: {', '.join(both)}", told))
    return found


def keep_addresses_back(
    drafts: Sequence[Draft], spec: PlanSpec, holders: Holders, claims: Claims
) -> list[Draft]:
    """Leave out an address that another contact has, or is to get; the drafts that were changed."""
    altered: dict[str, Draft] = {}
    for key in target_of(spec.target).address:
        writing = [
            (draft, change, value)
            for draft, change in _of(drafts, spec.target, Verb.UPDATE, Verb.CREATE)
            if (value := change.value(key))
        ]
        # By a key that matches, a contact that is to be made was looked for already.
        asked = [
            value
            for draft, change, value in writing
            if change.verb is Verb.UPDATE or not _found(draft, spec, key)
        ]
        held = holders(key, asked) if asked else {}
        for draft, change, value in writing:
            record, told = str(draft.row["id"]), f"{key} {as_compared(spec, key, value)}"
            others = held.get(as_compared(spec, key, value), set()) - {change.target_id}
            maker = claims.holder(told) or claims.holder(f"address {told}")
            if others:
                _keep_back(change, key, f"{spec.called[0]} {min(others)} has it")
            elif maker not in ("", record):
                _keep_back(change, key, f"record {maker}, a new {spec.called[0]}, has it")
            else:
                if change.verb is Verb.CREATE and not maker:
                    claims.take([f"address {told}"], record)
                continue
            altered[record] = draft
    return list(altered.values())


def _found(draft: Draft, spec: PlanSpec, key: str) -> bool:
    """Whether matching looked for the record by this key."""
    return key in spec.match and identifies(draft.row, key)


def keep_upserts_back(
    drafts: Sequence[Draft], spec: PlanSpec, holders: Holders, current: dict[str, Row]
) -> list[Draft]:
    """Leave out what only an upsert writes where no address is the contact's alone; the changed drafts."""
    names = {rule.name for rule in spec.rules(lambda field: field.is_by_address)}
    addresses = target_of(spec.target).address
    writing = [
        (draft, change, _address(change, addresses, current.get(change.target_id, {})))
        for draft, change in _of(drafts, spec.target, Verb.UPDATE)
        if any(one.field in names for one in change.fields)
    ]
    held = {
        key: holders(key, values)
        for key in addresses
        if (values := [value for _, _, (kind, value) in writing if kind == key])
    }
    altered = []
    for draft, change, (key, value) in writing:
        others = held[key].get(as_compared(spec, key, value), set()) - {change.target_id} if key else set()
        if key and not others:
            continue
        why = f"HighLevel writes it by {title(key)}, and contact {min(others)} has the same" if key else ""
        for name in names:
            _keep_back(change, name, why or "HighLevel writes it by e-mail or phone, and there is neither")
        altered.append(draft)
    return altered


def drop_emptied(drafts: Iterable[Draft]) -> None:
    """Drop updates of which nothing is left; their record may be unchanged after all."""
    for draft in drafts:
        for change in [one for one in draft.changes if one.verb is Verb.UPDATE and not one.fields]:
            others = [one for one in draft.changes if one is not change]
            if others:
                others[0].kept = [*others[0].kept, *change.kept]
                draft.changes = others
            else:
                change.verb, change.wanted = Verb.UNCHANGED, None


def _of(drafts: Iterable[Draft], target: str, *verbs: Verb) -> Iterator[tuple[Draft, Change]]:
    """The changes that write fields of the record itself."""
    return (
        (draft, change)
        for draft in drafts
        for change in draft.changes
        if change.stream == target and change.verb in verbs and not change.part
    )


def _address(change: Change, addresses: Iterable[str], current: Row) -> tuple[str, str]:
    """By which address an upsert finds the contact once it is updated; empty where it has none."""
    for key in addresses:
        if value := change.value(key) or current.get(key):
            return key, str(value)
    return "", ""


def _keep_back(change: Change, name: str, why: str) -> None:
    held = [one for one in change.fields if one.field == name]
    change.fields = [one for one in change.fields if one.field != name]
    change.kept = [*change.kept, *(replace(one, why=why) for one in held)]
