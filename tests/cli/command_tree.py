"""The command line's tree as plain data: every command, with its arguments and options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from cli import app


def commands() -> dict[str, Any]:
    """Every command by the words that call it, groups, hidden ones and aliases too; each loaded."""
    return dict(_below(typer.main.get_command(app), ("lusha-connect",), None))


def _below(command: Any, words: tuple[str, ...], parent: typer.Context | None) -> Iterator[tuple[str, Any]]:
    yield " ".join(words), command
    context = typer.Context(command, info_name=words[-1], parent=parent)
    names = command.list_commands(context) if hasattr(command, "list_commands") else []
    aliases = [noun.alias for noun in getattr(command, "nouns", ()) if noun.alias]
    for name in [*names, *aliases]:
        _, loaded, _ = command.resolve_command(context, [name])
        yield from _below(loaded, (*words, name), context)


def parameters(command: Any) -> dict[str, dict[str, Any]]:
    """What a command takes, by the words that a person types; an argument by its name."""
    return {" ".join([*one.opts, *one.secondary_opts]): _facts(one) for one in command.params}


def _facts(parameter: Any) -> dict[str, Any]:
    return {
        "kind": parameter.param_type_name,
        "default": parameter.default,
        "required": parameter.required,
        "flag": bool(getattr(parameter, "is_flag", False)),
        "repeated": parameter.nargs != 1 or bool(getattr(parameter, "multiple", False)),
    }
