"""The tables made by rule say what others found in fonts and programs, and what the standards give."""

import json
import unicodedata

import pytest

from tests.bench.batches import lines, titles
from tests.support.data import DATA, needs_data
from unioncat.text.encodings import LEGACY, decode, encode, repair, restore
from unioncat.text.encodings.codecs import codec
from unioncat.text.encodings.syllables import TONES, VOWELS, is_syllable
from unioncat.text.encodings.tables import TCVN3, TCVN5712_CAPITALS, VISCII, VPS, letters

ALPHABET = [
    unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS + VOWELS.upper() for tone in ("", *TONES)
] + ["đ", "Đ"]
MARKED = [letter for letter in ALPHABET if not letter.isascii()]
ODD = frozenset("ìÌëË")
"""One source reads these letters of VNI as ỹ and ỷ, against the keyboard of VNI and the other source."""


def test_the_alphabet_has_134_marked_letters() -> None:
    assert len(set(MARKED)) == 134


@pytest.mark.parametrize(
    ("table", "count"),
    [(TCVN3, 74), (TCVN3 | TCVN5712_CAPITALS, 134), (VISCII, 134), (VPS, 134)],
    ids=["tcvn3", "tcvn5712", "viscii", "vps"],
)
def test_a_table_has_each_letter_once(table: dict[str, str], count: int) -> None:
    found = letters(table)
    assert len(found) == len(set(found.values())) == count
    assert set(found.values()) <= set(MARKED)


@pytest.mark.parametrize("encoding", LEGACY)
def test_every_letter_comes_back(encoding: str) -> None:
    for letter in ALPHABET:
        again = codec(encoding).read(restore(letter, encoding))
        if encoding == "tcvn3" and letter.isupper() and letter not in letters(TCVN3).values():
            again = again.upper()  # a font of capitals showed it
        assert again == letter


@needs_data
def test_the_letters_are_those_of_two_published_tables() -> None:
    told = json.loads((DATA / "enc" / "legacy-vietnamese-tables.json").read_text("utf-8"))
    compared = 0
    for source in ("viparse", "vietnamese_conversion"):
        for encoding, table in told[source].items():
            for written, letter in table.items():
                if encoding == "vni" and written in ODD:
                    continue
                assert codec(encoding).read(written) == letter, (source, encoding, written)
                compared += 1
    assert compared == 74 + 132 + 103 + 112 + 132 + 134 + 134 - len(ODD)


@needs_data
@pytest.mark.parametrize(
    ("column", "encoding", "right"),
    [("tcvn3_as_latin1", "tcvn3", 498), ("vni_as_cp1252", "vni", 499), ("nfd", "nfd", 500)],
)
def test_real_titles_come_right(column: str, encoding: str, right: int) -> None:
    columns = titles()
    pairs = zip(columns[column], columns["unicode_nfc"], strict=True)
    assert sum(repair(text, encoding) == title for text, title in pairs) == right


@needs_data
@pytest.mark.parametrize(
    ("column", "encoding"),
    [("viscii_hex", "viscii"), ("tcvn5712_hex_iconv", "tcvn5712"), ("cp1258_hex", "cp1258")],
)
def test_real_titles_come_right_from_bytes_and_go_back(column: str, encoding: str) -> None:
    columns = titles()
    for cell, title in zip(columns[column], columns["unicode_nfc"], strict=True):
        data = bytes.fromhex(cell)
        if data:
            assert decode(data, encoding) == title
            assert encode(title, encoding) == data


@needs_data
def test_the_model_of_syllables_knows_what_catalogues_write() -> None:
    known = total = 0
    for line in lines(DATA / "enc" / "vi-syllables.tsv.gz")[1:]:
        syllable, *_, frequency = line.split("\t")
        total += int(frequency)
        known += int(frequency) * is_syllable(unicodedata.normalize("NFC", syllable))
    assert total > 200_000
    assert known / total > 0.96


SYLLABLES = "nghiêng Giếng quyển hoà hòa khuỷu gì QUỐC ươi y ở thuở quạu xoong uýnh"
OTHERS = "kà ngê cê nhêt hoàc vịêt tuà bự́ TRUYệN f quu đd ng toỏn"


@pytest.mark.parametrize("word", SYLLABLES.split())
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", OTHERS.split())
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)
