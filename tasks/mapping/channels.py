"""The channels of a rules file: which notification block a notice goes to, and when it may.

```yaml
channels:
  sales:
    block: slack-webhook/sales          # a saved Prefect notification block, as TYPE/NAME
    quiet: {from: "20:00", until: "07:00", days: [sat, sun]}
    digest: daily at 08:00              # each (the default), hourly
```

Times are those of the location. What a channel says now counts, and not what it said when a notice was made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from tasks.core.batch import shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Document, Where
from tasks.core.words import nearest
from tasks.mapping.mistakes import mistake, told

SECTION = "channels"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EACH, HOURLY = "each", "hourly"
DIGESTS = (EACH, HOURLY, "daily at 08:00")

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DAILY = re.compile(r"daily at (.+)")
_BLOCK = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")


def _clock(value: Any) -> time:
    if not isinstance(value, str) or not (read := _CLOCK.fullmatch(value)):
        raise mistake(f"{shown(value)} is no time of day", 'write it as "07:00"')
    return time(int(read[1]), int(read[2]))


def _day(value: Any) -> str:
    if value not in DAYS:
        raise mistake(f"{shown(value)} is no day", nearest(str(value), DAYS))
    return str(value)


def _block(value: str) -> str:
    if not _BLOCK.fullmatch(value):
        raise mistake(f"`{value}` names no block", "write TYPE/NAME, e.g. slack-webhook/sales")
    return value


def _digest(value: Any) -> str:
    daily = _DAILY.fullmatch(value) if isinstance(value, str) else None
    if daily is not None:
        _clock(daily[1])
    elif value not in (EACH, HOURLY):
        raise mistake(f"{shown(value)} is no way to put notices together", nearest(str(value), DIGESTS))
    return str(value)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Quiet(_Part):
    """When nothing is sent."""

    from_: Annotated[time, BeforeValidator(_clock)] | None = Field(
        None, alias="from", description='From this time of day, e.g. "20:00"'
    )
    until: Annotated[time, BeforeValidator(_clock)] | None = Field(
        None, description='Until this one, e.g. "07:00"'
    )
    days: list[Annotated[str, BeforeValidator(_day)]] = Field([], description="On these days the whole day")

    @model_validator(mode="after")
    def _some_time_is_left(self) -> Self:
        if (self.from_ is None) != (self.until is None):
            raise mistake("`from` and `until` go together", "say both, or only `days`")
        if self.from_ is not None and self.from_ == self.until:
            raise mistake("`from` and `until` are the same time", "leave both out, or say another one")
        if len(set(self.days)) == len(DAYS):
            raise mistake("every day is quiet", "leave a day for what waits")
        return self

    def holds(self, local: datetime) -> bool:
        """Whether it is quiet at a moment of the location's clock."""
        if DAYS[local.weekday()] in self.days:
            return True
        if self.from_ is None or self.until is None:
            return False
        at = local.time()
        if self.from_ < self.until:
            return self.from_ <= at < self.until
        return at >= self.from_ or at < self.until


class Channel(_Part):
    """Where notices go, and when."""

    block: Annotated[str, AfterValidator(_block)] = Field(
        description="A saved Prefect notification block as TYPE/NAME, e.g. slack-webhook/sales"
    )
    quiet: Quiet = Field(Quiet(), description="When nothing is sent: what comes then waits")
    digest: Annotated[str, BeforeValidator(_digest)] = Field(
        EACH, description="each, hourly, or e.g. daily at 08:00: those of that time in one message"
    )

    @property
    def together(self) -> bool:
        """Whether notices are put into one message, unless they say otherwise."""
        return self.digest != EACH

    def is_quiet(self, now: datetime, zone: tzinfo) -> bool:
        """Whether nothing may be sent now."""
        return self.quiet.holds(now.astimezone(zone))

    def closed_at(self, now: datetime, zone: tzinfo) -> datetime:
        """What was made before this moment is in a digest that is due: the last full hour, or time of day."""
        local = now.astimezone(zone)
        daily = _DAILY.fullmatch(self.digest)
        if daily is None:
            return now if self.digest == EACH else local.replace(minute=0, second=0, microsecond=0)
        today = datetime.combine(local.date(), _clock(daily[1]), zone)
        if today <= now:
            return today
        return datetime.combine(local.date() - timedelta(days=1), _clock(daily[1]), zone)


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of a rules file.

    Args:
        rules: The file's name, e.g. ``channels``.
    """

    rules: str
    by_name: Mapping[str, Channel]
    _document: Document

    def check(self, name: str, where: Where) -> BadMappingError | None:
        """What is wrong with the name of a channel at a place of the file; None where there is one."""
        if name in self.by_name:
            return None
        return self._document.error(f"there is no channel `{name}`", where, nearest(name, self.by_name))


def read_channels(document: Document, rules: str) -> Channels:
    """The channels that a rules file names; none where it has no such section.

    Raises:
        BadMappingError: The section does not keep to the language; all problems are told at once.
    """
    section = document.value.get(SECTION) if isinstance(document.value, dict) else None
    if section is None:
        return Channels(rules, {}, document)
    if not isinstance(section, dict):
        raise document.error(f"`{SECTION}` must be an object (`key: value`)", (SECTION,))
    found: dict[str, Channel] = {}
    problems: list[BadMappingError] = []
    for name, said in section.items():
        try:
            found[name] = Channel.model_validate(said)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                detail["loc"] = (SECTION, name, *detail["loc"])
                problems.append(told(detail, document, _model_at))
    if problems:
        raise BadMappingError.of(problems)
    return Channels(rules, found, document)


def _model_at(where: Where) -> type[BaseModel]:
    return Quiet if "quiet" in where[2:-1] else Channel
