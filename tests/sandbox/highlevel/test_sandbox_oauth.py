"""The authorization server: consent, both spellings of the token operation, and dead refresh tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.process import start

APP = {"client_id": "sandboxapp-1234", "client_secret": "sandbox-secret"}
COMPANY, LOCATION = "sandboxCompany000001", "sandboxLocation00001"
CALLBACK = "http://127.0.0.1:9123/callback"
CAMEL = {
    "client_id": "clientId",
    "client_secret": "clientSecret",
    "grant_type": "grantType",
    "refresh_token": "refreshToken",
    "redirect_uri": "redirectUri",
}


def camel(fields: dict[str, str]) -> dict[str, str]:
    return {CAMEL.get(key, key): value for key, value in fields.items()}


def code(vendor: Any, **asked: str) -> str:
    target = vendor.running.consent(CALLBACK, **asked)
    return parse_qs(urlsplit(target).query)["code"][0]


def ask(vendor: Any, **fields: str) -> Any:
    """Ask for tokens in the vendor's dialect; v3 as JSON."""
    fields = {**APP, **fields}
    sent = {"json": camel(fields)} if vendor.version == "v3" else {"data": fields}
    return vendor("POST", "/oauth/token", headers={"Authorization": None}, **sent)


def pair(vendor: Any, **asked: str) -> dict[str, Any]:
    response = ask(vendor, grant_type="authorization_code", code=code(vendor, **asked))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def token_of(body: dict[str, Any]) -> str:
    return str(body.get("access_token") or body["accessToken"])


def refresh_of(body: dict[str, Any]) -> str:
    return str(body.get("refresh_token") or body["refreshToken"])


def test_consent_page_has_a_button_and_keeps_what_was_asked(vendor: Any) -> None:
    asked = {
        "response_type": "code",
        "client_id": APP["client_id"],
        "redirect_uri": CALLBACK,
        "scope": "contacts.readonly contacts.write",
        "state": 'a"b',
    }
    for path in ("/oauth/chooselocation", "/v2/oauth/chooselocation"):
        page = vendor("GET", path, headers={"Version": None, "Authorization": None}, params=asked)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "contacts.write" in page.text
        assert "Allow</button>" in page.text
        assert 'name="state" value="a&quot;b"' in page.text


def test_consent_passes_the_state_back(vendor: Any) -> None:
    target = urlsplit(vendor.running.consent(CALLBACK, state="xyz&1"))
    assert f"{target.scheme}://{target.netloc}{target.path}" == CALLBACK
    assert parse_qs(target.query)["state"] == ["xyz&1"]


def test_denied_consent_sends_access_denied(vendor: Any) -> None:
    target = vendor.running.consent(CALLBACK, state="s", decision="deny")
    assert parse_qs(urlsplit(target).query) == {"error": ["access_denied"], "state": ["s"]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"client_id": "other"}, "client_id is not known"),
        ({"redirect_uri": "http://example.com/x"}, "redirect_uri is not registered"),
        ({"redirect_uri": "nonsense"}, "redirect_uri is not registered"),
        ({"redirect_uri": "http://[::1"}, "redirect_uri is not registered"),
        ({"redirect_uri": "https://example.com/\r\nSet-Cookie: a=b"}, "redirect_uri is not registered"),
        ({"scope": "contacts.readonly everything"}, "scope is not known: everything"),
        ({"scope": ""}, "scope is not known"),
        ({"response_type": "token"}, "response_type must be code"),
    ],
)
def test_consent_checks_client_address_and_scope(vendor: Any, wrong: dict[str, str], said: str) -> None:
    asked = {"response_type": "code", "redirect_uri": CALLBACK, "scope": "contacts.readonly", **APP, **wrong}
    page = vendor("GET", "/oauth/chooselocation", params=asked)
    assert (page.status_code, said in page.text) == (400, True)
    if "response_type" not in wrong:
        assert vendor("POST", "/oauth/chooselocation", data=asked).status_code == 400


def test_code_is_exchanged_in_either_spelling(either: Any) -> None:
    body = pair(either)
    snake = either.version != "v3"
    assert body["expires_in" if snake else "expiresIn"] == 86_399
    assert body["token_type" if snake else "tokenType"] == "Bearer"
    assert (body["userType"], body["locationId"], body["companyId"]) == ("Location", LOCATION, COMPANY)
    assert either("GET", f"/locations/{LOCATION}", token=token_of(body)).status_code == 200


def test_token_needs_no_version_header(vendor: Any) -> None:
    fields = {**APP, "grant_type": "authorization_code", "code": code(vendor)}
    headers = {"Version": None, "Authorization": None}
    assert "access_token" in vendor("POST", "/oauth/token", headers=headers, data=fields).json()


def test_v3_takes_a_form_as_well(v3: Any) -> None:
    fields = camel({**APP, "grant_type": "authorization_code", "code": code(v3)})
    assert "accessToken" in v3("POST", "/oauth/token", data=fields).json()


def test_the_other_dialects_spelling_is_422(vendor: Any, v3: Any) -> None:
    fields = {**APP, "grant_type": "refresh_token", "refresh_token": "x"}
    snake = v3("POST", "/oauth/token", data=fields)
    assert (snake.status_code, "property client_id should not exist" in snake.json()["message"]) == (
        422,
        True,
    )
    assert vendor("POST", "/oauth/token", data=camel(fields)).status_code == 422


def test_code_is_good_once_and_for_its_address(either: Any) -> None:
    once = code(either)
    wrong = ask(either, grant_type="authorization_code", code=once, redirect_uri="https://example.com/x")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    once = code(either)
    assert ask(either, grant_type="authorization_code", code=once, redirect_uri=CALLBACK).status_code == 200
    assert ask(either, grant_type="authorization_code", code=once).status_code == 400


def test_reused_refresh_token_is_invalid_grant(either: Any) -> None:
    first = pair(either)
    second = ask(either, grant_type="refresh_token", refresh_token=refresh_of(first))
    assert second.status_code == 200
    again = ask(either, grant_type="refresh_token", refresh_token=refresh_of(first))
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    assert again.json()["error_description"] == "Invalid grant: refresh token is invalid"
    assert ("statusCode" in again.json()) is (either.version == "v3")
    assert either.running.oauth() == {"issued": 1, "refreshed": 1, "reused": 1}


def test_every_refresh_rotates_the_refresh_token(either: Any) -> None:
    held = pair(either)
    seen = {refresh_of(held)}
    for _ in range(3):
        held = ask(either, grant_type="refresh_token", refresh_token=refresh_of(held)).json()
        seen.add(refresh_of(held))
    assert len(seen) == 4
    assert either("GET", f"/locations/{LOCATION}", token=token_of(held)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"code": "x"}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x", "client_secret": "y"}, 401, "invalid_client"),
    ],
)
def test_token_complains_as_oauth_does(either: Any, fields: dict[str, str], status: int, error: str) -> None:
    response = ask(either, **fields)
    assert (response.status_code, response.json()["error"]) == (status, error)


def test_expired_access_token_is_401_and_its_refresh_token_good(either: Any) -> None:
    held = pair(either)
    either.running.expire_tokens()
    refused = either("GET", f"/locations/{LOCATION}", token=token_of(held))
    assert (refused.status_code, refused.json()["message"]) == (
        401,
        "Invalid token: access token is invalid",
    )
    fresh = ask(either, grant_type="refresh_token", refresh_token=refresh_of(held)).json()
    assert either("GET", f"/locations/{LOCATION}", token=token_of(fresh)).status_code == 200


def test_scopes_that_were_not_granted_are_401(either: Any) -> None:
    held = token_of(pair(either, scope="locations.readonly"))
    assert either("GET", f"/locations/{LOCATION}", token=held).status_code == 200
    refused = either("GET", f"/contacts/?locationId={LOCATION}", token=held)
    assert (refused.status_code, refused.json()["message"]) == (
        401,
        "The token is not authorized for this scope.",
    )


def location_token(vendor: Any, token: str, **fields: str) -> Any:
    path = "/oauth/location-token" if vendor.version == "v3" else "/oauth/locationToken"
    return vendor("POST", path, token=token, data={"companyId": COMPANY, "locationId": LOCATION, **fields})


def test_location_token_from_agency_token(either: Any) -> None:
    agency = pair(either, user_type="Company")
    assert "locationId" not in agency
    made = location_token(either, token_of(agency))
    assert made.status_code == 200
    assert made.json()["locationId"] == LOCATION
    assert ("refreshToken" in made.json()) is (either.version == "v3")
    assert "refresh_token" not in made.json()
    listing = either("GET", f"/contacts/?locationId={LOCATION}", token=token_of(made.json()))
    assert listing.status_code == 200


def test_agency_token_has_no_access_to_the_locations_records(either: Any) -> None:
    agency = token_of(pair(either, user_type="Company"))
    assert either("GET", f"/contacts/?locationId={LOCATION}", token=agency).status_code == 403
    assert either("GET", f"/locations/{LOCATION}", token=agency).status_code == 200


def test_private_and_location_tokens_are_refused_an_agencys_operation(either: Any) -> None:
    for token in ("pit-sandbox", token_of(pair(either))):
        refused = location_token(either, token)
        assert (refused.status_code, refused.json()["message"]) == (403, "Forbidden resource")


def test_location_token_of_another_location_is_403(either: Any) -> None:
    agency = token_of(pair(either, user_type="Company"))
    assert location_token(either, agency, locationId="anotherLocation00001").status_code == 403


def test_installed_locations_in_the_dialects_own_envelope(vendor: Any, v3: Any) -> None:
    agency = token_of(pair(vendor, user_type="Company"))
    asked = {"companyId": COMPANY, "appId": "sandboxapp", "isInstalled": "true"}
    old = vendor("GET", "/oauth/installedLocations", token=agency, params=asked).json()
    assert (old["count"], old["locations"][0]["_id"]) == (1, LOCATION)
    new = v3("GET", "/oauth/installed-locations", token=agency, params=asked).json()
    assert (new["items"], new["pagination"]["totalRecords"]) == (old["locations"], 1)
    wrong = v3("GET", "/oauth/installed-locations", token=agency, params={**asked, "appId": "x"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")


def test_renamed_paths_are_404_under_the_other_dialect(vendor: Any, v3: Any) -> None:
    for speaker, method, path in (
        (vendor, "GET", "/oauth/installed-locations"),
        (vendor, "POST", "/oauth/location-token"),
        (v3, "GET", "/oauth/installedLocations"),
        (v3, "POST", "/oauth/locationToken"),
    ):
        refused = speaker(method, path)
        assert (refused.status_code, refused.json()["message"]) == (404, f"Cannot {method} {path}")


def test_reconnect_gives_a_code_where_the_app_is_installed(either: Any) -> None:
    asked = {
        "clientKey": APP["client_id"],
        "clientSecret": APP["client_secret"],
        "locationId": LOCATION,
    }
    assert either("POST", "/oauth/reconnect", json=asked).status_code == 400
    pair(either)
    given = either("POST", "/oauth/reconnect", json=asked).json()
    assert set(given) == {"authorizationCode", "expiresAt", "traceId"}
    made = ask(either, grant_type="authorization_code", code=given["authorizationCode"])
    assert made.status_code == 200


def test_token_seconds_shortens_the_life_of_access_tokens(vendor: Any) -> None:
    with start(contacts=0, quota="off", token_seconds=120) as running:
        assert running.oauth() == {"issued": 0, "refreshed": 0, "reused": 0}
        with httpx.Client(base_url=running.url) as client:
            assert pair(type(vendor)(running, client))["expires_in"] == 120


def test_tokens_of_one_app_share_its_quota(vendor: Any) -> None:
    with start(contacts=0, quota="100/10s") as running, httpx.Client(base_url=running.url) as client:
        speaker = type(vendor)(running, client)
        left = [
            speaker("GET", f"/locations/{LOCATION}", token=token_of(pair(speaker))).headers[
                "x-ratelimit-remaining"
            ]
            for _ in range(2)
        ]
        assert left == ["99", "98"]
