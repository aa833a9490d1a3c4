"""``lusha-connect mapping``: mappings checked, and tried on real records without writing any."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from cli import console
from tasks.core.batch import Batch, MappedBatch
from tasks.core.errors import BadMappingError


def validate(files: list[Path], *, as_json: bool) -> int:
    """The command. Returns the exit code: 2 when a mapping is refused."""
    from tasks.mapping.checks.checks import compile_checks
    from tasks.mapping.language import MAPPINGS, load_mapping
    from tasks.mapping.transform.compile import compile_mapping

    results: list[dict[str, Any]] = []
    for file in files or sorted(MAPPINGS.glob("*.yaml")):
        try:
            mapping = load_mapping(file)
            compile_mapping(mapping)
            compile_checks(mapping)
        except BadMappingError as error:
            results.append({"file": str(file), "ok": False, "error": str(error)})
        else:
            sizes = f"{len(mapping.fields)} fields, {len(mapping.checks)} checks"
            about = f"{mapping.source} → {mapping.target}, {sizes}"
            results.append({"file": str(file), "ok": True, "about": about})
    if as_json:
        console.print_json(results)
    else:
        for result in results:
            good = f"✓ {result['file']}: {result.get('about')}"
            line = good if result["ok"] else f"✗ {result['error']}"
            style = None if result["ok"] else "red"
            console.out.print(line, markup=False, highlight=False, soft_wrap=True, style=style)
    return 0 if all(result["ok"] for result in results) else 2


def preview(file: str, sample: int, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    from tasks.mapping.checks.checks import compile_checks
    from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
    from tasks.mapping.transform.compile import compile_mapping

    mapping = load_mapping(find_mapping(file, MAPPINGS))
    mapper, checker = compile_mapping(mapping), compile_checks(mapping)
    batch = asyncio.run(_sample(sample))
    checked = checker.verdicts(mapper.apply(batch))
    if as_json:
        for row in checked.rows:
            console.print_json(row)
        for reject in checked.rejects:
            console.print_json({"id": reject.record_id, "rejected": [r.message for r in reject.reasons]})
    else:
        _show(mapping.name, checked)
    return 0


def _show(name: str, checked: MappedBatch) -> None:
    for row in checked.rows:
        filled = [(field, value) for field, value in row.items() if value not in (None, [], {})]
        console.table(f"{name}: {row['id']}", {"field": "left", "value": "left"}, filled)
    for reject in checked.rejects:
        console.out.print(f"✗ {reject.record_id} would be rejected:", style="red", markup=False)
        for reason in reject.reasons:
            console.out.print(f"    {reason.label}: {reason.message}", markup=False)
    warned = ", ".join(f"{label} {count}" for label, count in checked.warnings.items()) or "none"
    counts = f"{len(checked.rows)} would be loaded, {len(checked.rejects)} rejected"
    console.out.print(f"{counts}; warnings: {warned}. Nothing was written.")


async def _sample(size: int) -> Batch:
    """The newest contacts of the settings' location."""
    from cli.hub import open_hub
    from tasks.core.settings import load_settings
    from tasks.vendors.highlevel.api.contacts import search
    from tasks.vendors.highlevel.client import connect
    from tasks.vendors.highlevel.readers.contacts import STREAM

    with open_hub() as hub:
        async with connect(load_settings(), hub) as highlevel:
            page = await search(highlevel, limit=size, sort="dateAdded", direction="desc")
            return Batch(STREAM, highlevel.location_id, page.contacts, position={}, last=True)
