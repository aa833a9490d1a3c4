"""One operation of HighLevel's contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.core.answers import Answer
from sandbox.core.routing import Template
from sandbox.highlevel.calls import Call
from sandbox.highlevel.location import Location

__all__ = ["Route"]

Handler = Callable[[Location, Call], Answer]


@dataclass(frozen=True, slots=True)
class Route(Template):
    """What answers a method and a path.

    Attributes:
        scope: What the token must have been granted.
        version: The Version that the contract declares for the product.
        level: Whose token it takes: a ``location``'s, an ``agency``'s, ``any``, or none (``open``).
        dialect: ``v3`` or ``dated`` where the path exists in one of them alone.
    """

    scope: str
    handler: Handler
    version: str = "2021-07-28"
    level: str = "location"
    dialect: str = ""
