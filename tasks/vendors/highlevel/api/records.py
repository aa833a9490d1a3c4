"""What HighLevel's answers hold, read permissively.

Undeclared keys are normal, empty fields are absent, and people and old imports leave odd values behind.
So everything but the id is optional, a value that cannot be read counts as absent, and ``raw`` keeps the
record as it came. What differs between the two API versions in spelling is read in either.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from tasks.core.batch import Json
from tasks.vendors.highlevel.api.moments import birthday, moment

Self = TypeVar("Self", bound="Part")


class Part(BaseModel):
    """An object inside a record."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
    )

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_absent(cls, value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        try:
            return read(value)
        except ValidationError:
            field = cls.model_fields[str(info.field_name)]
            if field.is_required():
                raise
            return field.get_default(call_default_factory=True)


class Record(Part):
    """A record: something with an id, named ``id`` or, in the location's task search, ``_id``."""

    _raw: Json = PrivateAttr(default=None)

    id: str = Field(validation_alias=AliasChoices("id", "_id"), min_length=1)

    @property
    def raw(self) -> Json:
        """The record as it came."""
        return self._raw

    @model_validator(mode="wrap")
    @classmethod
    def _keep_raw(cls, data: Any, read: ModelWrapValidatorHandler[Record]) -> Record:
        record = read(data)
        if isinstance(data, dict):
            record._raw = data  # noqa: SLF001 - its own
        return record


def _moment(value: Any, info: ValidationInfo) -> datetime | None:
    zone = (info.context or {}).get("zone")
    return None if value is None else moment(value, zone) if zone else moment(value)


def _texts(value: Any) -> Any:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else value


def _addresses(value: Any) -> Any:
    """``[{"email": "a@b.example"}]`` or plain texts."""
    if not isinstance(value, list):
        return value
    found = ((item.get("email") or item.get("phone")) if isinstance(item, dict) else item for item in value)
    return tuple(item for item in found if isinstance(item, str))


def _objects_with_id(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return tuple(item for item in value if isinstance(item, dict) and isinstance(item.get("id"), str))


def _lower_keys(value: Any) -> Any:
    return {str(key).lower(): item for key, item in value.items()} if isinstance(value, dict) else value


Text = str | None
Flag = bool | None
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Birthday = Annotated[date | None, BeforeValidator(lambda value: None if value is None else birthday(value))]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Addresses = Annotated[tuple[str, ...], BeforeValidator(_addresses)]


class CustomValue(Part):
    """A custom field's value: written as ``{id, field_value}``, read as ``{id, value}``."""

    id: str
    value: Json = Field(default=None, validation_alias=AliasChoices("value", "fieldValue", "field_value"))


class DndSetting(Part):
    """Do-not-disturb on one channel: ``active`` means that nothing is sent there."""

    status: Text = None
    message: Text = None
    code: Text = None


class Contact(Record):
    """A contact, from reading by id, from a write's answer, from search or from a list.

    Attributes:
        address1: Search calls it ``address``.
        first_name: The deprecated list has it in lower case and the original as ``firstNameRaw``.
        dnd_settings: By channel in lower case (``sms``, ``whatsapp``); search omits them.
        additional_emails: Further addresses; the API reads them and cannot write them.
        deleted: Told by some answers only.
    """

    location_id: Text = None
    first_name: Text = Field(default=None, validation_alias=AliasChoices("firstNameRaw", "firstName"))
    last_name: Text = Field(default=None, validation_alias=AliasChoices("lastNameRaw", "lastName"))
    name: Text = None
    email: Text = None
    phone: Text = None
    company_name: Text = None
    address1: Text = Field(default=None, validation_alias=AliasChoices("address1", "address"))
    city: Text = None
    state: Text = None
    country: Text = None
    postal_code: Text = None
    website: Text = None
    timezone: Text = None
    source: Text = None
    gender: Text = None
    type: Text = None
    assigned_to: Text = None
    business_id: Text = None
    dnd: Flag = None
    dnd_settings: Annotated[dict[str, DndSetting], BeforeValidator(_lower_keys)] = {}
    tags: Texts = ()
    followers: Texts = ()
    additional_emails: Addresses = ()
    additional_phones: Addresses = ()
    custom_fields: Annotated[tuple[CustomValue, ...], BeforeValidator(_objects_with_id)] = ()
    date_of_birth: Birthday = None
    date_added: Moment = None
    date_updated: Moment = None
    deleted: bool = False

    def custom(self, field_id: str) -> Json:
        """The value of a custom field; None where it is empty."""
        return next((entry.value for entry in self.custom_fields if entry.id == field_id), None)


class CrmTask(Record):
    """A task of a contact; its dates come from the location's search alone."""

    title: Text = None
    body: Text = None
    assigned_to: Text = None
    due_date: Moment = None
    completed: Flag = None
    contact_id: Text = None
    location_id: Text = None
    business_id: Text = None
    date_added: Moment = Field(default=None, validation_alias=AliasChoices("dateAdded", "createdAt"))
    date_updated: Moment = Field(default=None, validation_alias=AliasChoices("dateUpdated", "updatedAt"))
    deleted: bool = False


class Note(Record):
    """A note of a contact."""

    body: Text = None
    title: Text = None
    color: Text = None
    pinned: Flag = None
    user_id: Text = None
    contact_id: Text = None
    date_added: Moment = None
    date_updated: Moment = None


class Appointment(Record):
    """An appointment, from a contact's list or from the calendar.

    Attributes:
        appointment_status: new, confirmed, cancelled, showed, noshow or invalid.
    """

    calendar_id: Text = None
    location_id: Text = None
    contact_id: Text = None
    group_id: Text = None
    title: Text = None
    address: Text = None
    notes: Text = None
    appointment_status: Text = None
    assigned_user_id: Text = None
    users: Texts = ()
    is_recurring: Flag = None
    rrule: Text = None
    start_time: Moment = None
    end_time: Moment = None
    date_added: Moment = None
    date_updated: Moment = None
    deleted: bool = False
