"""One table of all encodings, and the four ways through it: repair and restore text, decode and encode bytes.

A text that is good as it stands stays as it is: what makes words worse is never a repair.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from unioncat.text.clean import compose
from unioncat.text.encodings.ansel import read_ansel, write_ansel
from unioncat.text.encodings.onebyte import (
    read_cp1258,
    read_tcvn3,
    read_tcvn5712,
    read_viscii,
    read_vps,
    write_cp1258,
    write_tcvn3,
    write_tcvn5712,
    write_viscii,
    write_vps,
)
from unioncat.text.encodings.surface import beyond, surface, to_bytes
from unioncat.text.encodings.syllables import is_marked_syllable
from unioncat.text.encodings.twice import read_twice, write_twice
from unioncat.text.encodings.viqr import read_viqr, write_viqr
from unioncat.text.encodings.vni import read_vni, write_vni


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _same(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoding: its reader and writer, both between the surface of a text and its letters."""

    name: str
    read: Callable[[str], str]
    write: Callable[[str], str]
    guarded: bool = True
    """Whether text may look as if it were in this encoding although it is not."""


_CODECS: Final = {
    each.name: each
    for each in (
        Codec("utf-8", _same, _same, False),
        Codec("cp1252", _same, _same, False),
        Codec("tcvn3", read_tcvn3, write_tcvn3),
        Codec("tcvn5712", read_tcvn5712, write_tcvn5712),
        Codec("vni", read_vni, write_vni),
        Codec("viscii", read_viscii, write_viscii),
        Codec("vps", read_vps, write_vps),
        Codec("cp1258", read_cp1258, write_cp1258),
        Codec("viqr", read_viqr, write_viqr),
        Codec("marc-8", read_ansel, write_ansel),
        Codec("nfd", compose, _decomposed, False),
        Codec("utf-8-twice", read_twice, write_twice),
    )
}
ENCODINGS: Final = tuple(_CODECS)
"""Names of encodings, as profiles and commands use them."""
LEGACY: Final = tuple(name for name, each in _CODECS.items() if each.guarded)
"""Those whose text is unreadable until it is repaired."""


class UnknownEncoding(ValueError):
    """A name that is no encoding of ours."""

    remedy = "choose one of: " + ", ".join(ENCODINGS)


def codec(name: str) -> Codec:
    """Give an encoding by its name; raises `UnknownEncoding`."""
    try:
        return _CODECS[name]
    except KeyError:
        raise UnknownEncoding(f"no encoding is called {name!r}") from None


def repair(text: str, encoding: str) -> str:
    """Read text that was taken for Western or Unicode text although it is in `encoding`.

    The encoding is to be decided for the whole batch before. A text is left alone where reading it so would
    turn Vietnamese syllables into none, or gain none although it has letters that no old encoding has: a
    file in TCVN3 may hold later records in Unicode. The surface may have been decomposed (NFD) on its way.
    Raises `UnknownEncoding`.
    """
    found = codec(encoding)
    if text.isascii() and encoding != "viqr":
        return found.read(text) if encoding == "tcvn3" and "-" in text else text
    if not found.guarded:
        return found.read(text)
    composed = unicodedata.normalize("NFC", text)
    read = found.read(composed)
    if read == composed:
        return text
    gain = count_good(read) - count_good(composed)
    return text if gain < 0 or (gain == 0 and beyond(composed)) else read


def restore(text: str, encoding: str) -> str:
    """Undo `repair`: write the text again as it looked. What the encoding lacks stays as it is.

    Where an encoding has several spellings of one text the usual one comes back; the bytes as received are
    kept with the raw record. Raises `UnknownEncoding`.
    """
    return codec(encoding).write(text)


def decode(data: bytes, encoding: str) -> str:
    """Read bytes in `encoding`; never fails on bytes. Raises `UnknownEncoding`.

    Bytes that are UTF-8 although a legacy encoding was named hold the surface of it: a program in between
    took the old text for Western text.
    """
    found = codec(encoding)
    try:
        return repair(data.decode(), encoding)
    except UnicodeDecodeError:
        if encoding in ("utf-8", "nfd", "utf-8-twice"):
            return found.read(data.decode("utf-8", "replace"))
        return found.read(surface(data))


def encode(text: str, encoding: str) -> bytes:
    """Write text as bytes; raises UnicodeEncodeError for what the encoding lacks, and `UnknownEncoding`."""
    written = codec(encoding).write(text)
    return written.encode() if encoding in ("utf-8", "nfd", "utf-8-twice", "viqr") else to_bytes(written)


# It begins at the first letter of a run and gives nothing back: a run of a million letters is looked at once.
CHUNK: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]*+[^\t-\r\x1f-\x7f][^\t-\r\x1f !-@\[-`{-\x7f]*+")
"""What stands between ASCII signs and has a sign beyond ASCII (or a control byte, a letter in VISCII)."""
_AROUND = re.compile(r"^[^\w\u0300-\u036f]+|[^\w\u0300-\u036f]+$")


@lru_cache(maxsize=1 << 15)
def good(chunk: str) -> bool:
    """Tell whether a chunk of good text is a marked Vietnamese syllable, signs around it left out."""
    return is_marked_syllable(chunk) or is_marked_syllable(_AROUND.sub("", compose(chunk)))


def count_good(text: str) -> int:
    """Count the marked Vietnamese syllables in a text."""
    return sum(map(good, CHUNK.findall(text)))
