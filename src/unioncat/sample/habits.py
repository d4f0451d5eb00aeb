"""The habits of cataloguers and of their systems, each as one small change of a text or a name.

A habit never changes which edition a record describes; it only changes how that is written.
"""

import re
import unicodedata
from enum import StrEnum

from unioncat.sample.editions import Person


class Habit(StrEnum):
    """Every habit that occurs in the sample, under its name."""

    NAME_DIRECT = "name-direct"
    NAME_COMMA = "name-comma"
    ROLE_SUBFIELD = "role-subfield"
    ROLE_BRACKETS = "role-brackets"
    TONE_OLD = "tone-old"
    TONE_NEW = "tone-new"
    I_FOR_Y = "i-for-y"
    DECOMPOSED = "decomposed"
    OI_SLIP = "oi-slip"
    ETH_SLIP = "eth-slip"
    NBSP = "nbsp"
    CAPITALS = "capitals"
    PAGES_TR = "pages-tr"
    PAGES_P = "pages-p"
    PAGES_TRANG = "pages-trang"
    PUBLISHER_BARE = "publisher-bare"
    PUBLISHER_NXB = "publisher-nxb"
    PUBLISHER_WORD = "publisher-word"
    PUBLISHER_RENAMED = "publisher-renamed"
    PARTNER_DROPPED = "partner-dropped"
    PLACE_SHORT = "place-short"
    PLACE_FULL = "place-full"
    ISBN_MISSING = "isbn-missing"
    ISBN_HYPHENS = "isbn-hyphens"
    ISBN_PRICE = "isbn-price"
    VOLUME_N = "volume-n"
    VOLUME_B = "volume-b"
    VOLUME_A = "volume-a"
    VOLUME_SERIES = "volume-series"
    HOLDINGS_852 = "holdings-852"
    HOLDINGS_952 = "holdings-952"
    HAN_NOM = "han-nom"
    STAFF_BY_FUNCTION = "staff-by-function"
    DUPLICATE = "duplicate"
    WRONG_ISBN = "wrong-isbn"


_OLD = ("òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy")
_NEW = ("oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ")
_TO_NEW = dict(zip(_OLD, _NEW, strict=True))
_TO_OLD = dict(zip(_NEW, _OLD, strict=True))
_OLD_END = re.compile(f"({'|'.join(_OLD)})\\b")
_NEW_END = re.compile(f"(?<![qQ])({'|'.join(_NEW)})\\b")
_OPEN_Y = re.compile(r"\b([hklmst]|qu)([yýỳỷỹỵ])\b", re.IGNORECASE)
_TO_I = str.maketrans("yýỳỷỹỵYÝỲỶỸỴ", "iíìỉĩịIÍÌỈĨỊ")
_RENAMED = {
    "Phụ nữ": "Phụ nữ Việt Nam",
    "Tổng hợp Tp. Hồ Chí Minh": "Tp. Hồ Chí Minh",
    "Chính trị quốc gia": "Chính trị quốc gia Sự thật",
    "Giáo dục": "Giáo dục Việt Nam",
}


def tones_new(text: str) -> str:
    """Put tones of open syllables on the second vowel: hòa becomes hoà."""
    return _OLD_END.sub(lambda found: _TO_NEW[found[0]], text)


def tones_old(text: str) -> str:
    """Put tones of open syllables on the first vowel: hoà becomes hòa."""
    return _NEW_END.sub(lambda found: _TO_OLD[found[0]], text)


def i_for_y(text: str) -> str:
    """Write i for y in open syllables: kỹ becomes kĩ."""
    return _OPEN_Y.sub(lambda found: found[1] + found[2].translate(_TO_I), text)


def decomposed(text: str) -> str:
    """Write every mark as its own character (NFD)."""
    return unicodedata.normalize("NFD", text)


def oi_slip(text: str) -> str:
    """Write ƣ (U+01A3) for the first ư, as texts out of old PDF fonts do."""
    return text.replace("ư", "ƣ", 1)


def eth_slip(text: str) -> str:
    """Write Ð (U+00D0) for Đ, as old keyboards do."""
    return text.replace("Đ", "Ð")


def nbsp(text: str) -> str:
    """Put a no-break space where the first blank was."""
    return text.replace(" ", "\xa0", 1)


def comma_name(person: Person) -> str:
    """Write surname, comma, other names; names of one word and names with a comma stay."""
    words = person.name.split()
    if len(words) == 1 or "," in person.name:
        return person.name
    if not person.family_last:
        return f"{words[0]}, {' '.join(words[1:])}"
    start = len(words) - (2 if words[-2] == "García" else 1)
    return f"{' '.join(words[start:])}, {' '.join(words[:start])}"


def hyphenated(isbn: str, pattern: int) -> str:
    """Write an ISBN-13 of Viet Nam with hyphens, in one of the patterns that occur."""
    cut = (3, 6, 6 + (1, 2, 3)[pattern % 3], 12)
    return "-".join(isbn[begin:end] for begin, end in zip((0, *cut), (*cut, 13), strict=True))


def renamed(publisher: str) -> str:
    """Write a publisher under its later or other name."""
    return _RENAMED.get(publisher, publisher)
