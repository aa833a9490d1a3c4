"""One request about several people: whom Lusha refuses is that one's problem, and not the others'.

It refuses a whole request for one address that is none, or for one person whom the law protects.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar

from tasks.core.errors import InvalidRequestError, NoCreditsError, RestrictedError, StoppedError
from tasks.vendors.leads import RESTRICTED, Problem, Told
from tasks.vendors.lusha.api.endpoint import UNTOLD

T = TypeVar("T")

Ask: TypeAlias = Callable[[Sequence[T]], Awaitable[Told]]
"""Asks for several at once."""

REFUSED = "REFUSED"
"""The problem of one for whom Lusha does not take the request, e.g. by an e-mail address that is none."""

_PLACE = re.compile(r"^(?:contacts|ids)\.(\d+)(?:\.|$)")
"""How a refusal names one of several."""


async def each_apart(several: Sequence[T], name: Callable[[T], str], ask: Ask[T]) -> Told:
    """Ask for several; those for whom Lusha refuses the whole request become problems, the others are told.

    A refusal that names them by place leaves them out; of one by law, which names nobody, each half is asked.
    """
    try:
        return await ask(several)
    except RestrictedError as error:
        if len(several) > 1:
            return await _by_halves(several, name, ask)
        return Told({}, {name(several[0]): Problem(RESTRICTED, error.what)}, charged=0)
    except InvalidRequestError as error:
        bad = {int(found[1]) for field in error.fields if (found := _PLACE.match(field))}
        refused = {name(several[at]): Problem(REFUSED, error.what) for at in bad if at < len(several)}
        if not refused:
            raise
    rest = [one for at, one in enumerate(several) if at not in bad]
    told = await each_apart(rest, name, ask) if rest else Told({}, charged=0)
    return _both(Told({}, refused, charged=0), told)


async def _by_halves(several: Sequence[T], name: Callable[[T], str], ask: Ask[T]) -> Told:
    """The same for each half. What the first told is paid for, so it is not lost where the other fails."""
    middle = len(several) // 2
    first = await each_apart(several[:middle], name, ask)
    try:
        return _both(first, await each_apart(several[middle:], name, ask))
    except StoppedError as error:
        ended = isinstance(error, NoCreditsError)
        untold = {name(one): Problem(UNTOLD, error.what) for one in several[middle:]}
        return _both(first, Told({}, untold, charged=0 if ended else None, out_of_credits=ended))


def _both(first: Told, second: Told) -> Told:
    taken = (first.charged, second.charged)
    return Told(
        {**first.people, **second.people},
        {**first.problems, **second.problems},
        charged=None if None in taken else sum(one for one in taken if one is not None),
        out_of_credits=first.out_of_credits or second.out_of_credits,
    )
