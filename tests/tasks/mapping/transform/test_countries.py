"""Countries by what people write."""

from __future__ import annotations

import pycountry
import pytest

from tasks.mapping.transform.countries import normalise_country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("usa", "US"),
        ("U.S.", "US"),
        ("United States", "US"),
        ("Vereinigte Staaten", "US"),
        ("États-Unis", "US"),
        ("Estados Unidos", "US"),
        ("  south   korea ", "KR"),
        ("Deutschland", "DE"),
        ("DEU", "DE"),
        ("ÖSTERREICH", "AT"),
        ("England", "GB"),
        ("Côte d'Ivoire", "CI"),
    ],
)
def test_a_country_has_one_code(text: str, code: str) -> None:
    assert normalise_country(text) == code


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("US", ["U.S.A", "America", "The United States", "EE.UU.", "840", "us"]),
        ("GB", ["UK", "U.K.", "Great Britain", "Britain", "Inglaterra", "United Kingdom (UK)"]),
        ("GR", ["EL", "Greece", "Griechenland", "\u0395\u03bb\u03bb\u03ac\u03b4\u03b1"]),
        ("TR", ["Turkey", "Turkiye", "T\xfcrkei", "Tuerkei"]),
        ("KR", ["Korea, South", "Korea (South)", "Republic of Korea", "Korea", "Corea del Sur"]),
        ("KP", ["North Korea", "Korea, North"]),
        ("CI", ["Ivory Coast", "Cote d'Ivoire", "C\xf4te d\u2019Ivoire", "Elfenbeink\xfcste"]),
        ("CD", ["DR Congo", "Democratic Republic of the Congo", "Congo (Kinshasa)"]),
        ("CG", ["Congo", "Congo-Brazzaville"]),
        ("NL", ["The Netherlands", "Nederland", "Holland", "Pays-Bas"]),
        ("AE", ["UAE", "U.A.E.", "United Arab Emirates"]),
        ("MM", ["Burma", "Myanmar"]),
        ("SZ", ["Swaziland", "Eswatini"]),
        ("CV", ["Cape Verde", "Cabo Verde"]),
        ("PS", ["Palestine"]),
        ("LC", ["St. Lucia", "Saint Lucia"]),
        ("TT", ["Trinidad", "Trinidad & Tobago"]),
        ("BA", ["Bosnia", "Bosnia-Herzegovina"]),
        ("MK", ["Macedonia", "North Macedonia"]),
        ("MO", ["Macau", "Macao SAR"]),
        ("NA", ["NA", "Namibia"]),
        ("JP", ["Japan", "\u65e5\u672c"]),
        ("CN", ["China", "\u4e2d\u56fd", "PRC"]),
        ("RU", ["Russia", "\u0420\u043e\u0441\u0441\u0438\u044f"]),
        *(
            ("DE", [one])
            for one in ("Germany (DE)", "DE - Germany", "Deutschland / Germany", "Berlin, Germany")
        ),
        *(
            (code, [name])
            for code, name in {
                "ES": "Espana",
                "PL": "Polska",
                "SE": "Sverige",
                "DK": "Danmark",
                "NO": "Norge",
                "FI": "Suomi",
                "IT": "Italia",
                "BR": "Brasil",
                "AT": "Oesterreich",
                "CH": "Schweiz",
                "BE": "Belgi\xeb",
                "HU": "Magyarorsz\xe1g",
                "CW": "Curacao",
            }.items()
        ),
    ],
)
def test_a_country_is_known_by_what_people_call_it(code: str, spellings: list[str]) -> None:
    assert {text: normalise_country(text) for text in spellings} == dict.fromkeys(spellings, code)


@pytest.mark.parametrize("text", ["", " ", "XX", "Georgia, USA", "Other", "Europe", "Atlantis", "United"])
def test_what_is_no_country_has_none(text: str) -> None:
    assert normalise_country(text) is None


def test_every_code_and_english_name_is_its_own_country() -> None:
    for one in pycountry.countries:
        for text in (one.alpha_2, one.alpha_3.lower(), one.name.upper()):
            assert normalise_country(text) == one.alpha_2, text
