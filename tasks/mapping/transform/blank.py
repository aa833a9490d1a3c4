"""Words that stand for nothing: what people and programs write into a cell that has to hold something.

They are no words for names, where Null, None and Na are people.
"""

from __future__ import annotations

import re
from typing import Any

from tasks.mapping.transform.invisible import visible

_SAID = (
    r"n/a, na, n.a, n.a., n\a, n / a, n/d, n.d, n.d., s/d, s/o, #n/a, #na, #null!, #ref!, #value!, #name?,"
    r"#num!, #div/0!, #nv, #wert!, #bezug!, \n, nan, null, nil, none, nul, undefined, unknown, unspecified,"
    "not available, not applicable, not provided, not specified, not given, not known, not set, no data,"
    "no value, no answer, no email, no e-mail, no phone, no number, none given, none provided, empty, blank,"
    "missing, tbd, tba, to be determined,"
    "k.a, k.a., k. a., k/a, keine, keiner, keines, kein, keine angabe, keine angaben, keine daten, ohne,"
    "ohne angabe, leer, unbekannt, nicht bekannt, nicht angegeben, nicht vorhanden, entfällt, fehlt,"
    "aucun, aucune, inconnu, inconnue, non renseigné, non renseignée, non communiqué, non disponible, néant,"
    "vide, sans objet,"
    "ninguno, ninguna, desconocido, desconocida, no disponible, no aplica, sin datos, sin información,"
    "no tiene, vacío"
)
WORDS = frozenset(word.strip() for word in _SAID.split(","))
"""What stands for nothing, in small letters, in English, German, French and Spanish."""

LONGEST = 2 * max(map(len, WORDS))
"""Characters of the longest word with what may stand around it."""

_MARKS = re.compile(r"[-\u2010-\u2015\u2212._?*/\\#+!,;:'\"()\[\]<>~=\s]*")
_NO_EMAIL = re.compile(
    r"no[-_.]?e?-?mail@.+|(?:none?|na|null|unknown)@(?:none?|na|null|unknown|e?-?mail|domain|nowhere)\.\w+"
)
_AROUND = "<>()[]{}\"' "


def is_blank(value: Any, also: list[str] | None = None, but: list[str] | None = None) -> bool:
    """Whether a value stands for nothing.

    Args:
        also: Further words that do.
        but: Words that do not.
    """
    if type(value) is str:
        if len(value) > LONGEST:
            return False
        if value[:1].isalnum() and "@" not in value and value.casefold() not in WORDS and not also:
            return False  # most values: nothing around them, and no word of ours
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return False
    said = visible(str(value)).casefold()
    if said in _lowered(but):
        return False
    bare = said.strip(_AROUND)
    if "@" in bare:
        return bool(_NO_EMAIL.fullmatch(bare))
    return bool(_MARKS.fullmatch(said)) or not {said, bare}.isdisjoint(WORDS | _lowered(also))


def _lowered(words: list[str] | None) -> frozenset[str]:
    return frozenset(map(str.casefold, words)) if words else frozenset()
