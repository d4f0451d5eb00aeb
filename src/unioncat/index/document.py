"""From a union record to the document that engines hold.

It reads nothing but the record that it is given: a record made for one audience holds only what that
audience may see (DESIGN invariant 12), and so does its document.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unioncat.domain.bib import BibRecord, Title
from unioncat.domain.library import LibraryType
from unioncat.domain.search import IndexDocument
from unioncat.domain.union import UnionRecord
from unioncat.text import sort_key

LONGEST_NOTE = 2_000
"""Characters of one note that are indexed."""

LONGEST_OTHER = 12_000
"""Characters of all further text of one record together: one table of contents must not be an index."""

LONGEST_FACET = 150
"""Characters of a facet value; Meilisearch takes 468 bytes."""

_TITLE_TAGS = frozenset({"130", "240", "245", "246", "247", "730", "740"})
_AUTHOR_TAGS = frozenset({"100", "110", "111", "700", "710", "711"})


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """What the facets need of a library; `province` is the key of today's province."""

    code: str
    type: LibraryType
    province: str | None = None
    groups: tuple[str, ...] = ()


def build_document(
    record: UnionRecord, libraries: Mapping[str, LibraryFacts], audience: int, id: str
) -> IndexDocument:
    """Make the document of `record`, which holds only members that `audience` may see."""
    bib = record.bib
    titles = [_full_title(bib.title)]
    titles.extend(_full_title(title) for title in bib.other_titles)
    authors = [agent.name for agent in bib.agents]
    others: list[str] = []
    for alternate in bib.alternates:
        place = (
            titles if alternate.tag in _TITLE_TAGS else authors if alternate.tag in _AUTHOR_TAGS else others
        )
        place.append(alternate.text)
    others.extend(_other(bib))
    isbns: list[str] = []
    issns: list[str] = [series.issn for series in bib.series if series.issn]
    identifiers: list[str] = [bib.control_number] if bib.control_number else []
    for number in bib.identifiers:
        place = isbns if number.scheme == "isbn" else issns if number.scheme == "issn" else identifiers
        place.append(number.value)
    holders: dict[str, None] = {}
    shelf_marks: list[str] = []
    for member in record.members:
        identifiers.append(member.local_id)
        if meant := member.bib.legible:  # remains of an old encoding are shown as they came, and found so
            titles.append(_full_title(meant.title))
            authors.extend(agent.name for agent in meant.agents)
        if not member.holdings:
            holders[member.library] = None
        for holding in member.holdings:
            holders[holding.library or member.library] = None
            if holding.shelf_mark:
                shelf_marks.append(holding.shelf_mark)
    return IndexDocument(
        id=id,
        audience=audience,
        title=_once(titles),
        author=_once(authors),
        subject=_once(subject.text for subject in bib.subjects),
        publisher=_once(name for imprint in bib.imprints for name in imprint.publishers),
        series=_once(f"{series.title} {series.number or ''}".rstrip() for series in bib.series),
        other=_fitting(others),
        isbn=_once(isbns),
        issn=_once(issns),
        identifier=_once(identifiers),
        shelf_mark=_once(shelf_marks),
        year=bib.year,
        sort_title=sort_key(titles[0], bib.title.nonfiling),
        facets=_facets(bib, holders, libraries),
        holdings=len(holders),
    )


def _full_title(title: Title) -> str:
    """Write a title with its parts and remainder, as words to be found and sorted."""
    if not title.parts and not title.remainder:
        return title.main
    parts = [text for part in title.parts for text in (part.number, part.name) if text]
    return " ".join((title.main, *parts, title.remainder) if title.remainder else (title.main, *parts))


def _other(bib: BibRecord) -> Iterable[str]:
    if bib.responsibility:
        yield bib.responsibility
    if bib.edition:
        yield bib.edition
    for imprint in bib.imprints:
        yield from imprint.places
    for number in bib.classifications:
        yield number.value
    for note in bib.notes:
        yield note.text[:LONGEST_NOTE]


def _fitting(texts: list[str]) -> tuple[str, ...]:
    """Keep whole texts while there is room."""
    kept: list[str] = []
    room = LONGEST_OTHER
    for text in texts:
        room -= len(text)
        if room < 0:
            break
        if text:
            kept.append(text)
    return tuple(kept)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """Drop what is empty or said before."""
    return tuple(dict.fromkeys(text for text in texts if text))


def _facets(
    bib: BibRecord, holders: Iterable[str], libraries: Mapping[str, LibraryFacts]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    provinces: dict[str, None] = {}
    groups: dict[str, None] = {}
    types: dict[str, None] = {}
    for code in holders:
        facts = libraries.get(code)
        if facts is None:
            continue
        types[facts.type.value] = None
        if facts.province:
            provinces[facts.province] = None
        for group in facts.groups:
            groups[group] = None
    facets = (
        ("library", tuple(holders)),
        ("province", tuple(provinces)),
        ("group", tuple(groups)),
        ("type", tuple(types)),
        ("format", (bib.material.value,)),
        ("language", _once(bib.languages)),
        ("year", (str(bib.year // 10 * 10),) if bib.year is not None else ()),
        ("subject", _once(subject.text[:LONGEST_FACET].rstrip(" .") for subject in bib.subjects)),
    )
    return tuple(facet for facet in facets if facet[1])
