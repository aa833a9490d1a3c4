"""Names of companies: what only differs in how it is written is one name, and other names stay apart."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.mapping.company_names import normalised

SAME = [
    ("Müller GmbH & Co. KG", "Mueller GmbH und Co KG", "MULLER", "Müller Gesellschaft mbH", "müller e.K."),
    (
        "Acme, Inc.",
        "The Acme Company",
        "acme incorporated",
        "ACME L.L.C.",
        "Acme Co., Ltd.",
        "Acme (Pty) Ltd",
    ),
    ("株式会社トヨタ", "トヨタ（株）", "㈱トヨタ", "トヨタ 株式会社"),  # noqa: RUF001
    ("华为技术有限公司", "华为技术"),
    ("ООО «Ромашка»", "Ромашка"),  # noqa: RUF001
    ("SARL Dupont", "Dupont S.A.R.L.", "DUPONT"),
    ("Johnson & Johnson", "Johnson and Johnson", "Johnson + Johnson"),
    ("I.B.M. Corp.", "IBM"),
    ("McDonald's", "McDonald\u2019s", "McDonalds"),
    ("Novak d.o.o.", "Novak d. o. o.", "Novák"),
    ("Rossi S.p.A.", "Rossi SpA"),
    ("Muster e.U.", "Muster"),
    ("Muster UG (haftungsbeschränkt)", "Muster UG"),
    ("Straße AG", "Strasse"),
    ("Cafe\u0301 Royal", "Caf\u00e9 Royal", "Cafe\u200b Royal"),
]


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
def test_spellings_of_one_name_are_one(names: tuple[str, ...]) -> None:
    assert {normalised(name) for name in names} == {normalised(names[0])} != {""}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zen Spa", "Zen Inc."),  # no S.p.A.
        ("Portland PT", "Portland"),
        ("Acme UK", "Acme"),
        ("Blue", "Blu"),
        ("Bauer", "Baur"),
        ("Queen", "Quen"),
        ("SAS Institute", "Institute"),
        ("Acme", "Acme Group"),
        ("カ", "ガ"),
    ],
)
def test_other_names_stay_others(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "-",
        "N/A",
        "none",
        "GmbH",
        "LLC",
        "???",
        "self-employed",
        "Self Employed",
        "Freelancer",
        "Privat",
        "selbständig",
        "Student",
        "keine Angabe",
        "Company Name",
    ],
)
def test_what_names_no_company_is_nothing(name: str) -> None:
    assert normalised(name) == ""


PARTS = st.sampled_from(
    [
        "GmbH",
        "& Co. KG",
        "The",
        "Müller",
        "mueller",
        "e.U.",
        "S.p.A.",
        "SpA",
        "株式会社",
        "(株)",
        "and",
        "+",
        "N/A",
        "L.L.C.",
        "A.B.C",
        "d. o. o.",
        "ООО",  # noqa: RUF001
        "́",
        "İ",
        "ﬁ",
        "ß",
        "uee",
        "Co",
        "(",
        "«",
        "'",
    ]
)


@example("GmbH:nul")
@given(st.one_of(st.text(), st.lists(st.one_of(PARTS, st.text(max_size=3))).map(" ".join)))
def test_normalising_twice_is_the_same_as_once(name: str) -> None:
    once = normalised(name)
    assert normalised(once) == once
