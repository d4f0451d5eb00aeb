"""Material and carrier: what the thing is, and what it stands on.

A print record with a link to a digital copy is a print record: only what describes the thing itself counts.
"""

from unioncat.domain.bib import Carrier, Extent, Material
from unioncat.normalise.marc21.fields import Fields
from unioncat.text import key_fold

_MATERIALS = {
    "a": Material.BOOK,
    "t": Material.MANUSCRIPT,
    "c": Material.SCORE,
    "d": Material.SCORE,
    "e": Material.MAP,
    "f": Material.MAP,
    "g": Material.VIDEO,
    "i": Material.AUDIOBOOK,
    "j": Material.MUSIC,
    "k": Material.IMAGE,
    "m": Material.DATA,
    "o": Material.KIT,
    "p": Material.KIT,
    "r": Material.OBJECT,
}
_PRINTED = frozenset(
    {
        Material.BOOK,
        Material.SERIAL,
        Material.ARTICLE,
        Material.THESIS,
        Material.MAP,
        Material.SCORE,
        Material.MANUSCRIPT,
        Material.IMAGE,
    }
)
_FORMS_OF_ITEM = {
    "a": Carrier.MICROFORM,
    "b": Carrier.MICROFORM,
    "c": Carrier.MICROFORM,
    "d": Carrier.PRINT,
    "f": Carrier.BRAILLE,
    "o": Carrier.ONLINE,
    "q": Carrier.DISC,
    "r": Carrier.PRINT,
}
_WORDS = (
    ("online resource", Carrier.ONLINE),
    ("ressource en ligne", Carrier.ONLINE),
    ("truc tuyen", Carrier.ONLINE),
    ("electronic text", Carrier.ONLINE),
    ("microf", Carrier.MICROFORM),
    ("vi phim", Carrier.MICROFORM),
    ("braille", Carrier.BRAILLE),
    ("chu noi", Carrier.BRAILLE),
    (" cd", Carrier.DISC),
    (" dvd", Carrier.DISC),
    ("disc ", Carrier.DISC),
    ("discs ", Carrier.DISC),
    ("disk ", Carrier.DISC),
    ("disks ", Carrier.DISC),
    (" dia ", Carrier.DISC),
    ("computer file", Carrier.DISC),
)
_PUBLISHED_THESES = ("originally", "revis", "based on", "a revis", "slightly", "presented originally")
_THESIS_GENRES = ("luan van", "luan an", "khoa luan", "thesis", "theses", "dissertation")


def material(fields: Fields, has_isbn: bool) -> Material:
    """Return the material after leader/06-07, 008 and 502."""
    kind, level = fields.leader[6], fields.leader[7]
    found = _MATERIALS.get(kind)
    if found is None:
        fields.flag("material-guessed")
        found = Material.SERIAL if fields.has("022") and not has_isbn else Material.BOOK
    if found is Material.BOOK:
        if level in "bsi":
            return Material.ARTICLE if level == "b" else Material.SERIAL
        if level == "a":
            return Material.ARTICLE
    elif kind == "m" and fields.f008[26] in "de":
        found = Material.BOOK  # a document in a computer file
    if found in (Material.BOOK, Material.MANUSCRIPT) and _is_thesis(fields, has_isbn):
        return Material.THESIS
    return found


def _is_thesis(fields: Fields, has_isbn: bool) -> bool:
    if "m" in fields.f008[24:28]:
        return True
    if fields.has("502"):
        # A thesis that was published as a book has an ISBN, or says that it was one before.
        note = (fields.get("502")[0].first("a") or "").casefold()
        return not has_isbn and not note.startswith(
            ("originally", "revis", "based on", "a revis", "slightly")
        )
    if fields.has("655") and not has_isbn:
        return any(key_fold(field.first("a") or "").startswith(_THESIS_GENRES) for field in fields.get("655"))
    return False


def carrier(fields: Fields, kind: Material, extent: Extent | None) -> Carrier:
    """Return the carrier after 338, 008/23, 300 and 245 $h, 007, in this order."""
    for field in fields.get("338"):
        if code := field.first("b"):
            if code == "cr":
                return Carrier.ONLINE
            if code[0] == "h":
                return Carrier.MICROFORM
            if code[0] in "csv":
                return Carrier.DISC
            if code in ("nc", "nb"):
                return Carrier.BRAILLE if fields.f008[23] == "f" else Carrier.PRINT
    form = fields.f008[29] if kind in (Material.MAP, Material.IMAGE, Material.VIDEO) else fields.f008[23]
    stated = _FORMS_OF_ITEM.get(form)
    if stated is not None and (stated is not Carrier.PRINT or kind in _PRINTED):
        return stated
    paged = extent is not None and extent.pages is not None
    if not paged or "online" in extent.text.casefold():  # type: ignore[union-attr]
        words = f"{extent.text if extent else ''} {fields.value('245', 'h') or ''}"
        if found := _carrier_in(words):
            return found
    if form == "s":
        return Carrier.ONLINE if fields.has("856") else Carrier.DISC
    if not paged and (found := _carrier_of_007(fields.control("007"))):
        return found
    if kind in _PRINTED:
        return Carrier.PRINT
    if kind is Material.DATA and fields.has("856"):
        return Carrier.ONLINE
    return Carrier.OTHER if kind in (Material.KIT, Material.OBJECT) else Carrier.DISC


def _carrier_in(text: str) -> Carrier | None:
    if text != " ":
        folded = f" {key_fold(text)} "
        for words, carrier in _WORDS:
            if words in folded:
                return carrier
    return None


def _carrier_of_007(value: str) -> Carrier | None:
    first, second = value[:1], value[1:2]
    if first == "c":
        return Carrier.ONLINE if second == "r" else Carrier.DISC
    if first == "h":
        return Carrier.MICROFORM
    if first == "f" and second == "b":
        return Carrier.BRAILLE
    return Carrier.DISC if first in ("s", "v") else None
