"""Normalising: two spellings of one address are one, and what is normalised stays as it is."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform import normalise
from tasks.mapping.transform.normalise import is_region, normalise_domain, normalise_email, normalise_phone

HOSTS = st.text(st.sampled_from("abcz09-.xnüßİ。"), max_size=12)
DIGITS = st.one_of(
    st.text(st.sampled_from("+0123456789-() xA\uff11"), max_size=18), st.from_regex(r"\A\+?\d{5,15}\Z")
)

ADDRESSES = st.builds("{}@{}.{}".format, st.text(max_size=6), HOSTS, HOSTS)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ada.Lovelace@Example.COM ", "ada.lovelace@example.com"),
        ("a+tag@sub.example.co.uk", "a+tag@sub.example.co.uk"),
        ("info@bücher.example", "info@bücher.example"),
        ("INFO@XN--BCHER-KVA.example", "info@bücher.example"),
        ("用户@例え.jp", "用户@例え.jp"),
        ("someone@box.test", "someone@box.test"),
        ("not-an-email", None),
        ("someone(at)example.com", None),
        ("two words@example.com", None),
        ("a..b@example.com", None),
        ("a@localhost", None),
        ("@example.com", None),
        ("a@-example.com", None),
        ("a@" + "b" * 300 + ".com", None),
        ("", None),
        ("a@b\0.com", None),
        ("\ud800@example.com", None),
    ],
)
def test_email(text: str, address: str | None) -> None:
    assert normalise_email(text) == address


@given(
    st.one_of(
        st.emails(), st.text(max_size=20), st.builds("{}@{}.{}".format, st.text(max_size=6), HOSTS, HOSTS)
    )
)
def test_a_normalised_address_stays_and_the_fast_way_agrees_with_the_library(text: str) -> None:
    address = normalise_email(text)
    if address is not None:
        assert normalise_email(address) == address
    plain = text.strip().lower()
    if normalise._PLAIN_EMAIL.fullmatch(plain) and len(plain) <= normalise.EMAIL_LIMIT:
        assert normalise._odd_email(plain) == address == plain


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
        ("(212) 555-0123", "United States", None),
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
        if normalise._E164.fullmatch(number):
            fast += 1
            assert normalise._as_e164(number, None) in {number, None}
    assert fast > 2_000


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Example.com:8080/path?q=1#x", "example.com"),
        ("http://user:pass@example.com", "example.com"),
        ("//cdn.example.com/x", "cdn.example.com"),
        ("example.com/about", "example.com"),
        ("Ada@Example.com", "example.com"),
        ("www.example.com.", "example.com"),
        ("www.com", "www.com"),
        ("https://Bücher.example", "xn--bcher-kva.example"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("localhost", None),
        ("192.168.0.1", None),
        ("two words.com", None),
        ("x" * 3_000 + ".com", None),
        ("", None),
    ],
)
def test_domain(text: str, domain: str | None) -> None:
    assert normalise_domain(text) == domain


@given(st.one_of(HOSTS, st.text(max_size=20), st.builds("https://{}.{}/{}".format, HOSTS, HOSTS, HOSTS)))
def test_a_normalised_domain_stays_and_the_fast_way_agrees_with_idna(text: str) -> None:
    domain = normalise_domain(text)
    if domain is not None:
        assert normalise_domain(domain) == domain
    if normalise._PLAIN_HOST.fullmatch(text):
        assert normalise._odd_host(text) == text


def test_regions() -> None:
    assert is_region("US")
    assert is_region("de")
    assert not is_region("United States")
