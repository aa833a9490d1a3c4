"""What answers in a vendor's place: a content network, a firewall, a proxy, a sign-in page.

Its 403 is not cured by another token, nor by asking again at once: a block lasts for minutes or until
somebody lifts it, and a client that insists is blocked for longer. So the run stops, and a later one goes on.
A gateway that only waited too long is another matter: that is tried again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from tasks.core.errors import BlockedError
from tasks.vendors.transport import Answer

ABOUT_THE_REQUEST = frozenset(
    {
        HTTPStatus.NOT_FOUND,  # a vendor's own for an unknown path, even with an empty body
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
)
"""Statuses that speak of the request itself, whoever says them."""

_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_TITLE_LIMIT = 80
_TRACES = ("cf-ray", "x-amz-cf-id", "x-request-id")
"""Headers by which a gateway's operator finds the request."""

_LINE_LIMIT = 200
"""A body that is longer than this is a page, not a gateway's line."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whose word it is not.

    Args:
        name: What the vendor is called.
        setting: The setting with its address.
    """

    name: str
    setting: str


def timed_out(answer: Answer, message: str) -> bool:
    """Whether a gateway gave up waiting: HighLevel's does so with 401 and "Command timed out"."""
    line = message or answer.body[:_LINE_LIMIT].decode("latin-1")
    return answer.status == HTTPStatus.REQUEST_TIMEOUT or "timed out" in line.lower()


def blocked(what: str, answer: Answer, vendor: Vendor) -> BlockedError:
    """The error for an answer that is not the vendor's.

    Args:
        what: The request and its status.
    """
    if answer.status < HTTPStatus.BAD_REQUEST:
        target = urlsplit(answer.headers.get("location", "")).hostname or "elsewhere"
        return BlockedError(
            f"{what}: sent on to {target} instead of answered",
            remedy=f"Correct {vendor.setting}, or sign in to the network's proxy.",
        )
    trace = next((answer.headers[name] for name in _TRACES if answer.headers.get(name)), "")
    traced = f" (its trace: {trace[:_TITLE_LIMIT]})" if trace else ""
    return BlockedError(
        f"{what}: {_shown(answer)}, which is not {vendor.name}'s own answer{traced}",
        remedy="A gateway or firewall on the way refused the request. If it lasts, ask who runs the network"
        f" (or {vendor.name}'s support) to let this machine's address through; run again to continue.",
    )


def _shown(answer: Answer) -> str:
    """What came, for people: a page by its title, never whole."""
    if not answer.body:
        return "an empty body"
    found = _TITLE.search(answer.body)
    title = " ".join(found[1].decode("utf-8", "replace").split()) if found else ""
    kind = answer.headers.get("content-type", "").partition(";")[0] or "no content type"
    return f"{len(answer.body)} bytes of {kind}" + (f", “{title[:_TITLE_LIMIT]}”" if title else "")
