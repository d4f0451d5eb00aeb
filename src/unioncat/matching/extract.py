"""Make the facts of a record: every feature reads its own part, once.

The outcome depends on the record alone; it is stored and must be made anew when `RULES` changes.
"""

from dataclasses import replace

from unioncat.domain.bib import BibRecord
from unioncat.matching.facts import Features
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


def extract(bib: BibRecord) -> Features:
    """Return the facts by which `bib` is compared with other records."""
    if bib.legible is not None:
        bib = replace(bib.legible, identifiers=bib.identifiers)
    languages = language.extract(bib)
    titles = title.extract(bib, languages)
    names = responsibility.extract(bib)
    published, other_years, manner = year.extract(bib)
    number, marks, words = edition.extract(bib)
    pages, volume_count, roman, height, accompanied = extent.extract(bib)
    numbers = identifiers.extract(bib)
    houses = publisher.extract(bib)
    material, kind = carrier.extract(bib)
    return Features(
        title=titles.title,
        title_exact=titles.title_exact,
        rest=titles.rest,
        part_names=titles.part_names,
        numbers=titles.numbers,
        other_titles=titles.other_titles,
        volumes=volume.extract(bib),
        toned=tones.extract(bib),
        languages=languages,
        people=names.people,
        people_exact=names.people_exact,
        main_person=names.main_person,
        bodies=names.bodies,
        statement=names.statement,
        translators=translator.extract(bib),
        publishers=houses.houses,
        house=houses.first,
        places=place.extract(bib),
        year=published,
        other_years=other_years,
        coded_year=bib.year_coded,
        year_manner=manner,
        edition=number,
        edition_marks=marks,
        edition_words=words,
        pages=pages,
        volume_count=volume_count,
        roman=roman,
        height=height,
        accompanied=accompanied,
        isbns=numbers.isbns,
        numbers_of_record=numbers.numbers,
        issns=numbers.issns,
        series=series.extract(bib),
        material=material,
        carrier=kind,
    )
