"""What holds for every text whatever."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from unioncat.text import clean, key_exact, key_fold, name_key, sort_key
from unioncat.text import keys as keys

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
letters = st.sampled_from(VIETNAMESE + VIETNAMESE.upper())
marks = st.sampled_from("\u0300\u0301\u0302\u0303\u0306\u0308\u0309\u0323\u031b\ufe20\ufe21")
wild = st.one_of(
    st.text(),
    st.text(st.one_of(letters, marks, st.sampled_from(" .,:-()\u00a0\u200b\u00adƣÐ\x1f"))),
)
syllables = st.text(letters, min_size=1, max_size=7)
texts = st.lists(syllables, min_size=1, max_size=6).map(" ".join)


@given(wild)
@example("Nha \u0300 \u0301xuất")
@example("\u0300a")
def test_clean_twice_is_clean_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(wild)
def test_clean_text_is_nfc_with_single_spaces_and_fit_for_xml(text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == " ".join(cleaned.split())
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in cleaned)


@given(texts)
def test_keys_do_not_see_unicode_form_nor_case(text: str) -> None:
    for key in (key_exact, key_fold, name_key):
        assert key(unicodedata.normalize("NFD", text)) == key(text)
        assert key(text.upper()) == key(text.lower()) == key(text)


@given(st.lists(st.sampled_from(["hoa", "thuy", "khoe", "oa", "toan", "nguyên"]), min_size=1), st.data())
def test_exact_key_does_not_see_where_the_tone_stands(words: list[str], data: st.DataObject) -> None:
    tone = data.draw(st.sampled_from("\u0300\u0301\u0303\u0309\u0323"))

    def toned(word: str) -> str:
        decomposed = unicodedata.normalize("NFD", word)
        places = [n for n, char in enumerate(decomposed) if char in "aeiouy"]
        at = data.draw(st.sampled_from(places)) + 1
        return unicodedata.normalize("NFC", decomposed[:at] + tone + decomposed[at:])

    left, right = (" ".join(map(toned, words)) for _ in range(2))
    assert key_exact(left) == key_exact(right)


@given(texts)
def test_folded_vietnamese_is_ascii(text: str) -> None:
    folded = key_fold(text)
    assert folded.isascii()
    assert folded.replace(" ", "").isalnum()


@given(wild)
def test_fold_twice_is_fold_once(text: str) -> None:
    assert key_fold(key_fold(text)) == key_fold(text)


@given(wild, wild)
def test_equal_exact_keys_have_equal_folded_keys(left: str, right: str) -> None:
    for other in (right, left.swapcase(), left.replace("y", "i")):
        if key_exact(left) == key_exact(other):
            assert key_fold(left) == key_fold(other)


@given(wild)
def test_keys_do_not_ask_whether_the_text_was_clean(text: str) -> None:
    assert key_exact(clean(text)) == key_exact(text)
    assert key_fold(clean(text)) == key_fold(text)


@given(st.lists(syllables, min_size=1, max_size=5), st.randoms())
def test_name_key_does_not_see_the_order(words: list[str], random: object) -> None:
    other = words[:]
    random.shuffle(other)  # type: ignore[attr-defined]
    assert name_key(" ".join(words)) == name_key(", ".join(other))


@given(wild, st.integers(min_value=0, max_value=20))
def test_every_text_sorts(text: str, nonfiling: int) -> None:
    assert isinstance(sort_key(text, nonfiling), bytes)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_gives_the_same_keys(text: str) -> None:
    long_way = " ".join(filter(None, map(keys._exact, clean(text).split(" "))))
    assert key_exact(text) == key_fold(text) == long_way
