"""Publisher, without the words that all publishers bear, and with the renamings of Vietnamese houses.

A publisher's string is nearly worthless as it stands; what is compared is the house.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features, is_vietnamese
from unioncat.matching.rules import graded
from unioncat.text import key_fold

_FEATURE: Final = "publisher"
_NAMES: Final = {
    "Phụ nữ": ("Phụ nữ Việt Nam",),
    "Giáo dục": ("Giáo dục Việt Nam",),
    "Chính trị quốc gia": (
        "Chính trị quốc gia Sự thật", "Sự thật", "Chính trị quốc gia Hồ Chí Minh",
    ),
    "Thông tin và Truyền thông": (
        "Khoa học - Công nghệ - Truyền thông", "Bưu điện", "Thông tin Truyền thông",
    ),
    "Tổng hợp Hồ Chí Minh": (
        "Tp. HCM", "Tp. Hồ Chí Minh", "Thành phố Hồ Chí Minh", "Tổng hợp Tp. HCM", "Tổng hợp Tp. Hồ Chí Minh",
        "Tổng hợp Thành phố Hồ Chí Minh",
    ),
    "Văn nghệ": ("Văn nghệ Tp. HCM", "Văn nghệ Tp. Hồ Chí Minh"),
    "Khoa học kỹ thuật": ("Khoa học và Kỹ thuật", "KHKT", "KH & KT", "KH và KT"),
    "Lao động Xã hội": ("Lao động - Xã hội", "LĐXH"),
    "Quân đội nhân dân": ("QĐND",),
    "Công an nhân dân": ("CAND",),
    "Hội Nhà văn": ("Hội Nhà văn Việt Nam",),
    "Bách khoa Hà Nội": ("Bách khoa",),
    "Đại học Quốc gia Hà Nội": ("ĐHQG Hà Nội", "ĐHQGHN", "Đại học Quốc gia HN"),
    "Đại học Quốc gia Hồ Chí Minh": (
        "ĐHQG Tp. HCM", "Đại học Quốc gia Tp. HCM", "Đại học Quốc gia Tp. Hồ Chí Minh",
        "ĐHQG Tp. Hồ Chí Minh",
    ),
}  # fmt: skip
"""A house -> its other names: renamed since, written short, or taken over with its list."""

_SAME: Final = {key_fold(name): key_fold(house) for house, names in _NAMES.items() for name in names}
_NOBODY: Final = frozenset(
    key_fold(text)
    for text in ("", "chưa xác định", "k.nxb.", "knxb", "không rõ", "s.n.", "sn", "n. pub.", "nxb", "k.đ.")
) | {"publisher not identified"}
_VI_WORDS = re.compile(r"(?<!\w)(?:nxb|nha xuat ban|cong ti(?: tnhh| co phan| cp)?|tnhh(?: mtv)?|mtv)(?!\w)")
_COMMON: Final = frozenset(
    key_fold(
        "the and of inc ltd co company corp corporation pub pubs publ publisher publishers publishing"
        " publications press books book verlag editions edition editeur editeurs presses sons bros brothers"
        " print printing printed by for sold house in plc llc limited group etc gmbh dept department u s"
        " office off govt government university universite universitat college school institute"
    ).split()
)
_STATE: Final = (
    (
        re.compile(
            r"(?<!\w)(?:g p o|gpo|sup(?:erintenden)?t of doc(?:ument)?s"
            r"|gov(?:ernmen)? ?t (?:print|printing|printer|ptg) off(?:ice)?)(?!\w)"
        ),
        "gpo",
    ),
    (re.compile(r"(?<!\w)(?:h m s o|hmso|(?:h m|majest[iy] s) station[ae]r[iy] off(?:ice)?)(?!\w)"), "hmso"),
)
"""Printing houses of states, however written: they print for bodies that other records name instead."""
_PRINTERS: Final = frozenset(house for _, house in _STATE)
_REFERRED: Final = frozenset(
    key_fold(
        "author agency association board bureau center centre college commission committee company council"
        " department division firm foundation institute institution library museum office service society"
        " survey university"
    ).split()
)
"""Houses that stand for a body named elsewhere in the record ("The Association")."""
_SCHOOLS = re.compile(r"(?<!\w)(?:truong|dai hoc|hoc vien|cao dang|trung tam)(?!\w)")
_LIKE: Final = 80.0
_LONG: Final = 5
"""Letters of a word that alone is telling; a shorter one may be a syllable of many (Văn học, Nhà văn)."""
_MOST: Final = 3


class Facts(NamedTuple):
    """The houses of a record, sorted, and the one named first."""

    houses: tuple[str, ...]
    first: str


def extract(bib: BibRecord) -> Facts:
    """Return the houses of the imprints; a partner company after ";" is left out."""
    found = []
    for imprint in bib.imprints:
        for publisher in imprint.publishers[:_MOST]:
            house = _house(publisher)
            if house and house not in found:
                found.append(house)
    return Facts(tuple(sorted(found[:_MOST])), found[0] if found else "")


@lru_cache(maxsize=16384)
def _house(text: str) -> str:
    folded = key_fold(text.partition(";")[0])
    if folded in _NOBODY:
        return ""
    if folded.removeprefix("the ") in _REFERRED:
        return ""
    for pattern, house in _STATE:
        if pattern.search(folded):
            return house
    folded = " ".join(_VI_WORDS.sub(" ", folded).split())
    return "" if folded in _NOBODY else _SAME.get(folded, folded)


@lru_cache(maxsize=16384)
def _telling(house: str) -> frozenset[str]:
    """The words of a house's name that others do not bear, initials left out."""
    words = _SCHOOLS.sub(" ", house).split()
    return frozenset(word for word in words if word not in _COMMON and len(word) > 1)


@lru_cache(maxsize=16384)
def _initials(house: str) -> str:
    """The initials of a house of three words or more ("bbc"), for houses that are called by them."""
    words = [word for word in house.split() if word not in ("and", "for", "of", "the")]
    return "".join(word[0] for word in words) if len(words) > 2 else ""


def compare(left: Features, right: Features) -> Evidence:
    """Weigh equal houses for, different ones against, those that share part of a name a little for.

    A Vietnamese book has one publisher; a company that two have as their partner (Nhã Nam) makes them no one.
    """
    ours, theirs = left.publishers, right.publishers
    if not ours or not theirs:
        return _NOTHING
    if ours == theirs or any(house in theirs for house in ours):
        partner = left.house not in theirs and right.house not in ours
        vietnamese = partner and (is_vietnamese(left) or is_vietnamese(right))
        grade = _grade(left.house, right.house) if vietnamese else "publisher.equal"
    else:
        grade = min((_grade(one, other) for one in ours for other in theirs), key=_ORDER.index)
    return graded(_FEATURE, grade, "; ".join(ours), "; ".join(theirs))


_NOTHING = Evidence(_FEATURE, 0.0)
_ORDER: Final = ("publisher.equal", "publisher.like", "publisher.issuer", "publisher.differs")


def _grade(one: str, other: str) -> str:
    if one in _PRINTERS or other in _PRINTERS:
        return "publisher.issuer"
    ours, theirs = _telling(one), _telling(other)
    if not ours or not theirs:
        return "publisher.like"
    if ours == theirs:
        return "publisher.equal"
    shared = ours & theirs
    if shared and (shared in (ours, theirs) or any(len(word) >= _LONG for word in shared)):
        return "publisher.like"
    if _initials(one) == other or _initials(other) == one:
        return "publisher.like"
    if fuzz.ratio(one, other, score_cutoff=_LIKE):
        return "publisher.like"
    return "publisher.differs"
