"""Countries by what people write: a code of two or three letters, or a name in one of four languages."""

from __future__ import annotations

import gettext
from functools import lru_cache

LANGUAGES = ("de", "fr", "es")
"""Languages besides English in which names are known."""

_EVERYDAY = {
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "uk": "GB",
    "u.k.": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "holland": "NL",
    "russia": "RU",
    "south korea": "KR",
    "korea": "KR",
}
"""What people write and no list of names has."""


@lru_cache(10_000)
def normalise_country(text: str) -> str | None:
    """The country's code of two letters (ISO 3166-1); None for what is no country.

    Names may be English, German, French or Spanish, in any case.
    """
    folded = " ".join(text.split()).casefold()
    return _EVERYDAY.get(folded) or _names().get(folded)


@lru_cache(1)
def _names() -> dict[str, str]:
    import pycountry  # noqa: PLC0415 - for mappings that clean countries alone

    known: dict[str, str] = {}
    for language in LANGUAGES:
        words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for one in pycountry.countries:
            known.setdefault(words.gettext(one.name).casefold(), one.alpha_2)
    for one in pycountry.countries:
        for attribute in ("alpha_2", "alpha_3", "name", "official_name", "common_name"):
            if name := getattr(one, attribute, None):
                known[name.casefold()] = one.alpha_2
    return known
