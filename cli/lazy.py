"""Commands that are imported when they are asked for.

``lusha-connect --help``, the completion of a first word and the message about a misspelt one need names and
a line about each: both stand in a table. The module of a noun is imported for what stands below the noun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class Noun:
    """A first word of the command line.

    Args:
        name: The word.
        about: The line that ``--help`` shows.
        module: The module of ``cli`` that holds its commands as ``app``; of the same name by default.
        alias: Another word for it, which ``--help`` does not show.
    """

    name: str
    about: str
    module: str = ""
    alias: str = ""

    def placeholder(self) -> TyperGroup:
        """What is listed; it has no commands."""
        return TyperGroup(name=self.name, help=self.about)

    def load(self) -> Any:
        """Its commands, or the one command that it is."""
        command = typer.main.get_command(import_module(f"cli.{self.module or self.name}").app)
        command.name = self.name
        return command


class NounGroup(TyperGroup):
    """A group of nouns; a subclass names them."""

    nouns: ClassVar[Sequence[Noun]]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {noun.name: noun.placeholder() for noun in self.nouns}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The noun that ``args`` begin with, loaded."""
        aliases = {noun.alias: noun.name for noun in self.nouns if noun.alias}
        name, _, rest = super().resolve_command(ctx, [aliases.get(args[0], args[0]), *args[1:]])
        found = next((noun.load() for noun in self.nouns if noun.name == name), None)
        return name, found, rest


def group(about: str) -> typer.Typer:
    """The ``app`` of a noun with commands below it."""
    # The callback does nothing: it keeps a noun with a single command from becoming that command.
    return typer.Typer(help=about, no_args_is_help=True, add_completion=False, callback=lambda: None)


def command() -> typer.Typer:
    """The ``app`` of a word that is itself a command, the only one in it."""
    return typer.Typer(add_completion=False)
