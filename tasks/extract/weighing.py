"""A column's header and its values weighed against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tasks.extract import looks
from tasks.extract.headers import Named, codes_of, may_be_phones
from tasks.extract.looks import mostly

CALLING_CODE = "calling_code"
"""The field of a column of calling codes, which belong to the numbers beside it."""

BY_NAME = "by its name"

_KINDS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("email", looks.is_email, "e-mail addresses"),
    ("phone", looks.is_phone, "phone numbers"),
    ("website", looks.is_website, "web addresses"),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column is taken for.

    Args:
        field: The field; empty for a column that is left out.
        why: What the guess rests on.
        address: Of an address, which one.
        rank: The lower, the earlier it is asked among the columns of its field; below 0 it is given.
    """

    field: str
    why: str
    address: str = ""
    rank: int = 1

    @property
    def given(self) -> bool:
        """Whether it is no guess."""
        return self.rank < 0


def weighed(header: str, said: Named, texts: Sequence[str]) -> Guess | str:
    """What a column is whose header names a field; or why it is none after all."""
    guess = Guess(said.field, BY_NAME, said.address, said.rank)
    if said.field == "id":
        return _id(header, guess, texts)
    if said.field == "date_of_birth" and mostly(looks.is_day, texts):
        return "not recognised: days without a month"
    if said.field not in ("email", "phone", "website") or not texts:
        return guess
    if mostly(looks.is_flag, texts):
        return "not recognised: its values say yes or no"
    if said.field == "website" and mostly(looks.is_profile, texts):
        return "not recognised: profiles at a social network"
    other = _kind(texts)
    return other if other and other.field != said.field else guess


def by_values(header: str, texts: Sequence[str]) -> Guess | None:
    """What a column is whose header names nothing; None for nothing that is known."""
    if not texts:
        return None
    if codes_of(header) or mostly(lambda text: text.startswith("+"), texts):
        if mostly(looks.is_calling_code, texts):
            return Guess(CALLING_CODE, "by its values (calling codes)")
        if codes_of(header) and "phone" not in header.casefold() and mostly(looks.is_country, texts):
            return Guess("country", "by its values (countries)")
    if not looks.distinct(texts):
        return None
    if may_be_phones(header) and looks.bare_phones(texts):
        return Guess("phone", "by its values (phone numbers)")
    return _kind(texts)


def _id(header: str, guess: Guess, texts: Sequence[str]) -> Guess | str:
    if mostly(looks.is_phone, texts) or (texts and may_be_phones(header) and looks.bare_phones(texts)):
        return Guess("phone", "by its values (phone numbers)")
    return guess if looks.distinct(texts) else "not recognised: its values repeat"


def _kind(texts: Sequence[str]) -> Guess | None:
    if not looks.distinct(texts):
        return None
    for field, looks_so, kind in _KINDS:
        share = looks.share(looks_so, texts)
        if share >= looks.ENOUGH:
            return Guess(field, f"by its values ({share:.0%} {kind})".replace("%", " %"))
    return None
