"""Tables of people and of companies: ``/v3/contacts/tables`` and ``/v3/companies/tables``.

Every request names the owner by e-mail, in the body or in the query. Reading rows is charged for each row,
each time; adding and removing people is free, adding a company costs one credit. Rows carry no date.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol

from sandbox.core.answers import Answer, answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call, RefusalError
from sandbox.lusha.checks import Check, choice, email, identifier, many, shape, text, truth, whole
from sandbox.lusha.companies import Document
from sandbox.lusha.route import Route
from sandbox.lusha.table_store import COLUMNS, Table

__all__ = ["ROUTES", "write_beside"]


class Handler(Protocol):
    """Answers for one kind of tables."""

    def __call__(self, account: Account, call: Call, kind: str) -> Answer:
        """Do it."""
        ...


_MOST_TABLES, _MOST_ROWS = 500, 50_000
_owner = shape({"email": email}, ["email"])
_visibility = choice("private", "shared")


def _owned(fields: dict[str, Check], required: tuple[str, ...] = ()) -> Check:
    return shape({**fields, "owner": _owner}, [*required, "owner"])


_CREATE = _owned({"name": text(1), "visibility": _visibility, "ids": many(identifier)}, ("name",))
_LIST = _owned(
    {"page": whole(0, 100), "size": whole(1, 100), "name": text(), "status": choice("active", "archived")}
)
_UPDATE = _owned({"name": text(1), "visibility": _visibility, "archived": truth})
_ADD = _owned({"entityIds": many(identifier, 1, 500), "companyIds": many(text(1))}, ("entityIds",))
_REMOVE = _owned({"entityIds": many(identifier, 1)}, ("entityIds",))
_RUN = _owned({"runScope": choice("all", "missing", "specific"), "entityIds": many(text(1))}, ("runScope",))


def create(account: Account, call: Call, kind: str) -> Answer:
    """Make a table; a name that its owner has is a conflict."""
    body = call.body(_CREATE)
    owner = body["owner"]["email"]
    if account.tables.named(body["name"], kind, owner) is not None:
        raise RefusalError(409, "TABLE_NAME_CONFLICT: A table with this name already exists")
    if len(account.tables.all()) >= _MOST_TABLES:
        raise RefusalError.bad_request([f"no more than {_MOST_TABLES} tables"])
    table = account.tables.add(body["name"], kind, owner, body.get("visibility") or "private")
    known, _ = _known(account, kind, body.get("ids") or [])
    table.rows = dict.fromkeys(known)
    return answer(201, {"data": table.whole(account.now()), **_billed(0, 1)})


def listed(account: Account, call: Call, kind: str) -> Answer:
    """The owner's tables and those that are shared."""
    body = call.body(_LIST)
    status, name = body.get("status") or "active", (body.get("name") or "").lower()
    mine = [one for one in account.tables.of(kind) if one.is_seen_by(body["owner"]["email"])]
    found = [one.shown() for one in mine if one.status == status and name in one.name.lower()]
    page, size = body.get("page") or 0, body.get("size") or 100
    shown = found[page * size : (page + 1) * size]
    paging = {"page": page, "size": len(shown), "total": len(found)}
    return answer(200, {"data": shown, "pagination": paging, **_billed(0, len(shown))})


def read(account: Account, call: Call, kind: str) -> Answer:
    """A table, for nothing."""
    table = _table(account, call, kind)
    return answer(200, {"data": table.whole(account.now()), **_billed(0, 1)})


def update(account: Account, call: Call, kind: str) -> Answer:
    """Rename, share or archive a table."""
    body = call.body(_UPDATE)
    table = _table(account, call, kind, body["owner"]["email"])
    table.name = body.get("name") or table.name
    table.visibility = body.get("visibility") or table.visibility
    if body.get("archived") is not None:
        table.status = "archived" if body["archived"] else "active"
    return answer(200, {"data": table.whole(account.now()), **_billed(0, 1)})


def delete(account: Account, call: Call, kind: str) -> Answer:
    """End a table."""
    table = _table(account, call, kind)
    table.status = "deleted"
    return answer(200, {"tableId": table.table_id, "status": table.status})


def entities(account: Account, call: Call, kind: str) -> Answer:
    """A page of rows, each of them charged, each time."""
    table = _table(account, call, kind)
    page, size = call.whole("page", 0, 0, 100), call.whole("size", 100, 1, 100)
    rows = list(table.rows)[page * size : (page + 1) * size]
    ledger = account.ledger
    ledger.require(ledger.price("tableRead", len(rows)))
    charged = sum(ledger.charge(row, "tableRead", ledger.price("tableRead")) for row in rows)
    data = [{"id": row, "columns": _cells(account, table, row)} for row in rows]
    paging = {"page": page, "size": len(rows), "total": len(table.rows)}
    return answer(200, {"data": data, "pagination": paging, **_billed(charged, len(rows))})


def add(account: Account, call: Call, kind: str) -> Answer:
    """Add entities; those that Lusha does not know are told, and not refused."""
    body = call.body(_ADD)
    table = _table(account, call, kind, body["owner"]["email"])
    known, invalid = _known(account, kind, body["entityIds"])
    new = [one for one in known if one not in table.rows]
    if len(table.rows) + len(new) > _MOST_ROWS:
        raise RefusalError.bad_request([f"a table holds no more than {_MOST_ROWS} rows"])
    cost = len(new) if kind == "companies" else 0
    account.ledger.require(cost)
    for one in new:
        account.ledger.charge(one, "tableAdd", 1 if kind == "companies" else 0)
    table.rows |= dict.fromkeys(new)
    data = {"added": len(new), "alreadyPresent": len(known) - len(new), "invalidIds": invalid}
    return answer(200, {"data": {**data, "addedBy": {"surface": "api"}}, **_billed(cost, len(new))})


def remove(account: Account, call: Call, kind: str) -> Answer:
    """Remove entities."""
    body = call.body(_REMOVE)
    table = _table(account, call, kind, body["owner"]["email"])
    known, invalid = _known(account, kind, body["entityIds"])
    gone = [one for one in known if one in table.rows]
    for one in gone:
        del table.rows[one]
    data = {"removed": len(gone), "invalidIds": [*invalid, *(one for one in known if one not in gone)]}
    return answer(200, {"data": data, **_billed(0, len(gone))})


def columns(account: Account, call: Call, kind: str) -> Answer:
    """The table's columns."""
    table = _table(account, call, kind)
    told = table.whole(account.now())["columns"]
    return answer(200, {"data": told, **_billed(0, len(told))})


def remove_column(account: Account, call: Call, kind: str) -> Answer:
    """Remove a column; those that every table has stay."""
    table = _table(account, call, kind)
    column = _column(table, call)
    if column["isDefault"]:
        raise RefusalError.bad_request(["Default columns cannot be removed"])
    table.drop(column["columnId"])
    return answer(200, {"tableId": table.table_id, "columnId": column["columnId"], "removed": True})


def run_column(account: Account, call: Call, kind: str) -> Answer:
    """Fill a column: ``all`` charges rows again that were paid for."""
    body = call.body(_RUN)
    table = _table(account, call, kind, body["owner"]["email"])
    column = _column(table, call)
    identity, scope = column["columnId"], body["runScope"]
    asked = {"specific": body.get("entityIds") or [], "all": list(table.rows)}
    rows = [one for one in asked.get(scope, table.not_run(identity)) if one in table.rows]
    account.ledger.require(len(rows))
    charged = sum(account.ledger.charge(row, "tableColumn", 1) for row in rows)
    table.fill(identity, rows)
    data = {"columnId": identity, "runScope": scope, "status": "processing"}
    return answer(200, {"data": data, **_billed(charged, len(rows))})


def write_beside(
    account: Account, body: Document, kind: str, ids: list[str], filled: tuple[str, ...] = ()
) -> Document:
    """What a request with a ``tableId`` keeps in a table beside its answer, which stands whatever happens.

    Args:
        ids: The entities that are added where they are not in it.
        filled: The fields of theirs that get a column.
    """
    table = account.tables.any(body["tableId"], kind) if body.get("tableId") else None
    if table is None:
        return {}
    new = [one for one in ids if one not in table.rows]
    table.rows |= dict.fromkeys(new)
    made = [name for name in filled if table.fill(name, ids)]
    counts = {"added": len(new), "alreadyPresent": len(ids) - len(new), "columnsCreated": made}
    rows = {"rowsProcessed": len(ids), "rowsCharged": 0, "rowsAlreadyPaidInTable": len(ids) - len(new)}
    return {"tableWrite": {"tableId": table.table_id, **counts, **rows}}


def _table(account: Account, call: Call, kind: str, owner: str | None = None) -> Table:
    """The table of the path; its owner is named in the query where not in the body."""
    named = owner or call.query("email")
    if not named:
        raise RefusalError.bad_request(["email is required when using an API key"])
    found = account.tables.find(call.params["table_id"], kind, named)
    if found is None:
        raise RefusalError(404, "TABLE_NOT_FOUND: Table not found")
    return found


def _column(table: Table, call: Call) -> Document:
    found = table.column(call.params["column_id"])
    if found is None:
        raise RefusalError(404, "COLUMN_NOT_FOUND: Column not found")
    return found


def _known(account: Account, kind: str, ids: list[str]) -> tuple[list[str], list[str]]:
    """The ids of known entities, and what is unknown."""
    look = account.world.person if kind == "contacts" else account.world.company
    found = {one: look(one) for one in dict.fromkeys(ids)}
    known = dict.fromkeys(record["id"] for record in found.values() if record is not None)
    return list(known), [one for one, record in found.items() if record is None]


def _cells(account: Account, table: Table, row: str) -> list[Document]:
    always = _row(account, table.kind, row)
    cells = [
        _cell(name.lower().replace(" ", "_"), name, "lusha", always[name]) for name in COLUMNS[table.kind]
    ]
    for identity, column in table.columns.items():
        value = _filled(account, table, row, identity)
        cells.append(_cell(identity, column["name"], column["type"], value))
    return cells


def _cell(identity: str, name: str, kind: str, value: Any) -> Document:
    status = "success" if value else "no_data"
    shown = {"id": identity, "name": name, "type": kind, "sourceType": "lusha"}
    return {**shown, "value": value or None, "status": status}


def _filled(account: Account, table: Table, row: str, column_id: str) -> Any:
    """What a column holds for a row; nothing before it was run for it."""
    if row in table.not_run(column_id):
        return None
    records = account.world.people if table.kind == "contacts" else account.world.companies
    return records[row].get(column_id)


def _row(account: Account, kind: str, row: str) -> dict[str, Any]:
    """The columns that every table of a kind has."""
    if kind == "companies":
        return _of_company(account.world.companies[row])
    person = account.world.people[row]
    return {
        "First Name": person["firstName"],
        "Last Name": person["lastName"],
        "Job Title": person["jobTitle"]["title"],
        **_of_company(account.world.employer(person)),
        "LinkedIn URL": person["socialLinks"].get("linkedin"),
    }


def _of_company(company: Document) -> dict[str, Any]:
    return {
        "Company Name": company["name"],
        "Company Domain": company["domain"],
        "Company Industry": company["industry"],
    }


def _billed(charged: int, returned: int) -> Document:
    return {"billing": {"creditsCharged": charged, "resultsReturned": returned}}


_TABLE = "/v3/{kind}/tables/{table_id}"
_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/v3/{kind}/tables", create),
    ("POST", "/v3/{kind}/tables/list", listed),
    ("GET", _TABLE, read),
    ("PATCH", _TABLE, update),
    ("DELETE", _TABLE, delete),
    ("GET", f"{_TABLE}/entities", entities),
    ("POST", f"{_TABLE}/entities", add),
    ("DELETE", f"{_TABLE}/entities", remove),
    ("GET", f"{_TABLE}/columns", columns),
    ("DELETE", _TABLE + "/columns/{column_id}", remove_column),
    ("POST", _TABLE + "/columns/{column_id}/run", run_column),
)


def _route(method: str, template: str, handler: Handler, kind: str) -> Route:
    return Route(method, template.replace("{kind}", kind), partial(handler, kind=kind))


ROUTES = tuple(_route(*route, kind) for kind in COLUMNS for route in _ROUTES)
