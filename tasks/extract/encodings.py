"""In which encoding a text file is written.

Nothing in the file says so, and a wrong guess spoils every name with an accent in it. A mark at the start
settles UTF-16, and UTF-8 is certain: no other encoding passes for it by chance. A UTF-8 file with a few bad
bytes is still one; only those rows cannot be read. What is left is Windows-1252, the encoding of Western
spreadsheet programs, but only where that gives words as Western languages have them: Polish, Czech,
Cyrillic, Greek and Chinese files, and those of an old Mac or of DOS, give others, and are refused.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tasks.core.errors import BadConfigurationError
from tasks.extract.western import is_western

HEAD = 65_536
"""Bytes read at a time."""

SLIPS = 50
"""Of so many words, or lines, one may be odd."""

FEW = 20
"""Of so many bytes of text one may be none of text: a slip, not another encoding."""

SHOWN = 4
"""Words that are shown to a person."""

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_TITLES = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
_OTHERS = ("cp1250", "cp1251", "mac-roman", "cp850", "gb18030", "shift-jis")
"""Encodings that are shown to a person to choose from."""

_WORDS = re.compile(rb"[A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding that a file is read in.

    Args:
        name: For Python.
        said: What a person is told of how it was found; empty where it is certain or given.
        damaged: The first line that holds bytes that are none of it; 0 where none does.
    """

    name: str
    said: str = ""
    damaged: int = 0

    @property
    def title(self) -> str:
        """For people."""
        return _TITLES.get(self.name, self.name)


def encoding_of(path: Path, given: str) -> Encoding:
    """The encoding to read a text file in: the one given, or else the one found out.

    Raises:
        BadConfigurationError: There is no such encoding, the file does not hold text, or nobody can tell.
    """
    if given:
        name = _given(given)
        return _found(path, marked=True) if name == "utf-8-sig" else Encoding(name)
    with path.open("rb") as stream:
        start = stream.read(HEAD)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark) and encoding != "utf-8-sig":
            return Encoding(encoding)
    controls = start.count(b"\0") if is_utf8(start) else len(_CONTROLS.findall(start))
    if controls * FEW > len(start):
        raise BadConfigurationError(
            f"{path} does not hold text.",
            remedy="A workbook must end in .xlsx or .xls; for UTF-16 without a mark give the encoding.",
        )
    return _found(path, marked=start.startswith(codecs.BOM_UTF8))


def _given(given: str) -> str:
    try:
        found = codecs.lookup(given).name
        "".encode(found)  # refuses codecs that are none of text
    except LookupError as error:
        raise BadConfigurationError(
            f"There is no encoding {given}.",
            remedy="For example utf-8, utf-16, cp1252, iso-8859-15, mac-roman.",
        ) from error
    return "utf-8-sig" if found == "utf-8" else found


def _found(path: Path, *, marked: bool) -> Encoding:
    """What the lines of a file tell.

    Args:
        marked: It is UTF-8 for sure; only some bytes may be damaged.
    """
    good = bad = first_good = first_bad = 0  # lines that are not ASCII alone
    words: Counter[bytes] = Counter()
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.isascii():
                continue
            whole = is_utf8(line)
            if whole or _MULTIBYTE.search(line):
                good, first_good = good + 1, first_good or number
            if not whole:
                bad, first_bad = bad + 1, first_bad or number
                words.update(_WORDS.findall(line))
    if not bad:
        return Encoding("utf-8-sig")
    if marked or good >= bad:
        return Encoding("utf-8-sig", damaged=first_bad)
    if good * SLIPS > bad:
        raise BadConfigurationError(
            f"{path} is written in two encodings: line {first_good} in UTF-8, line {first_bad} in another.",
            remedy="Mend these lines and save the file as UTF-8; or give the encoding that most of it has.",
        )
    return _western(path, words, first_bad)


def is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _western(path: Path, words: Counter[bytes], line: int) -> Encoding:
    """Windows-1252, if it makes words of Western languages of the bytes.

    Raises:
        BadConfigurationError: It does not.
    """
    odd = [word for word in words if not is_western(word)]
    if len(odd) * SLIPS <= len(words):
        read = ", ".join(word.decode("cp1252").strip("'") for word, _ in words.most_common(SHOWN))
        return Encoding("cp1252", f"Read as Windows-1252, a guess: it makes {read} of what is no UTF-8.")
    raise BadConfigurationError(
        f"{path}, line {line}: no UTF-8, and which encoding it is cannot be told.",
        remedy="Save the file as UTF-8 (Excel: CSV UTF-8), or give its encoding" + _choice(odd[0]),
    )


def _choice(word: bytes) -> str:
    """A word as some encodings read it, to choose from."""
    read: dict[str, str] = {}
    for encoding in _OTHERS:
        with suppress(UnicodeDecodeError):
            text = word.decode(encoding)
            if text.replace("'", "").isalpha():
                read.setdefault(text, encoding)
    told = ", ".join(f"{encoding} makes it {text}" for text, encoding in read.items())
    return f": of one of its words {told}." if told else ", e.g. cp1250 or cp1251."
