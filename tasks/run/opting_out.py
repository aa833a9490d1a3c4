"""What is done when somebody opts out: exactly the named values leave the hub, and do not come back.

What HighLevel has of them is removed through a plan (``tasks/run/removing.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import phonenumbers
import sqlalchemy as sa

from tasks.core.batch import Json, canonical_json
from tasks.core.errors import BadConfigurationError
from tasks.hub import opt_outs, still_there, suppressions
from tasks.hub.engine import Hub
from tasks.hub.opt_outs import Receipt
from tasks.hub.scrubbing import scrub
from tasks.hub.suppressions import Value
from tasks.hub.tables import MIRRORS
from tasks.mapping.transform.normalise import normalise_email
from tasks.mapping.transform.phones import normalise_phone, phone_twins
from tasks.streams import HUB_LEAD

FEWEST_DIGITS = 7
"""A number with fewer digits is no phone number."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody's wish that values are removed.

    Args:
        values: Which.
        unclear: How many were named besides that nobody can read.
        source: As a receipt has it.
        person: What else tells whose they are: an id at the vendor of leads, a LinkedIn page.
        at: When it was wished, where that was told.
        text: The whole of it, by which it is known when it comes again.
    """

    values: tuple[Value, ...]
    source: str
    text: str = field(repr=False)
    unclear: int = 0
    person: tuple[str, str] = ("", "")
    at: datetime | None = None


def of_delivery(body: Json) -> OptOut:
    """What a delivery of the vendor of leads says.

    Args:
        body: ``datapoints`` with ``datapointId`` (the value) and ``datapointType``; ``contactId``,
            ``linkedinUrl``, ``contactOptOutDate``; as reference.

    Raises:
        BadConfigurationError: It names no value.
    """
    points = body.get("datapoints") if isinstance(body, Mapping) else None
    named = [one for one in points if isinstance(one, Mapping)] if isinstance(points, list) else []
    read = [read_value(str(one.get("datapointType")), str(one.get("datapointId"))) for one in named]
    values = tuple(one for one in read if one is not None)
    if not values:
        raise BadConfigurationError(
            "The delivery names no e-mail address and no phone number.",
            remedy="An opt-out has `datapoints`, each with `datapointId` and `datapointType` (email, phone).",
        )
    person = (str(body.get("contactId") or ""), str(body.get("linkedinUrl") or ""))
    at, text = _moment(body.get("contactOptOutDate")), canonical_json(body)
    return OptOut(values, "delivery", text, len(points or ()) - len(values), person, at)


def of_person(emails: Sequence[str], phones: Sequence[str]) -> OptOut:
    """What somebody here says.

    Raises:
        BadConfigurationError: One is no e-mail address, or no phone number with its country code.
    """
    given = [("email", text) for text in emails] + [("phone", text) for text in phones]
    values = []
    for kind, text in given:
        value = read_value(kind, text)
        if value is None:
            raise BadConfigurationError(
                f"One of the values is no {'e-mail address' if kind == 'email' else 'phone number'}.",
                remedy="Write addresses as ada@example.com, numbers as +14155550123.",
            )
        values.append(value)
    if not values:
        raise BadConfigurationError("No value was named.", remedy="Give --email or --phone, or a file.")
    return OptOut(tuple(values), "person", canonical_json(sorted(one.spellings[0] for one in values)))


def read_value(kind: str, text: str) -> Value | None:
    """A value as it is known again, however it is written; None where it is none of its kind."""
    text = text.strip()
    if kind.lower() == "email":
        address = normalise_email(text)
        return Value("email", tuple(dict.fromkeys((address, text.lower())))) if address else None
    if kind.lower() == "phone":
        spellings = tuple(dict.fromkeys(_numbers(text)))
        return Value("phone", spellings) if spellings else None
    return None


def _numbers(text: str) -> Iterator[str]:
    digits = "".join(filter(str.isdigit, text))
    number = normalise_phone(text) or (f"+{digits}" if text.startswith("+") else digits)
    if len(digits) < FEWEST_DIGITS:
        return
    yield from phone_twins(number)
    try:
        national = str(phonenumbers.parse(number).national_number)
    except phonenumbers.NumberParseException:
        return
    if len(national) >= FEWEST_DIGITS:
        yield national


def _moment(told: Json) -> datetime | None:
    """``YYYY-MM-DD HH:MM:SS.mmm``, UTC."""
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def handle(hub: Hub, wish: OptOut, *, now: datetime | None = None, dry_run: bool = False) -> Receipt:
    """Remove the values from the hub, suppress them, and write a receipt: all of it or nothing.

    Told again, it removes what has come since and adds that to the receipt.

    Args:
        dry_run: Nothing is kept of what was done: the receipt tells what would be.

    Raises:
        HubUnavailableError: Nothing was removed.
    """
    with hub.write() as connection, connection.begin_nested() as tried:
        receipt = _handle(connection, wish, now or datetime.now(UTC))
        if dry_run:
            tried.rollback()
    return receipt


def _handle(connection: sa.Connection, wish: OptOut, now: datetime) -> Receipt:
    receipt_id = suppressions.name_of(connection, wish.text)
    suppressed = suppressions.add(connection, wish.values, receipt_id, now)
    scrubbed = scrub(connection, suppressed, wish.values, now)
    hashes = sorted(suppressed.hash(one.kind, one.spellings[0]) for one in wish.values)
    receipt = Receipt(
        receipt_id,
        wish.source,
        now,
        hashes,
        wish.unclear,
        scrubbed.rows,
        _with_their_leads(connection, scrubbed.records, wish.person),
        opted_out_at=wish.at,
        finished_at=None if still_there.read(connection, hashes=hashes) else now,
    )
    return opt_outs.keep(connection, receipt)


def _with_their_leads(
    connection: sa.Connection, records: Mapping[str, Sequence[str]], person: tuple[str, str]
) -> dict[str, list[str]]:
    """The records, with the leads that are the person's by id or page: these may have none of the values."""
    id_, page = person
    table, found = MIRRORS[HUB_LEAD.name], {stream: list(ids) for stream, ids in records.items()}
    slug = page.lower().partition("/in/")[2].partition("?")[0].strip("/")
    same = [table.c.id == id_] if id_ else []
    same += [table.c.linkedin_url.icontains(f"/in/{slug}", autoescape=True)] if slug else []
    if same:
        theirs: dict[str, Any] = dict(
            connection.execute(sa.select(table.c.id, table.c.linkedin_url).where(sa.or_(*same))).all()
        )
        ids = {
            lead
            for lead, link in theirs.items()
            if lead == id_ or (link or "").lower().partition("/in/")[2].partition("?")[0].strip("/") == slug
        }
        found[HUB_LEAD.name] = sorted({*found.get(HUB_LEAD.name, ()), *ids})
    return {stream: ids for stream, ids in found.items() if ids}
