"""The fields of one UNIMARC record, cleaned, with links unfolded and marks of non-sorting taken out.

Fields that say the same in another script ($7) are kept apart, so that each element is read once.
"""

import re

from unioncat.domain.source import Profile
from unioncat.normalise.marc21.fields import Fields
from unioncat.normalise.record import DataField, MarcRecord, Subfields
from unioncat.text import clean

_TAG_LIST = (
    "010 011 013 015 017 020 021 022 033 035 071 073 100 101 105 106 110 115 126 130 135 182 200 205 207 210 "
    "214 215 225 230 300 301 302 303 304 305 306 307 308 310 311 312 313 314 315 320 321 322 323 324 325 326 "
    "327 328 330 332 333 334 336 337 410 411 454 461 462 463 464 500 501 503 510 512 513 514 515 516 517 518 "
    "520 530 531 532 540 541 545 600 601 602 604 605 606 607 608 610 615 616 620 675 676 680 686 700 701 702 "
    "710 711 712 716 720 721 722 730 856 915"
)
_TAGS = frozenset(_TAG_LIST.split())
# ISO 6630 in one byte and in Unicode, and what people type instead.
_NOT_SORTED = re.compile("[\x88\x98](.*?)[\x89\x9c]|<<(.*?)>>|¬(.*?)¬")
_SCRIPTS = {
    "ba": "Latn",
    "ca": "Cyrl",
    "da": "Jpan",
    "db": "Hani",
    "dc": "Kana",
    "ea": "Hani",
    "fa": "Arab",
    "ga": "Grek",
    "ha": "Hebr",
    "ia": "Thai",
    "ja": "Deva",
    "ka": "Kore",
    "la": "Taml",
    "ma": "Geor",
    "mb": "Armn",
}


class UnimarcFields(Fields):
    """A UNIMARC record ready to be read: `others` in other scripts, `unsorted` characters of 200 $a."""

    __slots__ = ("coded", "others", "unsorted")

    def __init__(self, record: MarcRecord, profile: Profile) -> None:
        holdings = {place.tag for place in profile.holdings}
        fields = []
        self.others: list[tuple[str, str | None, Subfields]] = []
        self.unsorted: int | None = None
        first: dict[str, str] = {}
        for tag, ind1, ind2, subfields in record.fields:
            if tag[:1] == "4" and any(code == "1" for code, _ in subfields):
                subfields = unfold(subfields)
            script = next((value for code, value in subfields if code == "7"), "")[:2]
            link = next((value for code, value in subfields if code == "6"), "")[:3]
            if script and link and first.setdefault(tag + link, script) != script:
                self.others.append((tag, _SCRIPTS.get(script), subfields))
                continue
            if tag == "200" and self.unsorted is None:
                self.unsorted = _unsorted(next((value for code, value in subfields if code == "a"), ""))
            fields.append((tag, ind1, ind2, tuple([(code, _unmarked(text)) for code, text in subfields])))
        # The parent reads MARC 21: it is given a record without 008, and the tags of this format.
        self.leader = record.leader
        self.flags = list(record.flags)
        self.f008 = " " * 40
        self.controls = {}
        for tag, value in record.controls:
            self.controls.setdefault(tag, []).append(value)
        self._by_tag = {}
        marked = record._replace(fields=tuple(with_copies(fields) if "930" in holdings else fields))
        self._fill(marked, (_TAGS | holdings) - frozenset(profile.drop_tags))
        # Blanks count in coded data, so they are read before anything is cleaned.
        self.coded = _coded(fields)

    def code(self, tag: str, start: int, end: int) -> str:
        """Return characters of the coded data in $a of a field, blank where there are none."""
        return self.coded.get(tag, "")[start:end].ljust(end - start)


def _coded(fields: list[DataField]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag, _, _, subfields in fields:
        if tag in ("100", "105", "106", "110", "115", "126", "130", "135"):
            for code, value in subfields:
                if code == "a":
                    found.setdefault(tag, value)
    return found


def unfold(subfields: Subfields) -> Subfields:
    """Turn a link that holds whole fields ($1 with tag and indicators) into $t, $v, $x and $0."""
    meant = {("200", "a"): "t", ("200", "h"): "h", ("200", "i"): "i", ("200", "v"): "v", ("011", "a"): "x"}
    found: list[tuple[str, str]] = []
    tag = ""
    for code, value in subfields:
        if code == "1":
            tag = value[:3]
            if tag == "001":
                found.append(("0", value[3:]))
        elif not tag:
            found.append((code, value))
        elif (tag, code) in meant:
            found.append((meant[tag, code], value))
    return tuple(found)


def with_copies(fields: list[DataField]) -> list[DataField]:
    """Give each 930 the item numbers of the 915 of the same copy ($5), and what $5 says of library and place.

    Where 930 has nothing else, $5 is the code of the library and the shelf mark ("FR-751131010:2011-166555").
    """
    numbers: dict[str, list[str]] = {}
    for tag, _, _, subfields in fields:
        if tag == "915":
            values = dict(reversed(subfields))
            if number := values.get("b") or values.get("a"):
                numbers.setdefault(values.get("5", ""), []).append(number)
    found = []
    for tag, ind1, ind2, subfields in fields:
        if tag == "930":
            known = dict(reversed(subfields))
            library, mark, shelf = known.get("5", "").partition(":")
            if mark and "b" not in known:
                subfields += (("b", library),) if "a" in known else (("b", library), ("a", shelf))
            subfields += tuple([("f", number) for number in numbers.get(known.get("5", ""), [])])
        found.append((tag, ind1, ind2, subfields))
    return found


def _unmarked(text: str) -> str:
    return _NOT_SORTED.sub(lambda found: found[1] or found[2] or found[3] or "", text)


def _unsorted(title: str) -> int | None:
    """Return how many characters at the start of a title are marked as not sorted; None without marks."""
    found = _NOT_SORTED.match(title.lstrip())
    if found is None:
        return None
    inside = (found[1] or found[2] or found[3] or "") + "|"
    rest = title.lstrip()[found.end() :]
    skipped = len(clean(inside)) - 1
    return skipped + 1 if rest[:1] == " " and not clean(inside).endswith(" |") else skipped
