"""Whether bytes, read as Windows-1252, are a word of a Western European language.

The bytes of its letters are other letters elsewhere: Polish, Czech, Hungarian and Turkish ones in other
Windows encodings, symbols on an old Mac or under DOS. So each letter is held against where the languages
that Windows-1252 is for have it: ``ñ`` before a vowel, ``è`` not between two, no capital within a word, no
``£`` before a letter.
"""

from __future__ import annotations

import re
from itertools import pairwise

# ruff: noqa: RUF001 - quotation marks and dashes are what it is about

_LOWER = "àáâãäåæçèéêëìíîïñòóôõöøùúûüœšžßÿ"
_UPPER = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒŠŽ"
_VOWELS = "aeiouáéíóú"

_WORD = re.compile(
    rf"(?:Mc|Mac|De|Di|La|Le|Van|O)?[A-Z{_UPPER}]?[a-z{_LOWER}]*|[A-Z{_UPPER}ß]+s?",
)
"""All small, all capital, or a capital first; ``ð``, ``þ`` and ``ý`` are Turkish or Czech far more often."""

_ODD = re.compile(
    rf"[{_LOWER}{_UPPER}]{{3}}|^[{_LOWER}{_UPPER}]{{2}}$"  # Cyrillic, Greek, Chinese
    rf"|ñ(?![aeiouyáéíóúü])|[ìùò](?=[a-z{_LOWER}])"  # Polish ń; Czech ě, ů, ň
    rf"|(?<=[{_VOWELS}])[èøáœæ](?=[{_VOWELS}])|(?<=[{_VOWELS}])[øæ]$"  # Czech ř, č
    r"|(?<=[aiu])è$|^[ÈØ](?=[aeouáéíóú])"  # Slovene č, Czech Č and Ř
    r"|õ(?!e)|ã(?![oes]|$)"  # Hungarian ő, Romanian ă
    rf"|(?<=[{_VOWELS}])œ|(?<=[a-z])œ(?![uilt])"  # Polish ś, an old Mac's ú
    rf"|(?<![{_VOWELS}y])š(?![{_VOWELS}y])"  # an old Mac's ö
    r"|(?<![aoAO])ÿ"  # the byte that stands for no letter in most files that hold it
)


_BEFORE = "“„‚‘«‹…•–—¡¿\u00a0'"
_AFTER = "”’‘´»›…–—\u00a0®™'"
_ALONE = re.compile(
    r"[€£¥¢§°®©™²³½¼¾×÷±µ·ºª“”„‚‘’´«»‹›…•–—\u00a0¡¿']{1,2}|[ck]?m[²³]|°[CF]|[nN][º°ª.]|[A-Z]?[ºª]"
)
_APART = re.compile(r"[\u00a0…]|[–—](?![a-zà-ÿ])")
_APOSTROPHE = re.compile(r"['’‘´]")
_PREFIX = 3  # "Qu'", "all'"
_ENDINGS = frozenset({"", "s", "t", "d", "m", "n", "re", "ll", "ve"})


def is_western(word: bytes) -> bool:
    """Whether bytes are such a word.

    Args:
        word: Letters, apostrophes and whatever is not ASCII.
    """
    try:
        text = word.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return all(bool(_ALONE.fullmatch(part)) or _is_word(part) for part in _APART.split(text))


def _is_word(text: str) -> bool:
    parts = _APOSTROPHE.split(text.lstrip(_BEFORE).rstrip(_AFTER))
    if any(len(left) > _PREFIX and right not in _ENDINGS for left, right in pairwise(parts)):
        return False
    return all(_WORD.fullmatch(part) is not None and not _ODD.search(part) for part in parts)
