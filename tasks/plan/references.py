"""Which record is meant that another one names: by id, domain, e-mail or name, where exactly one fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A record that others may name, as matching sees it.

    Args:
        domain: Of its website, as DNS spells it; empty where there is none.
        email: In lower case; empty where there is none.
    """

    id: str
    name: str
    domain: str = ""
    email: str = ""


class References:
    """The records of a stream, by what they may be called."""

    def __init__(self, known: Iterable[Named]) -> None:
        self._ids: set[str] = set()
        self._addresses: dict[str, list[str]] = {}
        self._names: dict[str, list[str]] = {}
        for one in known:
            self._ids.add(one.id)
            for address in filter(None, (one.domain, one.email)):
                self._addresses.setdefault(address, []).append(one.id)
            if one.name:
                self._names.setdefault(folded(one.name), []).append(one.id)

    def find(self, text: str) -> list[str]:
        """The ids of those that the text may mean."""
        if text in self._ids:
            return [text]
        by_address, by_name = self._addresses.get(text.lower(), []), self._names.get(folded(text), [])
        return list(dict.fromkeys([*by_address, *by_name]))


def folded(name: str) -> str:
    """A name as it is compared: without a difference of case or of spaces."""
    return " ".join(name.split()).casefold()
