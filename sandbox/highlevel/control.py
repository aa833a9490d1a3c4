"""HighLevel's own doors behind its back, beside those that every vendor has.

* ``GET /_sandbox/records/{kind}``: contacts in the shape of reading by id;
* ``GET /_sandbox/oauth``: how many token pairs were issued and refreshed, and refused as dead;
* ``POST /_sandbox/oauth`` ``{"expire": true}``: all access tokens end now;
* ``POST /_sandbox/search`` ``{"caughtUp": true}``: the search shows all that was written so far;
* ``POST /_sandbox/location`` ``{"removed": true}``: the sub-account is gone, and none of its tokens is good;
* ``POST /_sandbox/load`` ``{"contacts": […], "notes": […], …}``: these records instead of all of their kinds.

Where several sub-accounts are played, every door is the first one's, and with ``?location=ID`` that one's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.core.answers import Answer, answer, dump
from sandbox.core.control import Door
from sandbox.highlevel import loading
from sandbox.highlevel.location import Location

__all__ = ["doors", "kinds", "records"]


def doors(location: Location) -> Mapping[tuple[str, str], Door]:
    """The sub-account's doors by method and name."""

    def expire(given: Any) -> Answer:
        if given != {"expire": True}:
            raise ValueError('send {"expire": true} to end all access tokens')
        return answer(200, {"expired": location.tokens.expire()})

    def remove(given: Any) -> Answer:
        if given != {"removed": True}:
            raise ValueError('send {"removed": true} to remove the sub-account; reset brings it back')
        location.tokens.removed.add(location.id)
        return answer(200, {"removed": location.id})

    def catch_up(given: Any) -> Answer:
        if given != {"caughtUp": True}:
            raise ValueError('send {"caughtUp": true} to make the search show what was written')
        location.index.catch_up()
        return answer(200, {"contacts": len(location.index.rows)})

    return {
        ("GET", "oauth"): lambda _: answer(200, location.tokens.summary()),
        ("POST", "oauth"): expire,
        ("POST", "search"): catch_up,
        ("POST", "location"): remove,
        ("POST", "load"): lambda given: loading.apply(location, given),
    }


def kinds(location: Location) -> list[str]:
    """Which kinds of records there are."""
    return ["contacts", *location.others, "users", "customFields", "tags"]


def records(location: Location, kind: str) -> bytes | None:
    """A JSON list of all records of a kind, None where there is no such kind."""
    if kind == "contacts":
        return b"[" + b",".join(row.by_id() for row in location.contacts.rows.values()) + b"]"
    lists = {name: list(held.values()) for name, held in location.others.items()}
    lists |= {"users": location.users, "customFields": location.custom_fields}
    lists["tags"] = list(location.tags.values())
    return dump(lists[kind]) if kind in lists else None
