"""``lusha-connect sandbox``: HighLevel and Lusha played on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.lazy import command
from cli.options import Json

app = command()


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8701,
    contacts: Annotated[int, typer.Option(min=0, help="Generated contacts.")] = 5000,
    activity: Annotated[
        bool, typer.Option("--activity", help="Generated notes, tasks and appointments of them, too.")
    ] = False,
    locations: Annotated[int, typer.Option(min=1, max=99, help="Locations, each with its own token.")] = 1,
    seed: Annotated[int, typer.Option(help="Same seed, same records.")] = 1,
    quota: Annotated[str, typer.Option(help="Requests per window, e.g. 100/10s, or off.")] = "100/10s",
    daily: Annotated[int, typer.Option(help="Requests a day.")] = 200_000,
    search_lag: Annotated[float, typer.Option(help="Seconds until search sees a write.")] = 0.0,
    faults: Annotated[Path | None, typer.Option(help="JSON file with a list of faults.")] = None,
    lusha_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Lusha's port; 0 picks a free one.")
    ] = 8702,
    lusha_plan: Annotated[
        str, typer.Option(help="Lusha's limits: free, pro, premium, scale, or off.")
    ] = "premium",
    lusha_credits: Annotated[int, typer.Option(min=0, help="Credits of the Lusha account.")] = 10_000,
    lusha_people: Annotated[
        int, typer.Option(min=0, help="Leads that Lusha has beside 60 % of the contacts.")
    ] = 2000,
    lusha_waterfall: Annotated[
        bool, typer.Option("--lusha-waterfall", help="Other providers fill what Lusha lacks, at their rates.")
    ] = False,
    json: Json = False,
) -> None:
    """Play HighLevel and Lusha on this machine, strictly, until interrupted."""
    from sandbox import BadOptionError, Options, run
    from tasks.core.errors import BadConfigurationError

    try:
        run(
            Options(
                port=port,
                contacts=contacts,
                activity=activity,
                locations=locations,
                seed=seed,
                quota=quota,
                daily=daily,
                search_lag=search_lag,
                faults=faults,
                lusha_port=lusha_port,
                lusha_plan=lusha_plan,
                lusha_credits=lusha_credits,
                lusha_people=lusha_people,
                lusha_waterfall=lusha_waterfall,
            ),
            as_json=json,
        )
    except BadOptionError as error:
        raise BadConfigurationError(str(error)) from None
