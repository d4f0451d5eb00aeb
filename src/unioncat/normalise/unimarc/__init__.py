"""UNIMARC to `BibRecord`: one module for each part of the record, all reading from `UnimarcFields`.

The outcome has the form that MARC 21 gives for the same book, so that both can be joined.
"""

from unioncat.domain.bib import BibRecord, Holding
from unioncat.domain.source import Profile
from unioncat.normalise.marc21.holdings import holdings
from unioncat.normalise.marc21.notes import links
from unioncat.normalise.record import MarcRecord
from unioncat.normalise.unimarc.agents import agents
from unioncat.normalise.unimarc.content import alternates, classifications, identifiers, notes, subjects
from unioncat.normalise.unimarc.description import (
    carrier,
    edition,
    extent,
    imprints,
    languages,
    material,
    years,
)
from unioncat.normalise.unimarc.fields import UnimarcFields
from unioncat.normalise.unimarc.titles import series, titles
from unioncat.text import clean

__all__ = ["is_unimarc", "read_unimarc"]


def is_unimarc(record: MarcRecord, format: str = "auto") -> bool:
    """Tell by the field of the title: 200 is not in MARC 21, and 245 not in UNIMARC.

    Where neither is there, the profile's `format` decides; names of files and formats are not believed.
    """
    tags = {field[0] for field in record.fields}
    if "245" in tags or "200" not in tags:
        return format == "unimarc" and "245" not in tags
    return True


def read_unimarc(
    record: MarcRecord, holdings_records: list[MarcRecord], profile: Profile, flags: tuple[str, ...] = ()
) -> tuple[BibRecord, tuple[Holding, ...]]:
    """Read a bibliographic record and its holdings. Raises `Unreadable` where there is no title."""
    fields = UnimarcFields(record, profile)
    fields.flags[:0] = flags
    spoken, translated_from = languages(fields)
    title, other_titles, responsibility = titles(fields, spoken)
    named, report_numbers = agents(fields)
    stated = imprints(fields)
    year, year_end, year_coded = years(fields, stated)
    described = extent(fields)
    numbers = identifiers(fields, report_numbers)
    kind = material(fields, "isbn" in [number.scheme for number in numbers])
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
        series=series(fields, title),
        subjects=subjects(fields),
        classifications=classifications(fields),
        notes=notes(fields),
        languages=spoken,
        original_languages=translated_from,
        material=kind,
        carrier=carrier(fields, kind, described),
        links=links(fields, None),
        alternates=alternates(fields),
        control_number=clean(fields.control("001")) or None,
        flags=tuple(fields.flags),
    )
    sources = [fields, *[UnimarcFields(other, profile) for other in holdings_records]]
    return bib, holdings(sources, profile)
