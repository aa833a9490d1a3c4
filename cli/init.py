"""``lusha-connect init``: the few settings that are needed, asked for, tried, and written to ``.env``."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.lazy import command
from cli.options import Json
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import ENV_FILE, PREFIX, Settings, load_settings

if TYPE_CHECKING:
    from tasks.core.findings import Finding

app = command()

TOKEN, LOCATION, HUB, URL = (
    f"{PREFIX}{name}" for name in ("HIGHLEVEL_TOKEN", "LOCATION_ID", "HUB_URL", "HIGHLEVEL_URL")
)

NEEDED = ("hub", "credential", "location")
"""The findings that must be good; what others say can be seen to later."""


@app.command()
def init(
    location: Annotated[str, typer.Option(metavar="ID", help="The location.")] = "",
    hub_url: Annotated[str, typer.Option(metavar="URL", help="The hub database.")] = "",
    url: Annotated[str, typer.Option(metavar="URL", help="The API, where it is not HighLevel's own.")] = "",
    ask: Annotated[
        bool, typer.Option(help="Ask for what is needed; the token may also come by standard input.")
    ] = True,
    test: Annotated[bool, typer.Option(help="Try connection and hub before anything is written.")] = True,
    replace: Annotated[bool, typer.Option("--replace", help="Change what .env says otherwise.")] = False,
    json: Json = False,
) -> None:
    """Ask for token, location and hub, try them, and write them to .env, for its owner alone."""
    settings = load_settings()
    asking = ask and sys.stdin.isatty()
    given = {LOCATION: location.strip(), HUB: hub_url.strip(), URL: url.strip()}
    wanted = _present(settings) | {name: value for name, value in given.items() if value}
    if asking:
        wanted |= _asked(wanted, settings, [name for name, value in given.items() if not value])
    elif ask and (token := sys.stdin.readline().strip()):
        wanted[TOKEN] = token
    _require_whole(wanted, settings)
    changed = _changed(wanted)
    if changed and not replace and not (asking and _agreed(changed)):
        raise BadConfigurationError(
            f"{ENV_FILE} says otherwise for {', '.join(changed)}; nothing was written.",
            remedy="Add --replace to change it.",
        )
    with _undone_unless_good(wanted[HUB]):
        found = _tried(settings, wanted) if test else []
        if not json or _bad(found):
            _show(found)
        _write(wanted, found)
    _tell(wanted, found, as_json=json)


def _present(settings: Settings) -> dict[str, str]:
    """What the environment and ``.env`` say already of what is asked for; where the hub is has a default."""
    token = settings.highlevel_token
    found = {
        TOKEN: token.get_secret_value() if token else "",
        LOCATION: settings.location_id,
        HUB: settings.hub_url,
        URL: settings.highlevel_url if "highlevel_url" in settings.model_fields_set else "",
    }
    return {name: value for name, value in found.items() if value}


def _asked(present: Mapping[str, str], settings: Settings, names: list[str]) -> dict[str, str]:
    """A person's answers; what is there is the default of each question."""
    found: dict[str, str] = {}
    if not settings.highlevel_credential:
        kept = " (Enter keeps the one that is there)" if TOKEN in present else ""
        token = getpass.getpass(f"Private integration token{kept}: ").strip()
        found |= {TOKEN: token} if token else {}
    for name, question in ((LOCATION, "Location id"), (HUB, "Hub database")):
        if name in names:
            found[name] = typer.prompt(question, default=present.get(name), err=True).strip()
    return found


def _require_whole(wanted: Mapping[str, str], settings: Settings) -> None:
    token = wanted.get(TOKEN, "")
    if not token and not settings.highlevel_credential:
        raise BadConfigurationError(
            "No token was given.",
            remedy="Paste it at the prompt, or pipe it in: lusha-connect init < token.txt",
        )
    if not all("\x21" <= letter <= "\x7e" for letter in token):
        raise BadConfigurationError("That is no token.", remedy="Copy it again, without spaces or quotes.")
    if not wanted.get(LOCATION):
        raise BadConfigurationError(
            "No location was given.",
            remedy="Add --location ID (HighLevel: Settings → Business Profile → Location ID).",
        )


def _changed(wanted: Mapping[str, str]) -> list[str]:
    """The variables that ``.env`` gives another value."""
    from cli import env_file

    there = env_file.read(Path(ENV_FILE))
    return [name for name, value in wanted.items() if there.get(name, value) != value]


def _agreed(changed: list[str]) -> bool:
    return typer.confirm(f"Change {', '.join(changed)} in {ENV_FILE}?", err=True)


@contextmanager
def _undone_unless_good(url: str) -> Iterator[None]:
    """The hub is made where it is not; where the body fails, what was made is removed again."""
    from contextlib import closing

    from tasks.hub import schema
    from tasks.hub.engine import Hub

    with closing(Hub(url)) as hub:
        made = not hub.is_there
        folder = Path(hub.place).parent
        new_folder = made and not folder.exists()
        if made:
            schema.upgrade(hub)
        try:
            yield
        except BaseException:
            hub.close()
            if made:
                for end in ("", "-wal", "-shm"):
                    Path(hub.place + end).unlink(missing_ok=True)
            if new_folder:
                folder.rmdir()
            raise


def _tried(settings: Settings, wanted: Mapping[str, str]) -> list[Finding]:
    from cli.automation import quiet_prefect

    quiet_prefect(verbose=False)
    from pydantic import SecretStr

    from flows.scopes import needed
    from tasks.edge.examination import examine

    values: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): SecretStr(value) if name == TOKEN else value
        for name, value in wanted.items()
    }
    return asyncio.run(examine(settings.model_copy(update=values), needed))


def _bad(found: list[Finding]) -> list[str]:
    from tasks.core.findings import Status

    return [one.name for one in found if one.status is Status.FAILED and one.name in NEEDED]


def _show(found: list[Finding]) -> None:
    from cli.findings_view import show_findings

    show_findings(found)


def _write(wanted: Mapping[str, str], found: list[Finding]) -> None:
    from cli import env_file

    if bad := _bad(found):
        raise BadConfigurationError(
            f"It does not work yet ({', '.join(bad)}); {ENV_FILE} was not written.",
            remedy="Correct it and try again, or add --no-test to write it as it is.",
        )
    env_file.write(Path(ENV_FILE), wanted)


def _tell(wanted: Mapping[str, str], found: list[Finding], *, as_json: bool) -> None:
    if as_json:
        checks = [asdict(one) for one in found]
        console.print_json({"file": ENV_FILE, "settings": sorted(wanted), "checks": checks})
        return
    console.say(f"{ENV_FILE} is written; you alone can read it.")
    console.say("Look before you load: lusha-connect mappings preview highlevel_contact --sample 10")
    console.say("Then: lusha-connect run backfill_contacts")
