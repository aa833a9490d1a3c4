"""Tables: the lists of people that Lusha's users keep there (beta).

With an API key every request names the user whose table it is. Everything but reading rows is free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.core.batch import Json
from tasks.vendors.leads import LeadTable, Told
from tasks.vendors.lusha.api.endpoint import Endpoint, charged, number, sorted_out, text
from tasks.vendors.lusha.client import Lusha

_ALL, _ONE = "/v3/contacts/tables", "/v3/contacts/tables/{table_id}"

LIST = Endpoint("POST", f"{_ALL}/list")
GET = Endpoint("GET", _ONE)
ROWS = Endpoint("GET", f"{_ONE}/entities", repeatable=False)
ADD = Endpoint("POST", f"{_ONE}/entities")
REMOVE = Endpoint("DELETE", f"{_ONE}/entities")

PAGE = 100
LAST_PAGE = 100
AT_ONCE = 500
"""Rows that are added or removed by one request."""

COLUMNS = {
    "first name": ("firstName",),
    "last name": ("lastName",),
    "job title": ("jobTitle", "title"),
    "company name": ("company", "name"),
    "company domain": ("company", "domain"),
    "linkedin url": ("socialLinks", "linkedin"),
}
"""The columns that every table has, and where a search tells the same."""


async def named(client: Lusha, owner: str, name: str) -> list[LeadTable]:
    """A user's tables whose names contain a text.

    Args:
        owner: The user's e-mail address.
        name: "" for all of them.
    """
    found: list[LeadTable] = []
    for page in range(LAST_PAGE + 1):
        body: dict[str, Json] = {"owner": {"email": owner}, "page": page, "size": PAGE, "status": "active"}
        body |= {"name": name} if name else {}
        tables = LIST.listed(await LIST.ask(client, json=body), "data")
        found += map(_table, tables)
        if len(tables) < PAGE:
            break
    return found


async def get(client: Lusha, owner: str, table_id: str) -> LeadTable:
    """A table with how many rows it has.

    Raises:
        RecordNotFoundError: There is none, or not for this user.
    """
    answer = await GET.ask(client, {"table_id": table_id}, query={"email": owner})
    data = answer.get("data")
    if not isinstance(data, dict):
        raise GET.garbled("a table")
    return _table(data)


async def rows(client: Lusha, owner: str, table_id: str, page: int, size: int) -> Told:
    """A page of a table's rows, from 0; each that is told is charged.

    Returns:
        By id: what the table's own columns tell, as a search would tell it, and all ``columns``.

    Raises:
        UnknownOutcomeError: The answer was lost; it may have been charged.
    """
    query = {"email": owner, "page": str(page), "size": str(size)}
    answer = await ROWS.ask(client, {"table_id": table_id}, query=query)
    found = [_person(row) for row in ROWS.listed(answer, "data")]
    people, problems = sorted_out(found, [whose for one in found if (whose := text(one.get("id")))])
    pagination = answer.get("pagination")
    total = number(pagination.get("total")) if isinstance(pagination, dict) else None
    more = (page + 1) * size < total if total is not None else len(found) >= size
    return Told(
        people, problems, charged(answer), None if total is None else int(total), bool(found) and more
    )


async def add(client: Lusha, owner: str, table_id: str, ids: Sequence[str]) -> None:
    """Put people into a table; nothing for those who are in it."""
    await _each(ADD, client, owner, table_id, ids)


async def remove(client: Lusha, owner: str, table_id: str, ids: Sequence[str]) -> None:
    """Take people out of a table; nothing for those who are not in it."""
    await _each(REMOVE, client, owner, table_id, ids)


async def _each(endpoint: Endpoint, client: Lusha, owner: str, table_id: str, ids: Sequence[str]) -> None:
    for first in range(0, len(ids), AT_ONCE):
        body: dict[str, Json] = {"entityIds": list(ids[first : first + AT_ONCE]), "owner": {"email": owner}}
        await endpoint.ask(client, {"table_id": table_id}, json=body)


def _table(data: Mapping[str, Any]) -> LeadTable:
    return LeadTable(
        text(data.get("tableId")),
        text(data.get("name")),
        int(number(data.get("entityCount")) or 0),
        data.get("isProcessing") is True,
    )


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict(row)
    columns = row.get("columns")
    for column in columns if isinstance(columns, list) else []:
        value = column.get("value") if isinstance(column, dict) else None
        place = COLUMNS.get(text(column.get("name")).replace("_", " ").lower()) if value else None
        if place:
            *outer, key = place
            holder = found.setdefault(outer[0], {}) if outer else found
            holder.setdefault(key, value)
    return found
