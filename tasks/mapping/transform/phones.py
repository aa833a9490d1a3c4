"""Phone numbers: the one place that reads them, and that says which of two spellings are one number.

Whatever is compared, matched or hashed goes through here first. What stands for a number but reaches nobody
(000-000-0000, a number without its area code) is none: as a key it would make strangers one contact.

Numbers that already are E.164 take a regular expression (1 µs), the others the library (36 µs). Slow results
are remembered: tests, matching and the rerun of a page meet the same odd values again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

from tasks.mapping.transform.invisible import visible

PHONE_LIMIT = 128
"""Longest text taken for phone numbers."""

REMEMBERED = 10_000
"""Slow results kept."""

NONE = "is no phone number"
PLACEHOLDER = "is a placeholder, no phone number"
LOCAL = "has no area code"
ELSEWHERE = "is no number of America, and its country is not known"
HOMELESS = "has no country code, and its country is not known"
DAMAGED = "was damaged by a spreadsheet: digits are lost"

FEWEST = 7
"""Digits from which on a part of a text is a number of its own, or one with its area code."""

SHORTEST = 5
"""Digits from which on a number may be a placeholder."""

_WHOLE = 10
"""Digits from which on a number has its area code, valid or not."""

_MANY = 12
"""Digits from which on a number without its leading zero is one that lost its +."""

# Country codes after which phonenumbers never rewrites a number whose next digit is not 0 (a national
# prefix); tests/tasks/mapping/transform/test_phones.py compares both ways on random numbers.
_E164 = re.compile(
    r"\+(?:1[2-9]\d\d[2-9]\d{6}|7[3-79]\d{9}|55[1-9]\d{9,10}|61[2-9]\d{8}|86[1-9]\d{9,10}"
    r"|(?:2[07]|3[0-469]|4[013-9]|5[1236-8]|6[02-6]|8[124]|9[0-58])[1-9]\d{7,10}"
    r"|(?:35[13-9]|38[0-79]|42[013]|85[235]|88[06]|97[0-7])[1-9]\d{6,9})"
)
_FEW = 4
"""Different characters of a number up to which it may be a placeholder."""

_COUNTED = "1234567890123456789"
_COUNTING = f"0{_COUNTED} 98765432109876543210"

_TWINS = (
    # Brazil's mobile numbers got a leading 9 in 2012 to 2016; landlines begin with 2 to 5 and have none.
    (re.compile(r"\+55([1-9]\d)9([6-9]\d{7})"), r"+55\1\2"),
    (re.compile(r"\+55([1-9]\d)([6-9]\d{7})"), r"+55\g<1>9\2"),
    # Argentina's have a 9 from abroad, which many leave out; the ten digits are one number either way.
    (re.compile(r"\+549(\d{10})"), r"+54\1"),
    (re.compile(r"\+54([1-8]\d{9})"), r"+549\1"),
    # Mexico's had a 1 from abroad until 2019.
    (re.compile(r"\+521(\d{10})"), r"+52\1"),
    (re.compile(r"\+52(\d{10})"), r"+521\1"),
)
"""Ways to write one mobile number, each with what makes the other of it."""

_WITH_TWINS = ("+52", "+54", "+55")

_AMERICA = 1

_AMERICAN = re.compile(r"[2-9]\d\d[2-9]")
"""How numbers of North America begin: neither an area nor an exchange has a code with 0 or 1 in front."""

_APART = re.compile(
    r"\s*(?:[;,|\n\\/&]|:::|\b(?:or|oder|ou|o|und|and|y|et)\b|\s(?=\+)|(?<=\d)(?=\+))\s*", re.IGNORECASE
)
_EXTENSION = re.compile(
    r"(?<=\d)[\s,;(/-]*(?:Durchwahl|DW|Nebenstelle|App(?:arat)?|poste|extensi[oó]n|interno|Ext(?:ensi[oó]n)?"
    r"|int|#|x)[\s.:]*(?:Nr\.?)?\s*(?=\d{1,7}\)?\s*$)",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"(.*?(?:\d\D*?){6,}\d)[\s(\[,:\u2013-]*([^\W\d_][^\d]*)", re.DOTALL)
_KINDS = re.compile(
    r"\W*(?:cell|mobile?|mobil|handy|home|work|office|business|private?|privat|tel|phone|fax|main|direct|"
    r"gesch[aä]ftlich|dienstlich|b[uü]ro|domicile|bureau|m[oó]vil|celular|casa|trabajo)\W*",
    re.IGNORECASE,
)
_POWER = re.compile(r"(\d)[.,]?(\d*)[eE]\+?(\d{1,2})")
_FRACTION = re.compile(r"(\d{7,})\.(\d{1,2})")
_MEXICAN = re.compile(r"(?:044|045|01|1|521)(\d{10})")


@dataclass(frozen=True, slots=True)
class Phone:
    """A text read as a phone number.

    Args:
        number: As E.164, e.g. ``+12125550123``; empty where there is none.
        extension: Digits dialled behind the number.
        rest: What else stands in the text: further numbers, whose number it is.
        doubtful: Whether its digits only count up or down: hardly anybody's, and of many records.
        problem: Why there is no number.
    """

    number: str = ""
    extension: str = ""
    rest: str = ""
    doubtful: bool = False
    problem: str = ""


def read_phone(text: str, region: str | None = None) -> Phone:
    """The first phone number of a text.

    Args:
        region: ISO 3166 country for numbers without a country code; any other text counts as none.
    """
    number = text.strip()
    if _E164.fullmatch(number) and len(set(number)) > _FEW and number[-FEWEST:] not in _COUNTING:
        return Phone(number)
    if len(number) > PHONE_LIMIT:
        return Phone(problem=NONE)
    return _odd_phone(number, region.strip().upper() if region else None)


def normalise_phone(text: str, region: str | None = None) -> str | None:
    """The first phone number of a text as E.164, without its extension; None where there is none."""
    return read_phone(text, region).number or None


def phone_twins(e164: str) -> tuple[str, ...]:
    """Every way in which one number is written as E.164, the given one first; alone where it has no other."""
    if not e164.startswith(_WITH_TWINS):
        return (e164,)
    other = next((found.expand(made) for way, made in _TWINS if (found := way.fullmatch(e164))), None)
    return (e164,) if other is None else (e164, other)


def is_region(text: str) -> bool:
    """Whether phone numbers of this ISO 3166 country code are known."""
    return text.upper() in phonenumbers.SUPPORTED_REGIONS


@lru_cache(REMEMBERED)
def _odd_phone(text: str, region: str | None) -> Phone:
    number = visible(text)
    parts = [part for part in _APART.split(number) if part]
    if sum(_digits_in(part) >= FEWEST for part in parts) > 1:
        return _first(parts, region)
    whole = _one(number, region)
    if whole.number or whole.problem == PLACEHOLDER:
        return whole
    if len(parts) > 1 and _digits_in(parts[0]) >= FEWEST:
        return _first(parts, region)
    words = number.split()
    if len(words) > 1 and all(_digits_in(word) >= FEWEST for word in words):
        return _first(words, region)
    return whole


def _first(parts: list[str], region: str | None) -> Phone:
    """The first part that is a number; the others are the rest."""
    read = [_one(part, region) for part in parts]
    at = next((at for at, one in enumerate(read) if one.number), None)
    if at is None:
        return read[0]
    others = [part for other, part in enumerate(parts) if read[other].number != read[at].number]
    return replace(read[at], rest=", ".join([*filter(None, [read[at].rest]), *others]))


def _one(text: str, region: str | None) -> Phone:
    """A text that holds one number."""
    number = _mended(text)
    if not number:
        return Phone(problem=DAMAGED)
    number, rest = _EXTENSION.sub(" ext. ", number), ""
    if (labelled := _LABELLED.fullmatch(number)) and _digits_in(number) == _digits_in(labelled[1]):
        number = labelled[1]
        rest = "" if _KINDS.fullmatch(labelled[2]) else labelled[2].strip(" )]")
    number = _mexican(number, region)
    parsed = _parsed(number, region)
    if _is_placeholder(number, parsed):
        return Phone(problem=PLACEHOLDER)
    if parsed is None or "+" not in number:
        abroad = _with_plus(number, region, parsed)
        if abroad is None and parsed is not None and _is_local(number, parsed, region):
            return Phone(problem=LOCAL)
        parsed = abroad or parsed
    elif _is_local(number, parsed, region):
        return Phone(problem=LOCAL)
    e164 = _e164(parsed) if parsed is not None else ""
    at_home = phonenumbers.national_significant_number(parsed) if parsed is not None else ""
    if parsed is None or not e164:
        homeless = region is None and "+" not in number and _digits_in(number) >= FEWEST
        return Phone(problem=HOMELESS if homeless else ELSEWHERE if _is_elsewhere(parsed, at_home) else NONE)
    return Phone(e164, parsed.extension or "", rest, len(at_home) >= FEWEST and at_home in _COUNTING)


def _mexican(number: str, region: str | None) -> str:
    """A Mexican number without the prefixes that it had until 2019; any other as it is."""
    digits = phonenumbers.normalize_digits_only(number)
    if "+" in number:
        return f"+52{digits[3:]}" if re.fullmatch(r"521\d{10}", digits) else number
    found = _MEXICAN.fullmatch(digits) if region == "MX" else None
    return found[1] if found else number


def _mended(text: str) -> str:
    """A number as it was before a spreadsheet took it for a quantity; empty where digits are lost."""
    if power := _POWER.fullmatch(text):
        lead, rest, places = power[1], power[2], int(power[3])
        exact = max(8, places - 1) <= len(rest) <= places  # a last 0 is not written
        return str(int(Decimal(f"{lead}.{rest or 0}e{places}"))) if exact else ""
    if fraction := _FRACTION.fullmatch(text):
        return fraction[1] if not int(fraction[2]) else ""
    return text


def _parsed(number: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None


def _is_placeholder(number: str, parsed: PhoneNumber | None) -> bool:
    """Whether one digit is repeated, or a number that begins with 1 only counts up."""
    digits = phonenumbers.normalize_digits_only(number)
    at_home = digits.removeprefix(str(parsed.country_code)) if parsed is not None else digits
    if min(len(digits), len(at_home)) < SHORTEST:
        return False
    counts = "+" not in number and digits.startswith("1") and _COUNTED.startswith(digits)
    return counts or len(set(digits)) == 1 or len(set(at_home)) == 1


def _with_plus(number: str, region: str | None, national: PhoneNumber | None) -> PhoneNumber | None:
    """The number as one that lost the + of its country code, where it is no number of the region."""
    digits = phonenumbers.normalize_digits_only(number)
    foreign = digits.removeprefix("00")
    abroad = _parsed(f"+{foreign}", None)
    if region is None or abroad is None or foreign.startswith("0"):
        return None
    own = foreign.startswith(str(phonenumbers.country_code_for_region(region))) and len(foreign) >= _MANY
    fits = phonenumbers.is_possible_number if own else phonenumbers.is_valid_number
    if not fits(abroad):
        return None
    if national is None or not phonenumbers.is_possible_number(national):
        return abroad
    if not phonenumbers.is_valid_number(national):
        return abroad if number == digits == foreign or own else None
    # Where numbers begin with a 0 at home, one without may be read as one of a town whose code looks alike.
    return abroad if _is_zeroless(number, region) and len(foreign) >= _MANY else None


def _is_zeroless(number: str, region: str) -> bool:
    """Whether a number lacks the 0 with which the region's numbers begin at home."""
    zero = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) == "0"
    return zero and not phonenumbers.normalize_digits_only(number).startswith("0")


def _is_local(number: str, parsed: PhoneNumber, region: str | None) -> bool:
    """Whether a number can only be dialled in its own town."""
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return True
    if region is None or "+" in number or not _is_zeroless(number, region):
        return False
    length = len(phonenumbers.national_significant_number(parsed))
    return length <= FEWEST or (length < _WHOLE and not phonenumbers.is_valid_number(parsed))


def _is_elsewhere(parsed: PhoneNumber | None, at_home: str) -> bool:
    """Whether a number that was read as American begins as those of other countries do at home."""
    return parsed is not None and parsed.country_code == _AMERICA and at_home.startswith("0")


def _e164(parsed: PhoneNumber) -> str:
    """The number as E.164; empty where it is none, or where phonenumbers does not read it as it writes it."""
    at_home = phonenumbers.national_significant_number(parsed)
    if parsed.country_code == _AMERICA and not _AMERICAN.match(at_home):
        return ""
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return ""
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    again = _parsed(e164, None)
    if again is None or phonenumbers.format_number(again, PhoneNumberFormat.E164) != e164:
        return ""  # "000000" in Germany
    return e164 if phonenumbers.is_possible_number(again) else ""


def _digits_in(text: str) -> int:
    return sum(map(str.isdigit, text))
