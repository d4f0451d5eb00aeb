"""Character sets of UNIMARC: the bytes are asked, not what 100 $a declares."""

import gzip
import unicodedata

import pytest

from tests.support.data import DATA, needs_data
from tests.unioncat.normalise.records import marc, to_iso2709
from unioncat.domain.bib import BibRecord
from unioncat.normalise import PROFILES, normalise, split_iso2709
from unioncat.normalise.iso5426 import decode, is_likely

DECLARED = "100 ## $a 20240110d2011    m  y0frey50      ba"


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"imprim\xc2e", "imprimé"),
        (b"Nguy\xc4\xc3en", "Nguyễn"),
        (b"\xe2\xcea\xc0\xcfc", "Đa\u031bč̉"),
        (b"\xf2\xcea", "đa\u031b"),
        (b"\xeauvre \xfa \xe8\xf8 \xe9\xf9 \xfb \xec\xfc \xe1\xf1", "Œuvre œ Łł Øø ß Þþ Ææ"),
        (b"\xab\xa1 \xbf\xbb \xaa\xba \xa9\xb9", "«¡ ¿» “” ‘’"),
        (b"\xc9u \xc8u \xcau \xcdo \xd0c \xd3a", "ü ü ů ő ç ą"),
        (b"\xff", "\ufffd"),
        (b"x\xc2", "x\ufffd"),
        (b"plain", "plain"),
    ],
)
def test_table(octets: bytes, text: str) -> None:
    assert unicodedata.normalize("NFC", text) == decode(octets)


def test_every_byte_is_one_character_or_a_mark() -> None:
    for byte in range(0xA0, 0x100):
        found = decode(bytes([byte]) + b"q")
        assert found.endswith("q") or unicodedata.combining(found[-1])


@pytest.mark.parametrize(
    "text",
    [
        "Éditions de l'imprimé à Orléans, où l'œuvre française paraît",
        "Bücher für Köln",
        "Les Prêtres",
        "ÉTÉ",
        "España, año y corazón",
    ],
)
def test_western_text_is_not_taken_for_it(text: str) -> None:
    assert not is_likely(text.encode("cp1252"))


@pytest.mark.parametrize(
    "octets",
    [
        b"imprim\xc2e \xc1a Orl\xc2eans, fran\xd0cais",
        b"\xeauvres",
        b"s\xfaur",
        b"\xe8\xc2od\xc2z",
        b"B\xcaat, sm\xf9r",
    ],
)
def test_its_own_text_is_known(octets: bytes) -> None:
    assert is_likely(octets)


def read(title: bytes) -> BibRecord:
    octets = to_iso2709(marc(DECLARED, "200 1# $a @", "101 0# $a fre"))
    found = normalise(_put(octets, title), "unimarc", PROFILES["unimarc"]).bib
    assert found is not None
    return found


def _put(octets: bytes, title: bytes) -> bytes:
    return octets.replace(b"\x1fa@", b"\x1fa" + title)


def test_what_the_record_declares_is_not_believed() -> None:
    assert read(b"Les Pr\xc3etres").title.main == "Les Prêtres"
    assert read("Les Prêtres".encode()).title.main == "Les Prêtres"
    western = read("Les Prêtres, œuvre".encode("cp1252"))
    assert western.title.main == "Les Prêtres, œuvre"
    assert "encoding-misdeclared" in western.flags
    marked = read(b"\x88Les \x89Pr\xc3etres")
    assert (marked.title.main, marked.title.nonfiling) == ("Les Prêtres", 4)


@needs_data
@pytest.mark.data
def test_a_national_library_that_says_unicode_and_sends_iso_5426() -> None:
    data = gzip.decompress((DATA / "unimarc" / "bnf-1000.iso5426.mrc.gz").read_bytes())
    found = [normalise(one, "unimarc", PROFILES["unimarc"]).bib for one in split_iso2709(data)]
    assert all(found)
    texts = [repr(bib) for bib in found]
    # One record was damaged before it came: a mark stands behind its letter.
    assert sum("\ufffd" in text for text in texts) == 1
    assert sum("é" in text for text in texts) > 850
    assert not any("Ã©" in text for text in texts)
