"""Two records side by side: field by field, with what differs marked; and the evidence on them.

Pure. Marks never stand on colour alone: every field says in words whether it is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.domain.review import Decision
from unioncat.flow.explain import Explanation
from unioncat.text import key_exact
from unioncat_api.pages import show
from unioncat_api.pages.messages import Words

LONGEST = 600
"""Characters of one field that are shown."""
MOST_NOTES = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words, marked where the other record has other words."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both records; `state` is same, differs or one."""

    field: str
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    state: str


def texts(bib: BibRecord, words: Words) -> dict[str, str]:
    """Write the fields that tell editions apart, in the order in which a cataloguer compares them."""
    return {
        "title": show.title_text(bib.title),
        "other_titles": "; ".join(show.title_text(title) for title in bib.other_titles),
        "responsibility": bib.responsibility or "",
        "agents": "; ".join(agent.name for agent in bib.agents),
        "edition": bib.edition or "",
        "imprints": "; ".join(show.imprint_text(imprint) for imprint in bib.imprints),
        "year": "–".join(str(year) for year in (bib.year, bib.year_end) if year),
        "extent": "; ".join(filter(None, (bib.extent.text, bib.extent.size))) if bib.extent else "",
        "identifiers": "; ".join(
            f"{words.value('scheme', one.scheme)} {show.identifier_text(one)}"
            + ("" if one.valid else f" ({words.t('scheme.invalid')})")
            for one in bib.identifiers
        ),
        "series": "; ".join(show.series_text(one) for one in bib.series),
        "languages": "; ".join(words.spoken(code) for code in bib.languages),
        "original_languages": "; ".join(words.spoken(code) for code in bib.original_languages),
        "material": words.value("material", bib.material),
        "carrier": words.value("carrier", bib.carrier),
        "subjects": "; ".join(one.text for one in bib.subjects),
        "notes": "; ".join(note.text for note in bib.notes[:MOST_NOTES]),
    }


def rows(left: BibRecord, right: BibRecord, words: Words) -> list[Row]:
    """Compare two records field by field; fields that neither has are left out."""
    ours, theirs = texts(left, words), texts(right, words)
    return [_row(field, ours[field], theirs[field]) for field in ours if ours[field] or theirs[field]]


def _row(field: str, left: str, right: str) -> Row:
    left, right = _cut(left), _cut(right)
    if not left or not right:
        return Row(field, _plain(left), _plain(right), "one")
    if key_exact(left) == key_exact(right):
        return Row(field, _plain(left), _plain(right), "same")
    return Row(field, *_marked(left, right), "differs")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " …"


def _plain(text: str) -> tuple[Piece, ...]:
    return (Piece(text),) if text else ()


def _marked(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Mark the words that only one side has; case and punctuation are no difference."""
    ours, theirs = left.split(), right.split()
    matcher = SequenceMatcher(
        None, [key_exact(w) for w in ours], [key_exact(w) for w in theirs], autojunk=False
    )
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for tag, a, b, c, d in matcher.get_opcodes():
        for side, found in zip(sides, (ours[a:b], theirs[c:d]), strict=True):
            if found:
                side.append(Piece(" ".join(found), tag != "equal"))
    return tuple(sides[0]), tuple(sides[1])


def latest(pair: Explanation) -> str:
    """Tell the newest decision on a pair, so that a form knows whether another came after its page."""
    return str(max((one.id for one in pair.decisions), default=0))


def says(one: Evidence) -> str:
    """Give the key of what a piece of evidence says: it forbids, speaks for or against, or neither."""
    if one.veto:
        return "review.forbids"
    if one.points > 0:
        return "review.for"
    return "review.against" if one.points < 0 else "review.neutral"


def points(one: Evidence, words: Words) -> str:
    """Write points with their sign; what forbids has none."""
    if one.veto:
        return ""
    return ("−" if one.points < 0 else "+") + words.decimal(abs(one.points))


@dataclass(frozen=True, slots=True)
class Act:
    """Decisions that one person wrote at once; the first stands for all."""

    first: Decision
    count: int


def acts(decisions: Sequence[Decision]) -> list[Act]:
    """Put the decisions of one act together."""
    grouped = (
        list(group) for _, group in groupby(decisions, key=lambda one: (one.at, one.by, one.undone_at))
    )
    return [Act(together[0], len(together)) for together in grouped]
