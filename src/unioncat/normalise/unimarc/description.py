"""Edition, imprint, dates, extent, languages and form of UNIMARC: 100 to 135, 205 to 215.

The year is that of 100 where the printed date shows it too; else the printed one.
"""

from unioncat.domain.bib import Carrier, Extent, Imprint, Material
from unioncat.normalise.dates import is_range, valid_year, years_in
from unioncat.normalise.languages import marc_codes
from unioncat.normalise.marc21.extent import read_extent
from unioncat.normalise.marc21.imprint import split_publishers, tidy_place
from unioncat.normalise.tidy import is_unknown, trim, trim_stop, unbracket
from unioncat.normalise.unimarc.fields import UnimarcFields
from unioncat.text import key_fold

_MATERIALS = {
    "a": Material.BOOK,
    "b": Material.MANUSCRIPT,
    "c": Material.SCORE,
    "d": Material.SCORE,
    "e": Material.MAP,
    "f": Material.MAP,
    "g": Material.VIDEO,
    "i": Material.AUDIOBOOK,
    "j": Material.MUSIC,
    "k": Material.IMAGE,
    "l": Material.DATA,
    "m": Material.KIT,
    "r": Material.OBJECT,
}
_FORMS = {"f": Carrier.BRAILLE, "s": Carrier.ONLINE, "t": Carrier.MICROFORM, "g": Carrier.MICROFORM}
_SPANS = frozenset("abcfg")
_GMD = (
    ("ressource electronique", Carrier.ONLINE),
    ("electronic resource", Carrier.ONLINE),
    ("tai lieu dien tu", Carrier.ONLINE),
    ("microf", Carrier.MICROFORM),
    ("braille", Carrier.BRAILLE),
)
_DISC_WORDS = (" cd", " dvd", "disque", " disc", " dia ", "videocass", "cass", "vinyl")


def edition(fields: UnimarcFields) -> str | None:
    """Return the edition statements as one text."""
    return " ".join(filter(None, [trim_stop(field.text("ab")) for field in fields.get("205")])) or None


def imprints(fields: UnimarcFields) -> tuple[Imprint, ...]:
    """Return the statements of publication, production and distribution; copyright and printing are none."""
    found: list[Imprint] = []
    for tag, field in fields.each("210", "214"):
        if tag == "214" and field.ind2 in ("3", "4"):
            continue
        places = [place for place in map(tidy_place, field.all("a")) if place]
        publishers = [name for value in field.all("c") for name in split_publishers(value)]
        if field.first("c") and not publishers:
            fields.flag("publisher-is-a-filler")
        date = trim(field.first("d") or "").rstrip(".").rstrip() or None
        if date and is_unknown(unbracket(date)):
            date = None
        imprint = Imprint(tuple(places), tuple(publishers), date)
        if (places or publishers or date) and imprint not in found:
            found.append(imprint)
    return tuple(found)


def years(fields: UnimarcFields, stated: tuple[Imprint, ...]) -> tuple[int | None, int | None, int | None]:
    """Return the year of this edition, the last year of several, and the code that they contradict."""
    kind = fields.code("100", 8, 9)
    first, second = valid_year(fields.code("100", 9, 13)), valid_year(fields.code("100", 13, 17))
    dated = [one.date for one in stated if one.date and years_in(one.date)]
    printed = years_in(dated[0]) if dated else ()
    if not printed:
        printed = tuple(
            [
                year
                for tag, field in fields.each("214", "210")
                if tag == "210" or field.ind2 == "4"
                for year in years_in(field.first("d") or "")
            ]
        )
    if first and (not printed or first in printed):
        return first, second if kind in _SPANS and second and second > first else None, None
    if not printed:
        if any(one.date for one in stated):
            fields.flag("year-unreadable")
        return None, None, None
    if first:
        fields.flag("year-contradicted")
    if dated and is_range(dated[0]) and len(printed) > 1 and printed[1] > printed[0]:
        return printed[0], printed[1], first
    return printed[0], None, first


def extent(fields: UnimarcFields) -> Extent | None:
    """Return the physical description of the first 215 that has one."""
    for field in fields.get("215"):
        pages, volumes = read_extent(" ".join(field.all("a")))
        size = trim_stop((field.first("d") or "").rstrip(" +")) or None
        text = trim(field.text("ac").rstrip(" +"))
        for more in field.all("e"):
            text = f"{text} + {trim_stop(more.lstrip('+ '))}" if text else trim_stop(more)
        if stated := text or size:
            return Extent(stated, pages, volumes, size)
    return None


def languages(fields: UnimarcFields) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the languages of the text, and the languages it was translated from."""
    spoken = [code for field in fields.get("101") for value in field.all("a") for code in marc_codes(value)]
    originals = [
        code for field in fields.get("101") for value in field.all("c") for code in marc_codes(value)
    ]
    return tuple(dict.fromkeys(spoken)), tuple(dict.fromkeys(originals))


def material(fields: UnimarcFields, has_isbn: bool) -> Material:
    """Return the material after leader/06-07, 105, 110 and 328."""
    kind, level = fields.leader[6], fields.leader[7]
    found = _MATERIALS.get(kind)
    if found is None:
        fields.flag("material-guessed")
        found = Material.SERIAL if fields.has("011") and not has_isbn else Material.BOOK
    if found is Material.DATA and level in "ma":
        found = Material.BOOK if fields.has("105") else found
    if found is Material.BOOK:
        if level in "si":
            return Material.SERIAL
        if level == "a":
            return Material.ARTICLE
    if found in (Material.BOOK, Material.MANUSCRIPT) and _is_thesis(fields, has_isbn):
        return Material.THESIS
    return found


def _is_thesis(fields: UnimarcFields, has_isbn: bool) -> bool:
    if "m" in fields.code("105", 4, 8):
        return True
    return fields.has("328") and not has_isbn


def carrier(fields: UnimarcFields, kind: Material, described: Extent | None) -> Carrier:
    """Return the carrier after 106, 135, 130, 215 and 200 $b, in this order."""
    stated = _FORMS.get(fields.code("106", 0, 1))
    if stated is not None:
        return stated
    if fields.code("135", 1, 2) == "r":
        return Carrier.ONLINE
    if fields.has("130"):
        return Carrier.MICROFORM
    paged = described is not None and described.pages is not None
    said = described.text if described else ""
    words = f" {key_fold(said + ' ' + (fields.value('200', 'b') or ''))} "
    for word, found in _GMD:
        if word in words and (not paged or word.startswith(("micro", "braille"))):
            return found
    if kind in (Material.VIDEO, Material.AUDIOBOOK, Material.MUSIC):
        return Carrier.DISC
    if kind is Material.DATA:
        return Carrier.ONLINE if fields.has("856") else Carrier.DISC
    if not paged and any(word in words for word in _DISC_WORDS):
        return Carrier.DISC
    return Carrier.OTHER if kind in (Material.KIT, Material.OBJECT) else Carrier.PRINT
