"""Other words that may have been meant."""

import pytest

from unioncat.domain.search import Clause
from unioncat.index.spelling import one_edit, rewritten, variants


def test_one_edit() -> None:
    edits = one_edit("kieu")
    assert {"kie", "kiue", "kieo", "kieuu", "ikeu", "khieu"} <= edits
    assert "kieu" not in edits
    assert one_edit("du") == one_edit("2020") == one_edit("x" * 80) == set()


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("chuyen", "truyen"),
        ("truyen", "chuyen"),
        ("giong", "dong"),
        ("gianh", "danh"),
        ("dong", "giong"),
        ("sach", "xach"),
        ("lam", "nam"),
        ("dak", "dac"),
        ("nghanh", "nganh"),
        ("bien", "bieng"),
        ("mat", "mac"),
        ("kach", "cach"),
        ("ly", "li"),
        ("truyeenj", "truyen"),
        ("dduwowngf", "duong"),
        ("truye65n", "truyen"),
    ],
)
def test_variants(word: str, other: str) -> None:
    assert other in variants(word)
    assert word not in variants(word)


def test_proposals_are_written_as_in_the_record_shown() -> None:
    clauses = (Clause("truyen kieuu"), Clause("nguyễn du", "author"), Clause("kieuu", negated=True))
    written = rewritten(clauses, {"kieuu": "kieu"}, ("Truyện Kiều", "Nguyễn Dũ"))
    assert [clause.text for clause in written] == ["truyện kiều", "nguyễn dũ", "kieuu"]


def test_words_typed_with_accents_stay_as_they_are() -> None:
    written = rewritten((Clause("truyện kieuu"),), {"kieuu": "kieu"}, ("Truyền kiều",))
    assert written[0].text == "truyện kiều"


def test_words_that_no_record_shows_are_written_plain() -> None:
    assert rewritten((Clause("kieuu"),), {"kieuu": "kieu"}, ())[0].text == "kieu"
