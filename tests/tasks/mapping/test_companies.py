"""Which company contacts are of: by domain, else by name, and never because names are alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.companies import ContactFacts, Group, KnownNames, company_of, group

ROOT = Path(__file__).parents[3]


def facts(id_: str, name: str = "", email: str = "", website: str = "", business: str = "") -> ContactFacts:
    return ContactFacts(id_, name or None, [email] if email else [], website or None, business or None)


def grouped(*contacts: ContactFacts) -> dict[str, Group]:
    return {one.key: one for one in group(contacts)}


@pytest.mark.parametrize(
    ("emails", "website", "domain"),
    [
        (["bea@acme.com"], None, "acme.com"),
        (["bea@gmail.com"], "https://www.acme.co.uk/about", "acme.co.uk"),
        (["bea@globex.com"], "shop.acme.com", "acme.com"),  # the website first
        (["bea@gmail.com", "bea@mail.acme.com"], None, "acme.com"),
        ([], "bea.github.io", "bea.github.io"),  # not everybody's who has a page there
        ([], "https://acme.myshopify.com", "acme.myshopify.com"),
        ([], "https://Bücher.de", "xn--bcher-kva.de"),
        (["info@bücher.de"], None, "xn--bcher-kva.de"),
        (["bea@acme.example"], None, "acme.example"),
        (["bea@linkedin.com"], None, "linkedin.com"),
    ],
)
def test_a_domain_of_its_own_is_the_company(emails: list[str], website: str | None, domain: str) -> None:
    company = company_of("Acme Inc.", emails, website)
    assert company is not None
    assert (company.key, company.name, company.domain) == (domain, "Acme Inc.", domain)


@pytest.mark.parametrize(
    "email",
    [
        "a@gmail.com",
        "a@GoogleMail.com",
        "a@outlook.com",
        "a@hotmail.fr",
        "a@yahoo.co.jp",
        "a@gmx.de",
        "a@gmx.eu",
        "a@yahoo.com.ng",
        "a@web.de",
        "a@icloud.com",
        "a@proton.me",
        "a@qq.com",
        "a@163.com",
        "a@t-online.de",
        "a@comcast.net",
        "a@libero.it",
        "a@yandex.ru",
        "a@mail.ru",
        "a@aol.com",
        "a@orange.fr",
        "a@vodafone.de",
        "a@privaterelay.appleid.com",
        "a@example.com",
        "a@acme.local",
        "a@localhost",
        "a@10.0.0.1",
        "not an address",
        "acme",
        "",
    ],
)
def test_mailboxes_that_everybody_may_have_are_no_company(email: str) -> None:
    assert company_of(None, [email], None) is None
    assert company_of(None, [], email) is None


@pytest.mark.parametrize(
    "website",
    [
        "facebook.com/acme",
        "https://www.linkedin.com/company/acme",
        "instagram.com/acme",
        "linktr.ee/acme",
        "http://192.168.0.1/",
        "http://localhost:8080",
        "http://[::1]/",
        "acme",
        "co.uk",
        "github.io",
        "N/A",
    ],
)
def test_a_page_on_somebody_elses_site_is_no_domain(website: str) -> None:
    company = company_of("Acme", ["bea@gmail.com"], website)
    assert company is not None
    assert (company.key, company.domain) == ("name:acme", "")


@pytest.mark.parametrize("name", [None, "", "N/A", "self-employed"])
def test_who_tells_of_no_company_has_none(name: str | None) -> None:
    assert company_of(name, ["bea@gmail.com"], None) is None
    assert group([ContactFacts("c1", name, ["bea@gmail.com"])]) == []


def test_contacts_of_a_domain_are_one_company_called_as_most_call_it() -> None:
    [acme] = group(
        [
            facts("c1", "ACME", "a@acme.com"),
            facts("c2", "Acme Inc.", "b@sales.acme.com"),
            facts("c3", "Acme Inc.", website="https://acme.com/team"),
            facts("c4", "", "d@acme.com"),
        ]
    )
    assert acme == Group("acme.com", "Acme Inc.", "acme.com", ("c1", "c2", "c3", "c4"))


def test_a_company_that_nobody_names_is_called_by_its_domain() -> None:
    [acme] = group([facts("c1", "", "a@acme.com"), facts("c2", "n/a", "b@acme.com")])
    assert acme.name == "acme.com"


def test_who_has_no_domain_joins_the_one_company_of_that_name() -> None:
    found = grouped(
        facts("c1", "Acme GmbH", "a@acme.com"),
        facts("c2", "ACME", "b@gmail.com"),
        facts("c3", "Acme Group", "c@gmail.com"),
    )
    assert (found["acme.com"].ids, found["acme.com"].doubts) == (("c1", "c2"), ())
    assert (found["name:acme group"].ids, found["name:acme group"].doubts) == (("c3",), ())


def test_where_two_companies_have_that_name_nobody_is_put_to_either() -> None:
    found = grouped(
        facts("c1", "Acme", "a@acme.com"),
        facts("c2", "Acme", "b@acme.de"),
        facts("c3", "Acme", "c@gmail.com"),
    )
    assert {key: one.ids for key, one in found.items()} == {
        "acme.com": ("c1",),
        "acme.de": ("c2",),
        "name:acme": ("c3",),
    }
    assert found["acme.com"].doubts == ("acme.de is called the same",)
    assert found["acme.de"].doubts == ("acme.com is called the same",)
    assert found["name:acme"].doubts == ("acme.com, acme.de are called the same",)


def test_one_persons_slip_puts_nobody_to_a_company() -> None:
    found = grouped(
        facts("c1", "Acme", "a@acme.com"),
        facts("c2", "Acme", "b@acme.com"),
        facts("c3", "Globex", "c@acme.com"),
        facts("c4", "Globex", "d@gmail.com"),
    )
    assert found["acme.com"].ids == ("c1", "c2", "c3")
    assert found["name:globex"].ids == ("c4",)


def test_a_domain_whose_contacts_name_this_and_that_is_doubted() -> None:
    [found] = group(
        [facts(f"c{n}", name, f"{n}@kabel.example") for n, name in enumerate(["Acme", "Globex", "Ini"])]
    )
    assert found.doubts == ("its contacts name different companies: Acme (1), Globex (1), Ini (1)",)


def test_the_businesses_that_contacts_belong_to_are_told_and_doubted_where_they_differ() -> None:
    contacts = [facts("c1", "Acme", "a@acme.com", business="b1"), facts("c2", "Acme", "b@acme.com")]
    [found] = group(contacts)
    assert (found.business_ids, found.doubts) == (("b1",), ())
    [found] = group([*contacts, facts("c3", "Acme", "c@acme.com", business="b2")])
    assert found.doubts == ("its contacts belong to different businesses: b1, b2",)


CONTACTS = st.lists(
    st.builds(
        ContactFacts,
        st.sampled_from(["c1", "c2", "c3", "c4", "c5", "c6"]),
        st.sampled_from([None, "Acme", "ACME Inc.", "acme", "Globex", "Müller", "Mueller AG", "n/a"]),
        st.lists(st.sampled_from(["a@gmail.com", "a@acme.com", "b@acme.de", "c@globex.com"]), max_size=2),
        st.sampled_from([None, "acme.com", "https://globex.com", "facebook.com/x"]),
        st.sampled_from([None, "b1", "b2"]),
    ),
    unique_by=lambda contact: contact.id,
)


@given(contacts=CONTACTS, data=st.data())
def test_in_what_order_contacts_come_makes_no_difference(contacts: list[ContactFacts], data: Any) -> None:
    found = group(contacts)
    assert group(data.draw(st.permutations(contacts))) == found
    told = [id_ for one in found for id_ in one.ids]
    with_company = [one.id for one in contacts if company_of(one.company_name, one.emails, one.website)]
    assert sorted(told) == sorted(with_company)  # each in one group


def test_alike_names_are_told_with_how_much() -> None:
    known = KnownNames([("b1", "Acme Anvils Ltd"), ("b2", "Globex"), ("b3", "AcmeAnvils"), ("b4", "N/A")])
    assert known.alike("Acme Anvil GmbH") == [
        ("b1", "Acme Anvils Ltd", pytest.approx(95.2, abs=0.1)),
        ("b3", "AcmeAnvils", pytest.approx(90, abs=0.1)),
    ]
    assert known.alike("Anvils Acme", limit=1) == [("b1", "Acme Anvils Ltd", 100)]
    assert known.alike("Initech") == known.alike("N/A") == []


def test_the_libraries_are_imported_when_a_company_is_asked_for() -> None:
    program = "import sys, tasks.mapping.companies; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {"cleanco", "tldextract", "rapidfuzz"} & set(done.stdout.split())
