"""What the sandbox may be asked for, refused in one sentence where it makes no sense.

The command line, ``sandbox.process.start`` and ``sandbox.run`` all build the same ``Options``, so a flag
exists once: as a field here, with its help text beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["LUSHA_PLANS", "BadOptionError", "Options", "Window"]

_LAST_PORT = 65535
_MOST_LOCATIONS = 99
LUSHA_PLANS = ("free", "pro", "premium", "scale", "off")
_QUOTA = re.compile(r"^(?P<requests>[1-9]\d*)/(?P<seconds>\d+(?:\.\d+)?)s$")


class BadOptionError(ValueError):
    """An option that cannot be honoured; the message says what to do (exit code 2)."""


@dataclass(frozen=True, slots=True)
class Window:
    """So many requests in so many seconds, counted over an exact sliding window."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Options:
    """How one sandbox behaves.

    Raises:
        BadOptionError: a value is out of its range.
    """

    port: int = field(default=8701, metadata={"help": "port of the HighLevel side; 0 picks a free one"})
    host: str = field(default="127.0.0.1", metadata={"help": "address to listen on"})
    contacts: int = field(default=5000, metadata={"help": "number of generated contacts"})
    activity: bool = field(
        default=False, metadata={"help": "generate notes, tasks and appointments of the contacts, too"}
    )
    locations: int = field(
        default=1, metadata={"help": "sub-accounts of one agency, each with token, data and quota of its own"}
    )
    seed: int = field(default=1, metadata={"help": "same seed and count, same records to the byte"})
    quota: str = field(
        default="100/10s", metadata={"help": "requests per sliding window such as 100/10s or 25/10s, or off"}
    )
    daily: int = field(default=200_000, metadata={"help": "requests a day (a trial account gets 10000)"})
    faults: Path | None = field(default=None, metadata={"help": "JSON file with a list of faults to play"})
    search_lag: float = field(
        default=0.0, metadata={"help": "seconds until a write is seen by POST /contacts/search"}
    )
    latency: float = field(default=0.0, metadata={"help": "seconds added to every answer"})
    clock_ahead: float = field(
        default=0.0,
        metadata={"help": "seconds by which HighLevel's clock is ahead of this machine's, or behind"},
    )
    strict_version: bool = field(
        default=False, metadata={"help": "accept only the Version that each product declares, and v3"}
    )
    token_seconds: int = field(
        default=86_399, metadata={"help": "seconds for which an OAuth access token is good"}
    )
    allow_duplicates: bool = field(
        default=False, metadata={"help": "the location's setting Allow Duplicate Contact"}
    )
    strict_slots: bool = field(
        default=False, metadata={"help": "refuse an appointment at an hour that the calendar has not free"}
    )
    lusha_port: int = field(default=8702, metadata={"help": "port of the Lusha side; 0 picks a free one"})
    lusha_plan: str = field(
        default="premium",
        metadata={"help": "Lusha's plan, and so its limits: free, pro, premium, scale, or off for no limits"},
    )
    lusha_credits: int = field(default=10_000, metadata={"help": "credits of the Lusha account"})
    lusha_people: int = field(
        default=2000,
        metadata={"help": "people whom Lusha knows and HighLevel does not, beside 60 % of the contacts"},
    )
    lusha_charge_misses: bool = field(
        default=False, metadata={"help": "charge one credit for a search that finds nobody"}
    )
    lusha_waterfall: bool = field(
        default=False, metadata={"help": "other providers are asked for what Lusha does not have"}
    )
    lusha_without_v3: bool = field(
        default=False, metadata={"help": "an account for which Lusha's V3 API is not enabled"}
    )

    def __post_init__(self) -> None:
        """Refuse what cannot work before anything is started."""
        checks = (
            (
                0 <= self.port <= _LAST_PORT,
                f"port {self.port} does not exist: give 1 to {_LAST_PORT}, or 0 for a free one",
            ),
            (
                0 <= self.lusha_port <= _LAST_PORT,
                f"lusha-port {self.lusha_port} does not exist: give 1 to {_LAST_PORT}, or 0 for a free one",
            ),
            (
                self.lusha_plan in LUSHA_PLANS,
                f"lusha-plan {self.lusha_plan!r} is unknown: give one of {', '.join(LUSHA_PLANS)}",
            ),
            (self.lusha_credits >= 0, f"lusha-credits {self.lusha_credits} is negative: give 0 or more"),
            (self.lusha_people >= 0, f"lusha-people {self.lusha_people} is negative: give 0 or more"),
            (
                1 <= self.locations <= _MOST_LOCATIONS,
                f"locations {self.locations} cannot be played: give 1 to {_MOST_LOCATIONS}",
            ),
            (self.contacts >= 0, f"contacts {self.contacts} is negative: give 0 or more"),
            (
                self.daily >= 1,
                f"daily {self.daily} is too small: give 1 or more, or switch off with quota off",
            ),
            (self.search_lag >= 0, f"search-lag {self.search_lag} is negative: give seconds, 0 or more"),
            (
                self.token_seconds >= 1,
                f"token-seconds {self.token_seconds} is too small: give 1 or more",
            ),
            (self.latency >= 0, f"latency {self.latency} is negative: give seconds, 0 or more"),
        )
        for holds, complaint in checks:
            if not holds:
                raise BadOptionError(complaint)
        self.window()

    def window(self) -> Window | None:
        """The burst quota, or None where it is switched off.

        Raises:
            BadOptionError: the quota is neither ``off`` nor ``REQUESTS/SECONDSs``.
        """
        if self.quota == "off":
            return None
        match = _QUOTA.match(self.quota)
        if match is None or float(match["seconds"]) <= 0:
            raise BadOptionError(
                f"quota {self.quota!r} is not understood: write REQUESTS/SECONDSs, such as 100/10s, or off"
            )
        return Window(int(match["requests"]), float(match["seconds"]))
