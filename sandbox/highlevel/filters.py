"""The filter language of ``POST /contacts/search``, and what it refuses.

``{field, operator, value}`` or ``{group, filters}``, nested, the top level being AND. Fields, operators
and limits as the vendor's page on advanced contact search has them (linked from the contract; issues #42
and #170 for the field names): no ``contains`` on e-mails, ``range`` on dates alone, values of at most 75
characters, ``contains`` without special characters, ``Invalid field x`` for what is not listed.
Texts are compared without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.highlevel.calls import RefusalError
from sandbox.highlevel.orders import DATES
from sandbox.highlevel.shapes import Row, millis

__all__ = ["LONGEST_VALUE", "Column", "Predicate", "exact_values", "leading_range", "predicate"]

LONGEST_VALUE = 75
Column = Callable[[str], Mapping[str, Any]]
Predicate = Callable[[Row], bool]

_MATCH = frozenset({"eq", "not_eq", "exists", "not_exists"})
_TEXT = _MATCH | {"contains", "not_contains"}
_DATE = frozenset({"range", "exists", "not_exists"})
_FIELDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("contactName", "email", "dnd", "tags", "isValidWhatsapp", "followers"), _MATCH),
    **dict.fromkeys(("id", "firstNameLowerCase", "lastNameLowerCase", "phone", "address", "city"), _TEXT),
    **dict.fromkeys(("state", "country", "postalCode", "companyName", "businessName"), _TEXT),
    **dict.fromkeys(("assignedTo", "source"), _TEXT),
    **dict.fromkeys(("dateAdded", "dateUpdated", "lastEmailClickedDate", "lastEmailOpenedDate"), _DATE),
}
_CUSTOM = re.compile(r"^customFields\.[A-Za-z0-9]+$")
_BOUNDS = frozenset({"gte", "lte", "gt", "lt"})
_PLAIN = re.compile(r"^[\w\s@.\-+]*$")
_FOREVER = 2**62


def predicate(filters: Any, column: Column) -> Predicate | None:
    """What a contact must satisfy, or None where everything will do.

    Raises:
        RefusalError: the filters are not understood.
    """
    if not isinstance(filters, list):
        raise RefusalError.unprocessable(["filters must be an array"])
    return _all([_compile(entry, column) for entry in filters]) if filters else None


def leading_range(filters: list[Any], field: str) -> tuple[int, int, list[Any]]:
    """The instants that the top level demands of a date, and the filters that are left."""
    earliest, latest, left = 1, _FOREVER, []
    for entry in filters:
        if isinstance(entry, dict) and entry.get("field") == field and entry.get("operator") == "range":
            low, high = _bounds(field, entry.get("value"))
            earliest, latest = max(earliest, low), min(latest, high)
        else:
            left.append(entry)
    return earliest, latest, left


def exact_values(filters: list[Any]) -> dict[str, str]:
    """The id, e-mail or phone that the top level demands, for a look-up instead of a scan."""
    return {
        entry["field"]: entry["value"]
        for entry in filters
        if isinstance(entry, dict)
        and entry.get("field") in ("id", "email", "phone")
        and entry.get("operator") == "eq"
        and isinstance(entry.get("value"), str)
    }


def _all(parts: list[Predicate]) -> Predicate:
    return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)


def _compile(entry: Any, column: Column) -> Predicate:
    if not isinstance(entry, dict):
        raise RefusalError.unprocessable(["each value in filters must be an object"])
    if "group" in entry:
        return _group(entry, column)
    field, operator = entry.get("field"), entry.get("operator")
    allowed = _operators(field)
    if not isinstance(operator, str) or operator not in allowed:
        raise RefusalError.bad_request(f"Invalid operator {operator} for field {field}")
    if operator == "range":
        return _range(str(field), entry.get("value"), column)
    values = column(str(field))
    if operator in ("exists", "not_exists"):
        if "value" in entry:
            raise RefusalError.bad_request(f"Operator {operator} does not take a value")
        present = operator == "exists"
        return lambda row: (values[row.id] not in (None, "", [])) is present
    wanted = _wanted(str(field), operator, entry.get("value"))
    test, outcome = _TESTS[operator]
    return lambda row: test(values[row.id], wanted) is outcome


def _group(entry: dict[str, Any], column: Column) -> Predicate:
    group, inner = entry["group"], entry.get("filters")
    if group not in ("AND", "OR") or not isinstance(inner, list) or not inner:
        raise RefusalError.bad_request("A group must be AND or OR and hold at least one filter")
    parts = [_compile(part, column) for part in inner]
    return _all(parts) if group == "AND" else lambda row: any(part(row) for part in parts)


def _operators(field: Any) -> frozenset[str]:
    if isinstance(field, str):
        if field in _FIELDS:
            return _FIELDS[field]
        if _CUSTOM.match(field):
            return _TEXT
    raise RefusalError.bad_request(f"Invalid field {field}")


def _wanted(field: str, operator: str, value: Any) -> list[Any]:
    """The values asked for, folded; tags take a list, everything else one value."""
    several = value if isinstance(value, list) and field == "tags" else [value]
    for one in several:
        if not isinstance(one, str | int | float | bool) or one == "":
            raise RefusalError.bad_request(f"Invalid value for field {field}")
        if isinstance(one, str) and len(one) > LONGEST_VALUE:
            raise RefusalError.bad_request(
                f"Value of field {field} must not exceed {LONGEST_VALUE} characters"
            )
        if operator.endswith("contains") and not _PLAIN.match(str(one)):
            raise RefusalError.bad_request(f"Special characters are not allowed in the value of {field}")
    return [_folded(one) for one in several]


def _equals(held: Any, wanted: list[Any]) -> bool:
    if isinstance(held, list):
        return any(_folded(one) in wanted for one in held)
    return _folded(held) in wanted


def _contains(held: Any, wanted: list[Any]) -> bool:
    return isinstance(held, str) and str(wanted[0]) in held.lower()


_TESTS: dict[str, tuple[Callable[[Any, list[Any]], bool], bool]] = {
    "eq": (_equals, True),
    "not_eq": (_equals, False),
    "contains": (_contains, True),
    "not_contains": (_contains, False),
}


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _range(field: str, value: Any, column: Column) -> Predicate:
    earliest, latest = _bounds(field, value)
    date = DATES.get(field)
    if date is not None:
        return lambda row: earliest <= date(row) <= latest
    values = column(field)
    return lambda row: earliest <= millis(values[row.id]) <= latest


def _bounds(field: str, value: Any) -> tuple[int, int]:
    """The first and the last millisecond of a range."""
    if not isinstance(value, dict) or not value or not set(value) <= _BOUNDS:
        raise RefusalError.bad_request(f"Invalid range for field {field}: use gte, lte, gt, lt")
    earliest, latest = 1, _FOREVER
    for bound, given in value.items():
        instant = _instant(field, given)
        if bound in ("gte", "gt"):
            earliest = max(earliest, instant + (bound == "gt"))
        else:
            latest = min(latest, instant - (bound == "lt"))
    return earliest, latest


def _instant(field: str, given: Any) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if isinstance(given, str) and given.isdigit():
        return int(given)
    instant = millis(given)
    if instant == 0:
        raise RefusalError.bad_request(f"Invalid date in the range of field {field}")
    return instant
