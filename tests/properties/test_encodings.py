"""What always holds of old encodings, for any text; `UNIONCAT_FUZZ=100000` tries more inputs."""

import os
import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unioncat.text.encodings import (
    ENCODINGS,
    LEGACY,
    decide,
    decode,
    encode,
    legible,
    repair,
    residue,
    restore,
)
from unioncat.text.encodings.codecs import codec, count_good
from unioncat.text.encodings.surface import surface, to_bytes
from unioncat.text.encodings.syllables import _syllables

FUZZED = int(os.environ.get("UNIONCAT_FUZZ", "3000"))
WORDS = sorted(_syllables())
syllables = st.sampled_from(WORDS)
titles = st.lists(st.one_of(syllables, syllables.map(str.title)), min_size=1, max_size=8).map(" ".join)
encodings = st.sampled_from(ENCODINGS)
legacy = st.sampled_from([name for name in LEGACY if name != "viqr"])
wild = st.text(
    st.one_of(st.characters(max_codepoint=0x2FF), st.characters(), st.sampled_from("Ã©á»‡¸µø\xad"))
)


@given(titles, legacy)
def test_vietnamese_goes_out_and_comes_back(title: str, encoding: str) -> None:
    written = restore(title, encoding)
    read = codec(encoding).read(written)
    assert (read.lower() if encoding == "tcvn3" else read) == (
        title.lower() if encoding == "tcvn3" else title
    )


@given(titles, st.sampled_from(["tcvn3", "tcvn5712", "vni", "viscii", "vps", "cp1258", "marc-8"]))
def test_vietnamese_goes_out_and_comes_back_as_bytes(title: str, encoding: str) -> None:
    assert codec(encoding).read(surface(encode(title, encoding))).lower() == title.lower()


@given(titles)
def test_viqr_comes_back_whatever_stands_around(title: str) -> None:
    text = f"{title}. (a) Sao? o+ dd \\ d'an"
    assert repair(restore(text, "viqr"), "viqr") == text


@given(titles, legacy)
def test_good_text_is_never_made_worse(title: str, encoding: str) -> None:
    assert count_good(repair(title, encoding)) >= count_good(title)


@given(st.lists(titles, min_size=1, max_size=5))
def test_good_titles_are_decided_good_and_hold_no_remains(batch: list[str]) -> None:
    assert decide(batch).encoding == "utf-8"
    assert residue(batch) is None


@given(wild, encodings)
@example("\ud800", "utf-8-twice")
@example("\u0300", "marc-8")
@example("-", "tcvn3")
def test_no_text_is_too_strange(text: str, encoding: str) -> None:
    repair(text, encoding)
    restore(text, encoding)
    legible(text, encoding)
    residue([text, text[::-1]])
    decide([text, text[::-1]])


@given(st.binary(), encodings)
def test_no_bytes_are_too_strange(data: bytes, encoding: str) -> None:
    decode(data, encoding)
    decide([data, data[::-1]])
    assert to_bytes(surface(data)) == data


@given(st.text(st.characters(max_codepoint=0x7F)), encodings)
def test_ascii_stays(text: str, encoding: str) -> None:
    if encoding != "viqr" and "-" not in text:
        assert repair(text, encoding) == text


@given(st.text(st.characters(min_codepoint=0x250, exclude_categories=["Mn", "Cs"]), max_size=40), legacy)
@example("\u0387", "tcvn3")
def test_other_scripts_stay(text: str, encoding: str) -> None:
    # signs that Windows' western code page has as well, by themselves or composed (the Greek middle dot)
    text = "".join(sign for sign in text if not 0x2000 <= ord(sign) <= 0x22FF and sign not in "\u02c6\u02dc")
    text = "".join(sign for sign in text if unicodedata.normalize("NFC", sign) >= "\u0250")
    assert unicodedata.normalize("NFC", repair(text, encoding)) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("seed", range(2))
def test_mutated_titles_raise_nothing_and_decide_quickly(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(FUZZED // 2):
        title = " ".join(chance.choices(WORDS, k=4))
        encoding = chance.choice(ENCODINGS)
        data = bytearray(restore(title, encoding).encode("utf-8", "surrogatepass"))
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        octets = bytes(data)
        decision = decide([octets, octets[1:], octets[: len(octets) // 2]])
        text = decode(octets, decision.encoding or "cp1252")
        repair(text, chance.choice(ENCODINGS))
        residue([text])
