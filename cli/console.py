"""What the command line shows: tables and bars in a terminal, plain lines elsewhere, JSON on request."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from tasks.core.errors import LushaConnectError, Recovery
from tasks.core.words import in_words

out = Console()
err = Console(stderr=True)

WIDE = 100_000
"""Characters of a line that is no terminal's: a file or another program gets every value on one line."""

if not out.is_terminal and "COLUMNS" not in os.environ:
    out.width = WIDE

EXIT_CODES = {Recovery.REFUSE: 2, Recovery.STOP: 1, Recovery.RETRY: 1}
"""Exit code by what to do: 1 failed (a later run continues), 2 refused (change something first).

Neither says that nothing was done: a token may be revoked in the middle. The message and the counts tell it.
"""


def exit_code(error: BaseException) -> int:
    """The exit code that an error means."""
    return EXIT_CODES[error.recovery] if isinstance(error, LushaConnectError) else 1


def error_as_json(error: BaseException, code: int | None = None) -> dict[str, Any]:
    """An error for programs: what went wrong, what to do about it, and the exit code.

    Args:
        code: The exit code, where it is another than the error's.
    """
    if isinstance(error, LushaConnectError):
        told, remedy = error.told, error.remedy
    else:
        told, remedy = f"{type(error).__name__}: {error}", ""
    return {"error": told, "remedy": remedy, "exit_code": exit_code(error) if code is None else code}


def print_error(error: BaseException) -> None:
    """An error on standard error: what, where, remedy."""
    text = str(error) if isinstance(error, LushaConnectError) else f"{type(error).__name__}: {error}"
    err.print(f"error: {text}", style="red", markup=False, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON value as one line on standard output."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
    sys.stdout.flush()


def say(text: str, style: str = "") -> None:
    """A line on standard output that is not taken for markup."""
    out.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def safe(text: str) -> str:
    """A text that is only text to a terminal, on one line."""
    return "".join(char if char.isprintable() else "�" for char in " ".join(text.split()))


def table(title: str, columns: Mapping[str, str], rows: list[tuple[Any, ...]]) -> None:
    """A table on standard output; ``columns`` gives each one's alignment."""
    say(f"\n{title}", style="bold")
    shown = Table()
    for name, justify in columns.items():
        shown.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        shown.add_row(*(Text(safe(in_words(cell))) for cell in row))
    print_table(shown)


def print_table(shown: Table) -> None:
    """A table; where the terminal is too narrow for its words, its rows as lines, so that no value is cut."""
    wide = out.options.update(max_width=WIDE)
    if Measurement.get(out, wide, shown).minimum <= out.width:
        out.print(shown)
        return
    names = [str(column.header) for column in shown.columns]
    for row in zip(*(column.cells for column in shown.columns), strict=True):
        for name, cell in zip(names, row, strict=True):
            if str(cell):
                out.print(Text.assemble((f"{name}: ", "bold"), cell), soft_wrap=True)
        out.print()


@contextlib.contextmanager
def progress(what: str) -> Iterator[None]:
    """Show the progress of a run in the ``with`` body: a bar in a terminal, a line now and then elsewhere."""
    from tasks.edge.report import progress_listener

    if err.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err, transient=True) as bar:
            number = bar.add_task(what, total=None)
            token = progress_listener.set(
                lambda done, total: bar.update(number, completed=done, total=total or None)
            )
            try:
                yield
            finally:
                progress_listener.reset(token)
        return
    token = progress_listener.set(_line(what))
    try:
        yield
    finally:
        progress_listener.reset(token)


def _line(what: str) -> Any:
    shown = -1

    def show(done: int, total: int | None) -> None:
        nonlocal shown
        tenth = 10 * done // total if total else done // 10_000
        if tenth != shown:
            shown = tenth
            sys.stderr.write(f"{what}: {done:,} of {total:,}\n" if total else f"{what}: {done:,}\n")
            sys.stderr.flush()

    return show
