"""Place of publication, with its usual short forms ("H.", "Tp. HCM"); weak evidence either way."""

from functools import lru_cache
from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import graded
from unioncat.text import key_fold

_FEATURE: Final = "place"
_FORMS: Final = {
    "Hà Nội": ("H.", "HN", "Hanoi", "TP. Hà Nội"),
    "Hồ Chí Minh": (
        "HCM", "TP. HCM", "TPHCM", "TP. Hồ Chí Minh", "T.P. Hồ Chí Minh", "T.P. HCM", "Thành phố Hồ Chí Minh",
        "Ho Chi Minh City", "S.", "SG", "Sài Gòn", "Saigon",
    ),
    "Huế": ("TP. Huế", "Thừa Thiên Huế"),
    "Đà Nẵng": ("TP. Đà Nẵng", "Danang", "ĐN"),
    "Hải Phòng": ("TP. Hải Phòng", "HP"),
    "Cần Thơ": ("TP. Cần Thơ",),
    "New York": ("New York, N.Y.", "New York City", "N.Y."),
    "Washington": ("Washington, D.C.",),
    "London": ("London, England", "Londres", "Londini"),
    "Cambridge": ("Cambridge, Mass.",),
    "Paris": ("Parisiis",),
}  # fmt: skip
"""A place -> other ways to write it; Sài Gòn stands with its present name because reprints mix them."""

_TABLE: Final = {key_fold(form): key_fold(place) for place, forms in _FORMS.items() for form in forms}
_NOWHERE: Final = frozenset(
    key_fold(text)
    for text in ("", "k.đ.", "kđ", "s.l.", "không rõ", "n.p.", "place of publication not identified")
)
_MOST: Final = 3


def extract(bib: BibRecord) -> tuple[str, ...]:
    """Return the folded places of the imprints, unknown ones left out."""
    found = {_place(place) for imprint in bib.imprints for place in imprint.places[:_MOST]}
    found.discard("")
    return tuple(sorted(found))


@lru_cache(maxsize=4096)
def _place(text: str) -> str:
    folded = key_fold(text)
    if folded in _NOWHERE:
        return ""
    return _TABLE.get(folded, folded)


def compare(left: Features, right: Features) -> Evidence:
    """Weigh a common place for, none in common slightly against."""
    ours, theirs = left.places, right.places
    if not ours or not theirs:
        return _NOTHING
    agree = ours == theirs or any(_alike(one, other) for one in ours for other in theirs)
    grade = "place.equal" if agree else "place.differs"
    return graded(_FEATURE, grade, "; ".join(ours), "; ".join(theirs))


_NOTHING = Evidence(_FEATURE, 0.0)


def _alike(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other} ") or other.startswith(f"{one} ")
