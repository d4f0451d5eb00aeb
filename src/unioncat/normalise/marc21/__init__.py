"""MARC 21 to `BibRecord`: one module for each part of the record, all reading from `Fields`.

A value is taken, mended or refused, never invented; whatever is mended or doubted leaves a flag.
"""

from unioncat.domain.bib import BibRecord, Holding
from unioncat.domain.source import Profile
from unioncat.normalise.marc21.agents import agents
from unioncat.normalise.marc21.extent import extent
from unioncat.normalise.marc21.fields import Fields
from unioncat.normalise.marc21.form import carrier, material
from unioncat.normalise.marc21.holdings import holdings
from unioncat.normalise.marc21.identifiers import identifiers
from unioncat.normalise.marc21.imprint import edition, imprints, years
from unioncat.normalise.marc21.notes import alternates, languages, links, notes, rights, series
from unioncat.normalise.marc21.subjects import classifications, subjects
from unioncat.normalise.marc21.titles import titles
from unioncat.normalise.record import MarcRecord
from unioncat.text import clean

__all__ = ["read_marc21"]


def read_marc21(
    record: MarcRecord, holdings_records: list[MarcRecord], profile: Profile, flags: tuple[str, ...] = ()
) -> tuple[BibRecord, tuple[Holding, ...]]:
    """Read a bibliographic record and its holdings. Raises `Unreadable` where there is no title."""
    fields = Fields(record, profile)
    fields.flags[:0] = flags
    spoken, translated_from = languages(fields)
    title, other_titles, responsibility = titles(fields, spoken)
    named, report_numbers = agents(fields)
    stated = imprints(fields)
    year, year_end, year_coded = years(fields, stated)
    described = extent(fields)
    numbers = identifiers(fields, report_numbers)
    kind = material(fields, "isbn" in [number.scheme for number in numbers])
    terms = rights(fields)
    bib = BibRecord(
        title=title,
        other_titles=other_titles,
        responsibility=responsibility,
        agents=named,
        edition=edition(fields),
        imprints=stated,
        year=year,
        year_end=year_end,
        year_coded=year_coded,
        extent=described,
        identifiers=numbers,
        series=series(fields),
        subjects=subjects(fields),
        classifications=classifications(fields),
        notes=notes(fields),
        languages=spoken,
        original_languages=translated_from,
        material=kind,
        carrier=carrier(fields, kind, described),
        links=links(fields, terms),
        alternates=alternates(fields),
        control_number=clean(fields.control("001")) or None,
        rights=terms,
        flags=tuple(fields.flags),
    )
    sources = [fields, *[Fields(other, profile) for other in holdings_records]]
    return bib, holdings(sources, profile)
