"""Lane (a), the floor: httpx pages and a bare bulk upsert, nothing else.

No mapping, no checks, no rejects, no raw records, no cursor, no orchestration: what any program that
brings the same contacts into the same database has to do at least.
"""

from __future__ import annotations

import sys
from typing import Any

import httpx
import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

PAGE = 500
TEXTS = ("firstName", "lastName", "email", "phone", "companyName", "address", "city", "state", "country")
MORE = ("postalCode", "website", "timezone", "source", "type", "assignedTo", "dateAdded", "dateUpdated")
NESTED = ("tags", "customFields", "additionalEmails")


def main(url: str, token: str, location: str, database: str) -> int:
    """Read every contact and upsert it. Returns how many."""
    table = sa.Table("contacts", sa.MetaData(), sa.Column("id", sa.Text, primary_key=True))
    for name in (*TEXTS, *MORE, *NESTED):
        table.append_column(sa.Column(name, sa.Text))
    engine = sa.create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    table.metadata.create_all(engine)
    insert = (sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert)(table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if column.name != "id"}
    upsert = insert.on_conflict_do_update(index_elements=["id"], set_=others)
    headers = {"authorization": f"Bearer {token}", "version": "2021-07-28"}
    body: dict[str, Any] = {"locationId": location, "pageLimit": PAGE, "page": 1}
    body["sort"] = [{"field": "dateAdded", "direction": "asc"}]
    count = 0
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        while True:
            contacts = orjson.loads(client.post("/contacts/search", json=body).raise_for_status().content)[
                "contacts"
            ]
            if contacts:
                with engine.begin() as connection:
                    connection.execute(upsert, [_row(contact) for contact in contacts])
            count += len(contacts)
            if len(contacts) < PAGE:
                return count
            body.pop("page", None)
            body["searchAfter"] = contacts[-1]["searchAfter"]


def _row(contact: dict[str, Any]) -> dict[str, Any]:
    row = {name: contact.get(name) for name in ("id", *TEXTS, *MORE)}
    return row | {name: orjson.dumps(contact[name]).decode() if name in contact else None for name in NESTED}


if __name__ == "__main__":
    print(main(*sys.argv[1:5]))
