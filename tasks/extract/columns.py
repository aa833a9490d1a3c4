"""Guessing which column of a file is which field of a contact, so that an export needs no preparation.

What is given counts first, then the header; a column that no header gives away is known by its values, if
nearly all of them look alike. A wrong guess costs more than a missed one, so whatever is in doubt stays
unrecognised, under a name made of its own header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.core.errors import BadConfigurationError
from tasks.core.words import ANY, did_you_mean, sentence
from tasks.extract.headers import FIELDS, field_of, words_of

EXAMPLES = 3
"""Values of a column that a preview shows."""

ENOUGH = 0.8
"""Share of a column's values that must look alike for the column to be known by them."""

MANY = 10
"""Values from which on a column that repeats most of them cannot tell one contact from another."""

_LABELS = {"email": "e-mail", "id": "id"}

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]{2,}")
# Bare digits are a number of any kind; a phone number shows itself by its prefix or its groups.
_PHONE = re.compile(r"(?=(?:\D*\d){7,15}\D*$)(?:\+|0|\(|\d+[ ()/.-])[\d ()/.-]*")
_NO_PHONE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d+\.\d+|(?:\d{1,3}\.){3}\d{1,3}|\d{3}-\d\d-\d{4}")
_SOCIAL = r"(?:facebook|instagram|linkedin|twitter|x|xing|youtube|tiktok)\.com"
_WEBSITE = re.compile(rf"(?!\S*\b{_SOCIAL}(?![\w.-]))(?:https?://|www\.)\S+\.\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file, and what it is taken for.

    Args:
        header: As in the file.
        name: The field it is taken for, e.g. ``first_name``; made of the header where nobody recognises it;
            empty for a column that is left out.
        recognised: Whether ``name`` is known to be what the column holds.
        why: What the guess rests on, in a few words.
        examples: Values that are not empty.
    """

    header: str
    name: str
    recognised: bool
    why: str
    examples: tuple[str, ...]


def guess_columns(
    headers: Sequence[str], sample: Sequence[Sequence[Any]], given: Mapping[str, str], file: str
) -> tuple[Column, ...]:
    """What each column is taken for.

    Args:
        sample: The cells of the first rows.
        given: Header to field for the columns that are not to be guessed; an empty field leaves one out.
        file: The file's name, for messages.

    Raises:
        BadConfigurationError: ``given`` does not fit the file, or the first row is no header.
    """
    _check_headers(headers, file)
    values = [[shown for row in sample if (shown := _shown(row[at]))] for at in range(len(headers))]
    found = _given(headers, given, file)
    taken = {name for name, _ in found.values() if name}
    wanted = {at: name for at, header in enumerate(headers) if at not in found and (name := field_of(header))}
    _settle_names(wanted, taken)
    # A column without any value gives way to one that has some.
    for at in sorted(wanted, key=lambda at: (not values[at], at)):
        repeats = wanted[at] == "id" and not _distinct(values[at])
        if wanted[at] not in taken and not repeats:
            found[at] = (wanted[at], "by its name")
            taken.add(wanted[at])
    for at, texts in enumerate(values):
        if at not in found and at not in wanted and (kind := _by_values(texts)) and kind[0] not in taken:
            found[at] = kind
            taken.add(kind[0])
    columns: list[Column] = []
    for at, header in enumerate(headers):
        name, why = found.get(at) or _unrecognised(header, wanted.get(at, ""), at, taken)
        taken.add(name)
        recognised = at in found and bool(name)
        columns.append(Column(header, name, recognised, why, tuple(values[at][:EXAMPLES])))
    return tuple(columns)


def _shown(cell: Any) -> str:
    """A cell as a person reads it; empty for what counts as empty."""
    if cell is None:
        return ""
    return cell.strip() if isinstance(cell, str) else str(cell)


def _check_headers(headers: Sequence[str], file: str) -> None:
    if any(_EMAIL.fullmatch(header) for header in headers):
        raise BadConfigurationError(
            f"{file}: the first row is a contact, not a header.",
            remedy="Put a row above it that names the columns, e.g. First name, Email, Phone.",
        )
    if len(headers) > 2 and sum(map(bool, headers)) == 1:  # noqa: PLR2004 - two columns, one unnamed: a header
        raise BadConfigurationError(
            f"{file}: the first row names one of {len(headers)} columns; it seems to be a title.",
            remedy="Remove the rows above the one that names the columns.",
        )


def _given(headers: Sequence[str], given: Mapping[str, str], file: str) -> dict[int, tuple[str, str]]:
    """Position of each given column, to its field and why."""
    labels = [header or f"column_{at + 1}" for at, header in enumerate(headers)]
    found: dict[int, tuple[str, str]] = {}
    for header, name in given.items():
        if header.strip() not in labels:
            near = did_you_mean(header, labels, likeness=ANY)
            raise BadConfigurationError(f"{file} has no column `{header}`.", remedy=sentence(near))
        if name and not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise BadConfigurationError(
                f"`{name}`, given for the column `{header}`, is no field name.",
                remedy="Small letters, digits and _, e.g. first_name; nothing at all leaves the column out.",
            )
        if name and any(name == other for other, _ in found.values()):
            raise BadConfigurationError(
                f"Two columns are given as `{name}`.", remedy="Name one of them otherwise, or leave it out."
            )
        found[labels.index(header.strip())] = (name, "given" if name else "left out, as given")
    return found


def _settle_names(wanted: dict[int, str], taken: set[str]) -> None:
    """Where first names stand apart and last names nowhere, a column ``Name`` holds the last names."""
    names = {*wanted.values(), *taken}
    if "first_name" in names and "last_name" not in names:
        for at, name in wanted.items():
            if name == "name":
                wanted[at] = "last_name"


def _by_values(texts: list[str]) -> tuple[str, str] | None:
    if not texts or not _distinct(texts):
        return None
    for name, looks, kind in (
        ("email", _EMAIL.fullmatch, "e-mail addresses"),
        ("phone", _is_phone, "phone numbers"),
        ("website", _WEBSITE.fullmatch, "web addresses"),
    ):
        share = sum(bool(looks(text)) for text in texts) / len(texts)
        if share >= ENOUGH:
            return name, f"by its values ({share:.0%} {kind})".replace("%", " %")
    return None


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text)) and not _NO_PHONE.fullmatch(text)


def _distinct(texts: list[str]) -> bool:
    return len(texts) < MANY or len(set(texts)) * 2 > len(texts)


def _unrecognised(header: str, wanted: str, at: int, taken: set[str]) -> tuple[str, str]:
    known = bool(wanted) and wanted in taken
    base = wanted if known else "_".join(words_of(header)) or f"column_{at + 1}"
    name, number = base, 1
    while name in taken or name in FIELDS:
        number += 1
        name = f"{base}_{number}"
    if known:
        nth = "second" if number == 2 else "further"  # noqa: PLR2004 - the second one
        return name, f"a {nth} {_LABELS.get(wanted, wanted.replace('_', ' '))} column"
    return name, "not recognised: its values repeat" if wanted else "not recognised"
