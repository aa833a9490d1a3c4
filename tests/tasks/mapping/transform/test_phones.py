"""Phone numbers: two spellings of one number are one, and what stands for a number is none."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform import phones
from tasks.mapping.transform.phones import is_region, normalise_phone, phone_twins, read_phone

DIGITS = st.one_of(
    st.text(st.sampled_from("+0123456789-() xA\uff11"), max_size=18), st.from_regex(r"\A\+?\d{5,15}\Z")
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511981234567", "+551181234567"),
        ("+5491112345678", "+541112345678"),
        ("+5215512345678", "+525512345678"),
    ],
    ids=["Brazil", "Argentina", "Mexico"],
)
def test_a_mobile_number_that_is_written_in_two_ways_is_one(one: str, other: str) -> None:
    assert phone_twins(one) == (one, other)
    assert phone_twins(other) == (other, one)


@pytest.mark.parametrize(
    "alone",
    ["+551132345678", "+5511932345678", "+12125550101", "+4915112345678", "+52551234567", "", "no number"],
)
def test_a_landline_and_any_other_number_stands_alone(alone: str) -> None:
    assert phone_twins(alone) == (alone,)


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+1 (212) 555-0123", None, "+12125550123"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("212.555.0123 ext. 7", "us", "+12125550123"),
        ("0171 1234567", "DE", "+491711234567"),
        ("+49 (0) 171 1234567", None, "+491711234567"),
        ("+4901711234567", None, "+491711234567"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("+390612345678", None, "+390612345678"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
        ("(212) 555-0123", None, None),
        ("(212) 555-0123", "Narnia", None),
        ("12", "US", None),
        ("call me", "US", None),
        ("9" * 5_000, "US", None),
        ("", "US", None),
    ],
)
def test_phone(text: str, region: str | None, number: str | None) -> None:
    assert normalise_phone(text, region) == number


@given(DIGITS, st.sampled_from([None, "US", "DE", "us", "??", "RU", "IT", "BR", "AR", "MX"]))
def test_a_normalised_number_stays(text: str, region: str | None) -> None:
    number = normalise_phone(text, region)
    if number is not None:
        assert normalise_phone(number, region) == number
        assert normalise_phone(number) == number


def test_the_fast_way_never_rewrites_what_the_library_would() -> None:
    dice = random.Random(20261101)
    codes = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
    fast = 0
    for _ in range(20_000):
        number = f"+{dice.choice(codes)}{dice.randrange(10 ** dice.randint(5, 12))}"
        if phones._E164.fullmatch(number):
            fast += 1
            assert phones.read_phone(f" {number} ").number in {number, ""}
    assert fast > 2_000


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("4915112345678", "DE", "+4915112345678"),
        ("49 151 12345678", "DE", "+4915112345678"),
        ("151 12345678", "DE", "+4915112345678"),
        ("436641234567", "AT", "+436641234567"),
        ("447911123456", "US", "+447911123456"),
        ("447911123456", "DE", "+447911123456"),
        ("393401234567", "IT", "+393401234567"),
        ("5511912345678", "BR", "+5511912345678"),
        ("61412345678", "AU", "+61412345678"),
        ("491511234567", "DE", "+491511234567"),
        ("00447911123456", "US", "+447911123456"),
        ("2125550101", "US", "+12125550101"),
        ("12125550101", "US", "+12125550101"),
        ("0491 5112345", "DE", "+494915112345"),
    ],
)
def test_a_number_that_lost_its_plus_is_read_with_it(text: str, region: str, number: str) -> None:
    assert normalise_phone(text, region) == number


@pytest.mark.parametrize(
    ("text", "region", "problem"),
    [
        ("000-000-0000", "US", phones.PLACEHOLDER),
        ("+1 000 000 0000", None, phones.PLACEHOLDER),
        ("111-111-1111", "US", phones.PLACEHOLDER),
        ("+12222222222", None, phones.PLACEHOLDER),
        ("+49 99999999", None, phones.PLACEHOLDER),
        ("123456789", "US", phones.PLACEHOLDER),
        ("(123) 456-7890", "US", phones.PLACEHOLDER),
        ("12345", "DE", phones.PLACEHOLDER),
        ("555-0101", "US", phones.LOCAL),
        ("98123-4567", "BR", phones.LOCAL),
        ("+15550101", None, phones.LOCAL),
        ("48213", "DE", phones.LOCAL),
        ("1.23E+10", "US", phones.DAMAGED),
        ("4,479E+11", "GB", phones.DAMAGED),
        ("2125550101.5", "US", phones.DAMAGED),
        ("212 555 0101", None, phones.HOMELESS),
        ("+1 212 555 01010", None, phones.NONE),
        ("unknown", "US", phones.NONE),
        ("06 12 34 56 78", "US", phones.ELSEWHERE),
        ("0171 1234567", "US", phones.ELSEWHERE),
        ("+1 061 234 5678", None, phones.ELSEWHERE),
        ("212-155-0101", "US", phones.NONE),
        ("+12121550101", None, phones.NONE),
    ],
)
def test_what_stands_for_a_number_is_none_and_says_why(text: str, region: str | None, problem: str) -> None:
    assert read_phone(text, region) == phones.Phone(problem=problem)


@pytest.mark.parametrize(
    ("text", "number"), [("2125550101.0", "+12125550101"), ("1.2125550101E10", "+12125550101")]
)
def test_digits_that_a_spreadsheet_kept_are_read(text: str, number: str) -> None:
    assert normalise_phone(text, "US") == number


@pytest.mark.parametrize(
    ("text", "region", "number", "extension"),
    [
        ("424-417-2469x61914", "US", "+14244172469", "61914"),
        ("+1 212 555 0103 ext. 12", None, "+12125550103", "12"),
        ("+1 212 555 0103,12", None, "+12125550103", "12"),
        ("+12125550103#12", None, "+12125550103", "12"),
        ("tel:+1-212-555-0103;ext=12", None, "+12125550103", "12"),
        ("030 1234567 Durchwahl 12", "DE", "+49301234567", "12"),
        ("01 42 68 53 00 poste 12", "FR", "+33142685300", "12"),
    ],
)
def test_an_extension_stands_apart(text: str, region: str | None, number: str, extension: str) -> None:
    assert read_phone(text, region) == phones.Phone(number, extension)


@pytest.mark.parametrize(
    ("text", "region", "number", "rest"),
    [
        ("+1 212 555 0101 / +1 212 555 0102", None, "+12125550101", "+1 212 555 0102"),
        ("212-555-0101, 212-555-0102", "US", "+12125550101", "212-555-0102"),
        ("+12125550101 ::: +12125550102", None, "+12125550101", "+12125550102"),
        ("+12125550101+12125550102", None, "+12125550101", "+12125550102"),
        ("2125550101 or 2125550102", "US", "+12125550101", "2125550102"),
        ("2125550101 2125550102", "US", "+12125550101", "2125550102"),
        ("2125550101/0102", "US", "+12125550101", "0102"),
        ("0171 1234567/0172 7654321", "DE", "+491711234567", "0172 7654321"),
        ("000-000-0000; 212-555-0101", "US", "+12125550101", "000-000-0000"),
        ("212-555-0101 Ada's mom", "US", "+12125550101", "Ada's mom"),
    ],
)
def test_of_several_numbers_the_first_is_taken_and_the_rest_is_told(
    text: str, region: str | None, number: str, rest: str
) -> None:
    assert read_phone(text, region) == phones.Phone(number, rest=rest)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("030/1234567", "DE"),
        ("Mobile: 212-555-0101", "US"),
        ("212-555-0101 (cell)", "US"),
        ("1-800-FLOWERS", "US"),
    ],
)
def test_what_belongs_to_a_number_is_no_rest(text: str, region: str) -> None:
    found = read_phone(text, region)
    assert found.number
    assert not found.rest


@pytest.mark.parametrize(
    "text", ["+52 1 55 1234 5678", "044 55 1234 5678", "+52 55 1234 5678", "01 55 1234 5678", "5215512345678"]
)
def test_a_mexican_number_has_one_spelling(text: str) -> None:
    assert normalise_phone(text, "MX") == "+525512345678"


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("9876543210", "IN", "+919876543210"),
        ("0123456789", "EG", "+20123456789"),
        ("\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669", "EG", "+20123456789"),
        ("+33 1 23 45 67 89", None, "+33123456789"),
        ("+12345678901", None, "+12345678901"),
    ],
)
def test_a_whole_number_whose_digits_only_count_is_doubtful(
    text: str, region: str | None, number: str
) -> None:
    assert read_phone(text, region) == phones.Phone(number, doubtful=True)


def test_regions() -> None:
    assert is_region("US")
    assert is_region("de")
    assert not is_region("United States")
