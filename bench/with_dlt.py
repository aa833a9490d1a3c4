"""Lane (b): dlt's ``rest_api`` source with merge into the same database.

Set up as its documentation says, and in its favour: nested lists stay in their row (one table instead
of several), telemetry is off.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

import sqlalchemy as sa

PAGE = 500


def main(url: str, token: str, location: str, database: str) -> int:
    """Read every contact and merge it. Returns how many rows the table holds."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
    import dlt  # noqa: PLC0415 - it reads the environment when it is imported
    from dlt.sources.rest_api import rest_api_source  # noqa: PLC0415

    source = rest_api_source(_config(url, token, location), max_table_nesting=0)
    if database.startswith("sqlite"):
        destination: Any = dlt.destinations.sqlalchemy(credentials=database)
        dataset = "main"
    else:
        destination = dlt.destinations.postgres(credentials=_credentials(database))
        dataset = "bench"
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=destination, dataset_name=dataset)
        pipeline.run(source)
        with pipeline.sql_client() as client:
            return int(client.execute_sql("SELECT count(*) FROM contacts")[0][0])


def _credentials(database: str) -> str:
    """The URL with a host in its usual place, which dlt insists on; a socket's folder, in the query, wins."""
    url = sa.make_url(database)
    return url.set(host=url.host or "localhost", password=url.password or "none").render_as_string(False)


def _config(url: str, token: str, location: str) -> Any:
    paginator = {
        "type": "cursor",
        "cursor_path": "contacts[-1:].searchAfter",
        "cursor_body_path": "searchAfter",
    }
    body = {
        "locationId": location,
        "pageLimit": PAGE,
        "sort": [{"field": "dateAdded", "direction": "asc"}],
    }
    client = {
        "base_url": url,
        "headers": {"version": "2021-07-28"},
        "auth": {"type": "bearer", "token": token},
    }
    endpoint = {
        "path": "contacts/search",
        "method": "POST",
        "json": body,
        "data_selector": "contacts",
        "paginator": paginator,
    }
    resource = {"name": "contacts", "primary_key": "id", "write_disposition": "merge", "endpoint": endpoint}
    return {"client": client, "resources": [resource]}


if __name__ == "__main__":
    print(main(*sys.argv[1:5]))
