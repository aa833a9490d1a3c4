"""What ``lusha-connect rules`` does."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from cli import console
from tasks.core.batch import shown
from tasks.core.errors import BadMappingError, LushaConnectError
from tasks.core.words import counted
from tasks.edge.trying_rules import BEFORE, CANNOT, FIRES, NOT, Tried, check_names, try_rules
from tasks.mapping.language import MAPPINGS, find_mapping
from tasks.mapping.rules.compile import Rules, compile_rules
from tasks.mapping.rules.language import is_mapping_file, is_rules_file, load_rules

STYLES = {FIRES: "green", CANNOT: "red"}

MAPPING = "check it with `lusha-connect mappings validate`"
HOW_THEY_COME = "backfill_contacts, sync_businesses and backfill_activity fill it."


def validate(files: list[Path], *, offline: bool, as_json: bool) -> int:
    """The command. Returns the exit code."""
    given = files or [file for file in sorted(MAPPINGS.glob("*.yaml")) if is_rules_file(file)]
    results = [_validated(file) for file in given]
    names = "not asked for" if offline else _check_names(results)
    told = [one for one, _ in results]
    if as_json:
        console.print_json([one | {"names": names} if one["ok"] else one for one in told])
    else:
        for one in told:
            _say(one)
        if any(one["ok"] for one in told):
            console.say(f"Names in HighLevel: {names}")
    return 0 if all(one["ok"] for one in told) else 2


def preview(name: str, sample: int, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    rules = compile_rules(load_rules(find_mapping(name, MAPPINGS, what="rules file")))
    found = asyncio.run(try_rules(rules, sample))
    if as_json:
        console.print_json([one.told() for one in found])
        return 0
    for _, some in groupby(found, key=lambda one: (one.stream, one.id)):
        _show(list(some))
    _sum_up(found, rules)
    console.say("Nothing was written.")
    return 0


def _sum_up(found: list[Tried], rules: Rules) -> None:
    """How many records were tried, and what came of each rule; where there are none, what brings them."""
    tried = {(one.stream, one.id) for one in found}
    console.say(f"{counted(len(tried), 'record')} tried.", style="bold")
    for rule in rules.rules:
        would = Counter(one.would for one in found if one.rule == rule.key)
        told = ", ".join(f"{word} for {would[word]}" for word in (FIRES, NOT, BEFORE, CANNOT) if would[word])
        if told:
            console.say(f"  {rule.key} {told}")
    for stream in sorted(set(rules.streams) - {stream for stream, _ in tried}):
        console.say(f"The hub has no record of {stream}: {HOW_THEY_COME}")


def _validated(given: Path) -> tuple[dict[str, Any], Rules | None]:
    file = given
    with suppress(BadMappingError):  # what is not there is a mistake like any other
        file = find_mapping(given, MAPPINGS, what="rules file")
    if file.is_file() and is_mapping_file(file):
        error = BadMappingError("this is a mapping, and no rules", file=str(file), remedy=MAPPING)
        return _wrong(str(file), error), None
    try:
        rules = compile_rules(load_rules(file))
    except BadMappingError as error:
        return _wrong(str(file), error), None
    about = f"{counted(len(rules.rules), 'rule')}, {', '.join(rules.streams)} → {', '.join(rules.targets)}"
    return {"file": str(file), "ok": True, "about": about}, rules


def _wrong(file: str, error: BadMappingError) -> dict[str, Any]:
    findings = [{"line": one.line, "problem": one.what, "remedy": one.remedy} for one in error.each()]
    return {"file": file, "ok": False, "error": str(error), "findings": findings}


def _check_names(results: list[tuple[dict[str, Any], Rules | None]]) -> str:
    """Ask HighLevel for the names in good files; in words, whether that could be done."""
    good = [rules for _, rules in results if rules is not None]
    if not good:
        return "not asked for"
    try:
        wrong = asyncio.run(check_names(good))
    except LushaConnectError as error:
        return f"not checked: {error.what}"
    for one, rules in results:
        if rules is not None and rules.file in wrong:
            found = _wrong(one["file"], wrong[rules.file])
            one.clear()
            one.update(found)
    return "checked"


def _say(result: dict[str, Any]) -> None:
    if result["ok"]:
        console.say(f"✓ {result['file']}: {result['about']}")
        return
    console.say(f"✗ {result['file']}: {counted(len(result['findings']), 'mistake')}", style="red")
    console.say(result["error"])


def _show(some: list[Tried]) -> None:
    """One record, and what each rule would do with it."""
    first = some[0]
    console.say(f"{first.label or first.id} ({first.stream} {first.id})", style="bold")
    for one in some:
        console.say(
            f"  {one.rule} {one.would}: {one.why or 'it has no condition'}", style=STYLES.get(one.would, "")
        )
        for stream, row in one.rows:
            console.say(f"    {stream}")
            for name, value in row.items():
                if value is not None:
                    console.say(f"      {name}: {shown(value, 200)}")
