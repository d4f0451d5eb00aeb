"""Short ways to write records and verdicts for the tests of this folder."""

from typing import Any

from unioncat.domain.bib import Agent, BibRecord, Extent, Identifier, Imprint, Part, Series, Title
from unioncat.domain.match import Judgement, Verdict
from unioncat.matching import extract, judge


def book(
    title: str,
    author: str | tuple[str, ...] = (),
    year: int | None = None,
    publisher: str | None = None,
    pages: int | str | None = None,
    *,
    rest: str | None = None,
    number: str | None = None,
    part: str | None = None,
    place: str | None = None,
    isbn: str | None = None,
    series: tuple[str, str] | None = None,
    **others: Any,
) -> BibRecord:
    """Make a record of a book; `pages` may be a number or the text of the extent."""
    authors = (author,) if isinstance(author, str) else author
    parts = (Part(number, part),) if number or part else ()
    return BibRecord(
        title=Title(title, rest, parts),
        agents=tuple(Agent(name, main=index == 0) for index, name in enumerate(authors)),
        year=year,
        imprints=(
            Imprint(
                (place,) if place else (), (publisher,) if publisher else (), str(year) if year else None
            ),
        ),
        extent=None
        if pages is None
        else Extent(f"{pages} tr.", pages)
        if isinstance(pages, int)
        else Extent(pages),
        identifiers=(Identifier("isbn", isbn),) if isbn else (),
        series=(Series(*series),) if series else (),
        **others,
    )


def judged(left: BibRecord, right: BibRecord) -> Judgement:
    """Judge two records."""
    return judge(extract(left), extract(right))


def verdict(left: BibRecord, right: BibRecord) -> Verdict:
    """Return the verdict on two records."""
    return judged(left, right).verdict


def vetoes(judgement: Judgement) -> list[str]:
    """Name the features that forbade."""
    return [evidence.feature for evidence in judgement.evidence if evidence.veto]
