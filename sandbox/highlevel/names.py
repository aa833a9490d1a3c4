"""The words the generated people are made of, in several scripts.

Every name comes with its Latin transliteration for the e-mail address. Domains are those reserved by
RFC 2606 for examples; phone numbers lie in ranges that the numbering authorities keep free for fiction.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BUSINESS_WORDS", "COMPANIES", "CULTURES", "DOMAINS", "PHONE_BLOCKS", "SOURCES", "TAGS", "Culture"]


class Culture(NamedTuple):
    """Where a person may live and what they may be called."""

    country: str
    timezone: str
    cities: tuple[str, ...]
    first: tuple[tuple[str, str], ...]
    last: tuple[tuple[str, str], ...]


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Read ``name=transliteration`` pairs; a name alone is its own transliteration in lower case."""
    pairs = (entry.partition("=") for entry in text.split())
    return tuple((name, latin or name.lower()) for name, _, latin in pairs)


CULTURES = (
    Culture(
        "US", "America/Chicago", ("Springfield", "Riverton", "Lakeview", "Fairhaven"),
        _pairs("Ada Grace Oliver Maya Theo Ruth Caleb Ivy Miles Nora Jonah Esme"),
        _pairs("Hartley Okafor Bell O'Connor=oconnor Quinn Sorrell Vance Whitlock Dyer Marsh Pike Tran"),
    ),
    Culture(
        "GB", "Europe/London", ("Milbury", "Ashcombe", "Thornley"),
        _pairs("Alfie Beatrice Callum Daphne Edith Finlay Gwen Hamish Imogen Rhys"),
        _pairs("Ashdown Birch Cavendish Fairley Llewellyn McTavish=mctavish Penrose Tolland Wainwright"),
    ),
    Culture(
        "FR", "Europe/Paris", ("Saint-Élan", "Montrève", "Port-Câlin"),
        _pairs("Zoë=zoe Élodie=elodie Anaïs=anais François=francois Jérôme=jerome Noémie=noemie Loïc=loic"),
        _pairs("Dubreuil Lefèvre=lefevre Crémieux=cremieux D'Aubigné=daubigne Prévost=prevost Garçon=garcon"),
    ),
    Culture(
        "DE", "Europe/Berlin", ("Lindenau", "Grünfeld", "Oberstädt"),
        _pairs("Jürgen=juergen Käthe=kaethe Björn=bjoern Lieselotte Günther=guenther Heike Sören=soeren"),
        _pairs("Müller=mueller Groß=gross Schäfer=schaefer Weißkopf=weisskopf Jäger=jaeger Köhler=koehler"),
    ),
    Culture(
        "PL", "Europe/Warsaw", ("Brzozów", "Łąkowo"),
        _pairs("Łukasz=lukasz Małgorzata=malgorzata Żaneta=zaneta Świętosława=swietoslawa Paweł=pawel"),
        _pairs("Wójcik=wojcik Źrebiec=zrebiec Szczęsny=szczesny Dąbek=dabek Krawczyk"),
    ),
    Culture(
        "UA", "Europe/Kyiv", ("Вишневе", "Зоряне"),
        _pairs("Оксана=oksana Богдан=bohdan Євген=yevhen Їлина=yilyna Марія=mariia Тарас=taras"),  # noqa: RUF001 - Cyrillic
        _pairs("Коваль=koval Шевчук=shevchuk Гриценко=hrytsenko Бондар=bondar Лисенко=lysenko"),
    ),
    Culture(
        "GR", "Europe/Athens", ("Νέα Ακτή", "Άνω Πηγή"),
        _pairs("Ελένη=eleni Νίκος=nikos Σοφία=sofia Γιώργος=giorgos Δήμητρα=dimitra"),
        _pairs("Παππάς=pappas Γεωργίου=georgiou Οικονόμου=oikonomou Λάμπρου=lamprou"),
    ),
    Culture(
        "EG", "Africa/Cairo", ("النور", "الواحة"),
        _pairs("ليلى=layla يوسف=yusuf مريم=maryam خالد=khalid نور=nour"),
        _pairs("الحداد=alhaddad منصور=mansour النجار=alnajjar صالح=saleh"),
    ),
    Culture(
        "IL", "Asia/Jerusalem", ("גבעת אור", "נווה ים"),
        _pairs("נועה=noa אבי=avi תמר=tamar יעל=yael דוד=david"),
        _pairs("כהן=cohen לוי=levi מזרחי=mizrahi ברק=barak"),
    ),
    Culture(
        "CN", "Asia/Shanghai", ("清河", "松林"),
        _pairs("小明=xiaoming 丽=li 伟=wei 秀英=xiuying 建国=jianguo"),
        _pairs("王=wang 李=li 欧阳=ouyang 陈=chen 赵=zhao"),
    ),
    Culture(
        "JP", "Asia/Tokyo", ("桜ヶ丘", "みどり市"),
        _pairs("さくら=sakura 健太=kenta ハナ=hana 翔=sho 美咲=misaki"),
        _pairs("佐藤=sato 鈴木=suzuki 高橋=takahashi 渡辺=watanabe"),
    ),
    Culture(
        "KR", "Asia/Seoul", ("한빛", "솔마을"),
        _pairs("민준=minjun 서연=seoyeon 지우=jiwoo 하은=haeun"),
        _pairs("김=kim 이=lee 박=park 최=choi"),
    ),
    Culture(
        "IN", "Asia/Kolkata", ("आनंदपुर", "सूर्यनगर"),
        _pairs("अर्जुन=arjun प्रिया=priya कविता=kavita रोहन=rohan"),
        _pairs("शर्मा=sharma वर्मा=verma पटेल=patel गुप्ता=gupta"),
    ),
    Culture(
        "BR", "America/Sao_Paulo", ("Vila Aurora", "São Brás do Rio"),
        _pairs("João=joao Conceição=conceicao Thaís=thais Luís=luis Íris=iris 🌟Bia=bia"),
        _pairs("Gonçalves=goncalves Araújo=araujo Simões=simoes Peçanha=pecanha"),
    ),
)  # fmt: skip

DOMAINS = (
    "example.com", "example.org", "example.net", "mail.example.com", "post.example.org", "shop.example.net",
)  # fmt: skip

COMPANIES = (
    "Amber Harbour Ltd", "Blue Lantern Bakery", "Café Déjà Brew", "Copper Fern GmbH", "Dust & Daughters",
    "Évidence Conseil", "Grünwerk AG", "Hollow Oak Joinery", "Ivory Kite Studio", "ООО Ромашка-Пример",  # noqa: RUF001 - Cyrillic
    "サンプル商事", "示例科技", "Paper Crane, Inc.", "Quiet River Clinic", "Żółta Ćma sp. z o.o.",
)  # fmt: skip

BUSINESS_WORDS = (
    ("Amber", "Birch", "Cobalt", "Dawn", "Ember", "Fern", "Granite", "Harbour", "Indigo", "Juniper"),
    ("Bakery", "Clinic", "Garage", "Gardens", "Joinery", "Logistics", "Optics", "Press", "Roofing", "Studio"),
    ("Ltd", "Inc.", "GmbH", "LLC", "& Co"),
)

SOURCES = ("website form", "facebook lead", "referral", "csv import", "public api", "chat widget")

TAGS = (
    "lead", "customer", "newsletter", "vip", "webinar 2025", "trade fair", "do not call", "été", "покупатель",
    "見込み客", "hot 🔥", "renewal",
)  # fmt: skip

# (country, prefix, digits that follow, how many numbers). North America: 555-0100 to 0199 in an area code;
# Ofcom, ARCEP and ACMA reserve the others for drama and fiction.
_US_AREAS = (
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228,
    229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302,
    303, 304, 305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330,
    331, 334, 336, 337, 339, 347, 351, 352, 360, 361, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410,
    412, 413, 414, 415, 417, 419, 423, 424, 425, 430, 432, 434, 435, 440, 443, 469, 470, 475, 478, 479,
    480, 484, 501, 502, 503, 504, 505, 507, 508, 509, 510, 512, 513, 515, 516, 517, 518, 520, 530, 540,
    541, 551, 559, 561, 562, 563, 567, 570, 571, 573, 574, 575, 580, 585, 586, 601, 602, 603, 605, 606,
    607, 608, 609, 610, 612, 614, 615, 616, 617, 618, 619, 620, 623, 626, 630, 631, 636, 641, 646, 650,
    651, 657, 660, 661, 662, 678, 682, 701, 702, 703, 704, 706, 707, 708, 712, 713, 714, 715, 716, 717,
    718, 719, 720, 724, 727, 731, 732, 734, 740, 747, 754, 757, 760, 762, 763, 765, 769, 770, 772, 773,
    774, 775, 781, 785, 786, 801, 802, 803, 804, 805, 806, 808, 810, 812, 813, 814, 815, 816, 817, 818,
    828, 830, 831, 832, 843, 845, 847, 848, 850, 856, 857, 858, 859, 860, 862, 863, 864, 865, 870, 901,
    903, 904, 906, 907, 908, 909, 910, 912, 913, 914, 915, 916, 917, 918, 919, 920, 925, 928, 931, 936,
    937, 940, 941, 947, 949, 951, 952, 954, 956, 970, 971, 972, 973, 978, 979, 980, 985, 989,
)  # fmt: skip
PHONE_BLOCKS: tuple[tuple[str, str, int], ...] = (
    *(("US", f"+1{area}55501", 2) for area in _US_AREAS),
    *(("GB", f"+44{area}4960", 3) for area in (113, 114, 116, 117, 118, 121, 131, 141, 151, 161)),
    ("GB", "+442079460", 3),
    *(("FR", f"+33{prefix}", 4) for prefix in (19900, 26191, 35301, 46571, 53649)),
    *(("AU", f"+61{prefix}", 4) for prefix in (25550, 35550, 75550, 87010)),
)
