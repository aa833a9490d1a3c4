"""How a file was read, in a terminal: first of all, so that a wrong guess is seen before what comes of it."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from cli import console
from cli.console import safe, say
from cli.plan_view import light_table
from tasks.extract.reading import Reading

COLUMNS = ("column", "is taken for", "why", "for example")


def show(plain: dict[str, Any], *, whole: bool) -> None:
    """Show how a file was read.

    Args:
        plain: As a run tells it.
        whole: Its columns, too, and not only what was guessed or left out.
    """
    reading = Reading.of(plain)
    say(f"\n{safe(reading.file)}: {safe(reading.head())}", style="bold")
    for sentence in reading.sentences():
        say(f"• {safe(sentence)}", style="yellow")
    if not whole:
        return
    table = light_table()
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row, unused in reading.table():
        table.add_row(*(Text(safe(text), style="dim" if unused else "") for text in row))
    console.out.print()
    console.print_table(table)
