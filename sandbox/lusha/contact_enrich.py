"""``POST /v3/contacts/enrich`` and the jobs of the waterfall.

Each datapoint of a person is paid for once; both are revealed where none is named. Where the credits do not
last for all, the request is refused as a whole, unless the account has the waterfall: then the answer is a
200 that is only partial, and says so.
"""

from __future__ import annotations

from typing import Any

from sandbox.core.answers import Answer, answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call, RefusalError, told
from sandbox.lusha.companies import Document
from sandbox.lusha.requests import CONTACTS_ENRICH
from sandbox.lusha.route import Route
from sandbox.lusha.shown import REVEALS, enriched, failure, reveal_price
from sandbox.lusha.tables import write_beside
from sandbox.lusha.world import shuffled

__all__ = ["ROUTES", "Reveal", "datapoints_of"]


def datapoints_of(body: dict[str, Any]) -> list[str]:
    """What is to be revealed: both kinds of data where the request does not say."""
    named = body.get("reveal")
    return list(REVEALS) if named is None else named


class Reveal:
    """Data of some people, bought for the account.

    Args:
        people: Those who were found.
        reveal: ``emails``, ``phones``, or both.
        waterfall: Whether what Lusha does not have is looked for elsewhere.
        beside: Credits that the request costs beside.

    Raises:
        RefusalError: 402 where the credits do not last.
    """

    def __init__(
        self, account: Account, people: list[Document], reveal: list[str], *, waterfall: bool, beside: int = 0
    ) -> None:
        self._account, self._reveal, self._waterfall = account, reveal, waterfall
        self._people = {one["id"]: one for one in people if one["status"] != "ENRICH_FAILED"}
        self._unpaid: set[str] = set()
        self.charged = 0
        if not waterfall or beside > account.ledger.remaining:
            account.ledger.require(beside + sum(map(self._price, self._people.values())))

    def _price(self, person: Document) -> int:
        return sum(reveal_price(self._account.ledger, person, name) for name in self._reveal)

    def buy(self) -> None:
        """Charge what was not revealed before, as far as the credits last."""
        ledger = self._account.ledger
        for person in self._people.values():
            if self._price(person) > ledger.remaining:
                self._unpaid.add(person["id"])
                continue
            for name in self._reveal:
                if person[name]:
                    cost = reveal_price(ledger, person, name)
                    self.charged += ledger.reveal(person["id"], name, cost)

    def show(self, person: Document) -> Document:
        """One person with what was revealed."""
        if person["status"] == "ENRICH_FAILED":
            return {"id": person["id"], **failure("ENRICH_FAILED")}
        company = self._account.world.employer(person)
        if person["id"] in self._unpaid:
            return {**enriched(person, company, []), **_missing(self._reveal, "BILLING_FAILED")}
        absent = [name for name in self._reveal if not person[name]] if self._waterfall else []
        return {
            **enriched(person, company, self._reveal),
            **(_missing(absent, "NOT_FOUND") if absent else {}),
        }

    def status(self) -> dict[str, Any]:
        """What the answer tells of the waterfall; nothing without it."""
        if not self._waterfall:
            return {}
        if self._unpaid:
            every = len(self._unpaid) == len(self._people)
            status = "OUT_OF_CREDITS" if every else "PARTIAL_OUT_OF_CREDITS"
            return {"status": status, "statusDescription": "The credits of the account are used up"}
        wanted = {
            person["id"]: [name for name in self._reveal if not person[name]]
            for person in self._people.values()
            if not all(person[name] for name in self._reveal)
        }
        if not wanted:
            return {"status": "completed"}
        job = self._account.jobs.start(wanted)
        return {"status": "partial", "statusReason": "WATERFALL_RUNNING", "job": job}


def _missing(names: list[str], status: str) -> Document:
    return {"missingDataPoints": [{"type": name[:-1], "status": status} for name in names]}


def enrich(account: Account, call: Call) -> Answer:
    """Reveal data of people by their ids."""
    body = call.body(CONTACTS_ENRICH)
    wanted = datapoints_of(body)
    found = {one: account.world.person(one) for one in body["ids"]}
    people = [one for one in found.values() if one is not None and one["status"] != "COMPLIANCE_RESTRICTED"]
    waterfall = account.has_waterfall and body.get("waterfallEnabled", True)
    reveal = Reveal(account, people, wanted, waterfall=waterfall)
    reveal.buy()
    results = [_result(one, person, reveal) for one, person in found.items()]
    good = sum("error" not in one for one in results)
    revealed = [one["id"] for one in people]
    beside = write_beside(account, body, "contacts", revealed, tuple(wanted))
    return told(shuffled(account.next_order(), results), reveal.charged, good, **reveal.status(), **beside)


def _result(asked: str, person: Document | None, reveal: Reveal) -> Document:
    if person is None:
        return {"id": asked, **failure("NOT_FOUND")}
    if person["status"] == "COMPLIANCE_RESTRICTED":
        return {"id": asked, **failure("COMPLIANCE_RESTRICTED")}
    return {**reveal.show(person), "id": asked}


def job(account: Account, call: Call) -> Answer:
    """``GET /v3/contacts/jobs/{jobId}``: free; 404 for one that is expired or another account's."""
    found = account.jobs.poll(call.params["jobId"], account.world, account.ledger)
    if found is None:
        raise RefusalError.missing("Job not found")
    return answer(200, found)


ROUTES = (
    Route("POST", "/v3/contacts/enrich", enrich),
    Route("GET", "/v3/contacts/jobs/{jobId}", job),
)
