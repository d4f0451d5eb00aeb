"""Places, publishers, dates and edition: 250, 260, 264 and the dates of 008.

Fillers ("Chưa xác định", "[S.l.]", "k.nxb.") are missing values and never a publisher to agree upon.
"""

from functools import lru_cache

from unioncat.domain.bib import Imprint
from unioncat.normalise.dates import is_range, valid_year, years_in
from unioncat.normalise.marc21.fields import Field, Fields
from unioncat.normalise.tidy import is_unknown, trim, trim_stop, unbracket

_SPANS = frozenset("dikmcu")


def edition(fields: Fields) -> str | None:
    """Return the edition statements as one text."""
    stated = fields.get("250")
    if not stated:
        return None
    return " ".join(filter(None, [trim_stop(field.text("ab")) for field in stated])) or None


def imprints(fields: Fields) -> tuple[Imprint, ...]:
    """Return the statements of publication, production and distribution; copyright alone is none."""
    found = []
    for tag, field in fields.each("260", "264"):
        if tag == "264" and field.ind2 == "4":
            continue
        imprint = _imprint(field, fields)
        if (imprint.places or imprint.publishers or imprint.date) and imprint not in found:
            found.append(imprint)
    return tuple(found)


def _imprint(field: Field, fields: Fields) -> Imprint:
    places: list[str] = []
    publishers: list[str] = []
    date = None
    for code, value in field.subfields:
        if code == "a":
            if place := tidy_place(value):
                places.append(place)
        elif code == "b":
            named = split_publishers(value)
            if not named:
                fields.flag("publisher-is-a-filler")
            publishers += named
        elif code == "c" and date is None:
            date = trim(value).rstrip(".").rstrip() or None
            if date and is_unknown(unbracket(date)):
                date = None
    return Imprint(tuple(places), tuple(publishers), date)


@lru_cache(maxsize=1 << 14)
def tidy_place(text: str) -> str | None:
    """Return a place without ISBD marks and brackets, or None for "[S.l.]" and the like."""
    place = unbracket(trim(unbracket(trim(text))))
    return None if is_unknown(place) else place


@lru_cache(maxsize=1 << 14)
def split_publishers(text: str) -> tuple[str, ...]:
    """Divide "Văn học ; Công ty Nhã Nam" into publisher and partners; fillers are left out."""
    found = []
    for part in text.split(" ; "):
        name = unbracket(trim_stop(unbracket(trim_stop(part.strip(" :;,")))))
        if not is_unknown(name):
            found.append(name)
    return tuple(found)


def years(fields: Fields, stated: tuple[Imprint, ...]) -> tuple[int | None, int | None, int | None]:
    """Return the year of this edition, the last year of several, and the code that they contradict.

    The coded year counts where the printed date shows it too; where they contradict each other the printed
    date counts, because 008 is often left at its default. The coded year of a reprint is that of the reprint.
    """
    kind, first, second = fields.f008[6], valid_year(fields.f008[7:11]), valid_year(fields.f008[11:15])
    if kind == "r" and first and second and second > first:
        first, second = second, first
    printed: tuple[int, ...] = ()
    span = False
    for imprint in stated:
        if imprint.date:
            printed = years_in(imprint.date)
            span = is_range(imprint.date)
            if printed:
                break
    if not printed:
        printed = _copyright_years(fields)
    if first and (not printed or first in printed):
        return first, second if kind in _SPANS and second and second > first else None, None
    if not printed:
        if stated and any(imprint.date for imprint in stated):
            fields.flag("year-unreadable")
        return None, None, None
    if first:
        fields.flag("year-contradicted")
    if span and len(printed) > 1 and printed[1] > printed[0]:
        return printed[0], printed[1], first
    return printed[0], None, first


def _copyright_years(fields: Fields) -> tuple[int, ...]:
    for field in fields.get("264"):
        if field.ind2 == "4" and (date := field.first("c")):
            return years_in(date)
    return ()
