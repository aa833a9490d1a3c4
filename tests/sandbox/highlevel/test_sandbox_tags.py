"""Tags single and bulk, the location's tags, followers, workflows and campaigns."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

STRANGER = "A" * 20


def tags_of_location(vendor: Any) -> dict[str, str]:
    path = f"/locations/{vendor.location_id}/tags"
    return {tag["name"]: tag["id"] for tag in vendor("GET", path).json()["tags"]}


def test_adding_tags_returns_the_whole_list_in_lower_case(either: Any) -> None:
    contact = either.some(tags=["old"])["id"]
    response = either("POST", f"/contacts/{contact}/tags", json={"tags": ["New", " old "]})
    assert (response.status_code, response.json()["tags"]) == (201, ["old", "new"])
    assert either.read(contact)["tags"] == ["old", "new"]


def test_an_unknown_tag_becomes_one_of_the_location_and_stays(either: Any) -> None:
    contact = either.some()["id"]
    either("POST", f"/contacts/{contact}/tags", json={"tags": ["Brand New"]})
    assert "brand new" in tags_of_location(either)
    either("DELETE", f"/contacts/{contact}/tags", json={"tags": ["brand new"]})
    assert "brand new" in tags_of_location(either)


def test_removing_tags_takes_a_body_on_delete(either: Any) -> None:
    contact = either.some(tags=["a", "b"])["id"]
    response = either("DELETE", f"/contacts/{contact}/tags", json={"tags": ["A"]})
    assert (response.status_code, response.json()["tags"]) == (200, ["b"])
    assert either("DELETE", f"/contacts/{contact}/tags").status_code == 422


def test_replacing_tags_by_put_stays_different_from_adding(either: Any) -> None:
    contact = either.some(tags=["a"])["id"]
    either("POST", f"/contacts/{contact}/tags", json={"tags": ["b"]})
    either.update(contact, tags=["c"])
    assert either.read(contact)["tags"] == ["c"]


def bulk(vendor: Any, way: str, **body: Any) -> Any:
    body = {"locationId": vendor.location_id, "tags": [], **body}
    return vendor("POST", f"/contacts/bulk/tags/update/{way}", json=body)


def test_bulk_tags_succeed_in_part_with_an_outcome_for_each(either: Any) -> None:
    here, gone = either.some(tags=["a"])["id"], either.some(email="gone@example.com")["id"]
    either("DELETE", f"/contacts/{gone}")
    response = bulk(either, "add", contacts=[here, "abcdef", gone, STRANGER], tags=["B"])
    assert response.status_code == 201
    body = response.json()
    assert (body["succeded"], body["errorCount"]) == (True, 3)
    assert body["responses"][0] == {
        "contactId": here,
        "message": "Tags updated",
        "type": "success",
        "oldTags": ["a"],
        "tagsAdded": ["b"],
        "tagsRemoved": [],
    }
    assert [one["message"] for one in body["responses"][1:]] == [
        "contact id is not a valid firebase id",
        "contact is deleted",
        "contact does not belong to location",
    ]
    assert either.read(here)["tags"] == ["a", "b"]


def test_bulk_remove_may_take_all_tags_away(either: Any) -> None:
    contact = either.some(tags=["a", "b"])["id"]
    one = bulk(either, "remove", contacts=[contact], tags=["a"]).json()["responses"][0]
    assert one["tagsRemoved"] == ["a"]
    bulk(either, "remove", contacts=[contact], removeAllTags=True)
    assert "tags" not in either.read(contact)


def test_remove_all_tags_goes_only_with_remove(either: Any) -> None:
    refused = bulk(either, "add", contacts=[], removeAllTags=True)
    assert refused.json()["message"] == ["property removeAllTags should not exist"]
    assert bulk(either, "replace", contacts=[]).status_code == 422
    assert bulk(either, "add").status_code == 422
    assert bulk(either, "add", contacts=[], locationId="anotherLocation00001").status_code == 403


def test_location_tags_are_made_read_renamed_and_deleted(either: Any) -> None:
    path = f"/locations/{either.location_id}/tags"
    made = either("POST", path, json={"name": "VIP Guest"})
    assert made.status_code == 200
    tag = made.json()["tag"]
    assert (tag["name"], tag["locationId"]) == ("vip guest", either.location_id)
    assert either("POST", path, json={"name": "vip guest"}).status_code == 400
    assert either("PUT", f"{path}/{tag['id']}", json={"name": "guest"}).json()["tag"]["name"] == "guest"
    assert either("GET", f"{path}/{tag['id']}").json()["tag"]["name"] == "guest"
    assert either("DELETE", f"{path}/{tag['id']}").json()["succeded"] is True
    assert either("GET", f"{path}/{tag['id']}").status_code == 400
    assert either("POST", path, json={}).status_code == 422


def test_followers_are_read_from_the_contact(either: Any) -> None:
    contact = either.some()["id"]
    path = f"/contacts/{contact}/followers"
    user = either.running.records("users")[0]["id"]
    added = either("POST", path, json={"followers": [user, "stranger"]})
    assert (added.status_code, added.json()["followersAdded"]) == (201, [user])
    assert either.read(contact)["followers"] == [user]
    removed = either("DELETE", path, json={"followers": [user]})
    assert (removed.status_code, removed.json()["followersRemoved"]) == (200, [user])
    assert "followers" not in either.read(contact)


def test_workflow_ids_are_uuids_and_enrolment_is_one_way(either: Any) -> None:
    listing = either("GET", f"/workflows/?locationId={either.location_id}").json()["workflows"]
    assert str(uuid.UUID(listing[0]["id"])) == listing[0]["id"]
    path = f"/contacts/{either.some()['id']}/workflow/{listing[0]['id']}"
    body = {"eventStartTime": "2026-12-01T10:00:00+01:00"}
    for method in ("POST", "DELETE", "DELETE"):
        response = either(method, path, json=body)
        assert (response.status_code, response.json()["succeded"]) == (200, True)
    assert either("POST", path, json={"eventStartTime": "later"}).status_code == 422
    unknown = f"/contacts/{either.some(email='x@example.com')['id']}/workflow/nothing"
    assert either("POST", unknown, json={}).status_code == 400


@pytest.mark.parametrize(("name", "dialect"), [("removeAll", "2021-07-28"), ("remove-all", "v3")])
def test_remove_all_campaigns_is_renamed_in_v3(vendor: Any, name: str, dialect: str) -> None:
    contact = vendor.some()["id"]
    campaign = vendor("GET", f"/campaigns/?locationId={vendor.location_id}&status=published").json()
    joined = vendor("POST", f"/contacts/{contact}/campaigns/{campaign['campaigns'][0]['id']}", json={})
    assert joined.status_code == 201
    assert len(vendor.running.records("enrolments")) == 1
    path = f"/contacts/{contact}/campaigns/{name}"
    other = "v3" if dialect != "v3" else "2021-07-28"
    refused = vendor.in_version(other)("DELETE", path)
    assert (refused.status_code, refused.json()["message"]) == (404, f"Cannot DELETE {path}")
    assert vendor.in_version(dialect)("DELETE", path).status_code == 200
    assert vendor.running.records("enrolments") == []
