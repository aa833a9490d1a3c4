"""The transforms of what a person is reached by: e-mail addresses, phone numbers, web addresses, places."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from tasks.mapping.transform.blank import is_blank
from tasks.mapping.transform.clean import distinct, items, lower, spelled, text, texts
from tasks.mapping.transform.countries import normalise_country
from tasks.mapping.transform.normalise import normalise_domain, normalise_email, read_email
from tasks.mapping.transform.partial import Partial, part_of
from tasks.mapping.transform.phones import normalise_phone, read_phone
from tasks.mapping.transform.postal_codes import with_zeros
from tasks.mapping.transform.refusal import CleanError
from tasks.mapping.transform.registry import transform

_Cleaned = TypeVar("_Cleaned")


@transform()
def email(value: Any) -> str | Partial | None:
    """A normalised e-mail address in lower case, out of a name or link around it; of several the first.

    Of a list it is the first that is an address.
    """
    if type(value) is list:
        return _first_of(value, email)
    if type(value) is not str:
        raise CleanError(value, "is no text")
    if not value.strip():
        return None
    found = read_email(value)
    if not found.address:
        raise CleanError(value, "is no e-mail address")
    return part_of(found.address, found.rest, "is a further e-mail address") if found.rest else found.address


def _first_of(items: list[Any], clean: Callable[[Any], _Cleaned]) -> _Cleaned | None:
    """The first item that is not refused and leaves something; the first refusal where all are."""
    refusals = []
    for item in items:
        try:
            cleaned = None if item is None else clean(item)
        except CleanError as refused:
            refusals.append(refused)
            continue
        if cleaned is not None:
            return cleaned
    if refusals:
        raise refusals[0]
    return None


@transform()
def emails(value: Any) -> list[str] | None:
    """A list of addresses, normalised like `email`, none twice; items may be objects with an `email`."""
    return distinct(normalise_email(item) or lower(item) for item in texts(items(value, "email")))


@transform(paths=("region", "but"))
def phone(
    value: Any,
    *,
    region: str | None = None,
    default_region: str | None = None,
    extension: str | None = None,
    but: str | list[Any] | None = None,
) -> str | Partial | None:
    """A number in E.164, read as one of the country at path `region` or else of `default_region`.

    Of a list it is the first that is a number. The country may be a code or a name. An extension goes, with
    the number, to the field that ``extension`` names; the number of a switchboard is no key. Numbers
    at path ``but`` are refused, however they are spelt.
    """
    if type(value) is list:
        one = partial(phone, region=region, default_region=default_region, extension=extension, but=but)
        return _first_of(value, one)
    said = value if type(value) is str else spelled(value)
    if not said.strip():
        return None
    place = _country_of(region) if region and not is_blank(region) else default_region
    found = read_phone(said, place)
    if not found.number:
        raise CleanError(value, found.problem)
    others = texts(items(but, "number")) if but else ()
    if found.number in {normalise_phone(other, place) for other in others}:
        raise CleanError(value, "is among those that are not to be taken")
    if not (found.extension or found.rest or found.doubtful):
        return found.number
    left = [("clean", "stands beside the first phone number", found.rest)] if found.rest else []
    moved = {}
    if found.extension and extension:
        moved = {extension: f"Phone: {found.number} ext. {found.extension}"}
    elif found.extension:
        left.append(("clean", "is the extension of a phone number", found.extension))
    return Partial(found.number, tuple(left), is_key=not (found.extension or found.doubtful), moved=moved)


@transform(paths=("region",))
def phones(value: Any, *, region: str | None = None, default_region: str | None = None) -> list[str] | None:
    """A list of numbers, normalised like `phone`, none twice; items may be objects with a `phone`."""
    place = _country_of(region) if region and not is_blank(region) else default_region
    found = texts(items(value, "phone"))
    return distinct(normalise_phone(item, place) or item for item in found)


def _country_of(place: Any) -> str | None:
    return normalise_country(place) if type(place) is str else None


@transform()
def domain(value: Any) -> str | None:
    """The domain of a URL or e-mail address, without `www.`."""
    if type(value) is not str:
        raise CleanError(value, "is no text")
    if not value.strip():
        return None
    found = normalise_domain(value)
    if found is None:
        raise CleanError(value, "has no domain")
    return found


@transform()
def country(value: Any) -> str | None:
    """A country of two letters (ISO 3166), from its code or its name in many languages."""
    cleaned = text(value)
    if not cleaned:
        return None
    if (found := normalise_country(cleaned)) is None:
        raise CleanError(value, "is no country of ISO 3166")
    return found


@transform(paths=("country",))
def postal_code(value: Any, *, country: str | None = None) -> str | None:
    """Like `text`, with the zeros that a spreadsheet took, where the country at path `country` tells them."""
    cleaned = text(value)
    return cleaned and with_zeros(cleaned, _country_of(country))
