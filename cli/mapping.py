"""``lusha-connect mapping``: mappings checked, and tried on real records without writing any."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.lazy import group
from cli.options import Json
from tasks.core.errors import BadMappingError
from tasks.core.words import counted

if TYPE_CHECKING:
    from tasks.core.batch import Batch, MappedBatch

app = group("Check and try mappings.")


@app.command()
def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Mapping files; all of mappings/ by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Check mappings without reading any record: keys, transforms, expectations, fields, expressions."""
    results = _validated(files or [])
    if json:
        console.print_json(results)
    else:
        for result in results:
            _say_result(result)
    raise typer.Exit(0 if all(result["ok"] for result in results) else 2)


@app.command()
def preview(
    file: Annotated[str, typer.Argument(help="Mapping name or file.")],
    sample: Annotated[int, typer.Option(min=1, max=500, help="Records to read from HighLevel.")] = 10,
    json: Json = False,
) -> None:
    """Show what a mapping makes of a sample of real records; nothing is written."""
    name, checked = _tried(file, sample)
    if not json:
        _show(name, checked)
        return
    for row in checked.rows:
        console.print_json(row)
    for reject in checked.rejects:
        console.print_json({"id": reject.record_id, "rejected": [r.message for r in reject.reasons]})


def _validated(files: list[Path]) -> list[dict[str, Any]]:
    """Of each file whether it is good, and what is wrong with it or what it is about."""
    from tasks.mapping.language import MAPPINGS
    from tasks.mapping.validation import validate

    results: list[dict[str, Any]] = []
    for file in files or sorted(MAPPINGS.glob("*.yaml")):
        mapping, problems = validate(file)
        result: dict[str, Any] = {"file": str(file), "ok": mapping is not None}
        if mapping is not None:
            sizes = f"{len(mapping.fields)} fields, {len(mapping.checks)} checks"
            result["about"] = f"{mapping.source} → {mapping.target}, {sizes}"
        else:
            result["error"] = str(BadMappingError.of(problems))
            result["findings"] = [
                {"line": one.line, "problem": one.what, "remedy": one.remedy} for one in problems
            ]
        results.append(result)
    return results


def _say_result(result: dict[str, Any]) -> None:
    if result["ok"]:
        console.say(f"✓ {result['file']}: {result['about']}")
        return
    console.say(f"✗ {result['file']}: {counted(len(result['findings']), 'mistake')}", style="red")
    console.say(result["error"])


def _tried(file: str, sample: int) -> tuple[str, MappedBatch]:
    """A mapping's name, and what it makes of the newest contacts."""
    from tasks.mapping.checks.checks import compile_checks
    from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
    from tasks.mapping.transform.compile import compile_mapping

    mapping = load_mapping(find_mapping(file, MAPPINGS))
    mapper, checker = compile_mapping(mapping), compile_checks(mapping)
    batch = asyncio.run(_sample(sample))
    return mapping.name, checker.verdicts(mapper.apply(batch))


def _show(name: str, checked: MappedBatch) -> None:
    for row in checked.rows:
        filled = [(field, value) for field, value in row.items() if value not in (None, [], {})]
        console.table(f"{name}: {row['id']}", {"field": "left", "value": "left"}, filled)
    for reject in checked.rejects:
        console.out.print(f"✗ {reject.record_id} would be rejected:", style="red", markup=False)
        for reason in reject.reasons:
            console.out.print(f"    {reason.label}: {reason.message}", markup=False)
    for field, problem, number, some in checked.left_out().rows():
        console.out.print(f"{field} {problem}: left out {number} times, e.g. {some}", markup=False)
    warned = ", ".join(f"{label} {count}" for label, count in checked.warnings.items()) or "none"
    counts = f"{len(checked.rows)} would be loaded, {len(checked.rejects)} rejected"
    console.out.print(f"{counts}; warnings: {warned}. Nothing was written.")


async def _sample(size: int) -> Batch:
    """The newest contacts of the settings' location."""
    from cli.open_hub import open_hub
    from tasks.core.batch import Batch
    from tasks.core.settings import load_settings
    from tasks.vendors.highlevel.api.contacts import search
    from tasks.vendors.highlevel.client import connect
    from tasks.vendors.highlevel.readers.contacts import STREAM

    with open_hub() as hub:
        async with connect(load_settings(), hub) as highlevel:
            page = await search(highlevel, limit=size, sort="dateAdded", direction="desc")
            return Batch(STREAM, highlevel.location_id, page.contacts, position={}, last=True)
