"""The judge: whether two records describe the same edition, with its reasons.

Precision comes first: a hard stop ends the matter, and a doubt that a person must settle caps the score.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from unioncat.domain.match import Doubt, Evidence, Judgement, Verdict
from unioncat.matching import together
from unioncat.matching.facts import Features, is_vietnamese
from unioncat.matching.features import (
    carrier,
    edition,
    extent,
    identifiers,
    language,
    place,
    publisher,
    responsibility,
    series,
    title,
    tones,
    translator,
    volume,
    year,
)
from unioncat.matching.rules import SAME_FROM, UNSURE_FROM, VETO_SCORE
from unioncat.matching.scale import INSTALLED, Scale

_Compare = Callable[[Features, Features], Evidence]

# cheap and decisive first: hard stops, then what carries the decision, then the weak witnesses;
# beside each the kinds of grades for which it can give points
_COMPARES: Final[tuple[tuple[_Compare, tuple[tuple[str, ...], ...]], ...]] = (
    (carrier.compare, ()),
    (volume.compare, ()),
    (edition.compare, (("edition.",),)),
    (language.compare, ()),
    (year.compare, (("year.",),)),
    (title.compare, (("title.",),)),
    (identifiers.compare_isbn, (("isbn.",),)),
    (identifiers.compare_number, (("number.",),)),
    (identifiers.compare_issn, (("issn.",),)),
    (series.compare, (("series.",),)),
    (translator.compare, ()),
    (extent.compare, (("pages.", "volumes."), ("roman.",))),
    (responsibility.compare, (("name.", "body."),)),
    (publisher.compare, (("publisher.",),)),
    (place.compare, (("place.",),)),
    (extent.compare_size, (("size.",),)),
    (responsibility.compare_statement, (("statement.",),)),
)


_Steps = tuple[tuple[_Compare, float], ...]


@lru_cache(maxsize=4)
def _steps(scale: Scale) -> _Steps:
    """Put beside each comparison the most that all after it can add."""
    hope = 0.0
    steps = []
    for compare, kinds in reversed(_COMPARES):
        steps.append((compare, hope))
        hope += sum(
            max(scale.points[name] for name in scale.points if name.startswith(kind)) for kind in kinds
        )
    return tuple(reversed(steps))


_NUMBERS: Final = frozenset(("isbn.equal", "number.equal"))
_OTHER_COPY: Final = frozenset(
    (
        "pages.near",
        "pages.close",
        "pages.differ",
        "pages.far",
        "volumes.count-differs",
        "language.differs",
        "year.printing",
        "year.supposed",
        "year.supplied-near",
        "year.near",
        "edition.one-side",
    )
)
"""What sets two records of one library apart even where they share a number."""


_OWN_STEPS: Final = _steps(INSTALLED)


def _weighed(found: Evidence, scale: Scale) -> Evidence:
    """Weigh evidence by another scale: grades are all that points come from."""
    return replace(found, points=scale.sum(found.grades)) if found.grades else found


def judge(
    left: Features, right: Features, *, one_library: bool = False, scale: Scale = INSTALLED
) -> Judgement:
    """Judge a pair; exchanging the two exchanges left and right in the evidence and nothing else.

    `one_library`: both stand in the catalogue of one library, which as a rule describes an edition once; what
    would be enough between two libraries is not enough there. `scale`: weights of another version.

    It stops at a hard stop (score `VETO_SCORE`) and as soon as no further evidence could lift the pair out of
    DIFFERENT; the evidence then ends there. Otherwise the points of the evidence add up to the score.
    """
    score = 0.0
    evidence: list[Evidence] = []
    other = scale is not INSTALLED
    for compare, hope in _steps(scale) if other else _OWN_STEPS:
        found = compare(left, right)
        if other:
            found = _weighed(found, scale)
        if found.veto:
            evidence.append(found)
            return Judgement(Verdict.DIFFERENT, VETO_SCORE, tuple(evidence), scale.version)
        if found.grades:
            score += found.points
            evidence.append(found)
            if score + hope < UNSURE_FROM:
                break
        elif found.left is not None:
            evidence.append(found)
    if score >= UNSURE_FROM:
        found = together.compare(evidence)
        if other:
            found = _weighed(found, scale)
        if found.grades:
            score += found.points
            evidence.append(found)
    if score >= SAME_FROM:
        reason = next(_doubts(left, right, evidence, one_library), None)
        if reason is not None:
            below = SAME_FROM - 1
            evidence.append(Evidence("doubt", below - score, left=reason, right=reason))
            score = below
    elif score < UNSURE_FROM and identifiers.conflict(left, right):
        evidence.append(
            Evidence("conflict", UNSURE_FROM - score, left=Doubt.IDENTIFIER, right=Doubt.IDENTIFIER)
        )
        score = UNSURE_FROM
    if score >= SAME_FROM:
        verdict = Verdict.SAME
    else:
        verdict = Verdict.UNSURE if score >= UNSURE_FROM else Verdict.DIFFERENT
    return Judgement(verdict, score, tuple(evidence), scale.version)


def weigh(left: Features, right: Features, *, scale: Scale = INSTALLED) -> tuple[Evidence, ...]:
    """Return what every feature says of a pair, without stopping early: for explanation and for tuning."""
    evidence = tuple(compare(left, right) for compare, _ in _COMPARES)
    everything = (*evidence, together.compare(evidence))
    return everything if scale is INSTALLED else tuple(_weighed(found, scale) for found in everything)


def _doubts(left: Features, right: Features, evidence: list[Evidence], one_library: bool) -> Iterator[Doubt]:
    """Name what only a person may overrule, however much else agrees."""
    if tones.differ(left, right):
        yield Doubt.TONES
    if responsibility.tones_differ(left, right):
        yield Doubt.NAME_TONES
    if year.differ(left, right):
        yield Doubt.YEAR
    if language.differ(left, right):
        yield Doubt.LANGUAGE
    grades = {grade for found in evidence for grade in found.grades}
    if volume.ONE_SIDE in grades:
        yield Doubt.VOLUME
    if one_library and (
        grades.isdisjoint(_NUMBERS)
        or not grades.isdisjoint(_OTHER_COPY)
        or extent.one_accompanied(left, right)
    ):
        yield Doubt.ONE_LIBRARY
    if "body.differs" in grades and responsibility.of_schools(left, right):
        yield Doubt.SCHOOL
    if "pages.far" in grades and (left.languages or right.languages) and left.languages != right.languages:
        yield Doubt.PAGES
    if (
        "publisher.differs" in grades
        and grades.isdisjoint(_NUMBERS)
        and (is_vietnamese(left) or is_vietnamese(right))
    ):
        yield Doubt.PUBLISHER
    if "edition.name-differs" in grades:
        yield Doubt.EDITION
    if any(title.doubtful(found.grades) for found in evidence):
        yield Doubt.TITLE
    if left.isbns and right.isbns and set(left.isbns).isdisjoint(right.isbns):
        yield Doubt.ISBN
