"""The location's custom fields and custom values.

A field is found by its id or by its whole key (``contact.nickname``); its key follows from the name it was
made with and never changes. A field that is deleted takes its values off no contact in the contract's
words; here they stay as they were. Shapes from ``apps/locations.json``.
"""

from __future__ import annotations

import re

from sandbox.core.answers import Answer
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.forms import Form, Rule, anything, number, one_of, text, texts, truth
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document

__all__ = ["ROUTES"]

_MODELS = ("contact", "opportunity", "all")
_TYPES = (
    "TEXT", "LARGE_TEXT", "NUMERICAL", "PHONE", "MONETORY", "CHECKBOX", "SINGLE_OPTIONS",
    "MULTIPLE_OPTIONS", "DATE", "TEXTBOX_LIST", "FILE_UPLOAD", "RADIO",
)  # fmt: skip
_FIELDS: dict[str, Rule] = {
    "name": text,
    "placeholder": text,
    "acceptedFormat": texts,
    "isMultipleFile": truth,
    "maxNumberOfFiles": number,
    "textBoxListOptions": anything,
    "position": number,
    "model": one_of("contact", "opportunity"),
}
_CREATE = Form({**_FIELDS, "dataType": one_of(*_TYPES)}, required=("name", "dataType"))
_UPDATE = Form(_FIELDS, required=("name",))
_VALUE = Form({"name": text, "value": text}, required=("name", "value"))
_READ_AS = {"isMultipleFile": "isMultiFileAllowed", "maxNumberOfFiles": "maxFileLimit"}


def list_fields(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}/customFields``, of one model or of all."""
    location.require(call.params["locationId"], call)
    model = call.query("model") or "contact"
    if model not in _MODELS:
        raise RefusalError.unprocessable([f"model must be one of the following values: {', '.join(_MODELS)}"])
    fields = [field for field in location.custom_fields if model in ("all", field.get("model"))]
    return traced(200, {"customFields": fields})


def read_field(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}/customFields/{id}``, also by the whole key."""
    return traced(200, {"customField": _field(location, call, reading=True)})


def create_field(location: Location, call: Call) -> Answer:
    """``POST /locations/{locationId}/customFields``: 201."""
    location.require(call.params["locationId"], call)
    body = _CREATE.check(call)
    model = body.get("model", "contact")
    field = {
        "id": location.fresh_id(),
        "fieldKey": _free_key(location, f"{model}.{_slug(body['name'])}"),
        "placeholder": "",
        "position": 50 * len(location.custom_fields),
        "locationId": location.id,
        "model": model,
        **_as_read(body),
    }
    location.custom_fields.append(field)
    return traced(201, {"customField": field})


def update_field(location: Location, call: Call) -> Answer:
    """``PUT /locations/{locationId}/customFields/{id}``: the named properties change, the key never."""
    field = _field(location, call, reading=False)
    field.update(_as_read(_UPDATE.check(call)))
    return traced(200, {"customField": field})


def delete_field(location: Location, call: Call) -> Answer:
    """``DELETE /locations/{locationId}/customFields/{id}``: ``succeded`` in every dialect."""
    location.custom_fields.remove(_field(location, call, reading=False))
    return traced(200, {"succeded": True})


def list_values(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}/customValues``."""
    location.require(call.params["locationId"], call)
    return traced(200, {"customValues": list(location.others["customValues"].values())})


def read_value(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}/customValues/{id}``."""
    return traced(200, {"customValue": _value(location, call, reading=True)})


def create_value(location: Location, call: Call) -> Answer:
    """``POST /locations/{locationId}/customValues``: 201."""
    location.require(call.params["locationId"], call)
    body = _VALUE.check(call)
    key = f"{{{{ custom_values.{_slug(body['name'])} }}}}"
    value = {"id": location.fresh_id(), "fieldKey": key, "locationId": location.id, **body}
    location.others["customValues"][value["id"]] = value
    return traced(201, {"customValue": value})


def update_value(location: Location, call: Call) -> Answer:
    """``PUT /locations/{locationId}/customValues/{id}``."""
    held = _value(location, call, reading=False)
    value = {**held, **_VALUE.check(call)}
    location.others["customValues"][value["id"]] = value
    return traced(200, {"customValue": value})


def delete_value(location: Location, call: Call) -> Answer:
    """``DELETE /locations/{locationId}/customValues/{id}``."""
    del location.others["customValues"][_value(location, call, reading=False)["id"]]
    return traced(200, {"succeded": True})


def _field(location: Location, call: Call, *, reading: bool) -> Document:
    location.require(call.params["locationId"], call)
    asked = call.params["id"]
    found = (field for field in location.custom_fields if asked in (field["id"], field["fieldKey"]))
    field = next(found, None)
    if field is None:
        raise RefusalError.missing("Custom field", asked, reading=reading)
    return field


def _value(location: Location, call: Call, *, reading: bool) -> Document:
    location.require(call.params["locationId"], call)
    value = location.others["customValues"].get(call.params["id"])
    if value is None:
        raise RefusalError.missing("Custom value", call.params["id"], reading=reading)
    return value


def _as_read(body: Document) -> Document:
    """What is written under one name and read under another."""
    read = {_READ_AS.get(key, key): value for key, value in body.items() if key != "textBoxListOptions"}
    options = body.get("textBoxListOptions")
    if isinstance(options, list):
        read["picklistOptions"] = [
            option.get("label") if isinstance(option, dict) else option for option in options
        ]
    return read


def _slug(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_") or "field"


def _free_key(location: Location, key: str) -> str:
    """The key, with a number behind it where it is taken."""
    taken = {field["fieldKey"] for field in location.custom_fields}
    if key not in taken:
        return key
    return next(f"{key}_{number}" for number in range(1, len(taken) + 2) if f"{key}_{number}" not in taken)


_FIELD, _VALUES = "/locations/{locationId}/customFields", "/locations/{locationId}/customValues"
_FIELD_READ, _FIELD_WRITE = "locations/customFields.readonly", "locations/customFields.write"
_VALUE_READ, _VALUE_WRITE = "locations/customValues.readonly", "locations/customValues.write"

ROUTES = (
    Route("GET", _FIELD, _FIELD_READ, list_fields),
    Route("POST", _FIELD, _FIELD_WRITE, create_field),
    Route("GET", _FIELD + "/{id}", _FIELD_READ, read_field),
    Route("PUT", _FIELD + "/{id}", _FIELD_WRITE, update_field),
    Route("DELETE", _FIELD + "/{id}", _FIELD_WRITE, delete_field),
    Route("GET", _VALUES, _VALUE_READ, list_values),
    Route("POST", _VALUES, _VALUE_WRITE, create_value),
    Route("GET", _VALUES + "/{id}", _VALUE_READ, read_value),
    Route("PUT", _VALUES + "/{id}", _VALUE_WRITE, update_value),
    Route("DELETE", _VALUES + "/{id}", _VALUE_WRITE, delete_value),
)
