"""The union record: the best of each field out of the members, with where it came from and why.

It depends on the set of members alone, not on their order; one member is itself the union record.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from unioncat.domain.bib import BibRecord, Extent, Imprint, Title
from unioncat.domain.union import Member, Provenance, UnionRecord
from unioncat.matching import unite
from unioncat.matching.features import tones
from unioncat.text import key_fold

ONLY_ONE: Final = "only-one"
"""No other member has the field."""
PREFERRED_LIBRARY: Final = "preferred-library"
"""The library's rank is better than that of all others that have the field."""
MOST_COMPLETE: Final = "most-complete"
"""The fullest record, or the fullest form of the field, among libraries of equal rank."""
ACCENTED: Final = "accented"
"""The form with marks and small letters of a title that the preferred member writes without."""
UNITED: Final = "united"
"""All different values of all members."""
REASONS: Final = (ONLY_ONE, PREFERRED_LIBRARY, MOST_COMPLETE, ACCENTED, UNITED)

_FIELDS: Final = (
    "title", "other_titles", "responsibility", "agents", "edition", "imprints", "year", "year_end", "extent",
    "identifiers", "series", "subjects", "classifications", "notes", "languages", "original_languages",
    "material", "carrier", "links", "alternates", "control_number", "rights", "flags",
)  # fmt: skip

_T = TypeVar("_T")


def merge(members: Sequence[Member], *, told: bool = True) -> UnionRecord:
    """Make the union record of a cluster.

    Where nobody will read where its fields came from (`told`), a record of one member need not say it.

    The members of the outcome stand in order of preference: rank of the library, then how the record is
    written (marks, not all capitals), how full it is, and its number. Raises `ValueError` without members.
    """
    if not members:
        raise ValueError("a union record needs at least one member")
    if len(members) == 1:
        return _alone(members[0], told)
    choice = _Choice(members)
    title = choice.title()
    year = choice.first("year", lambda bib: bib.year)
    bib = BibRecord(
        title=title,
        other_titles=choice.united("other_titles", _other_titles, lambda items: unite.titles(items, title)),
        responsibility=choice.first("responsibility", lambda bib: bib.responsibility),
        agents=choice.united("agents", lambda bib: bib.agents, unite.agents),
        edition=choice.first("edition", lambda bib: bib.edition),
        imprints=choice.fullest("imprints", lambda bib: bib.imprints, _imprint_fullness) or (),
        year=year,
        year_end=choice.first("year_end", lambda bib: bib.year_end if bib.year == year else None),
        extent=choice.fullest("extent", lambda bib: bib.extent, _extent_fullness),
        identifiers=choice.united("identifiers", lambda bib: bib.identifiers, unite.identifiers),
        series=choice.united("series", lambda bib: bib.series, unite.series),
        subjects=choice.united("subjects", lambda bib: bib.subjects, unite.subjects),
        classifications=choice.united(
            "classifications", lambda bib: bib.classifications, unite.classifications
        ),
        notes=choice.united("notes", lambda bib: bib.notes, unite.notes),
        languages=choice.united("languages", lambda bib: bib.languages, unite.languages),
        original_languages=choice.first("original_languages", lambda bib: bib.original_languages) or (),
        material=choice.first("material", lambda bib: bib.material) or choice.members[0].bib.material,
        carrier=choice.first("carrier", lambda bib: bib.carrier) or choice.members[0].bib.carrier,
        links=choice.united("links", lambda bib: bib.links, unite.links),
        alternates=choice.first("alternates", lambda bib: bib.alternates) or (),
        control_number=choice.first("control_number", lambda bib: bib.control_number),
        rights=choice.first("rights", lambda bib: bib.rights),
        flags=choice.first("flags", lambda bib: bib.flags) or (),
    )
    return UnionRecord(bib, tuple(choice.provenance), choice.members, updated=_latest(members))


def _alone(member: Member, told: bool) -> UnionRecord:
    bib = member.bib
    here = (member.record_id,)
    stated = [field for field in _FIELDS if getattr(bib, field)] if told else ()
    provenance = tuple([Provenance(field, here, ONLY_ONE) for field in stated])
    return UnionRecord(bib, provenance, (member,), updated=member.updated)


def _latest(members: Sequence[Member]) -> datetime | None:
    return max((member.updated for member in members if member.updated is not None), default=None)


class _Choice:
    """The members in order of preference, and the provenance of each field as it is chosen."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(sorted(members, key=_preference))
        self.provenance: list[Provenance] = []

    def title(self) -> Title:
        """Choose the title: the preferred member's, or a better written form of the same words."""
        first = self.members[0]
        words = key_fold(first.bib.title.main)
        alike = [member for member in self.members if key_fold(member.bib.title.main) == words]
        best = min(alike, key=lambda member: _written(member.bib), default=first)
        if _written(best.bib) < _written(first.bib):
            self._note("title", [best], ACCENTED)
            return best.bib.title
        self._note("title", [first], self._why(self.members))
        return first.bib.title

    def first(self, field: str, value: Callable[[BibRecord], _T]) -> _T | None:
        """Take a field from the first member that has it."""
        having = [member for member in self.members if value(member.bib)]
        if not having:
            return None
        self._note(field, having[:1], self._why(having))
        return value(having[0].bib)

    def fullest(
        self, field: str, value: Callable[[BibRecord], _T], fullness: Callable[[_T], int]
    ) -> _T | None:
        """Take a field from the member that says most in it; among equals from the first."""
        having = [member for member in self.members if value(member.bib)]
        if not having:
            return None
        best = max(having, key=lambda member: fullness(value(member.bib)))
        self._note(field, [best], self._why(having) if best is having[0] else MOST_COMPLETE)
        return value(best.bib)

    def united(
        self,
        field: str,
        items: Callable[[BibRecord], tuple[_T, ...]],
        unite_all: Callable[[Iterable[_T]], tuple[_T, ...]],
    ) -> tuple[_T, ...]:
        """Take all different values of a field."""
        having = [member for member in self.members if items(member.bib)]
        values = unite_all([item for member in having for item in items(member.bib)]) if having else ()
        if values:
            self._note(field, having, UNITED if len(having) > 1 else ONLY_ONE)
        return values

    def _note(self, field: str, givers: Sequence[Member], why: str) -> None:
        self.provenance.append(Provenance(field, tuple(giver.record_id for giver in givers), why))

    @staticmethod
    def _why(having: Sequence[Member]) -> str:
        """Say why the first of those that have a field gives it."""
        if len(having) == 1:
            return ONLY_ONE
        return PREFERRED_LIBRARY if having[0].rank < having[1].rank else MOST_COMPLETE


def _preference(member: Member) -> tuple[int, tuple[bool, bool], int, int]:
    return member.rank, _written(member.bib), -_fullness(member.bib), member.record_id


def _written(bib: BibRecord) -> tuple[bool, bool]:
    """Tell (all in capitals, without marks): smaller is better written."""
    return bib.title.main.isupper(), not tones.extract(bib)


def _fullness(bib: BibRecord) -> int:
    """Count what a record says; lists count up to three."""
    single = (bib.responsibility, bib.edition, bib.year, bib.title.remainder, bib.extent and bib.extent.pages)
    several = (bib.agents, bib.identifiers, bib.subjects, bib.classifications, bib.notes, bib.series)
    return (
        sum(1 for value in single if value)
        + sum(min(len(values), 3) for values in several)
        + _imprint_fullness(bib.imprints)
    )


def _imprint_fullness(imprints: tuple[Imprint, ...]) -> int:
    return max(
        (bool(imprint.places) + bool(imprint.publishers) + bool(imprint.date) for imprint in imprints),
        default=0,
    )


def _extent_fullness(extent: Extent | None) -> int:
    return bool(extent and extent.pages) + bool(extent and extent.size)


def _other_titles(bib: BibRecord) -> tuple[Title, ...]:
    return bib.other_titles
