"""HighLevel as a run sees it: one location, opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo
from functools import partial

from pydantic import ValidationError

from tasks.core.batch import Json, Reason
from tasks.core.change import Change, Key, Verb
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import Settings
from tasks.hub.engine import Hub
from tasks.hub.spec import PlanSpec
from tasks.streams import ENROLMENT, SOURCES, FieldType
from tasks.streams.custom_field import CustomField
from tasks.vendors.highlevel import contact_payload
from tasks.vendors.highlevel.api import contacts, locations
from tasks.vendors.highlevel.api.account_records import CustomField as Definition
from tasks.vendors.highlevel.client import HighLevel, connect
from tasks.vendors.highlevel.limits import account
from tasks.vendors.highlevel.readers.account import CalendarReader, UserReader
from tasks.vendors.highlevel.readers.activity import AppointmentReader, CrmTaskReader, NoteReader
from tasks.vendors.highlevel.readers.businesses import BusinessReader
from tasks.vendors.highlevel.readers.called import CALLED
from tasks.vendors.highlevel.readers.contacts import STREAM, ContactReader
from tasks.vendors.highlevel.writers import businesses as business_writer
from tasks.vendors.highlevel.writers import enrolments, table
from tasks.vendors.highlevel.writers.activities import NOTES, TASKS
from tasks.vendors.highlevel.writers.appointments import APPOINTMENTS
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.network import Guard
from tasks.vendors.protocols import Called, ParentReader, Reader, ReadRow


class HighLevelConnection:
    """One location of HighLevel; see ``tasks.vendors.protocols.Connection``."""

    def __init__(self, client: HighLevel) -> None:
        self.client = client
        self.location_id = client.location_id
        self.account = account(client.location_id)

    @property
    def guard(self) -> Guard | None:
        """Asked right before every request leaves."""
        return self.client.guard

    @guard.setter
    def guard(self, guard: Guard | None) -> None:
        self.client.guard = guard

    @property
    def requests(self) -> int:
        """Requests sent so far, retries included."""
        return self.client.requests

    def now(self) -> datetime:
        """Now, by HighLevel's clock."""
        return self.client.now()

    def theirs(self, moment: datetime) -> datetime:
        """A moment of our clock by HighLevel's."""
        return self.client.theirs(moment)

    def reader(self, stream: str) -> Reader:
        """What reads a stream.

        Raises:
            BadConfigurationError: Nothing reads it.
        """
        if stream not in _READERS:
            fitting = ", ".join(SOURCES[one].mapping for one in _READERS)
            raise BadConfigurationError(
                f"The mapping reads {stream}; HighLevel's records are {', '.join(_READERS)}.",
                remedy=f"Mappings that fit: {fitting}; one that reads files is for an import.",
            )
        return _READERS[stream](self.client)

    def parent_reader(self, stream: str) -> ParentReader:
        """What reads a stream that HighLevel tells for one contact at a time.

        Raises:
            KeyError: Nothing does.
        """
        return {NoteReader.stream: NoteReader}[stream](self.client)

    def write_context(
        self, spec: PlanSpec, read_row: ReadRow, *, replans: bool, from_mirror: bool
    ) -> Context:
        """What writes a plan's changes."""
        return Context(spec, read_row, replans, from_mirror, client=self.client, writers=table.writer)

    def refusals(self, change: Change, custom: Mapping[str, str]) -> list[Reason]:
        """Why HighLevel would refuse a change, found without asking it."""
        return refusals(change, custom)

    async def check(self) -> None:
        """Make sure that the token is good for the location."""
        await contacts.search(self.client, limit=1, sort="dateAdded")

    async def custom_fields(self) -> dict[str, CustomField]:
        """The location's custom fields of contacts by key."""
        held = await locations.custom_fields(self.client)
        return {(one.field_key or "").removeprefix("contact."): _custom_field(one) for one in held}

    async def make_custom_field(self, name: str) -> None:
        """Make a custom field of contacts that takes text, unless there is one of this name."""
        if not any(one.name == name for one in await locations.custom_fields(self.client)):
            await locations.make_custom_field(self.client, name)

    async def called(self, stream: str) -> AsyncIterator[Called]:
        """The location's records of a stream that others refer to."""
        if listed := CALLED.get(stream):
            async for one in listed(self.client):
                yield one

    async def zone(self) -> tzinfo:
        """The location's zone; HighLevel's times without one are meant in it."""
        return (await self.place())[0]

    async def place(self) -> tuple[tzinfo, str]:
        """The location's zone, and its country as ISO code."""
        return await locations.place(self.client)


_TYPES = {
    "TEXT": FieldType.TEXT,
    "LARGE_TEXT": FieldType.TEXT,
    "PHONE": FieldType.TEXT,
    "NUMERICAL": FieldType.NUMBER,
    "MONETORY": FieldType.NUMBER,
    "DATE": FieldType.DATE,
    "SINGLE_OPTIONS": FieldType.TEXT,
    "RADIO": FieldType.TEXT,
    "CHECKBOX": FieldType.TEXTS,
    "MULTIPLE_OPTIONS": FieldType.TEXTS,
}
"""How values of a custom field are stored, by its type in HighLevel's spelling; of others nobody knows."""


def _custom_field(one: Definition) -> CustomField:
    options = () if one.is_allowed_custom_option else tuple(one.picklist_options)
    return CustomField(one.id, _TYPES.get(one.data_type or "", FieldType.VALUE), options)


_READERS: dict[str, Callable[[HighLevel], Reader]] = {
    reader.stream: reader
    for reader in (
        ContactReader,
        BusinessReader,
        UserReader,
        CalendarReader,
        CrmTaskReader,
        AppointmentReader,
    )
}


def _body_of(
    vet: Callable[[dict[str, Json]], object], values: dict[str, Json], _custom: Mapping[str, str]
) -> object:
    return vet(values)


_VETTED: dict[Key, Callable[[dict[str, Json], Mapping[str, str]], object]] = {
    (STREAM, Verb.CREATE, ""): contact_payload.creation,
    (STREAM, Verb.UPDATE, ""): contact_payload.changes,
    (BusinessReader.stream, Verb.CREATE, ""): business_writer.creation,
    (BusinessReader.stream, Verb.UPDATE, ""): business_writer.changes,
    **{
        (kind.stream, verb, ""): partial(_body_of, vet)
        for kind in (NOTES, TASKS, APPOINTMENTS)
        for verb, vet in zip((Verb.CREATE, Verb.UPDATE), kind.vet, strict=True)
    },
    **{(ENROLMENT.name, verb, ""): partial(_body_of, enrolments.vet) for verb in (Verb.CREATE, Verb.DELETE)},
}
"""What makes the bodies of requests, and refuses what HighLevel would."""


def refusals(change: Change, custom: Mapping[str, str]) -> list[Reason]:
    """Why HighLevel would refuse a change, found without asking it.

    Args:
        custom: Custom field key to id.
    """
    try:
        if vetted := _VETTED.get(change.key):
            ends = change.verb is Verb.DELETE
            vetted({one.field: one.old if ends else one.new for one in change.fields}, custom)
    except ValidationError as error:
        return [
            Reason("highlevel", name, message, message)  # it tells no value
            for name, message in contact_payload.refusals(error)
        ]
    return []


@asynccontextmanager
async def open_connection(settings: Settings, hub: Hub) -> AsyncIterator[HighLevelConnection]:
    """A connection to the settings' location.

    Raises:
        BadConfigurationError: Token, credential, key, location or URL is missing or malformed.
        BadCredentialError: The stored credential cannot be decrypted.
    """
    async with connect(settings, hub) as client:
        yield HighLevelConnection(client)
