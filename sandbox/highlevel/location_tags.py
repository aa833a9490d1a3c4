"""The sub-account's own tags: what may be chosen on a contact.

A tag's name is unique and read in lower case. Deleting a tag here takes it off no contact in the contract's
words; renaming it does not either. Creating answers 200, not 201. Shapes from ``apps/locations.json``.
"""

from __future__ import annotations

from sandbox.core.answers import Answer
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.forms import Form, text
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document
from sandbox.highlevel.writing import clean_tags

__all__ = ["ROUTES"]

_TAG = Form({"name": text}, required=("name",))


def list_all(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}/tags``."""
    location.require(call.params["locationId"], call)
    return traced(200, {"tags": list(location.tags.values())})


def create(location: Location, call: Call) -> Answer:
    """``POST /locations/{locationId}/tags``: 200; 400 for a name that exists."""
    location.require(call.params["locationId"], call)
    name = _new_name(location, call)
    location.add_tags([name])
    return traced(200, {"tag": location.tags[name]})


def read(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}/tags/{tagId}``."""
    return traced(200, {"tag": _tag(location, call, reading=True)})


def rename(location: Location, call: Call) -> Answer:
    """``PUT /locations/{locationId}/tags/{tagId}``."""
    tag = _tag(location, call, reading=False)
    renamed = {**tag, "name": _new_name(location, call, besides=tag["name"])}
    del location.tags[tag["name"]]
    location.tags[renamed["name"]] = renamed
    return traced(200, {"tag": renamed})


def delete(location: Location, call: Call) -> Answer:
    """``DELETE /locations/{locationId}/tags/{tagId}``: ``succeded`` in every dialect."""
    del location.tags[_tag(location, call, reading=False)["name"]]
    return traced(200, {"succeded": True})


def _tag(location: Location, call: Call, *, reading: bool) -> Document:
    location.require(call.params["locationId"], call)
    found = next((tag for tag in location.tags.values() if tag["id"] == call.params["tagId"]), None)
    if found is None:
        raise RefusalError.missing("Tag", call.params["tagId"], reading=reading)
    return found


def _new_name(location: Location, call: Call, besides: str = "") -> str:
    names = clean_tags([_TAG.check(call)["name"]])
    if not names:
        raise RefusalError.unprocessable(["name should not be empty"])
    if names[0] in location.tags and names[0] != besides:
        raise RefusalError.bad_request("The tag name is already exist.")
    return names[0]


ROUTES = (
    Route("GET", "/locations/{locationId}/tags", "locations/tags.readonly", list_all),
    Route("POST", "/locations/{locationId}/tags", "locations/tags.write", create),
    Route("GET", "/locations/{locationId}/tags/{tagId}", "locations/tags.readonly", read),
    Route("PUT", "/locations/{locationId}/tags/{tagId}", "locations/tags.write", rename),
    Route("DELETE", "/locations/{locationId}/tags/{tagId}", "locations/tags.write", delete),
)
