"""The sandbox served: the data generated, sockets opened, and what is announced."""

from __future__ import annotations

import gc
import json
import os
from typing import Any

from sandbox.core.faults import read_faults
from sandbox.core.gateway import Gateway, by_port
from sandbox.core.options import Options
from sandbox.core.serving import answer_until_stopped, listen
from sandbox.highlevel.app import KINDS
from sandbox.highlevel.auth import CLIENT_ID, CLIENT_SECRET, token_of
from sandbox.highlevel.location import Location
from sandbox.highlevel.several import open_locations, opened_app
from sandbox.lusha.account import KEY
from sandbox.lusha.app import Lusha

__all__ = ["serve"]


def serve(options: Options, *, as_json: bool) -> None:
    """Generate the data, listen, answer until a signal comes.

    Raises:
        BadOptionError: the port is taken, or the faults file is unreadable or malformed.
    """
    faults = read_faults(options.faults, KINDS) if options.faults is not None else []
    with (
        listen(options.host, options.port, "--port") as listener,
        listen(options.host, options.lusha_port, "--lusha-port") as lusha_listener,
    ):
        locations = open_locations(options)
        highlevel = opened_app(locations, options, faults)
        lusha = Gateway(Lusha(options), [], options.latency)
        gc.collect()
        gc.freeze()  # the generated records live as long as the process: no need to walk them again
        port, lusha_port = (one.getsockname()[1] for one in (listener, lusha_listener))
        facts = _facts(options, locations, port) | {"lusha": _lusha_facts(options, lusha_port)}
        announcement = json.dumps(facts) if as_json else _readable(facts)
        answer_until_stopped(
            by_port({port: highlevel, lusha_port: lusha}), [listener, lusha_listener], announcement
        )


def _facts(options: Options, locations: list[Location], port: int) -> dict[str, Any]:
    first = locations[0]
    return {
        "url": f"http://{options.host}:{port}",
        "port": port,
        "token": token_of(1),
        "location_id": first.id,
        "locations": [
            {"location_id": one.id, "token": token_of(place)} for place, one in enumerate(locations, start=1)
        ],
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "authorize_url": f"http://{options.host}:{port}/oauth/chooselocation",
        "contacts": len(first.contacts.rows),
        "businesses": len(first.others["businesses"]),
        "seed": options.seed,
        "quota": options.quota,
        "daily": options.daily,
        "pid": os.getpid(),
    }


def _lusha_facts(options: Options, port: int) -> dict[str, Any]:
    return {"url": f"http://{options.host}:{port}", "port": port, "key": KEY}


def _readable(facts: dict[str, Any]) -> str:
    quota = "off" if facts["quota"] == "off" else f"{facts['quota']}, {facts['daily']:,} a day"
    businesses = f"{facts['businesses']:,} businesses"
    lusha = facts["lusha"]
    return "\n".join(
        (
            "HighLevel sandbox: the vendor's API on loopback, quirks and quota included",
            f"  base URL    {facts['url']}",
            f"  token       {facts['token']}",
            f"  location    {facts['location_id']}",
            *(f"  another     {one['location_id']}, token {one['token']}" for one in facts["locations"][1:]),
            f"  OAuth app   {facts['client_id']}, secret {facts['client_secret']}",
            f"  consent     {facts['authorize_url']}",
            f"  contacts    {facts['contacts']:,} and {businesses}, seed {facts['seed']}",
            f"  quota       {quota}",
            f"  control     {facts['url']}/_sandbox/requests",
            "Lusha sandbox: the same for the leads' vendor, its credits included",
            f"  base URL    {lusha['url']}",
            f"  API key     {lusha['key']}",
            f"  bill        {lusha['url']}/_sandbox/bill",
        )
    )
