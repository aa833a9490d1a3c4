"""The token operations of the authorization server, in both spellings.

Under 2021-07-28, and without a Version, ``POST /oauth/token`` is a snake_case form and complains as OAuth
does; under v3 it is camelCase, form or JSON, and the complaint is a BadRequestDTO as well. An agency's
token makes a location's; private integration tokens are refused there. Shapes from ``apps/oauth.json`` and
``apps/v3/oauth-v3.json``, the reconnect operation from the vendor's help pages.
"""

from __future__ import annotations

import base64
from typing import Any

from sandbox.core.answers import Answer, answer
from sandbox.highlevel.auth import CLIENT_ID, CLIENT_SECRET, COMPANY_ID
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.forms import Form, one_of, text
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document, iso
from sandbox.highlevel.tokens import Pair

__all__ = ["ROUTES"]

_SPELLINGS = {
    "client_id": "clientId",
    "client_secret": "clientSecret",
    "grant_type": "grantType",
    "code": "code",
    "refresh_token": "refreshToken",
    "user_type": "userType",
    "redirect_uri": "redirectUri",
    "access_token": "accessToken",
    "token_type": "tokenType",
    "expires_in": "expiresIn",
}
_REQUEST = ("client_id", "client_secret", "grant_type", "code", "refresh_token", "user_type", "redirect_uri")
_SNAKE = Form({key: one_of("Company", "Location") if key == "user_type" else text for key in _REQUEST})
_CAMEL = Form({_SPELLINGS[key]: rule for key, rule in _SNAKE.fields.items()})
_LOCATION_TOKEN = Form({"companyId": text, "locationId": text}, required=("companyId", "locationId"))
_RECONNECT = Form(
    dict.fromkeys(("clientKey", "clientSecret", "locationId", "companyId"), text),
    required=("clientKey", "clientSecret"),
)
_APP_ID = CLIENT_ID.partition("-")[0]
_VERSION_ID = "6578278e879ad2646715ba9c"
_LARGEST_PAGE = 100
_TEN_MINUTES = 600_000


def token(location: Location, call: Call) -> Answer:
    """``POST /oauth/token``: a pair for a code, or for a refresh token that dies with it."""
    asked = _asked(call)
    for key in ("client_id", "client_secret", "grant_type"):
        if not asked.get(key):
            raise _refusal(call, 400, "invalid_request", f"Missing parameter: {_spelt(key, call)}")
    if (asked["client_id"], asked["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
        raise _refusal(call, 401, "invalid_client", "Invalid client: client credentials are invalid")
    grant = asked["grant_type"]
    if grant not in ("authorization_code", "refresh_token"):
        raise _refusal(
            call, 400, "unsupported_grant_type", f"Invalid parameter: {_spelt('grant_type', call)}"
        )
    given = "code" if grant == "authorization_code" else "refresh_token"
    if not asked.get(given):
        raise _refusal(call, 400, "invalid_request", f"Missing parameter: {_spelt(given, call)}")
    tokens = location.tokens
    if given == "code":
        pair, name = tokens.exchange(asked["code"], asked.get("redirect_uri", "")), "authorization code"
    else:
        pair, name = tokens.refresh(asked["refresh_token"]), "refresh token"
    if pair is None:
        raise _refusal(call, 400, "invalid_grant", f"Invalid grant: {name} is invalid")
    return answer(200, _spelt_out(_whole(location, pair), call))


def location_token(location: Location, call: Call) -> Answer:
    """``POST /oauth/locationToken`` (v3: ``/oauth/location-token``): a form in both dialects."""
    asked = _LOCATION_TOKEN.checked(call.form(), v3=call.v3)
    if asked["companyId"] != COMPANY_ID or not location.tokens.has(asked["locationId"]):
        raise RefusalError.foreign_location()
    pair = location.tokens.for_location(call.credential, asked["locationId"], renewable=call.v3)
    whole = _whole(location, pair)
    kept = ("access_token", "token_type", "expires_in", "scope", "locationId", "planId", "userId")
    body = {key: whole[key] for key in kept} | {"appId": _APP_ID, "versionId": _VERSION_ID}
    if call.v3:
        body["refresh_token"] = whole["refresh_token"]
    return traced(200, _spelt_out(body, call))


def installed(location: Location, call: Call) -> Answer:
    """``GET /oauth/installedLocations``: ``limit`` and ``skip``."""
    _require_app(call)
    found = _installed(location, call)
    limit, skip = call.whole("limit", 20, _LARGEST_PAGE), call.whole("skip", 0)
    page = found[skip : skip + limit]
    return traced(200, {"locations": page, "count": len(found), "installToFutureLocations": False})


def installed_v3(location: Location, call: Call) -> Answer:
    """``GET /oauth/installed-locations``: ``pageSize`` and ``pageToken``, and an envelope of its own."""
    if call.query("companyId") != COMPANY_ID or call.query("appId") != _APP_ID:
        details = {"resource": "App", "identifier": call.query("appId")}
        message = f"The requested App '{call.query('appId')}' was not found."
        resolution = "Verify the App exists and you have permission to access it."
        error = {"code": "RESOURCE_NOT_FOUND", "message": message, "details": details}
        raise RefusalError(404, {"error": {**error, "resolution": resolution}})
    found = _installed(location, call)
    size, skip = call.whole("pageSize", 20, _LARGEST_PAGE), _skipped(call)
    page = found[skip : skip + size]
    pagination: Document = {
        "totalRecords": len(found),
        "hasNextPage": skip + size < len(found),
        "hasPrevPage": skip > 0,
        "currentPageSize": len(page),
        "estimatedTotalRecords": len(found),
    }
    if pagination["hasNextPage"]:
        pagination["nextPageToken"] = _page_token(skip + size)
    if pagination["hasPrevPage"]:
        pagination["prevPageToken"] = _page_token(max(0, skip - size))
    metadata = {"filterApplied": {"companyId": COMPANY_ID}, "sortApplied": {"installedAt": "desc"}}
    body = {"items": page, "pagination": pagination, "metadata": metadata}
    return answer(200, {**body, "installToFutureLocations": False})


def reconnect(location: Location, call: Call) -> Answer:
    """``POST /oauth/reconnect``: a new code for an app that lost its tokens, where it is installed."""
    asked = _RECONNECT.check(call)
    if (asked["clientKey"], asked["clientSecret"]) != (CLIENT_ID, CLIENT_SECRET):
        raise _refusal(call, 401, "invalid_client", "Invalid client: client credentials are invalid")
    user_type = "Location" if "locationId" in asked else "Company"
    place = asked.get("locationId") or asked.get("companyId")
    consent = location.tokens.installed
    known = consent is not None and place == (consent.place or COMPANY_ID)
    if consent is None or not known or consent.user_type != user_type or place in location.tokens.removed:
        raise RefusalError.bad_request("App is not installed on the given location or company")
    code = location.tokens.approve(consent)
    expires = iso(location.clock.now() + _TEN_MINUTES)
    return traced(200, {"authorizationCode": code, "expiresAt": expires})


def _asked(call: Call) -> dict[str, Any]:
    """The token request under its snake_case names, whatever the dialect.

    Raises:
        RefusalError: 422 for the other dialect's names.
    """
    if not call.v3:
        return _SNAKE.checked(call.form(), v3=False)
    given = _CAMEL.checked(call.form() or call.body(), v3=True)
    return {key: given[_SPELLINGS[key]] for key in _REQUEST if _SPELLINGS[key] in given}


def _refusal(call: Call, status: int, error: str, description: str) -> RefusalError:
    body: Document = {"error": error, "error_description": description}
    if call.v3:
        body = {"statusCode": status, "message": description, **body}
    return RefusalError(status, body)


def _spelt(key: str, call: Call) -> str:
    return _SPELLINGS.get(key, key) if call.v3 else key


def _spelt_out(body: Document, call: Call) -> Document:
    return {_spelt(key, call): value for key, value in body.items() if value != ""}


def _whole(location: Location, pair: Pair) -> Document:
    """A token answer under its snake_case names."""
    agency = pair.consent.user_type == "Company"
    body = {
        "access_token": pair.access,
        "token_type": "Bearer",
        "expires_in": location.tokens.lifetime,
        "refresh_token": pair.refresh,
        "scope": " ".join(sorted(pair.consent.scopes)),
        "userType": pair.consent.user_type,
        "locationId": pair.consent.place,
        "companyId": COMPANY_ID,
        "approvedLocations": list(location.tokens.locations) if agency else [pair.consent.place],
        "userId": location.users[0]["id"],
        "planId": "sandboxPlan000000001",
        "isBulkInstallation": agency,
    }
    return {**body, "installToFutureLocations": False, "approveAllLocations": agency}


def _require_app(call: Call) -> None:
    for name in ("companyId", "appId"):
        if not call.query(name):
            raise RefusalError.unprocessable([f"{name} should not be empty", f"{name} must be a string"])
    if call.query("companyId") != COMPANY_ID or call.query("appId") != _APP_ID:
        raise RefusalError.bad_request("No app found with the given appId and companyId")


def _installed(location: Location, call: Call) -> list[Document]:
    found = [
        {
            "_id": one.id,
            "name": one.name,
            "address": "1 Example Street, Springfield",
            "isInstalled": location.tokens.installed is not None,
            "versionId": _VERSION_ID,
        }
        for one in location.siblings
        if call.query("locationId") in (None, one.id)
        and (call.query("query") or "").lower() in one.name.lower()
    ]
    wanted = {"true": True, "false": False}.get(call.query("isInstalled") or "")
    return [one for one in found if wanted in (None, one["isInstalled"])]


def _page_token(skip: int) -> str:
    return base64.urlsafe_b64encode(b'{"offset":%d}' % skip).decode().rstrip("=")


def _skipped(call: Call) -> int:
    """Where an opaque page token leads.

    Raises:
        RefusalError: 400 in the new envelope where it is none of ours.
    """
    given = call.query("pageToken")
    for skip in range(_LARGEST_PAGE) if given else ():
        if _page_token(skip) == given:
            return skip
    if given:
        error = {"code": "INVALID_ARGUMENT", "message": "pageToken is invalid"}
        raise RefusalError(400, {"error": error})
    return 0


ROUTES = (
    Route("POST", "/oauth/token", "", token, level="open"),
    Route("POST", "/oauth/reconnect", "", reconnect, level="open"),
    Route("POST", "/oauth/locationToken", "oauth.write", location_token, level="agency", dialect="dated"),
    Route("POST", "/oauth/location-token", "oauth.write", location_token, level="agency", dialect="v3"),
    Route("GET", "/oauth/installedLocations", "oauth.readonly", installed, level="agency", dialect="dated"),
    Route("GET", "/oauth/installed-locations", "oauth.readonly", installed_v3, level="agency", dialect="v3"),
)
