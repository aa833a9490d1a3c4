"""Names in one column: ``Muster, Bea`` is Bea Muster."""

from __future__ import annotations

from typing import NamedTuple

_BEHIND = (
    "jr sr junior senior i ii iii iv v phd md dds dvm do esq cpa mba msc bsc ma ba rn pe jd llm mp obe cfa"
    " pmp inc llc ltd limited corp corporation co company plc lp llp gmbh ag kg ohg ug mbh se sa sas sarl srl"
    " spa bv nv ab oy as aps pty"
)
"""What stands behind a comma and is no given name: degrees, generations, forms of companies."""


class Name(NamedTuple):
    """A person's name in its two parts."""

    given: str
    family: str


def split_name(text: str) -> Name | None:
    """The parts of a name that is written with the family name first and a comma; None for any other."""
    family, comma, given = (part.strip() for part in text.partition(","))
    words = given.lower().replace(".", "").replace(",", " ").split()
    if not (family and comma and given) or "," in given or any(word in _BEHIND.split() for word in words):
        return None
    return Name(given, family) if not any(map(str.isdigit, text)) and "@" not in text else None
