"""Cleaning, trap by trap."""

import unicodedata

import pytest

from unioncat.text import clean


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("Thƣ viện Chƣơng Ƣơng", "Thư viện Chương Ương", id="oi-for-u-horn"),
        pytest.param("Ðất rừng phương Nam", "Đất rừng phương Nam", id="eth-for-d-stroke"),
        pytest.param("Ɖất ðường ɖi", "Đất đường đi", id="african-d-and-small-eth"),
        pytest.param("thư\u200bviện\ufeff\u2060", "thưviện", id="zero-width"),
        pytest.param("thư\u00adviện", "thưviện", id="soft-hyphen"),
        pytest.param("\u202athư viện\u202c", "thư viện", id="direction-marks"),
        pytest.param("Du\u00a0lịch \u3000 tặng\tsách\r\n", "Du lịch tặng sách", id="white-space"),
        pytest.param("a\x1fb\x1dc\x00d\x98e\x9cf", "abcdef", id="control-characters"),
        pytest.param("a\ud800b\ufffec", "abc", id="not-xml"),
        pytest.param("Che\u0301\u0302", "Chế", id="tone-before-hat"),
        pytest.param("Ch\u00e9\u0302 Lan Viên", "Chế Lan Viên", id="tone-before-hat-half-composed"),
        pytest.param("xua\u0301\u0302t", "xuất", id="tone-before-hat-inside"),
        pytest.param("tuye\u0309\u0302n", "tuyển", id="hook-before-hat"),
        pytest.param("Hu\u0300\u031b", "Hừ", id="grave-before-horn"),
        pytest.param("NGUYE\u0303\u0302N", "NGUYỄN", id="capital"),
        pytest.param("Nha \u0300xuất bản", "Nhà xuất bản", id="mark-after-space"),
        pytest.param("Nha \u0300xua\u0301\u0302t", "Nhà xuất", id="mark-after-space-and-wrong-order"),
        pytest.param("Nha \u0300 xuất", "Nhà xuất", id="mark-between-spaces"),
        pytest.param("Nghiên cứu va \u0300", "Nghiên cứu và", id="mark-at-the-end"),
        pytest.param("t\ufe20s\ufe21arʹ", "t\u0361sarʹ", id="half-marks"),
        pytest.param("n\ufe22g\ufe23", "n\u0360g", id="half-tildes"),
        pytest.param("t\ufe20s", "t\ufe20s", id="half-mark-without-its-half"),
        pytest.param("o\u0328\u0304", "ǭ", id="other-marks-compose"),
        pytest.param("", "", id="empty"),
        pytest.param(" \u200b ", "", id="nothing-left"),
        pytest.param("  a   b ", "a b", id="ascii-spaces"),
    ],
)
def test_clean(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_nfd_of_every_vietnamese_letter_composes() -> None:
    hats = {"a": "\u0302\u0306", "e": "\u0302", "i": "", "o": "\u031b\u0302", "u": "\u031b", "y": ""}
    vowels = [base + hat for base in hats for hat in ["", *hats[base]]]
    letters = [
        unicodedata.normalize("NFC", vowel + tone)
        for vowel in vowels
        for tone in ["", *"\u0300\u0301\u0303\u0309\u0323"]
    ]
    letters += [letter.upper() for letter in letters]
    assert len(letters) == 144
    assert all(len(letter) == 1 for letter in letters)
    for letter in letters:
        assert clean(unicodedata.normalize("NFD", letter)) == letter


def test_clean_text_is_returned_as_it_is() -> None:
    text = "Truyện Kiều"
    assert clean(text) == text
    assert clean("Han \U00021a38 and \U0001f4d6") == "Han \U00021a38 and \U0001f4d6"
