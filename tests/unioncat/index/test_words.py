"""Words are the same on both sides, documents and queries."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unioncat.index.words import LONGEST_WORD, compact, forms, joined, pieces


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Truyện Kiều", "truyen kieu"),
        ("Đường về", "duong ve"),
        ("Nxb.Trẻ", "nxb tre"),
        ("T.1", "t 1"),
        ("Mác-Lênin", "mac lenin"),
        ("Lập trình C++11, C# và ASP.NET", "lap trinh c++ 11 c# va asp .net"),
        ("a_b", "a b"),
        ("network.net.vn", "network .net vn"),
        ("dotnetx .network", "dotnetx network"),
        ("金雲翹 truyện", "金 雲 翹 truyen"),
        ("𡨸喃", "𡨸 喃"),
        ("?!", ""),
    ],
)
def test_folded_words(text: str, folded: str) -> None:
    assert " ".join(form.folded for form in forms(text)) == folded


def test_exact_words_keep_accents_but_not_their_place() -> None:
    assert forms("hòa") == forms("hoà")
    assert forms("hòa")[0].exact != forms("hoa")[0].exact
    assert forms("kỹ")[0] == forms("kĩ")[0]


def test_noise_is_cut() -> None:
    assert max(len(form.folded) for form in forms("x" * 1_000)) == LONGEST_WORD


@given(st.text(max_size=60))
@example("0\x1f0")
def test_documents_and_queries_are_divided_alike(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    exact, folded, marked = joined(text)
    assert exact.split() == [form.exact for form in forms(text)]
    assert folded.split() == [form.folded for form in forms(text)]
    assert marked == ("" if text.isascii() else exact)
    assert all(form.exact and form.folded and not any(map(str.isspace, form.exact)) for form in forms(text))


def test_pieces_show_what_was_written() -> None:
    assert pieces("Truyện C++") == [("truyện", "truyen"), ("c++", "c++")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("978-604-1", "9786041"), ("895.922 Đ561V", "895922đ561v"), ("10.1000/182", "101000182")],
)
def test_compact(text: str, expected: str) -> None:
    assert compact(text) == expected
