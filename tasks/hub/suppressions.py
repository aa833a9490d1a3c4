"""Values whose owners opted out: the hub knows them again by a keyed hash, and holds them nowhere.

This is the one place that takes such a value out of whatever comes in: records that are mirrored, the text
that is kept of them, rows that are to be planned. A value is found wherever it stands, as a field's value or
inside a text, in any spelling that differs by case, spaces and punctuation alone.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.batch import Json, MappedBatch, Reject, Remark, Row, canonical_json
from tasks.hub.tables import salts, suppressions
from tasks.streams import HUB_CALENDAR, HUB_USER, account

PROBLEM = "was removed: its owner opted out"
"""What is wrong with a value that does not go in."""

RULE = "opt_out"
"""The rule of a reject that lost what tells whose it is."""

REMOVED = "_removed"
"""Under which name a row tells which of its fields lost their value."""

OWN_PEOPLE = frozenset(
    {*(stream.name for stream in (HUB_USER, HUB_CALENDAR)), *(source.name for source in account.SOURCES)}
)
"""Streams of the location's own people, who are there because they work with it."""

_SALT = "suppressions"
_APART = r"\s\"'<>(),;:\\\[\]{}|@"  # what no address has in it
# A name begins behind what is apart: looked for at each letter, a long text would take its square in time.
_EMAIL = re.compile(rf"(?<![^{_APART}])[^{_APART}]+@[^{_APART}/?#&]+")
_PHONE = re.compile(r"(?<!\w)(?:\+|\(\+?)?\d(?:[\s().\-/\u2010-\u2015]{0,4}\d){6,17}(?![0-9A-WYZa-wyz_])")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MARK = re.compile(r"\[removed ([0-9a-f]{16})\]")
_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Value:
    """A value that its owner wants removed.

    Args:
        kind: ``email`` or ``phone``.
        spellings: How it may be written once case, spaces and punctuation are gone: an address in lower case;
            a number as E.164 and, for texts that name no country, its national digits. The first names it.
    """

    kind: str
    spellings: tuple[str, ...] = field(repr=False)


class Suppressed:
    """The values that must not come back.

    Args:
        salt: What they are hashed with.
        hashes: By hash, that of the value whose spelling it is.
    """

    def __init__(self, salt: bytes, hashes: dict[str, str]) -> None:
        self._salt = salt
        self._hashes = hashes
        self._marks = {hash_[:_SHOWN]: hash_ for hash_ in hashes.values()}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._hashes)

    def hash(self, kind: str, spelling: str) -> str:
        """Under which hash a spelling is known (hex)."""
        return hmac.digest(self._salt, f"{kind}:{spelling}".encode("utf-8", "surrogatepass"), "sha256").hex()

    def clean(self, value: Json, *, marked: bool = False, shaped: bool = False) -> Json:
        """A JSON value without what must not come back; the very same object where there is nothing of it.

        A text that is such a value becomes None, and in a list it goes, with the object that told it; inside
        a longer text a mark takes its place.

        Args:
            marked: Whether a mark takes the place of a whole text, too.
            shaped: Whether lists keep their length.
        """
        if isinstance(value, str):
            return self._of_text(value, marked=marked)
        if not self._hashes or not isinstance(value, dict | list):
            return value
        olds = list(value.values()) if isinstance(value, dict) else value
        news = [self.clean(old, marked=marked, shaped=shaped) for old in olds]
        if all(new is old for new, old in zip(news, olds, strict=True)):
            return value
        if isinstance(value, dict):
            return dict(zip(value, news, strict=True))
        return [new for new, old in zip(news, olds, strict=True) if shaped or not _is_lost(new, old)]

    def clean_row(self, row: Row, *, marked: bool = False) -> Row:
        """A row without them; its id keeps a mark, by which the record is found again."""
        cleaned = self.clean(row, marked=marked)
        return row if cleaned is row else {**cleaned, "id": self.clean_text(str(row["id"]))}

    def clean_text(self, text: str) -> str:
        """A text with marks in place of what must not come back, e.g. an id; the same where there is none."""
        return self._of_text(text, marked=True) or ""

    def clean_record(self, text: str) -> str:
        """The JSON text of a record, or of several in a list, without them; the same where there is none."""
        is_plain = "\\" not in text  # what stands in its values stands in the text, too
        if not self._hashes or (is_plain and next(self._find(text), None) is None):
            return text
        try:
            record = orjson.loads(text)
        except orjson.JSONDecodeError:
            return self.clean_text(text)
        if isinstance(record, list):
            cleaned: Json = [self.clean(one) for one in record]
            is_same = all(new is one for new, one in zip(cleaned, record, strict=True))
        else:
            cleaned = self.clean(record)
            is_same = cleaned is record
        return text if is_same else canonical_json(cleaned)

    def clean_reject(self, reject: Reject) -> Reject:
        """A reject without them, in whatever it tells."""
        if not self._hashes:
            return reject
        reasons = [replace(one, message=self.clean_text(one.message)) for one in reject.reasons]
        return Reject(self.clean_text(reject.record_id), reasons, self.clean_record(reject.raw))

    def found(self, value: Json) -> set[str]:
        """The hashes of the values that stand anywhere in a JSON value."""
        if isinstance(value, str):
            return {hash_ for _, _, hash_ in self._find(value)}
        if isinstance(value, dict):
            value = list(value.values())
        return set().union(*map(self.found, value)) if isinstance(value, list) else set()

    def _of_text(self, text: str, *, marked: bool) -> str | None:
        places = list(self._find(text)) if self._hashes else []
        if not places:
            return text
        first = places[0]
        if not marked and not (text[: first.start] + text[first.end :]).strip():
            return None
        for place in reversed(places):
            text = f"{text[: place.start]}{mark(place.hash)}{text[place.end :]}"
        return text

    def _find(self, text: str) -> Iterator[_Place]:
        """Where such values stand in a text, in order."""
        end = 0
        for place in sorted((*self._addresses(text), *self._numbers(text), *self._marked(text))):
            if place.start >= end:
                yield place
                end = place.end

    def _addresses(self, text: str) -> Iterator[_Place]:
        for found in _EMAIL.finditer(text) if "@" in text else ():
            for spelt in _without_links(found[0]):
                if hash_ := self._hashes.get(self.hash("email", spelt.lower())):
                    start = found.start() + found[0].rindex(spelt)
                    yield _Place(start, start + len(spelt), hash_)
                    break

    def _numbers(self, text: str) -> Iterator[_Place]:
        for found in _PHONE.finditer(text) if len(text) > _FEWEST else ():
            hashes = (self._hashes.get(self.hash("phone", spelling)) for spelling in _spellings(found[0]))
            if hash_ := next(filter(None, hashes), None):
                yield _Place(found.start(), found.end(), hash_)

    def _marked(self, text: str) -> Iterator[_Place]:
        for found in _MARK.finditer(text) if "[removed " in text else ():
            if hash_ := self._marks.get(found[1]):
                yield _Place(found.start(), found.end(), hash_)


class _Place(NamedTuple):
    """Where such a value stands in a text."""

    start: int
    end: int
    hash: str


_FEWEST = 6
"""A text with no more characters than these holds no number."""

NOBODY = Suppressed(b"", {})
"""Nobody opted out."""


def _without_links(text: str) -> Iterator[str]:
    """What an address that stands in a text may be known by: as it stands, and without the link around it."""
    text = text.rstrip(".-*_!")
    yield text
    name, _, host = text.rpartition("@")
    yield f"{re.split('[/?=&#]', name)[-1]}@{host}"


def _spellings(text: str) -> Iterator[str]:
    """What a number that stands in a text may be known by."""
    if _DATE.fullmatch(text):
        return
    text = text.replace("(0)", "")
    digits = "".join(filter(str.isdigit, text))
    yield f"+{digits}"
    if not text.lstrip("(").startswith("+"):
        yield f"+{digits[2:]}" if digits.startswith("00") else digits.lstrip("0")


def _is_lost(new: Json, old: Json) -> bool:
    """Whether a member of a list was such a value, or an object that told one."""
    if isinstance(old, dict):
        return any(new[name] is None and isinstance(one, str) for name, one in old.items())
    return new is None


def mark(hash_: str) -> str:
    """What is told in place of a value."""
    return f"[removed {hash_[:_SHOWN]}]"


def known(connection: sa.Connection, stream: str = "") -> Suppressed:
    """The values that must not come back, as the caller's transaction finds them.

    Args:
        stream: Of what they are to be taken out; nothing is of the location's own people.
    """
    if stream in OWN_PEOPLE:
        return NOBODY
    held = connection.execute(sa.select(suppressions.c.hash, suppressions.c.value)).all()
    if not held:
        return NOBODY
    return Suppressed(_salt(connection), dict(held))


def add(connection: sa.Connection, values: Sequence[Value], receipt_id: str, now: datetime) -> Suppressed:
    """Let values never come back; what was suppressed before stays as it was.

    On a server this waits until whoever took the earlier ones into account is through, and who comes later
    waits for the end of the transaction.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE suppressions IN ACCESS EXCLUSIVE MODE"))
    salted = Suppressed(_salt(connection), {})
    rows: list[Row] = [
        {
            "hash": salted.hash(one.kind, spelling),
            "value": salted.hash(one.kind, one.spellings[0]),
            "kind": one.kind,
            "receipt_id": receipt_id,
            "since": now,
        }
        for one in values
        for spelling in one.spellings
    ]
    if rows:
        connection.execute(_insert(connection, suppressions).on_conflict_do_nothing(), rows)
    return known(connection)


def name_of(connection: sa.Connection, text: str) -> str:
    """A name for what must not be kept: the same one each time, from which nobody can tell what it is."""
    return Suppressed(_salt(connection), {}).hash("name", text)[:_SHOWN]


def _salt(connection: sa.Connection) -> bytes:
    """The hub's salt; made when it is asked for first."""
    query = sa.select(salts.c.salt).where(salts.c.name == _SALT)
    held = connection.execute(query).scalar_one_or_none()
    if held is None:
        fresh = _insert(connection, salts).values(name=_SALT, salt=secrets.token_hex(32))
        connection.execute(fresh.on_conflict_do_nothing())
        held = connection.execute(query).scalar_one()
    return bytes.fromhex(held)


def _insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)


def strip(connection: sa.Connection, batch: MappedBatch) -> None:
    """Take out of a batch, before anything is made of it, what must not come back; the batch tells it.

    The batch's rows, the text of its records and its rejects are given in place; what a row lost stands in
    its remarks, which a run's tally counts, and under ``REMOVED``.
    """
    suppressed = known(connection)
    if not suppressed:
        return
    remarks = batch.remarks or [[] for _ in batch.rows]
    for n, row in enumerate(batch.rows):
        cleaned = suppressed.clean_row(row)
        lost = [name for name, value in row.items() if cleaned[name] is not value and _is_told(name)]
        if lost:
            cleaned[REMOVED] = lost
            remarks[n] = [*remarks[n], *(Remark(RULE, name, PROBLEM, "") for name in lost)]
            batch.remarks = remarks
        batch.rows[n] = cleaned
    batch.raws = [suppressed.clean_record(text) for text in batch.raws]
    batch.rejects = [suppressed.clean_reject(reject) for reject in batch.rejects]


def _is_told(name: str) -> bool:
    """Whether a row's key is a field, and not its id or what it tells besides."""
    return name != "id" and not name.startswith("_")
