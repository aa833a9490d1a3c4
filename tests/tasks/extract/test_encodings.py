"""The encoding of a text file: found out where that is certain, told where it is likely, asked for else."""

# ruff: noqa: RUF001 - letters of many alphabets are what it is about

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.core.errors import BadConfigurationError
from tasks.extract.files import open_file
from tasks.extract.western import is_western
from tests.tasks.extract.reading import records

Write = Callable[[str, str | bytes], Path]

HEAD = "First Name,Last Name,Email,City\n"
ROW = "José,Müller,jose@example.com,São Paulo\n"


@pytest.mark.parametrize(
    "text",
    [
        ROW,
        "Zoë,Größe,z@example.com,Köln\nBjørn,Kjær,b@example.com,Ålborg\nÉlodie,L’Été,e@example.com,Nîmes\n",
        "Iñaki,Núñez,i@example.com,Peñíscola\nJoão,Simões,j@example.com,Guimarães\nJosé,–,j2@example.com,“A”\n",
        "Ada,O’Brien,a@example.com,x\n",
        "ÖZGÜR,MÜLLER-WEIß,o@example.com,STRAßE\nMcÉwan,Noël,n@example.com,10 €\n",
    ],
)
def test_windows_1252_is_read_and_told(write: Write, text: str) -> None:
    path = write("people.csv", (HEAD + text).encode("cp1252"))
    reading = open_file(path).reading
    assert reading.facts["encoding"] == "Windows-1252"
    assert reading.sentences()[0].startswith("Read as Windows-1252, a guess: it makes ")
    assert [row["last_name"] for row in records(path)] == [line.split(",")[1] for line in text.splitlines()]


@pytest.mark.parametrize(
    ("encoding", "text", "choice"),
    [
        ("cp1250", "Łukasz,Nižek,l@example.com,Łódź", "cp1250 makes it Łukasz"),
        ("cp1250", "Jan,Zieliński,j@example.com,Gdańsk", "cp1250 makes it Zieliński"),
        ("cp1250", "Jan,Dvořák,j@example.com,Praha", "cp1250 makes it Dvořák"),
        ("cp1250", "Jan,Kučera,j@example.com,Praha", "cp1250 makes it Kučera"),
        ("cp1250", "Ana,Babić,a@example.com,Zagreb", "cp1250 makes it Babić"),
        ("cp1251", "Иван,Петров,i@example.com,Москва", "cp1251 makes it Иван"),
        ("gb18030", "三,张,z@example.com,北京", "gb18030 makes it 三"),
        ("mac-roman", "José,Muñoz,j@example.com,Köln", "mac-roman makes it José"),
        ("mac-roman", "Ada,García,a@example.com,x", "mac-roman makes it García"),
        ("cp850", "José,Müller,j@example.com,São Paulo", "cp850 makes it José"),
        ("shift-jis", "田中,太郎,t@example.com,東京", "shift-jis makes it 田中"),
        ("cp1254", "Işık,Yılmaz,i@example.com,İzmir", "give its encoding"),
        ("cp1253", "Γιώργος,Παππάς,g@example.com,Αθήνα", "give its encoding"),
    ],
)
def test_where_several_fit_nothing_is_guessed(write: Write, encoding: str, text: str, choice: str) -> None:
    path = write("people.csv", (HEAD + text + "\n").encode(encoding))
    with pytest.raises(BadConfigurationError, match="line 2: no UTF-8, and which encoding it is") as caught:
        open_file(path)
    assert choice in caught.value.remedy
    (record,) = records(path, encoding=encoding)
    assert record["first_name"] == text.partition(",")[0]


def test_one_bad_byte_costs_one_row_and_no_name(write: Write) -> None:
    text = HEAD.encode() + ROW.encode() * 5 + b"Bad\xff,X,bad@example.com,Y\n" + ROW.encode()
    source = open_file(write("people.csv", text))
    batch = asyncio.run(source.read(None, 100))
    assert {record["last_name"] for record in batch.records} == {"Müller"}
    (reject,) = batch.rejects
    assert reject.reasons[0].message == "people.csv, row 7: it holds bytes that are no text in UTF-8 (FF)"
    assert r"Bad\\xff,X,bad@example.com,Y" in reject.raw
    assert (source.total, len(batch.records)) == (7, 6)


@pytest.mark.parametrize("bad", [b"Jos\xe9", b"\xc3", b"\xed\xa0\x80", b"\xf5"])
def test_rows_in_another_encoding_are_rejects_of_a_utf_8_file(write: Write, bad: bytes) -> None:
    text = HEAD.encode() + ROW.encode() * 3 + bad + b",Other,o@example.com,Y\n"
    batch = asyncio.run(open_file(write("people.csv", text)).read(None, 100))
    assert (len(batch.records), len(batch.rejects)) == (3, 1)


def test_a_file_in_two_encodings_is_refused_naming_a_line_of_each(write: Write) -> None:
    text = HEAD.encode() + ROW.encode() + ROW.encode("cp1252") * 10
    with pytest.raises(BadConfigurationError, match="two encodings: line 2 in UTF-8, line 3 in another"):
        open_file(write("people.csv", text))


def test_a_utf_8_mark_is_believed(write: Write) -> None:
    text = "\ufeff".encode() + HEAD.encode() + b"Ada,Test,a@example.com,Ulm\n" * 3
    text += b"Jos\xe9,Test,j@example.com,x\n" * 2
    batch = asyncio.run(open_file(write("people.csv", text)).read(None, 100))
    assert (len(batch.records), len(batch.rejects)) == (3, 2)


def test_a_person_s_word_for_utf_8_is_believed(write: Write) -> None:
    path = write("people.csv", HEAD.encode() + b"Ada,T,a@example.com,x\nJos\xe9,T,j@example.com,x\n")
    batch = asyncio.run(open_file(path, encoding="utf-8").read(None, 100))
    assert (len(batch.records), len(batch.rejects)) == (1, 1)


def test_text_that_was_spoilt_before_is_told_and_left(write: Write) -> None:
    path = write(
        "people.csv", HEAD + "FranÃ§ois,MÃ¼ller,f@example.com,SÃ£o Paulo\nAda,L�wy,a@example.com,x\n"
    )
    told = " ".join(open_file(path).reading.sentences())
    assert "3 cells, e.g. “FranÃ§ois” for “François” in row 2" in told
    assert "1 cells hold �, from row 3 on" in told
    assert records(path)[0]["first_name"] == "FranÃ§ois"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp1250", "cp1251", "mac-roman"])
def test_text_is_known_that_any_program_misread(write: Write, encoding: str) -> None:
    meant = "Петров" if encoding == "cp1251" else "Müller"
    spoilt = meant.encode().decode(encoding)
    (told,) = open_file(write("people.csv", f"{HEAD}Ada,{spoilt},a@example.com,x\n")).reading.sentences()
    assert f"“{spoilt}” for “{meant}” in row 2" in told


def test_good_text_is_not_called_spoilt(write: Write) -> None:
    path = write(
        "people.csv",
        HEAD
        + ROW
        + "Ângela,Âme,a@example.com,ÃO\nÐuro,Łukasz,d@example.com,東京\nСергей,Россия,s@example.com,Ăn\n",
    )
    assert open_file(path).reading.sentences() == []


def test_a_byte_of_nothing_is_one_row_s_fault(write: Write) -> None:
    source = open_file(write("people.csv", HEAD + "Ada\0,Test,ada@example.com,x\n" + ROW))
    batch = asyncio.run(source.read(None, 10))
    assert (len(batch.records), batch.rejects[0].reasons[0].message[-4:]) == (1, "(00)")


WESTERN = (
    "Françoise Hélène Çelik Sæther Brønshøj Jyväskylä Citroën Cœur œuvre naïve Haïti Señor pingüino Ordóñez"
    " où Forlì Nicolò créée août Øystein Øivind Réunion d’Été don’t m² Nº Berlin–Paris Ærø Loïc Conceição"
)
OTHERS = {
    "cp1250": "Paweł Wałęsa Kolář Říha Němec Růžena Havlíček Erdős Brăila Świątek Leśniak Novotný Żółć",
    "mac-roman": "Müller Köln Muñoz Raúl Jesús Straße Gärtner Martínez François André São",
    "cp850": "Müller Köln Straße López García Gärtner Pérez Raúl Muñoz São",
    "cp1254": "Doğan Şahin İzmir",
    "gb18030": "李 北京",
    "cp1251": "Ян",
}


@pytest.mark.parametrize("word", WESTERN.split())
def test_western_words_are_known(word: str) -> None:
    assert is_western(word.encode("cp1252"))


@pytest.mark.parametrize(
    ("encoding", "word"), [(encoding, word) for encoding, words in OTHERS.items() for word in words.split()]
)
def test_words_of_other_encodings_are_none(encoding: str, word: str) -> None:
    assert not is_western(word.encode(encoding))
