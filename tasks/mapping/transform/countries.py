"""Countries by what people write: a code of ISO 3166, or a name in the languages of most address books.

Names and their translations are pycountry's; beside them stands what people say and no standard lists.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import combining, normalize

LANGUAGES = (
    "de fr es it pt pt_BR nl pl sv da nb_NO fi is et lv lt cs sk sl hr sr hu ro bg el tr ru uk he ar ca eu gl"
    " sq mk ja ko zh_CN zh_TW vi th id ms hi"
)
"""Languages besides English in which names are known; where two call different countries alike, the first is
taken. Of the rarer ones the translations are not good enough."""

_EVERYDAY = {
    "AE": "uae, u a e, emirates",
    "BA": "bosnia, bosnia herzegovina",
    "BN": "brunei",
    "BY": "weissrussland, byelorussia",
    "CD": "dr congo, drc, congo kinshasa, congo drc, democratic republic of congo, zaire",
    "CG": "congo brazzaville, republic of congo",
    "CI": "ivory coast, elfenbeinküste",
    "CN": "mainland china, prc, peoples republic of china",
    "CV": "cape verde",
    "CZ": "czech republic",
    "FM": "micronesia",
    "GB": "uk, u k, great britain, britain, england, scotland, wales, northern ireland, grossbritannien,"
    " angleterre, inglaterra, gran bretaña",
    "GR": "el",
    "HK": "hong kong sar, hongkong",
    "IE": "republic of ireland, southern ireland, eire",
    "KP": "north korea",
    "KR": "south korea, korea, republic of korea, rok",
    "LA": "laos",
    "LC": "st lucia",
    "MM": "burma, birma",
    "MK": "macedonia, fyrom, mazedonien",
    "MO": "macau, macao sar",
    "NL": "holland",
    "PS": "palestine, palestinian territories",
    "RU": "russia, россия",
    "SZ": "swaziland",
    "TL": "east timor",
    "TR": "turkey",
    "TT": "trinidad, tobago",
    "TW": "taiwan roc",
    "US": "usa, u s a, u s, america, united states of america, u s of a, states, eeuu, ee uu, e e u u",
    "VA": "vatican, vatican city",
    "VN": "vietnam",
}
"""What people write and no list of names has."""

_APART = re.compile(r"[(),/|;]| [-\u2013] ")
_WHOLE = {"st": "saint", "ste": "sainte", "rep": "republic"}


@lru_cache(10_000)
def normalise_country(text: str) -> str | None:
    """The country's code of two letters (ISO 3166-1); None for what is no country.

    Case, accents, punctuation and ``the`` do not count; ``Korea, South`` is South Korea.
    """
    known = _names()
    first, _, last = text.replace("(", ",").partition(",")
    found = known.get(_folded(text)) or (known.get(_folded(f"{last} {first}")) if last else None)
    if found is None:
        named = {known[part] for part in map(_folded, _APART.split(text)) if part in known}
        found = named.pop() if len(named) == 1 else None  # "Germany (DE)", "Paris, France"
    return found


@lru_cache(1)
def _names() -> dict[str, str]:
    known: dict[str, str] = {}
    for name, code in _listed():
        for spelt in {name, *_without_umlauts(name)}:
            known.setdefault(_folded(spelt), code)
    known.pop("", None)
    return known


def _listed() -> Iterator[tuple[str, str]]:
    """Names and codes of countries; of those that are equal the first counts."""
    import pycountry  # noqa: PLC0415 - for mappings that clean countries alone

    for code, names in _EVERYDAY.items():
        yield from ((name, code) for name in names.split(","))
    for attribute in ("alpha_2", "alpha_3", "numeric", "name", "common_name", "official_name"):
        yield from (
            (name, one.alpha_2) for one in pycountry.countries if (name := getattr(one, attribute, None))
        )
    for language in LANGUAGES.split():
        words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for attribute in ("name", "common_name", "official_name"):
            for one in pycountry.countries:
                if name := getattr(one, attribute, None):
                    yield words.gettext(name), one.alpha_2


def _without_umlauts(name: str) -> Iterator[str]:
    """German as it is typed where there are no umlauts: ``Oesterreich``."""
    spelt = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    if spelt != name.casefold():
        yield spelt


def _folded(name: str) -> str:
    plain = "".join(
        letter for letter in normalize("NFKD", name.casefold().replace("&", " and ")) if not combining(letter)
    )
    words = re.sub(r"[^\w]+", " ", plain.replace("'", "").replace("\u2019", "")).replace("_", " ").split()
    return " ".join(_WHOLE.get(word, word) for word in words if word != "the")
