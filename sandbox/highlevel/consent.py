"""The page on which a person allows the app, as the marketplace shows it.

A browser gets a page with a button; a test sends the page's form itself. Either way the answer is a
redirect to the app's address with a code and the ``state`` it came with. Addresses: any on this machine,
as an installed app has them, and any with https.
"""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.core.answers import Answer
from sandbox.highlevel.auth import CLIENT_ID, SCOPES
from sandbox.highlevel.calls import Call
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.tokens import Consent

__all__ = ["ROUTES"]

_HTML = b"text/html; charset=utf-8"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HIDDEN = ("client_id", "redirect_uri", "scope", "state")
_CHOSEN = "location_id"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>{content}</body></html>
"""
_FORM = """
<p>The app <b>{client_id}</b> asks for access to <b>{account}</b>:</p>
<ul>{scopes}</ul>
<form method="post">{hidden}
<p><label>Install for <select name="user_type"><option>Location</option><option>Company</option></select>
</label></p>
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button>
</form>
"""


def show(location: Location, call: Call) -> Answer:
    """``GET /oauth/chooselocation``: what is asked for, and the button."""
    asked = {name: call.query(name) or "" for name in (*_HIDDEN, "response_type")}
    wrong = _complaint(asked)
    if asked["response_type"] != "code":
        wrong = "response_type must be code"
    if wrong:
        return _page(400, "This app cannot be installed", f"<p>{html.escape(wrong)}</p>")
    hidden = (
        f'<input type="hidden" name="{name}" value="{html.escape(asked[name], quote=True)}">'
        for name in _HIDDEN
    )
    scopes = (f"<li>{html.escape(scope)}</li>" for scope in asked["scope"].split())
    content = _FORM.format(
        account=html.escape(location.name),
        client_id=html.escape(asked["client_id"]),
        scopes="".join(scopes),
        hidden="".join(hidden),
    )
    return _page(200, "Allow access?", content)


def decide(location: Location, call: Call) -> Answer:
    """``POST /oauth/chooselocation``: the form of the page; 302 to the app.

    A field ``location_id`` chooses another sub-account than the first.
    """
    asked = call.form()
    wrong = _complaint(asked)
    if wrong:
        return _page(400, "This app cannot be installed", f"<p>{html.escape(wrong)}</p>")
    state = {"state": asked["state"]} if asked.get("state") else {}
    if asked.get("decision") == "deny":
        return _redirect(asked["redirect_uri"], {"error": "access_denied", **state})
    user_type = "Company" if asked.get("user_type") == "Company" else "Location"
    place = asked.get(_CHOSEN, location.id)
    if not location.tokens.has(place):
        return _page(400, "This app cannot be installed", "<p>location_id is not known</p>")
    consent = Consent(frozenset(asked["scope"].split()), user_type, asked["redirect_uri"], place)
    return _redirect(asked["redirect_uri"], {"code": location.tokens.approve(consent), **state})


def _complaint(asked: dict[str, Any]) -> str | None:
    """What is wrong with a request for consent, or None."""
    if asked.get("client_id") != CLIENT_ID:
        return f"client_id is not known: the sandbox's app is {CLIENT_ID}"
    if not _is_registered(asked.get("redirect_uri") or ""):
        return "redirect_uri is not registered: use http on 127.0.0.1 or localhost, or https"
    scopes = (asked.get("scope") or "").split()
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if not scopes or unknown:
        return "scope is not known: " + (" ".join(unknown) or "none was given")
    return None


def _is_registered(redirect_uri: str) -> bool:
    """Whether the app may be called back there."""
    try:
        address = urlsplit(redirect_uri)
    except ValueError:
        return False
    trusted = address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)
    return trusted and bool(address.netloc) and not address.fragment and redirect_uri.isprintable()


def _page(status: int, title: str, content: str) -> Answer:
    return Answer(status, _PAGE.format(title=title, content=content).encode(), _HTML)


def _redirect(address: str, values: dict[str, str]) -> Answer:
    by = "&" if urlsplit(address).query else "?"
    target = f"{address}{by}{urlencode(values)}"
    return Answer(302, b"", _HTML, ((b"location", target.encode()),))


ROUTES = tuple(
    Route(method, path, "", handler, level="open")
    for path in ("/oauth/chooselocation", "/v2/oauth/chooselocation")
    for method, handler in (("GET", show), ("POST", decide))
)
