"""Vietnamese order of titles."""

import random
import unicodedata

import pytest

from unioncat.text import COLLATION_VERSION, sort_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["a", "ă", "â", "b"],
        ["da", "dy", "đa", "e"],
        ["oan", "ô", "ơ", "p"],
        ["u", "ư", "v"],
        ["9 bài học", "21 bài học", "451 độ F", "Ba người"],
        ["T.2", "T.9", "T.10", "T.11"],
        ["Nhà", "“Nhật ký trong tù”", "Nho"],
    ],
)
def test_order(ordered: list[str]) -> None:
    shuffled = ordered[:]
    random.Random(7).shuffle(shuffled)
    assert sorted(shuffled, key=sort_key) == ordered


def test_forms_of_unicode_sort_alike() -> None:
    assert sort_key("Truyện Kiều") == sort_key(unicodedata.normalize("NFD", "Truyện Kiều"))


def test_leading_punctuation_is_skipped() -> None:
    assert sort_key("«… Đất rừng") == sort_key("Đất rừng")
    assert sort_key("???") != sort_key("")


def test_nonfiling_characters_are_skipped() -> None:
    assert sort_key("The sea", 4) == sort_key("sea")
    assert sort_key('"The sea"', 5) == sort_key('sea"')
    assert sort_key("Le", 9) == sort_key("Le")


def test_version_names_the_rules() -> None:
    assert COLLATION_VERSION.startswith("vi-kn-icu")
