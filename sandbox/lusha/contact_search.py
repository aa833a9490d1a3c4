"""``POST /v3/contacts/search`` and ``/v3/contacts/search-and-enrich``.

A search is charged by 25 results of the call; what is not found is free, unless the account is switched to a
minimum of one credit. One entry has exactly one set of identifiers; there is no search by phone.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.core.answers import Answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call, RefusalError, told
from sandbox.lusha.companies import Document
from sandbox.lusha.contact_enrich import Reveal, datapoints_of
from sandbox.lusha.requests import CONTACTS_SEARCH, CONTACTS_SEARCH_AND_ENRICH
from sandbox.lusha.route import Route
from sandbox.lusha.shown import failure, preview
from sandbox.lusha.signals import matching
from sandbox.lusha.world import shuffled

__all__ = ["ROUTES", "identified"]

_AT = ("companyName", "companyDomain")


def search(account: Account, call: Call) -> Answer:
    """Preview those who are found."""
    body = call.body(CONTACTS_SEARCH)
    items = identified(body["contacts"])
    wanted = body.get("signals")
    found = [account.world.find_person(item) for item in items]
    signals = {one["id"]: matching(one, wanted) for one in found if one and wanted and not _error(one)}
    cost = account.search_cost("contactSearch", sum(_error(one) == "" for one in found))
    extra = account.ledger.price("showSignalsContact", sum(map(len, signals.values())))
    account.ledger.require(cost + extra)
    account.ledger.charge("", "contactSearch", cost)
    for person_id, matched in signals.items():
        account.ledger.charge(person_id, "signals", account.ledger.price("showSignalsContact", len(matched)))

    def show(person: Document) -> Document:
        shown = preview(person, account.world.employer(person), account.ledger)
        if wanted:
            shown["signalTypes"] = sorted({one["type"] for one in signals[person["id"]]})
        return shown

    return _answered(account, items, found, show, cost + extra)


def search_and_enrich(account: Account, call: Call) -> Answer:
    """Search and reveal at once; the waterfall runs where the account has it, and cannot be switched off."""
    body = call.body(CONTACTS_SEARCH_AND_ENRICH)
    items = identified(body["contacts"])
    found = [account.world.find_person(item) for item in items]
    people = [one for one in found if one is not None and not _error(one)]
    cost = account.search_cost("contactSearch", len(people))
    reveal = Reveal(account, people, datapoints_of(body), waterfall=account.has_waterfall, beside=cost)
    account.ledger.charge("", "contactSearch", cost)
    reveal.buy()
    return _answered(account, items, found, reveal.show, cost + reveal.charged, **reveal.status())


def identified(items: list[Document]) -> list[Document]:
    """The entries of a search, each with enough to find somebody.

    Raises:
        RefusalError: 400 where one has not.
    """
    complaints = [
        f"contacts.{place} must have id, linkedinUrl, email, or firstName and lastName with companyName or "
        "companyDomain"
        for place, item in enumerate(items)
        if not (
            any(item.get(name) for name in ("id", "linkedinUrl", "email"))
            or (item.get("firstName") and item.get("lastName") and any(item.get(name) for name in _AT))
        )
    ]
    if complaints:
        raise RefusalError.bad_request(complaints)
    return items


def _error(person: Document | None) -> str:
    """Why there is no preview of somebody; empty where there is."""
    if person is None:
        return "NOT_FOUND"
    return "COMPLIANCE_RESTRICTED" if person["status"] == "COMPLIANCE_RESTRICTED" else ""


def _answered(
    account: Account,
    items: list[Document],
    found: list[Document | None],
    show: Callable[[Document], Document],
    charged: int,
    **more: object,
) -> Answer:
    results = []
    for item, person in zip(items, found, strict=True):
        reference = {"clientReferenceId": item["clientReferenceId"]} if "clientReferenceId" in item else {}
        error = _error(person)
        shown = show(person) if person is not None and not error else failure(error)
        results.append({**reference, **shown})
    good = sum("error" not in one for one in results)
    return told(shuffled(account.next_order(), results), charged, good, **more)


ROUTES = (
    Route("POST", "/v3/contacts/search", search),
    Route("POST", "/v3/contacts/search-and-enrich", search_and_enrich),
)
