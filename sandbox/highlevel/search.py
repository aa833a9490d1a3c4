"""``POST /contacts/search``: the vendor's only real list of contacts.

Facts from the vendor's page on advanced contact search (linked from its contract, which leaves the body
undeclared) and issues #31, #42, #43, #170 and #289 of its specification repository: ``page`` or
``searchAfter`` but never both; at most 500 records a page, and 10,000 by page number; a cursor on every
record, also on the last page; 422 without ``locationId`` or ``pageLimit``. Without a sort, the newest
contacts come first.
"""

from __future__ import annotations

from typing import Any

from sandbox.core.answers import Answer, dump
from sandbox.highlevel.calls import Call, RefusalError, trace_id
from sandbox.highlevel.location import Location
from sandbox.highlevel.orders import Sort
from sandbox.highlevel.search_index import Found

__all__ = ["search"]

_KEYS = ("locationId", "pageLimit", "page", "searchAfter", "filters", "sort", "query")
_SORTABLE = ("email", "dnd", "source", "firstNameLowerCase", "lastNameLowerCase", "dateAdded", "dateUpdated")
_NEWEST_FIRST: Sort = (("dateAdded", True),)
_LARGEST_PAGE = 500
_CEILING = 10_000
_LONGEST_QUERY = 75


def search(location: Location, call: Call) -> Answer:
    """Find contacts, a page at a time.

    Raises:
        RefusalError: 422 for a malformed body, 400 for what the search engine refuses, 403 for another
            location.
    """
    body = call.body()
    _refuse_malformed(body)
    location.require(body["locationId"], call)
    limit = body["pageLimit"]
    if limit > _LARGEST_PAGE:
        raise RefusalError.bad_request(f"pageLimit must not be greater than {_LARGEST_PAGE}")
    found = location.index.find(_sort(body.get("sort")), body.get("filters", []), body.get("query", ""))
    cursor = body.get("searchAfter")
    if cursor:
        return _answer(location, found, _place(found, cursor), limit, [])
    return _page(location, found, body.get("page", 1), limit)


def _page(location: Location, found: Found, page: int, limit: int) -> Answer:
    """A page by number; what a person put in verbatim comes before everything else."""
    first = (page - 1) * limit
    if first + limit > _CEILING:
        raise RefusalError.bad_request(
            f"page and pageLimit reach {_CEILING} contacts at most: use searchAfter"
        )
    verbatim = location.verbatim[first : first + limit]
    start = found.start + max(0, first - len(location.verbatim))
    return _answer(location, found, start, limit - len(verbatim), verbatim)


def _answer(location: Location, found: Found, start: int, limit: int, verbatim: list[bytes]) -> Answer:
    rows, order = location.index.rows, found.order
    stop = max(start, min(start + limit, found.stop))
    page = [rows[entry[-1]].found(dump(order.cursor(entry))) for entry in found.entries[start:stop]]
    total = found.stop - found.start + len(location.verbatim)
    contacts = b",".join([*verbatim, *page])
    tail = b'],"total":%d,"traceId":"%b"}' % (total, trace_id().encode())
    return Answer(200, b'{"contacts":[' + contacts + tail)


def _place(found: Found, cursor: list[Any]) -> int:
    try:
        place = found.order.after(cursor, found.entries)
    except ValueError:
        raise RefusalError.bad_request("searchAfter does not belong to this sort") from None
    return min(max(place, found.start), found.stop)


def _sort(given: Any) -> Sort:
    if not given:
        return _NEWEST_FIRST
    keys = []
    for entry in given:
        field, direction = entry.get("field"), entry.get("direction", "asc")
        if field not in _SORTABLE:
            raise RefusalError.bad_request(f"Invalid field {field}")
        if direction not in ("asc", "desc"):
            raise RefusalError.bad_request(f"Invalid sort direction {direction}")
        keys.append((field, direction == "desc"))
    return tuple(keys)


def _refuse_malformed(body: dict[str, Any]) -> None:
    messages = [f"property {key} should not exist" for key in body if key not in _KEYS]
    messages += [message for key, holds, message in _SHAPES if not holds(body, key)]
    if messages:
        raise RefusalError.unprocessable(messages)
    if "page" in body and body.get("searchAfter"):
        raise RefusalError.bad_request("page and searchAfter cannot be used together")


def _is_text(body: dict[str, Any], key: str) -> bool:
    return isinstance(body.get(key), str) and body[key] != ""


def _is_count(body: dict[str, Any], key: str) -> bool:
    value = body.get(key)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_array(body: dict[str, Any], key: str) -> bool:
    return isinstance(body.get(key, []), list)


def _is_short(body: dict[str, Any], key: str) -> bool:
    value = body.get(key, "")
    return isinstance(value, str) and len(value) <= _LONGEST_QUERY


def _is_sort(body: dict[str, Any], key: str) -> bool:
    return _is_array(body, key) and all(isinstance(entry, dict) for entry in body.get(key, []))


_SHAPES = (
    ("locationId", _is_text, "locationId must be a string"),
    ("pageLimit", _is_count, "pageLimit must be a positive number"),
    ("page", lambda body, key: key not in body or _is_count(body, key), "page must be a positive number"),
    ("searchAfter", _is_array, "searchAfter must be an array"),
    ("filters", _is_array, "filters must be an array"),
    ("sort", _is_sort, "sort must be an array of objects"),
    ("query", _is_short, f"query must be shorter than or equal to {_LONGEST_QUERY} characters"),
)
