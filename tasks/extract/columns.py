"""Guessing which column of a file is which field of a contact, so that an export needs no preparation.

What is given counts first, then the header, unless the values contradict it; a column that no header gives
away is known by its values, if nearly all of them look alike. A wrong guess costs more than a missed one, so
whatever is in doubt stays unrecognised, under a name made of its own header.

Several columns may hold one field ("Business Phone", "Mobile Phone"): ``picking.py`` takes one for each row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.core.errors import BadConfigurationError
from tasks.core.spreadsheets import restored
from tasks.core.words import ANY, did_you_mean, sentence
from tasks.extract.headers import FIELDS, OWNERS, Named, named, words_of
from tasks.extract.looks import ENOUGH, is_person, mostly
from tasks.extract.weighing import BY_NAME, CALLING_CODE, Guess, by_values, weighed
from tasks.mapping.transform.blank import is_blank

EXAMPLES = 3
"""Values of a column that a preview shows."""

ALONE = frozenset({"id", "first_name", "last_name", "updated_at", "assigned_to"})
"""Fields that one column of the file holds: of two, a row would be made that nobody wrote."""

_NAMES = frozenset({"first_name", "last_name", "name"})

_LABELS = {"email": "e-mail", "id": "id"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file, and what it is taken for.

    Args:
        header: As in the file.
        name: Its key in each record: the field that it is taken for, e.g. ``first_name``, or for a further
            column of that field ``phone_2``; made of the header where nobody recognises it; empty for one
            that is left out.
        recognised: Whether it is known what the column holds.
        why: What the guess rests on, in a few words.
        examples: Values that are not empty.
        field: The field that it fills, alone or where those before it are empty; empty for none.
        place: Which of the columns of that field it is, from 0 on.
        address: Of an address, which of several.
    """

    header: str
    name: str
    recognised: bool
    why: str
    examples: tuple[str, ...]
    field: str = ""
    place: int = 0
    address: str = ""


def guess_columns(
    headers: Sequence[str],
    sample: Sequence[Sequence[Any]],
    given: Mapping[str, str],
    file: str,
    subject: frozenset[str] = frozenset(),
    parent: str = "",
    known: Mapping[int, str] = {},
) -> tuple[Column, ...]:
    """What each column is taken for.

    Args:
        sample: The cells of the first rows.
        given: Header to field for the columns that are not to be guessed; an empty field leaves one out.
        file: The file's name, for messages.
        subject: Words for whom the file is about, as ``named`` takes them.
        parent: On what the records hang: a header that begins so tells of that, and keeps its own name.
        known: Position and field of columns that files of this kind are known by; what is given comes first.

    Raises:
        BadConfigurationError: ``given`` does not fit the file.
    """
    values = [[shown for row in sample if (shown := _shown(row[at]))] for at in range(len(headers))]
    telling = [[text for text in texts if not is_blank(text)] for texts in values]
    nested = {
        at
        for at, header in enumerate(headers)
        if "_".join(words_of(header)) not in FIELDS and any(_is_nested(row[at]) for row in sample)
    }
    found = {at: Guess(field, BY_NAME) for at, field in known.items()} | _given(headers, given, file)
    doubts = dict.fromkeys(nested - found.keys(), "not recognised: its values have parts")
    theirs = {at for at, header in enumerate(headers) if parent and _tells_of(header, parent)}
    doubts |= dict.fromkeys(theirs - found.keys(), f"of the {parent}")
    doubts |= _guess(headers, telling, found, nested | theirs, subject)
    groups = _groups(found, telling, doubts)
    names = _names(headers, found, groups, doubts)
    columns: list[Column] = []
    for at, header in enumerate(headers):
        examples = tuple(values[at][:EXAMPLES])
        guess = found.get(at)
        if guess is None:
            columns.append(Column(header, names[at], False, doubts.get(at, "not recognised"), examples))
            continue
        place = groups[guess.field].index(at) if guess.field else 0
        why = guess.why if place == 0 or guess.given else _further(guess.field, place)
        columns.append(
            Column(header, names[at], bool(guess.field), why, examples, guess.field, place, guess.address)
        )
    return tuple(columns)


def _shown(cell: Any) -> str:
    """A cell as a person reads it; empty for what counts as empty."""
    if cell is None:
        return ""
    return restored(cell.strip()) if isinstance(cell, str) else str(cell)


def _tells_of(header: str, parent: str) -> bool:
    return words_of(header)[:1] == [parent]


def _is_nested(cell: Any) -> bool:
    """Whether a value is made of named parts, as in JSON: none of a field's."""
    return isinstance(cell, dict) or (isinstance(cell, list) and any(isinstance(one, dict) for one in cell))


def _given(headers: Sequence[str], given: Mapping[str, str], file: str) -> dict[int, Guess]:
    """Position of each given column, and its field."""
    labels = [header or f"column_{at + 1}" for at, header in enumerate(headers)]
    found: dict[int, Guess] = {}
    for header, name in given.items():
        if header.strip() not in labels:
            near = did_you_mean(header, labels, likeness=ANY)
            raise BadConfigurationError(f"{file} has no column `{header}`.", remedy=sentence(near))
        if name and not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise BadConfigurationError(
                f"`{name}`, given for the column `{header}`, is no field name.",
                remedy="Small letters, digits and _, e.g. first_name; nothing at all leaves the column out.",
            )
        if name in ALONE and any(name == other.field for other in found.values()):
            raise BadConfigurationError(
                f"Two columns are given as `{name}`.", remedy="Name one of them otherwise, or leave it out."
            )
        why = "given" if name else "left out, as given"
        said = named(header) if name else None
        found[labels.index(header.strip())] = Guess(name, why, said.address if said else "", -1)
    return found


def _guess(
    headers: Sequence[str],
    values: list[list[str]],
    found: dict[int, Guess],
    apart: set[int],
    subject: frozenset[str],
) -> dict[int, str]:
    """Add to what is found; the reasons why others are not.

    Args:
        apart: Columns that are not guessed.
    """
    doubts: dict[int, str] = {}
    said = {at: one for at, one in _said(headers, values, found, subject).items() if at not in apart}
    for at, one in said.items():
        guess = weighed(headers[at], one, values[at])
        if isinstance(guess, Guess):
            found[at] = guess
        else:
            doubts[at] = guess
    taken = {guess.field for guess in found.values()}
    for at, header in enumerate(headers):
        if at in said or at in found or at in apart:
            continue
        kind = by_values(header, values[at])
        if kind is not None and kind.field not in taken:
            found[at] = kind
            taken |= {kind.field} - {CALLING_CODE}
    return doubts


def _said(
    headers: Sequence[str], values: list[list[str]], found: dict[int, Guess], subject: frozenset[str]
) -> dict[int, Named]:
    """What the headers say, each and together, of the columns that are not given."""
    said = {
        at: name for at, header in enumerate(headers) if at not in found and (name := named(header, subject))
    }
    known = {guess.field for guess in found.values()}
    others = known | {one.field for one in said.values()} - {"assigned_to"}
    if not _NAMES & others:
        said |= {
            at: own
            for at, header in enumerate(headers)
            if at not in found and (own := _owner(header, values[at])) and own.field not in others
        }
    # Where first names stand apart and last names nowhere, a column "Name" holds the last names.
    fields = known | {one.field for one in said.values()}
    if "first_name" in fields and "last_name" not in fields:
        for at, one in said.items():
            if words_of(headers[at]) == ["name"]:
                said[at] = one._replace(field="last_name")
    return said


def _owner(header: str, texts: Sequence[str]) -> Named | None:
    """What a header says of the owner of something, who is the person of the row."""
    if words_of(header)[:1] != ["owner"]:
        return None
    own = named(header, OWNERS)
    if own is not None and own.field == "assigned_to" and _is_owner(texts):
        return own._replace(field="name")
    return own


def _is_owner(texts: Sequence[str]) -> bool:
    """Whether values are people of whom each owns something, not the few who look after the records."""
    return mostly(is_person, texts) and len(set(texts)) >= ENOUGH * len(texts)


def _groups(found: dict[int, Guess], values: list[list[str]], doubts: dict[int, str]) -> dict[str, list[int]]:
    """Positions of the columns of each field, in the order in which they are asked."""
    groups: dict[str, list[int]] = {}
    for at in sorted(found, key=lambda at: (found[at].rank, at)):
        groups.setdefault(found[at].field, []).append(at)
    for field in ALONE & groups.keys():
        # A column without any value gives way to one that has some.
        first, *rest = sorted(groups[field], key=lambda at: (not values[at], found[at].rank))
        groups[field] = [first]
        for place, at in enumerate(rest, 1):
            doubts[at] = _further(field, place)
            del found[at]
    return groups


def _names(
    headers: Sequence[str],
    found: dict[int, Guess],
    groups: dict[str, list[int]],
    doubts: dict[int, str],
) -> dict[int, str]:
    """The key of each column in a record; no two share one."""
    names = {at: "" for at, guess in found.items() if not guess.field}
    names |= {places[0]: field for field, places in groups.items() if field}
    taken = set(names.values())
    further = [at for field, places in groups.items() if field for at in places[1:]]
    for at in dict.fromkeys([*further, *range(len(headers))]):
        if at in names:
            continue
        header = headers[at]
        guess, said = found.get(at), named(header)
        field = guess.field if guess else said.field if said and "column" in doubts.get(at, "") else ""
        base = field or "_".join(words_of(header)) or f"column_{at + 1}"
        name, number = base, 1
        while name in taken or name in FIELDS:
            number += 1
            name = f"{base}_{number}"
        names[at] = name
        taken.add(name)
    return names


def _further(field: str, place: int) -> str:
    nth = "second" if place == 1 else "further"
    return f"a {nth} {_LABELS.get(field, field.replace('_', ' '))} column"
