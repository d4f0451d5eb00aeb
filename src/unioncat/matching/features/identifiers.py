"""Standard numbers: evidence, never proof; an equal number counts only where the titles agree.

An equal number beside titles that disagree is a conflict for a person: `conflict` finds it.
"""

import re
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from unioncat.domain.bib import BibRecord, Carrier, Identifier, Material
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import TITLE_WEAK, graded
from unioncat.text import key_fold

_ISBN: Final = "isbn"
_NUMBER: Final = "number"
_ISSN: Final = "issn"
_UNIQUE: Final = frozenset(("lccn", "oclc", "doi", "nbn", "ismn", "urn", "standard"))
_ONE_EACH: Final = frozenset(("lccn", "doi", "nbn", "standard"))
"""Schemes that give a publication one number: two different ones speak against."""
_OF_SET = re.compile(
    r"(?<!\w)(?:set|bo|tron bo|toan bo|toan tap|complete?|completa|comp|obra|ensemble|gesamt\w*"
    r"|collection|coleccion)(?!\w)"
)
_ELECTRONIC = re.compile(
    r"(?<!\w)(?:e ?book|ebk|electronic|online|pdf|epub|mobi|kindle|web|dien tu|ban so|html)(?!\w)"
)
_SERIAL: Final = frozenset((Material.SERIAL, Material.ARTICLE))
_SERIAL_NUMBER: Final = 5
"""Digits of a national bibliography number; fewer count an issue of it ("Be99-06"), which lists hundreds."""
_MOST: Final = 8


class Facts(NamedTuple):
    """The numbers of a record that are its own: sorted, valid, of its volume and its carrier."""

    isbns: tuple[str, ...]
    numbers: tuple[str, ...]
    issns: tuple[str, ...]


def extract(bib: BibRecord) -> Facts:
    """Choose the numbers that name this very publication.

    Left out are invalid and cancelled ones, the ISBN of a whole set, and that of the electronic edition on
    a printed record (or the other way round).
    """
    isbns, numbers, issns = set(), set(), set()
    online = bib.carrier is Carrier.ONLINE
    for identifier in bib.identifiers:
        if not identifier.valid:
            continue
        if identifier.scheme == _ISBN:
            if identifier.qualifier:
                qualifier = key_fold(identifier.qualifier)
                if _OF_SET.search(qualifier) or bool(_ELECTRONIC.search(qualifier)) is not online:
                    continue
            isbns.add(identifier.value)
        elif identifier.scheme == _ISSN:
            if bib.material in _SERIAL:
                issns.add(identifier.value)
        elif identifier.scheme in _UNIQUE and not _of_issue(identifier):
            numbers.add(f"{identifier.scheme}:{identifier.value}")
    return Facts(tuple(sorted(isbns)[:_MOST]), tuple(sorted(numbers)[:_MOST]), tuple(sorted(issns)[:_MOST]))


def _of_issue(identifier: Identifier) -> bool:
    """Tell whether a number of a national bibliography is that of an issue, not of the book in it."""
    return identifier.scheme == "nbn" and sum(map(str.isdecimal, identifier.value)) < _SERIAL_NUMBER


def compare_isbn(left: Features, right: Features) -> Evidence:
    """Weigh ISBNs: one in common is strong evidence if the titles agree, none in common weighs against."""
    ours, theirs = left.isbns, right.isbns
    if not ours or not theirs:
        return _NO_ISBN
    if ours == theirs or not set(ours).isdisjoint(theirs):
        grade = "isbn.equal" if _titles_agree(left, right) else "isbn.conflict"
    else:
        grade = "isbn.differs"
    return graded(_ISBN, grade, " ".join(ours), " ".join(theirs))


def compare_number(left: Features, right: Features) -> Evidence:
    """Weigh national bibliography, LCCN, OCLC and DOI numbers, and the numbers of standards."""
    ours, theirs = left.numbers_of_record, right.numbers_of_record
    if not ours or not theirs:
        return _NO_NUMBER
    if ours == theirs or not set(ours).isdisjoint(theirs):
        grade = "number.equal" if _titles_agree(left, right) else "number.conflict"
    elif _one_each(ours) & _one_each(theirs):
        grade = "number.differs"
    else:
        return _NO_NUMBER
    return graded(_NUMBER, grade, " ".join(ours), " ".join(theirs))


def compare_issn(left: Features, right: Features) -> Evidence:
    """Weigh the ISSN of serials; that of a book's series is no evidence and not among the facts."""
    ours, theirs = left.issns, right.issns
    if not ours or not theirs:
        return _NO_ISSN
    grade = "issn.differs" if set(ours).isdisjoint(theirs) else "issn.equal"
    return graded(_ISSN, grade, " ".join(ours), " ".join(theirs))


def conflict(left: Features, right: Features) -> bool:
    """Tell whether the records share a number that names one publication while their titles disagree."""
    shared = (left.isbns and right.isbns and not set(left.isbns).isdisjoint(right.isbns)) or (
        left.numbers_of_record
        and right.numbers_of_record
        and not set(left.numbers_of_record).isdisjoint(right.numbers_of_record)
    )
    return bool(shared) and not _titles_agree(left, right)


_NO_ISBN = Evidence(_ISBN, 0.0)
_NO_NUMBER = Evidence(_NUMBER, 0.0)
_NO_ISSN = Evidence(_ISSN, 0.0)


def _one_each(numbers: tuple[str, ...]) -> set[str]:
    return {scheme for number in numbers if (scheme := number.partition(":")[0]) in _ONE_EACH}


def _titles_agree(left: Features, right: Features) -> bool:
    """Tell whether two titles may name one publication: one begins the other, or they are alike."""
    ours, theirs = left.title, right.title
    if not ours or not theirs:
        return False
    if ours.startswith(theirs) or theirs.startswith(ours):
        return True
    if not {ours, *left.other_titles}.isdisjoint((theirs, *right.other_titles)):
        return True
    return fuzz.ratio(f"{ours} {left.rest}", f"{theirs} {right.rest}") >= TITLE_WEAK
