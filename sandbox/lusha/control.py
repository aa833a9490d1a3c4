"""Lusha's own doors behind its back, beside those that every vendor has.

* ``GET /_sandbox/bill``: all that was charged: ``{"credits": n, "charges": [{"record", "datapoint",
  "credits"}]}``, one line for each datapoint of a person and for each search; what is free leaves no line;
* ``GET /_sandbox/records/{kind}``: ``people`` and ``companies`` whole, ``tables``, ``subscriptions``;
* ``POST /_sandbox/credits`` ``{"total": n}``: so many credits in all from now on;
* ``POST /_sandbox/prices`` ``{"revealPhone": {"credits": 5, "perQuantity": 1}}``: another price;
* ``POST /_sandbox/deliver`` ``{"id": …, "signal": "companyChange" | "promotion" | "optOut"}``: the signed
  deliveries of a person's job change or opt-out, ``{"deliveries": [{"url", "headers", "body"}]}``;
* ``POST /_sandbox/block`` ``{"id": …}``: a subscription's deliveries failed three times;
* ``POST /_sandbox/edit``: one person, ``{"kind": "people", "id": …}`` with one of ``"set": {fields}``,
  ``"job": {"companyId": …, "title": …}`` (a new job, with a new work address) and ``"optOut": true``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sandbox.core.answers import Answer, answer, dump
from sandbox.core.control import Door
from sandbox.lusha import deliveries
from sandbox.lusha.account import Account
from sandbox.lusha.companies import Document
from sandbox.lusha.ledger import Price
from sandbox.lusha.subscribed import OPT_OUT

__all__ = ["KINDS", "doors", "edit", "records"]

KINDS = ("people", "companies", "tables", "subscriptions")
"""Which kinds of records there are."""


def doors(account: Account) -> Mapping[tuple[str, str], Door]:
    """The account's doors by method and name."""
    return {
        ("GET", "bill"): lambda _: answer(200, account.ledger.bill()),
        ("POST", "credits"): partial(_top_up, account),
        ("POST", "prices"): partial(_reprice, account),
        ("POST", "deliver"): partial(_deliver, account),
        ("POST", "block"): partial(_block, account),
    }


def _top_up(account: Account, given: Any) -> Answer:
    total = given.get("total") if isinstance(given, dict) else None
    if not isinstance(total, int) or total < 0:
        raise ValueError('send {"total": n} for so many credits in all')
    account.ledger.total = total
    return answer(200, {"remaining": account.ledger.remaining})


def _reprice(account: Account, given: Any) -> Answer:
    for action, price in given.items() if isinstance(given, dict) else ():
        if action not in account.ledger.prices:
            raise ValueError(f"no price {action!r}; there are {', '.join(account.ledger.prices)}")
        account.ledger.prices[action] = Price(price["credits"], price["perQuantity"])
    return answer(200, {"prices": len(account.ledger.prices)})


def _deliver(account: Account, given: Any) -> Answer:
    person = _person(account, given)
    signal = given.get("signal")
    if signal not in ("companyChange", "promotion", OPT_OUT):
        raise ValueError("signal must be companyChange, promotion or optOut")
    if not account.webhooks.secret:
        raise ValueError("nothing is delivered before the account has a secret")
    opted_out = signal == OPT_OUT
    made = (
        deliveries.opt_out(account, person) if opted_out else deliveries.job_change(account, person, signal)
    )
    return answer(200, {"deliveries": [one._asdict() for one in made]})


def _block(account: Account, given: Any) -> Answer:
    found = account.webhooks.get(str(given.get("id"))) if isinstance(given, dict) else None
    if found is None:
        raise ValueError("no such subscription")
    deliveries.fail(account, found)
    return answer(200, {"blocked": found["id"]})


def records(account: Account, kind: str) -> bytes | None:
    """A JSON list of all records of a kind, None where there is no such kind."""
    if kind == "people":
        people = account.world.people.values()
        return dump([{**one, "company": account.world.employer(one)} for one in people])
    if kind == "companies":
        return dump(list(account.world.companies.values()))
    if kind == "tables":
        return dump([{**one.shown(), "rows": list(one.rows)} for one in account.tables.all()])
    return dump(account.webhooks.newest_first()) if kind == "subscriptions" else None


def edit(account: Account, given: Any) -> Answer:
    """Change one person, as their life or Lusha's owners would.

    Raises:
        ValueError: it is not understood, or there is no such person.
    """
    person = _person(account, given)
    if given.get("kind") != "people":
        raise ValueError("kind must be people")
    if given.get("optOut"):
        changed = account.world.change(person, status="COMPLIANCE_RESTRICTED")
    elif "job" in given:
        changed = account.world.change(person, **_new_job(account, person, given["job"]))
    elif isinstance(given.get("set"), dict):
        changed = account.world.change(person, **given["set"])
    else:
        raise ValueError("give one of set, job and optOut")
    return answer(200, {"record": changed})


def _new_job(account: Account, person: Document, job: Document) -> Document:
    before = account.world.employer(person)
    company = account.world.company(job.get("companyId")) if job.get("companyId") else before
    if company is None:
        raise ValueError(f"no company {job.get('companyId')!r}")
    moved = company["id"] != before["id"]
    title = {**person["jobTitle"], "title": job.get("title") or person["jobTitle"]["title"]}
    told = {
        "signalDate": account.now()[:10],
        "currentCompanyName": company["name"],
        "currentTitle": title["title"],
    }
    signal = (
        {"type": "companyChange", "previousCompanyName": before["name"]} if moved else {"type": "promotion"}
    )
    changed: Document = {"jobTitle": title, "signals": [*person["signals"], {**told, **signal}]}
    if moved:
        past = {
            "company": {"name": before["name"], "domain": before["domain"]},
            "jobTitle": person["jobTitle"],
        }
        kept = [one for one in person["emails"] if one["type"] == "private"]
        domain = company["domain"] or "moved.example.com"
        address = {"email": f"p{person['personId']}@{domain}", "type": "work", "confidence": "A"}
        changed |= {
            "companyId": company["id"],
            "previousEmployment": [past, *person["previousEmployment"]],
            "emails": [{**address, "updateDate": account.now()[:10]}, *kept],
        }
    return changed


def _person(account: Account, given: Any) -> Document:
    found = account.world.person(given.get("id")) if isinstance(given, dict) else None
    if found is None:
        raise ValueError("no person with this id")
    return found
