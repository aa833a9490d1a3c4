"""Normalising: two spellings of one address are one, and what is normalised stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform import normalise
from tasks.mapping.transform.normalise import normalise_domain, normalise_email, read_email

HOSTS = st.text(st.sampled_from("abcz09-.xnüßİ。"), max_size=12)
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
        ("mailto:ada@example.com?subject=Hello", "ada@example.com"),
        ("Ada Test <Ada@example.com>", "ada@example.com"),
        ('"Test, Ada" <ada@example.com>', "ada@example.com"),
        ("<ada@example.com>,", "ada@example.com"),
        ("'ada@example.com'", "ada@example.com"),
        ("'ada@example.com", "ada@example.com"),
        ("o'reilly@example.com", "o'reilly@example.com"),
        ("ada@example.com.", "ada@example.com"),
        ("ada @example.com", "ada@example.com"),
        ("http://ada@example.com", "ada@example.com"),
        ("E-Mail: ada@example.com", "ada@example.com"),
        ("Work: ada@example.com (old)", "ada@example.com"),
        ("Ada Test (ada@example.com)", "ada@example.com"),
        ("ada@example.com [mailto:ada@example.com]", "ada@example.com"),
        ("ada@example.com<mailto:ada@example.com>", "ada@example.com"),
        ("Ada Test ada@example.com", None),
        ("\u202eada\u200b@exam\u00adple.com\ufeff", "ada@example.com"),
        ("ada\uff20example.com", "ada@example.com"),
        (".ada@example.com", None),
        ("ada.@example.com", None),
        ("ada@example", None),
        ("ada@example,com", None),
        ("http://example.com/ada@example.com/x", None),
        ('"ada test"@example.com', None),
        ("@", None),
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


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com, bea@example.com",
        "ada@example.com;BEA@example.com",
        "ada@example.com / bea@example.com",
        "ada@example.com bea@example.com",
        "ada@example.com ::: bea@example.com",
        "ada@example.com\nbea@example.com",
        "ada@example.com or bea@example.com",
        "Ada <ada@example.com>, Bea Test <bea@example.com>",
    ],
)
def test_of_several_addresses_the_first_is_taken_and_the_others_are_told(text: str) -> None:
    found = read_email(text)
    assert (found.address, found.rest) == ("ada@example.com", "bea@example.com")


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
