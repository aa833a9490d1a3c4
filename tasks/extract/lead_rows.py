"""The rows of a file of leads as people of the stream ``lusha.contact``, each of them once.

What the file says is told, and was not paid for through us: ``revealed`` stays empty. A row by which nobody
can be looked for, and a second one of the same person, are rejects; the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tasks.core.batch import NO_ID, UNREADABLE, Json, Position, Reason, Reject, canonical_json, fingerprint
from tasks.extract.files import FileSource
from tasks.extract.lead_columns import EMAILS, HEADERS, PHONES, kind_of
from tasks.extract.reading import Reading
from tasks.mapping.lead_identity import NAMES_TOO, keys, wanted
from tasks.mapping.transform.blank import is_blank
from tasks.mapping.transform.clean import boolean
from tasks.mapping.transform.countries import normalise_country
from tasks.mapping.transform.phones import FEWEST
from tasks.mapping.transform.refusal import CleanError

USED = HEADERS.keys() | {
    *("first_name", "last_name", "name", "company", "domain", "website"),
    *("city", "state", "country", "updated_at"),
}
"""Keys of the columns that tell something of a person."""

AT_ONCE = 1_000
"""Rows that are read at a time."""

NAMES_NOBODY = "names nobody: Lusha needs a LinkedIn URL, an e-mail address, or a full name with a company"


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A person of a file.

    Args:
        number: Of the row, as a person counts it in the file.
        record: As Lusha tells people, with what the file says of them; its ``id`` is Lusha's, if it is there.
    """

    number: int
    record: dict[str, Json] = field(repr=False)


@dataclass(slots=True)
class LeadRows:
    """What a file of leads holds: its people, and the rows that are none or come again."""

    people: list[LeadRow] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


async def lead_rows(source: FileSource) -> LeadRows:
    """The people of a file that was opened for the stream ``lusha.contact``.

    Raises:
        BadConfigurationError: The file is no longer what it was when it was opened.
    """
    found, known = LeadRows(), _Known()
    position: Position | None = None
    done = False
    while not done:
        batch = await source.read(position, AT_ONCE)
        found.rejects += batch.rejects
        for row in batch.records:
            person, number = as_person(row), row["_row"]
            if problem := known.problem(person, number):
                found.rejects.append(_reject(row, problem))
            else:
                found.people.append(LeadRow(number, person))
        position, done = batch.position, batch.last
    return found


def as_read(reading: Reading) -> Reading:
    """How a file was read, with the columns marked that tell nothing of a person."""
    columns = (replace(one, imported=kind_of(one.name) in USED) for one in reading.columns)
    return replace(reading, columns=tuple(columns))


def as_person(row: Mapping[str, Json]) -> dict[str, Json]:
    """A row by its columns' keys as Lusha would tell the person; what is empty is left out."""
    said = {key: value for key, value in row.items() if not is_blank(value, but=_words_in(key))}
    company = {
        "name": said.get("company"),
        "domain": said.get("domain") or said.get("website"),
        "industry": said.get("industry"),
    }
    job = {
        "title": said.get("job_title"),
        "seniority": said.get("seniority"),
        "departments": _parts(said.get("departments")),
    }
    person = {
        "id": said.get("lusha_id"),
        "firstName": said.get("first_name"),
        "lastName": said.get("last_name"),
        "fullName": said.get("name"),
        "jobTitle": _filled(job),
        "company": _filled(company),
        "location": _filled(_location(said)),
        "socialLinks": _filled({"linkedin": said.get("linkedin")}),
        "emails": list(_emails(said)),
        "phones": list(_phones(said)),
        "updateDate": said.get("updated_at"),
    }
    return _filled(person)


def _words_in(key: str) -> list[str] | None:
    return NAMES_TOO if key in ("first_name", "last_name", "name") else None


class _Known:
    """The people of the rows before."""

    def __init__(self) -> None:
        self._all: dict[str, int] = {}
        self._first: dict[str, int] = {}

    def problem(self, person: Json, number: int) -> str:
        """Why a row does not go on; empty where it does, and is known from then on.

        Two rows are one person where what tells most of one of them is told by the other as well: a shared
        mailbox alone does not make two LinkedIn profiles one.
        """
        own = keys(wanted(person, ""))
        if not own:
            return NAMES_NOBODY
        twin = self._all.get(own[0]) or next((self._first[key] for key in own if key in self._first), None)
        if twin is not None:
            return f"is the same person as row {twin}"
        self._first[own[0]] = number
        self._all |= dict.fromkeys(own, number)
        return ""


def _emails(said: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    for key, value in said.items():
        kind = kind_of(key)
        if kind in EMAILS and "@" in str(value):
            yield {"email": value, "type": EMAILS[kind]}


def _phones(said: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """Without a column that says whether they may be called, nothing is said about it."""
    told = said.get("do_not_call")
    may_not = {} if told is None else {"doNotCall": _is_yes(told)}
    for key, value in said.items():
        kind = kind_of(key)
        if kind in PHONES and len(re.findall(r"\d", str(value))) >= FEWEST:
            yield {"number": str(value), "type": PHONES[kind], **may_not}


def _is_yes(value: Json) -> bool:
    """Whether a cell may mean yes: what is not plainly no, is."""
    try:
        return boolean(value) is not False
    except CleanError:
        return True


def _location(said: Mapping[str, Json]) -> dict[str, Json]:
    place = {
        "city": said.get("city"),
        "state": said.get("state"),
        "country": said.get("country"),
        "countryIso2": said.get("country_iso2"),
        "continent": said.get("continent"),
    }
    if place["city"] or not isinstance(said.get("location"), str):
        return place
    first, *rest = [part.strip() for part in said["location"].split(",")]
    country = rest[-1] if rest and normalise_country(rest[-1]) else None
    return place | {"city": first if rest else None, "country": place["country"] or country}


def _parts(value: Json) -> list[str]:
    return [part.strip() for part in re.split(r"[;,|]", str(value or "")) if part.strip()]


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def _reject(row: Json, problem: str) -> Reject:
    raw = canonical_json(row)
    reason = Reason(
        UNREADABLE, "", f"row {row['_row']} {problem}", re.sub(r"row \d+", "another row", problem)
    )
    return Reject(f"{NO_ID}{fingerprint(raw)}", [reason], raw)
