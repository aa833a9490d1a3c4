"""What may be written to HighLevel, strictly: exactly the keys that each operation takes.

HighLevel answers 422 to any key that it does not declare, so a key that is illegal somewhere cannot be
expressed there. A field that is not set is left alone; None clears it, and only where the vendor's
contract allows null. Fields are named as in HighLevel (``firstName``) or as attributes (``first_name``).

Left out on purpose: ``tags`` of a contact's update and upsert, which would replace all of them
(``tags.py`` adds and removes), and ``businessId``, ``additionalEmails`` and ``type``, which no operation
takes.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel

from tasks.core.batch import Json
from tasks.vendors.highlevel.dialect import Dialect


class Write(BaseModel):
    """A request's body, but for the location, which the client knows."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    def payload(self, dialect: Dialect) -> dict[str, Json]:
        """What is sent: only the fields that were set, named as the dialect names them."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, context={"dialect": dialect})


def _set(value: Any) -> Any:
    if value is None:
        raise ValueError("cannot be cleared: HighLevel takes no null here; leave it out to keep it")
    return value


def _spelt_values(values: Any, info: SerializationInfo) -> Any:
    key = _dialect(info).custom_field_value
    return [{"id": value.id, key: value.value} for value in values]


def _spelt_channels(settings: Any, info: SerializationInfo) -> Any:
    names = _dialect(info).dnd_channels
    return {names[channel]: setting.payload(_dialect(info)) for channel, setting in settings.items()}


def _dialect(info: SerializationInfo) -> Dialect:
    dialect: Dialect = (info.context or {})["dialect"]
    return dialect


NotNull = BeforeValidator(_set)
"""For fields that the vendor's contract lets nobody clear."""
Clearable = str | None
"""A text that null clears."""
Kept = Annotated[str | None, NotNull]
"""A text that cannot be cleared; None is what it holds while it is not set."""
KeptFlag = Annotated[bool | None, NotNull]
Country = Annotated[str | None, NotNull, Field(pattern=r"^[A-Z]{2}$")]
Channel = Literal["call", "email", "sms", "whatsapp", "gmb", "fb"]


class CustomValueWrite(Write):
    """A custom field's new value; how to clear one is undocumented, so null is refused.

    Args:
        id: The field's id; keys are ambiguous between models.
        value: Text, number, list of texts, or the map of an upload.
    """

    id: str = Field(min_length=1)
    value: Annotated[Json, NotNull]


class DndWrite(Write):
    """Do-not-disturb on one channel."""

    status: Literal["active", "inactive", "permanent"]
    message: Kept = None
    code: Kept = None


class _ContactFields(Write):
    first_name: Clearable = None
    last_name: Clearable = None
    name: Clearable = None
    email: Clearable = None
    phone: Clearable = None
    address1: Clearable = None
    city: Clearable = None
    state: Clearable = None
    postal_code: Kept = None
    country: Country = None
    website: Clearable = None
    timezone: Clearable = None
    date_of_birth: date | None = None
    dnd: KeptFlag = None
    dnd_settings: Annotated[dict[Channel, DndWrite] | None, NotNull, PlainSerializer(_spelt_channels)] = None
    custom_fields: Annotated[tuple[CustomValueWrite, ...] | None, NotNull, PlainSerializer(_spelt_values)] = (
        None
    )


class _NewContactFields(_ContactFields):
    source: Kept = None
    assigned_to: Kept = None
    gender: Kept = None
    company_name: Clearable = None

    NEEDS_ONE_OF: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if not any(getattr(self, name) for name in self.NEEDS_ONE_OF):
            wanted = ", ".join(to_camel(name) for name in self.NEEDS_ONE_OF)
            raise ValueError(f"HighLevel needs at least one of {wanted}")
        return self


class ContactCreate(_NewContactFields):
    """A new contact."""

    NEEDS_ONE_OF = ("first_name", "last_name", "name", "email", "phone", "company_name")

    tags: Annotated[tuple[str, ...] | None, NotNull] = None


class ContactUpsert(_NewContactFields):
    """A contact that is found by e-mail or phone, or made."""

    NEEDS_ONE_OF = ("email", "phone")

    create_new_if_duplicate_allowed: KeptFlag = None


class ContactUpdate(_ContactFields):
    """Changes to a contact; neither gender nor companyName nor the location can be changed."""

    source: Clearable = None
    assigned_to: Clearable = None
