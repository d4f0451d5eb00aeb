"""What a cataloguer should mend in a record: fields that are not there, numbers that are wrong. Pure.

A finding is a stable code. It never changes how a record is read, matched or shown.
"""

from collections.abc import Iterator, Sequence

from unioncat.domain.bib import BibRecord, Holding, Material

ISBN_SINCE = 1990
"""Books of Viet Nam carry ISBNs as a rule since about this year; older ones lack nothing."""
NOT_FOR_CATALOGUERS = frozenset(
    {"agents-divided", "subfields-typed", "material-guessed", "volume-from-490", "title-from-other-field"}
)
"""Flags of what the normaliser did by itself, without need of a person."""
_NO_ISBN = frozenset({"isbn-invalid", "isbn-malformed"})


def findings(bib: BibRecord, holdings: Sequence[Holding] = ()) -> tuple[str, ...]:
    """Name what should be mended in a record, in the order of its fields."""
    flags = [flag for flag in bib.flags if flag not in NOT_FOR_CATALOGUERS]
    return tuple(dict.fromkeys([*_missing(bib, holdings, frozenset(flags)), *flags]))


def _missing(bib: BibRecord, holdings: Sequence[Holding], flags: frozenset[str]) -> Iterator[str]:
    serial = bib.material is Material.SERIAL
    if not bib.agents and not serial:
        yield "no-agent"
    if bib.material is not Material.THESIS and not any(imprint.publishers for imprint in bib.imprints):
        yield "no-publisher"
    if not any(imprint.places for imprint in bib.imprints):
        yield "no-place"
    if bib.year is None:
        yield "no-year"
    valid = any(one.scheme == "isbn" and one.valid for one in bib.identifiers)
    recent = bib.year is not None and bib.year >= ISBN_SINCE
    if bib.material is Material.BOOK and recent and not valid and not flags & _NO_ISBN:
        yield "isbn-invalid" if any(one.scheme == "isbn" for one in bib.identifiers) else "no-isbn"
    if bib.extent is None and not serial:
        yield "no-extent"
    if not bib.languages:
        yield "no-language"
    if not bib.subjects:
        yield "no-subject"
    if not bib.classifications:
        yield "no-class"
    if holdings and not any(one.shelf_mark for one in holdings):
        yield "no-shelf-mark"
