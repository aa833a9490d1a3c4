"""What a company is called apart from how it is written: legal forms, case, accents and marks do not count.

Two companies may well be called the same: what follows from that, others decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from unicodedata import category, normalize

from tasks.mapping.transform.blank import is_blank
from tasks.mapping.transform.invisible import visible

REMEMBERED = 50_000
"""Names whose normalised form is kept: a company's contacts repeat it."""

LIMIT = 1_000
"""Characters of a name that are looked at."""

_WORDS_TOO = (
    "spa, uk, eu, nl, ca, sf, pt, ps, ok, et, at, ad, da, fa, ba, ee, ep, is, private, ent, sem, ses, sep,"
    "ong, teo, dat, vat, coop, koop, scoop, unlimited"
)
_NO_FORMS = frozenset(word.strip() for word in _WORDS_TOO.split(","))
"""Abbreviations of legal forms that as often are words of the name: a day spa, a branch in the UK."""

_MORE_FORMS = (
    "private limited, gesellschaft mbh, mbh, ug haftungsbeschrankt, ug (haftungsbeschrankt, ug, ek, ekfr,"
    "kgaa, cie, sp k, pty, (pty, s de rl de cv, ag & co kgaa, se & co kg, stiftung & co kg"
)
_DOTTED = re.compile(r"\bS\.\s?p\.\s?A\b\.?|\bSpA\b|\be\.\s?U\.(?!\w)")
"""Forms that are told from a word of the name by how they are written."""

_SPACED = re.compile(r"\b(\w\.)\s+(?=\w\.)")
"""d. o. o."""

_IN_FRONT = re.compile(
    r"^(?:\(株\)|\(有\)|株式会社|有限会社|合同会社|주식회사|\(주\)|유한회사"
    r"|(?:ооо|оао|зао|пао|ао|тоо|тов|sarl|eurl|sasu|gmbh|firma|the)\b(?=.*\w))[\s.,\"«„]*"  # noqa: RUF001
)
_BEHIND = re.compile(
    r"[\s(]*(?:株式会社|有限会社|合同会社|\(株\)|\(有\)|주식회사|\(주\)|(?:股份|责任)?有限(?:责任)?公司)$"
)
_SHORT = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
"""I.B.M."""

_AND = re.compile(r"&|\+|\b(?:and|und|et)\b")
_UMLAUT = re.compile(r"(?<![aeiouyq])([aou])e(?=[^\W\daeiouy])")
"""What may be an umlaut written with two letters, or those two letters: a name is the same either way."""
_APOSTROPHE = re.compile("['`\u2018\u2019\u00b4]")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ß": "ss"})

_NOBODY = (
    "auto entrepreneur, autonomo, business, company, company name, confidential, estudiante, family, "
    "firma, freelance, freelancer, freelancing, freiberufler, freiberuflich, home, homemaker, "
    "independant, independent, independent contractor, independiente, individual, misc, my business, my "
    "company, not employed, other, others, particular, particulier, personal, privat, private, private "
    "person, privatkunde, privatperson, rentner, retired, retraite, same, same as above, selbstandig, "
    "selbststandig, self, self employed, selfemployed, sole proprietor, sole trader, stealth, stealth "
    "startup, student, test, unemployed, various, x, xx, xxx"
)


@lru_cache(REMEMBERED)
def normalised(name: str) -> str:
    """A company's name as it is compared; empty where it names none.

    What is normalised already stays as it is. ``ü``, ``ue`` and ``u`` are the same, and so on.
    """
    if is_blank(name):
        return ""
    text, before = visible(name)[:LIMIT], ""
    while text != before:  # what is laid bare may be a legal form again
        before, text = text, _folded(_without_form(text))[:LIMIT].strip()
    return "" if is_blank(text) or text in _nobody() else text


def _without_form(name: str) -> str:
    """Without what tells the legal form."""
    told = normalize("NFKC", _DOTTED.sub(" ", _SPACED.sub(r"\1", name))).casefold()
    bare = _BEHIND.sub("", _IN_FRONT.sub("", told).strip()).strip()
    cleanco, terms = _cleaner()
    return cleanco(bare, terms=terms) if bare else ""


def _folded(name: str) -> str:
    apart = normalize("NFKD", name.casefold().translate(_LETTERS))
    text = normalize("NFC", "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f"))
    text = _SHORT.sub(lambda found: found[0].replace(".", ""), _APOSTROPHE.sub("", text))
    text = _AND.sub(" and ", text)
    words = "".join(" " if category(letter)[0] in "PSZC" else letter for letter in text).split()
    while words and words[-1] == "and":
        words.pop()
    return _UMLAUT.sub(r"\1", " ".join(words))


@cache
def _cleaner() -> tuple[Callable[..., str], Sequence[tuple[int, list[str]]]]:
    """The library that takes legal forms away, and those forms; it is imported where names are read."""
    from cleanco.clean import custom_basename, prepare_default_terms  # noqa: PLC0415

    theirs = [words for _, words in prepare_default_terms() if words not in [[one] for one in _NO_FORMS]]
    ours = [one.split() for one in _MORE_FORMS.split(",")]
    return custom_basename, [(len(words), words) for words in sorted([*ours, *theirs], key=len, reverse=True)]


@cache
def _nobody() -> frozenset[str]:
    """What people write who have no company to name."""
    return frozenset(_folded(one) for one in _NOBODY.split(","))
