"""What belongs to the location as a whole: businesses, tags, custom fields, users, workflows.

Read as permissively as the records of ``records.py``.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from tasks.core.batch import Json
from tasks.vendors.highlevel.api.records import Flag, Moment, Part, Record, Text, Texts


class Business(Record):
    """A company of the location; nothing keeps two from having the same name."""

    name: Text = None
    phone: Text = None
    email: Text = None
    website: Text = None
    address: Text = None
    city: Text = None
    state: Text = None
    postal_code: Text = None
    country: Text = None
    description: Text = None
    location_id: Text = None
    created_at: Moment = None
    updated_at: Moment = None


class LocationTag(Record):
    """A tag that the location knows; contacts hold it by name."""

    name: Text = None
    location_id: Text = None


def _options(value: Any) -> Any:
    """Options are texts, or objects with a label in some field types."""
    if not isinstance(value, list):
        return value
    return [item.get("label") or item.get("name") if isinstance(item, dict) else item for item in value]


class CustomField(Record):
    """A custom field's definition.

    Attributes:
        field_key: E.g. ``contact.lusha_person_id``.
        data_type: TEXT, NUMERICAL, MONETORY (sic), DATE, SINGLE_OPTIONS and so on.
        is_allowed_custom_option: Whether values besides the options are taken.
    """

    name: Text = None
    field_key: Text = None
    data_type: Text = None
    placeholder: Text = None
    picklist_options: Annotated[Texts, BeforeValidator(_options)] = ()
    is_allowed_custom_option: Flag = None
    model: Text = None
    position: float | None = None
    location_id: Text = None


class User(Record):
    """A person who works in the location; ``assignedTo`` names one by id."""

    name: Text = None
    first_name: Text = None
    last_name: Text = None
    email: Text = None
    phone: Text = None
    deleted: bool = False


class Calendar(Record):
    """A calendar; an appointment names its own by id."""

    name: Text = None
    description: Text = None
    group_id: Text = None
    is_active: Flag = None


class Workflow(Record):
    """A workflow; its id is a UUID."""

    name: Text = None
    status: Text = None
    version: Json = None
    created_at: Moment = None
    updated_at: Moment = None


class LocationSettings(Part):
    """What the location allows; None where the answer does not say."""

    allow_duplicate_contact: Flag = None
    allow_duplicate_opportunity: Flag = None
    allow_facebook_name_merge: Flag = None
    disable_contact_timezone: Flag = None


class Location(Record):
    """The sub-account itself.

    Attributes:
        company_id: The agency, which is told nowhere else.
        timezone: IANA name, e.g. ``America/Chicago``.
    """

    name: Text = None
    company_id: Text = None
    timezone: Text = None
    country: Text = None
    email: Text = None
    phone: Text = None
    settings: LocationSettings = LocationSettings()
