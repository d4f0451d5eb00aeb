"""Edition, imprint, dates, extent, languages, material and carrier of a MODS record."""

from unioncat.domain.bib import Carrier, Extent, Imprint, Material
from unioncat.normalise.dates import valid_year, years_in
from unioncat.normalise.languages import marc_codes
from unioncat.normalise.marc21.extent import read_extent
from unioncat.normalise.marc21.imprint import split_publishers, tidy_place
from unioncat.normalise.mods.elements import Element, children, text_of, texts
from unioncat.normalise.tidy import is_unknown, trim, trim_stop, unbracket
from unioncat.text import key_fold

_MATERIALS = (
    ("text", Material.BOOK),
    ("cartographic", Material.MAP),
    ("notated music", Material.SCORE),
    ("sound recording-musical", Material.MUSIC),
    ("sound recording", Material.AUDIOBOOK),
    ("still image", Material.IMAGE),
    ("moving image", Material.VIDEO),
    ("three dimensional object", Material.OBJECT),
    ("software, multimedia", Material.DATA),
    ("mixed material", Material.KIT),
)

_GENRES = (
    ("thesis", Material.THESIS),
    ("theses", Material.THESIS),
    ("dissertation", Material.THESIS),
    ("luan van", Material.THESIS),
    ("luan an", Material.THESIS),
    ("article", Material.ARTICLE),
    ("bai bao", Material.ARTICLE),
    ("bai trich", Material.ARTICLE),
    ("periodical", Material.SERIAL),
    ("newspaper", Material.SERIAL),
    ("journal", Material.SERIAL),
    ("tap chi", Material.SERIAL),
)

_DATES = ("dateIssued", "dateCreated", "copyrightDate")
_CARRIERS = (
    ("print", Carrier.PRINT),
    ("online", Carrier.ONLINE),
    ("remote", Carrier.ONLINE),
    ("disc", Carrier.DISC),
    ("disk", Carrier.DISC),
    ("direct electronic", Carrier.DISC),
    ("electronic", Carrier.ONLINE),
    ("braille", Carrier.BRAILLE),
    ("microf", Carrier.MICROFORM),
)


def edition(mods: Element) -> str | None:
    """Return the first edition statement."""
    stated = [text for info in children(mods, "originInfo") for text in texts(info, "edition")]
    return trim_stop(stated[0]) or None if stated else None


def imprints(mods: Element) -> tuple[Imprint, ...]:
    """Return the statements of publication and creation."""
    found = [_imprint(info) for info in children(mods, "originInfo")]
    return tuple(dict.fromkeys([one for one in found if one is not None]))


def _imprint(info: Element) -> Imprint | None:
    places = [
        place
        for one in children(info, "place")
        for term in children(one, "placeTerm")
        if term.get("type") != "code" and (place := tidy_place(text_of(term)))
    ]
    publishers = [name for text in texts(info, "publisher") for name in split_publishers(text)]
    plain = [
        text
        for name in ("dateIssued", "dateCreated", "dateOther")
        for date in children(info, name)
        if (text := trim(text_of(date)).rstrip(".")) and not is_unknown(unbracket(text))
    ]
    issued = [text_of(date) for date in children(info, "dateIssued") if date.get("encoding") is None]
    date = next((trim(text).rstrip(".") for text in issued if years_in(text)), plain[0] if plain else None)
    if not (places or publishers or date):
        return None
    return Imprint(tuple(dict.fromkeys(places)), tuple(dict.fromkeys(publishers)), date)


def years(mods: Element) -> tuple[int | None, int | None]:
    """Return the year of this edition, and the last year of what appeared over several."""
    for info in children(mods, "originInfo"):
        dates = [
            date for name in ("dateIssued", "dateCreated", "copyrightDate") for date in children(info, name)
        ]
        coded = {
            date.get("point", "start"): year
            for date in reversed(dates)
            if date.get("encoding") and (year := valid_year(text_of(date)[:4]))
        }
        printed = [year for date in dates if not date.get("encoding") for year in years_in(text_of(date))]
        start, end = coded.get("start"), coded.get("end")
        if start and (not printed or start in printed):
            return start, end if end and end > start else None
        if printed:
            return printed[0], None
    return None, None


def extent(mods: Element) -> Extent | None:
    """Return the physical description that comes first."""
    for one in children(mods, "physicalDescription"):
        for text in texts(one, "extent"):
            main, _, size = trim(text).partition(" ; ")
            pages, volumes = read_extent(main)
            return Extent(trim(main) or text, pages, volumes, trim_stop(size) or None)
    return None


def languages(mods: Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the languages of the text, and the languages it was translated from."""
    spoken: list[str] = []
    originals: list[str] = []
    for language in children(mods, "language"):
        part = key_fold(language.get("objectPart", ""))
        wanted = originals if "original" in part or "translat" in part else spoken
        if part and wanted is spoken and not part.startswith("text"):
            continue
        for term in children(language, "languageTerm"):
            wanted += marc_codes(text_of(term))
    return tuple(dict.fromkeys(spoken)), tuple(dict.fromkeys(originals))


def material(mods: Element, noted: list[str]) -> Material:
    """Return the material after genre and typeOfResource; `noted` gets a flag where it is guessed."""
    genres = [key_fold(text) for text in texts(mods, "genre")]
    for words, found in _GENRES:
        if any(words in genre for genre in genres):
            return found
    issuance = [text for info in children(mods, "originInfo") for text in texts(info, "issuance")]
    kinds = children(mods, "typeOfResource")
    for kind in kinds:
        for words, found in _MATERIALS:
            if text_of(kind).casefold().startswith(words):
                if found is Material.BOOK:
                    if kind.get("manuscript") == "yes":
                        return Material.MANUSCRIPT
                    if {"serial", "continuing", "integrating resource"} & set(issuance):
                        return Material.SERIAL
                    if any(one.get("type") == "host" for one in children(mods, "relatedItem")):
                        return Material.ARTICLE
                return found
    if not kinds:
        noted.append("material-guessed")
    return Material.SERIAL if {"serial", "continuing"} & set(issuance) else Material.BOOK


def carrier(mods: Element, kind: Material) -> Carrier:
    """Return the carrier after the form of the physical description."""
    forms = [text for one in children(mods, "physicalDescription") for text in texts(one, "form")]
    for form in map(str.casefold, forms):
        for words, found in _CARRIERS:
            if words in form:
                return found
    if kind in (Material.VIDEO, Material.MUSIC, Material.AUDIOBOOK, Material.DATA):
        return Carrier.DISC
    return Carrier.OTHER if kind in (Material.KIT, Material.OBJECT) else Carrier.PRINT
