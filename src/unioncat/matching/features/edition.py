"""Edition statement: its number from digits or words in Vietnamese, English, French and German, and its kind.

Different numbers are a hard stop; a statement on one side only weighs a little against.
"""

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import SLIP
from unioncat.matching.weights import POINTS
from unioncat.text import key_fold

_FEATURE: Final = "edition"
_ORDINALS: Final = {
    "nhat": 1, "mot": 1, "dau": 1, "hai": 2, "nhi": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6,
    "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12,
    "premiere": 1, "deuxieme": 2, "seconde": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "sixieme": 6,
    "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10,
    "erste": 1, "zweite": 2, "dritte": 3, "vierte": 4, "funfte": 5,
}  # fmt: skip
_AFTER_LAN = re.compile(r"(?<!\w)lan(?: thu)? (\d{1,3}|[a-z]+)(?!\w)")
_DIGITS = re.compile(r"(?<!\w)(\d{1,3})(?:st|nd|rd|th|d|e|er|eme|a|o)?(?!\w)")
_WORD = re.compile(r"(?<!\w)(?:" + "|".join(_ORDINALS) + r")(?!\w)")
_IN_TITLE = re.compile(
    r"(?i)(?<!\w)(?:(?:tái bản|in|xuất bản)(?: có [\w ,]+?)? lần(?: thứ)? "
    r"(?:\d{1,3}|nhất|hai|ba|tư|năm)(?!\w)"
    r"|\d{1,3}(?:st|nd|rd|th|d) ed(?:ition|n)?(?!\w))"
)
_MARKS: Final = (
    (re.compile(r"(?<!\w)(?:abridged|rut gon|tom tat|abregee?|gekurzte)(?!\w)"), "abridged"),
    (re.compile(r"(?<!\w)(?:large print|chu lon|gros caracteres)(?!\w)"), "large-print"),
    (re.compile(r"(?<!\w)(?:student|students|hoc sinh|sinh vien|school)(?!\w)"), "student"),
    (re.compile(r"(?<!\w)(?:teacher|teachers|giao vien|instructor|instructors)(?!\w)"), "teacher"),
    (re.compile(r"(?<!\w)(?:international|quoc te)(?!\w)"), "international"),
    (re.compile(r"(?<!\w)(?:bilingual|song ngu)(?!\w)"), "bilingual"),
    (re.compile(r"(?<!\w)(?:facsim|facsimile|reprint|repr|reproduction)(?!\w)"), "reprint"),
    (re.compile(r"(?<!\w)(?:american|u s|us)(?!\w)"), "american"),
    (re.compile(r"(?<!\w)(?:british|english|uk)(?!\w)"), "british"),
    (
        re.compile(
            r"(?<!\w)(?:rev|revised|enl|enlarged|sua chua|bo sung|chinh li|chinh sua|revue|augmentee|verb)"
            r"(?!\w)"
        ),
        "revised",
    ),
)
_HINTS: Final = (
    "ngữ", "ngu", "bài", "bai", "sách", "sach", "giải", "giai", "work", "teach", "answ", "solution", "biling",
    "exerc", "summ", "bilag", "suppl", "compan", "stud", "phụ", "tóm",
)  # fmt: skip
"""One of these is in every title that carries one of the marks below; most titles hold none."""
_IN_TITLES: Final = (
    (re.compile(r"(?<!\w)(?:song ngu|bilingual)(?!\w)"), "bilingual"),
    (re.compile(r"(?<!\w)(?:sach giao vien|teacher s (?:guide|book|manual|edition))(?!\w)"), "teacher"),
    (
        re.compile(r"(?<!\w)(?:giai bai tap|loi giai|solutions? manual|answer key|huong dan giai)(?!\w)"),
        "solutions",
    ),
    (re.compile(r"(?<!\w)(?:sach |vo )?bai tap(?!\w)|(?<!\w)work ?book(?!\w)"), "workbook"),
    (
        re.compile(r"(?<!\w)(?:executive|non technical|technical) summary(?!\w)|(?<!\w)ban tom tat(?!\w)"),
        "summary",
    ),
    (re.compile(r"(?<!\w)(?:bilag|supplement|suppl|phu truong)(?!\w)(?! (?:of|to)(?!\w))"), "supplement"),
    (re.compile(r"(?<!\w)companion (?:volume|book|guide)(?!\w)"), "companion"),
    (re.compile(r"(?<!\w)stud(?:y|ent|ents)(?: s)? (?:guide|resource|companion)(?!\w)"), "study-guide"),
)
"""Books that go beside a textbook of the same title, and texts in two languages."""
_COMPANIONS: Final = frozenset(
    ("teacher", "solutions", "workbook", "summary", "supplement", "companion", "study-guide")
)
_NAMED: Final = "named"
"""Mark of an edition that has a name of its own ("Library ed.", "Ấn bản đặc biệt")."""
_PLAIN = re.compile(
    r"(?<!\w)(?:\d+\w{0,2}|ed|edn|edition|ausg|auflage|aufl|new|nouvelle|printing|impression|thousand|the|and|a|an|of|by"
    r"|in|lan|thu|tai|ban|xuat|co|st|nd|rd|th|" + "|".join(_ORDINALS) + r")(?!\w)"
)
_PRINTING: Final = "printing"
"""Mark of a number that counts printings ("in lần thứ 2", "2nd printing"), not editions."""
_PRINTED = re.compile(r"(?<!\w)(?:in lan|printing|impression|tirage)(?!\w)")


def extract(bib: BibRecord) -> tuple[int | None, tuple[str, ...], str]:
    """Return the number of the edition, the marks of its kind and the words of a name of its own."""
    number, marks, words = _stated(bib)
    title = f"{bib.title.main} {bib.title.remainder}" if bib.title.remainder else bib.title.main
    told = _told(title)
    if told:
        marks = (*marks, *(mark for mark in told if mark not in marks))
    return number, marks, words


def _stated(bib: BibRecord) -> tuple[int | None, tuple[str, ...], str]:
    text = bib.edition
    if not text:
        for place in (bib.title.main, bib.title.remainder):
            match = _IN_TITLE.search(place) if place else None
            if match:
                text = match[0]
                break
    return _read(text) if text else (None, (), "")


@lru_cache(maxsize=4096)
def _told(title: str) -> tuple[str, ...]:
    """Name the marks that a title carries: in two languages, and the books that go beside a textbook."""
    small = title.lower()
    if not any(hint in small for hint in _HINTS):
        return ()
    folded = key_fold(title)
    return tuple(mark for pattern, mark in _IN_TITLES if pattern.search(folded))


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[int | None, tuple[str, ...], str]:
    folded = key_fold(text)
    marks = [mark for pattern, mark in _MARKS if pattern.search(folded)]
    if _PRINTED.search(folded):
        marks.append(_PRINTING)
    words = " ".join(_PLAIN.sub(" ", folded).split())
    if not marks and words:
        marks.append(_NAMED)
    return _number(folded), tuple(marks), words if any(len(word) > 2 for word in words.split()) else ""


def _number(folded: str) -> int | None:
    match = _AFTER_LAN.search(folded)
    if match:
        return int(match[1]) if match[1].isdecimal() else _ORDINALS.get(match[1])
    match = _DIGITS.search(folded)
    if match:
        return int(match[1])
    match = _WORD.search(folded)
    return _ORDINALS[match[0]] if match else None


def compare(left: Features, right: Features) -> Evidence:
    """Forbid different edition numbers; weigh what one side alone says, and different kinds."""
    ours, theirs = left.edition, right.edition
    marks_ours, marks_theirs = left.edition_marks, right.edition_marks
    if ours is None and theirs is None and not marks_ours and not marks_theirs:
        return _NOTHING
    grades = []
    veto = False
    if ours is not None and theirs is not None:
        if ours == theirs:
            grades.append("edition.equal")
        elif _PRINTING in marks_ours and _PRINTING in marks_theirs:
            grades.append("edition.printing-differs")
        elif _PRINTING in marks_ours or _PRINTING in marks_theirs:
            grades.append("edition.kind-differs")
        else:
            veto = True
    elif (ours or theirs or 0) > 1:
        grades.append("edition.one-side")
    differing = (set(marks_ours) ^ set(marks_theirs)) - {_PRINTING}
    if differing == {_NAMED}:
        grades.append("edition.named-one-side")
    elif differing & _COMPANIONS:
        grades.append("edition.companion")
    elif differing:
        grades.append("edition.kind-differs" if differing - {"revised"} else "edition.marks-differ")
    elif marks_ours and "revised" not in marks_ours and _named_apart(left.edition_words, right.edition_words):
        grades.append("edition.name-differs")
    return Evidence(
        _FEATURE,
        sum(POINTS[grade] for grade in grades),
        veto,
        _shown(ours, marks_ours),
        _shown(theirs, marks_theirs),
        tuple(grades),
    )


def _named_apart(ours: str, theirs: str) -> bool:
    """Tell whether each of two names of editions has a word that the other one lacks ("DOS", "Windows")."""
    words_ours, words_theirs = set(ours.split()), set(theirs.split())
    only_ours, only_theirs = words_ours - words_theirs, words_theirs - words_ours
    return any(not any(_one_word(word, other) for other in only_theirs) for word in only_ours) and any(
        not any(_one_word(word, other) for other in only_ours) for word in only_theirs
    )


def _one_word(one: str, other: str) -> bool:
    """Tell whether one word is the other cut short or misspelt ("pbk", "paperback")."""
    if one[0] != other[0]:
        return False
    short, long = sorted((one, other), key=len)
    letters = iter(long)
    return all(letter in letters for letter in short) or fuzz.ratio(one, other) >= SLIP


_NOTHING = Evidence(_FEATURE, 0.0)


def _shown(number: int | None, marks: tuple[str, ...]) -> str | None:
    return " ".join((str(number or ""), *marks)).strip() or None
