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
from tasks.plan.draft import Draft
from tasks.plan.match import TITLES
from tasks.streams import target_of

Holders = Callable[[str, Sequence[str]], dict[str, set[str]]]
"""Which contacts have an e-mail or phone: kind and values to ids by value."""


Refusals = Callable[[Change, Mapping[str, str]], list[Reason]]
"""Why the vendor would refuse a change; custom field key to id beside it."""


def refusals(changes: Iterable[Change], spec: PlanSpec, told: Refusals) -> list[Reason]:
    """Why the vendor would refuse one of these changes of a record."""
    return next(filter(None, (told(change, spec.custom) for change in changes)), [])


def keep_addresses_back(
    drafts: Sequence[Draft], spec: PlanSpec, holders: Holders, claimed_by: Callable[[str], str]
) -> list[Draft]:
    """Leave out an address that another contact has; the drafts that were changed.

    Args:
        claimed_by: The record of this plan that a contact with this key is made of; "" for none.
    """
    altered: dict[str, Draft] = {}
    for key in target_of(spec.target).address:
        # By a key that matches, a contact that is to be made was looked for already.
        verbs = (Verb.UPDATE,) if key in spec.match else (Verb.UPDATE, Verb.CREATE)
        writing = [(draft, change) for draft, change in _of(drafts, spec.target, *verbs) if change.value(key)]
        held = holders(key, [change.value(key) for _, change in writing]) if writing else {}
        for draft, change in writing:
            value, record = change.value(key), str(draft.row["id"])
            others = held.get(value, set()) - {change.target_id}
            maker = claimed_by(f"{key} {value}")
            if others:
                _keep_back(change, key, f"{spec.called[0]} {min(others)} has it")
            elif maker not in ("", record):
                _keep_back(change, key, f"record {maker}, a new {spec.called[0]}, has it")
            else:
                continue
            altered[record] = draft
    return list(altered.values())


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
        others = held[key].get(value, set()) - {change.target_id} if key else set()
        if key and not others:
            continue
        why = f"HighLevel writes it by {TITLES[key]}, and contact {min(others)} has the same" if key else ""
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
