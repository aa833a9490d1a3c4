"""``lusha-connect mappings``: mappings checked, and tried on real records without writing any."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import completion, console
from cli.lazy import group
from cli.options import Json, Output
from tasks.core.errors import BadMappingError
from tasks.core.words import counted

if TYPE_CHECKING:
    from cli.mapping_preview import Preview

app = group("Check and try mappings.")


@app.command()
def validate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="MAPPING", help="Mapping names or files; all of mappings/ by default."),
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
def new(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, Excel, OpenDocument or JSON Lines file.")
    ],
    kind: Annotated[str, typer.Option(help="What its rows are: contact or business.")] = "contact",
    output: Output = None,
    json: Json = False,
) -> None:
    """Draft a mapping from a file's columns: what was recognised is mapped, the rest stands in comments."""
    from tasks.core.errors import BadConfigurationError
    from tasks.core.words import nearest_of_all
    from tasks.extract.drafting import KINDS, draft
    from tasks.extract.files import open_file

    if kind not in KINDS:
        raise BadConfigurationError(f"There is no kind {kind!r}.", remedy=nearest_of_all(kind, KINDS))
    if output is not None and output.exists():
        raise BadConfigurationError(
            f"{output} is there already.", remedy="Choose another name, or remove it."
        )
    made = draft(open_file(file, stream=f"file.{kind}").reading, kind)
    if output is not None:
        _write(output, made.text)
    if json:
        told = {"file": str(output) if output else None, "fields": made.fields, "unread": made.unread}
        console.print_json(told | ({} if output else {"text": made.text}))
    elif output is None:
        console.say(made.text.rstrip())
    else:
        unread = f"; unread: {', '.join(made.unread)}" if made.unread else ""
        console.say(f"{output} fills {counted(len(made.fields), 'field')}{unread}")
        console.say(f"Try it: lusha-connect mappings preview {output} --file {file} --sample 10")


@app.command()
def preview(
    file: Annotated[
        str,
        typer.Argument(metavar="MAPPING", help="Mapping name or file.", autocompletion=completion.mappings),
    ],
    sample: Annotated[int, typer.Option(min=1, max=500, help="Records to read.")] = 10,
    rows: Annotated[
        str, typer.Option("--file", metavar="FILE", help="For a mapping of files: whose first rows.")
    ] = "",
    query: Annotated[
        str, typer.Option(metavar="SELECT", help="For a mapping of files: a query of the hub.")
    ] = "",
    json: Json = False,
) -> None:
    """Show what a mapping makes of a sample of real records; nothing is written."""
    from cli.mapping_preview import preview as made_of

    found = asyncio.run(made_of(file, sample, file=rows, query=query))
    if not json:
        _show(found)
        return
    for row in found.checked.rows:
        console.print_json(row)
    for reject in found.checked.rejects:
        console.print_json({"id": reject.record_id, "rejected": [r.message for r in reject.reasons]})


def _write(file: Path, text: str) -> None:
    from tasks.core.errors import BadConfigurationError

    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadConfigurationError(f"{file} cannot be written: {error.strerror}.") from None


def _validated(files: list[Path]) -> list[dict[str, Any]]:
    """Of each file whether it is good, and what is wrong with it or what it is about."""
    from cli.tried_checks import TriedChecks
    from tasks.mapping.language import MAPPINGS, find_mapping, shipped_mappings
    from tasks.mapping.validation import validate

    tried = TriedChecks()
    results: list[dict[str, Any]] = []
    for given in files or shipped_mappings():
        file = given
        with suppress(BadMappingError):  # what is not there is a mistake like any other
            file = find_mapping(given, MAPPINGS)
        mapping, problems = validate(file, tried)
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


def _show(found: Preview) -> None:
    from tasks.plan.preview import shown_value

    name, checked = found.mapping.name, found.checked
    if found.reading is not None:
        from cli.file_view import show

        show(found.reading.plain(), whole=True)
    for note in found.notes:
        console.say(f"• {note}", style="yellow")
    for row in checked.rows:
        filled = [(field, shown_value(value)) for field, value in row.items() if value not in (None, [], {})]
        console.table(f"{name}: {row['id']}", {"field": "left", "value": "left"}, filled)
    for reject in checked.rejects:
        console.out.print(f"✗ {reject.record_id} would be rejected:", style="red", markup=False)
        for reason in reject.reasons:
            console.out.print(f"    {reason.told}", markup=False)
    for field, problem, number, some in checked.left_out().rows():
        console.out.print(f"{field} {problem}: left out {number} times, e.g. {some}", markup=False)
    warned = ", ".join(f"{label} {count}" for label, count in checked.warnings.items()) or "none"
    counts = f"{len(checked.rows)} would be loaded, {len(checked.rejects)} rejected"
    console.out.print(f"{counts}; warnings: {warned}. Nothing was written.")
