"""``lusha-connect credits``: what the Lusha account has left, what was spent, and what is reserved."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import console
from cli.lazy import command
from cli.options import Json

app = command()


@app.command()
def show(
    days: Annotated[int, typer.Option(min=1, help="Tell what was spent in so many days.")] = 30,
    json: Json = False,
) -> None:
    """Lusha's credits: balance, spent by run and automation, reserved, what a dry run would cost."""
    import asyncio
    from datetime import UTC, datetime, timedelta

    from cli.open_hub import open_hub
    from tasks.core.settings import load_settings
    from tasks.edge.balance import COLUMNS, balance_of, rows, sentences
    from tasks.hub.caps import Caps
    from tasks.hub.spent import credit_status

    settings = load_settings()
    with open_hub() as hub:
        status = credit_status(hub, Caps.of(settings), datetime.now(UTC) - timedelta(days=days))
        balance = asyncio.run(balance_of(settings, hub))
    if json:
        console.print_json(balance.told() | status.told())
        return
    for line in sentences(balance, status):
        console.say(console.safe(line))
    if status.spent:
        console.table("spent, the newest first", COLUMNS, rows(status.spent))
