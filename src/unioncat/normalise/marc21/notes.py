"""Notes, series, languages, rights, links and linked fields in other scripts.

Staff notes (541, 561, 583, 59X) are never read. Only addresses that a browser opens safely become links.
"""

import re

from unioncat.domain.bib import Alternate, Link, Note, NoteKind, Series
from unioncat.normalise.languages import marc_codes
from unioncat.normalise.links import address
from unioncat.normalise.marc21.fields import Field, Fields
from unioncat.normalise.numbers import read_issn
from unioncat.normalise.tidy import trim_stop
from unioncat.text import key_fold

_NOTES = {
    "500": (NoteKind.GENERAL, "a"),
    "501": (NoteKind.GENERAL, "a"),
    "502": (NoteKind.THESIS, "abcdg"),
    "504": (NoteKind.GENERAL, "a"),
    "505": (NoteKind.CONTENTS, "agrt"),
    "507": (NoteKind.GENERAL, "ab"),
    "508": (NoteKind.GENERAL, "a"),
    "511": (NoteKind.GENERAL, "a"),
    "513": (NoteKind.GENERAL, "ab"),
    "515": (NoteKind.GENERAL, "a"),
    "516": (NoteKind.GENERAL, "a"),
    "518": (NoteKind.GENERAL, "adop"),
    "520": (NoteKind.SUMMARY, "ab"),
    "521": (NoteKind.AUDIENCE, "a"),
    "522": (NoteKind.GENERAL, "a"),
    "524": (NoteKind.GENERAL, "a"),
    "525": (NoteKind.GENERAL, "a"),
    "526": (NoteKind.GENERAL, "abcd"),
    "530": (NoteKind.GENERAL, "abcd"),
    "533": (NoteKind.REPRODUCTION, "abcdefmn"),
    "534": (NoteKind.REPRODUCTION, "pabcefklmntxz"),
    "535": (NoteKind.GENERAL, "ab"),
    "536": (NoteKind.GENERAL, "a"),
    "538": (NoteKind.GENERAL, "a"),
    "545": (NoteKind.GENERAL, "ab"),
    "546": (NoteKind.LANGUAGE, "ab"),
    "547": (NoteKind.GENERAL, "a"),
    "550": (NoteKind.GENERAL, "a"),
    "555": (NoteKind.GENERAL, "abc"),
    "556": (NoteKind.GENERAL, "a"),
    "562": (NoteKind.GENERAL, "abc"),
    "580": (NoteKind.GENERAL, "a"),
    "581": (NoteKind.GENERAL, "a"),
    "585": (NoteKind.GENERAL, "a"),
    "586": (NoteKind.GENERAL, "a"),
}
_ABOUT_ONLY = (
    "table of contents",
    "contents",
    "publisher description",
    "contributor biographical",
    "sample text",
    "cover",
    "book review",
    "finding aid",
    "muc luc",
    "anh bia",
    "bia",
    "gioi thieu",
    "tom tat",
    "inhaltsverzeichnis",
    "inhaltstext",
)
_FULL_TEXT = ("full text", "toan van", "electronic book", "ebook", "volltext", "texte integral")
_TERMS = re.compile(
    r"creativecommons|rightsstatements|\bcc[ -]?(?:by|0)\b|public domain|licen[cs]|copyright|\brights?\b"
    r"|restrict|subscri|\bonly\b|\bfree\b|(?:open|limited) access|access (?:is|to|for|limited)\b"
    r"|available to\b|campus|pass ?word|\blog ?in\b"
    r"|truy cap (?:mo|tu do|trong|tai)\b(?! day)|ban quyen|giay phep|quyen (?:su dung|truy cap)|cho phep"
    r"|noi bo|han che|mien phi|tra phi|dang nhap|tai khoan|chi danh|thuoc ve cong chung"
    r"|(?:trong|tai) (?:thu vien|mang|truong)|tai cho"
)
"""Words of a note that speaks of what may be done with a thing; other notes only name it."""
_ACCESS = {"0": "Truy cập mở (open access)", "1": "Truy cập hạn chế (restricted access)"}
"""What the codes of 856 $7 mean."""
_OCCURRENCE = re.compile("[0-9]{1,9}")
_SCRIPTS = {"(3": "Arab", "(4": "Arab", "(B": "Latn", "(N": "Cyrl", "(Q": "Cyrl", "(S": "Grek", "(2": "Hebr"}


def notes(fields: Fields) -> tuple[Note, ...]:
    """Return the notes in the order of the record."""
    found = []
    for tag, tagged in fields.among(_NOTES):
        kind, codes = _NOTES[tag]
        for field in tagged:
            text = field.text(codes)
            if text:
                found.append(Note(text, kind))
    return tuple(found)


def series(fields: Fields) -> tuple[Series, ...]:
    """Return the series statements; a traced form (8XX) only where it says something else."""
    found: list[Series] = []
    for tag, field in fields.each("490", "440", "800", "810", "811", "830"):
        codes = "a" if tag in ("490", "440", "830") else "t"
        title = trim_stop(field.text(codes + "np"))
        if not title:
            continue
        if tag[0] == "8" and found and any(_same(title, known.title) for known in found):
            continue
        number = field.first("v")
        issn = field.first("x")
        standard = read_issn(issn) if issn else None
        entry = Series(title, trim_stop(number) if number else None, standard.value if standard else None)
        if entry not in found:
            found.append(entry)
    return tuple(found)


def _same(left: str, right: str) -> bool:
    left, right = key_fold(left), key_fold(right)
    return left.startswith(right) or right.startswith(left)


def languages(fields: Fields) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the languages of the text, that of 008 first, and the languages it was translated from."""
    found: list[str] = []
    originals: list[str] = []
    found += marc_codes(fields.f008[35:38]) if fields.f008[35:38].isalpha() else ()
    for field in fields.get("041"):
        for code, value in field.subfields:
            if code in "ad":
                found += marc_codes(value)
            elif code == "h":
                originals += marc_codes(value)
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(originals))


def rights(fields: Fields) -> str | None:
    """Return terms of use (540) and restrictions on access (506) as one text."""
    stated = [_term(field.text("abcdfu")) for _, field in fields.each("540", "506")]
    return "; ".join(dict.fromkeys([text for text in stated if text])) or None


def links(fields: Fields, terms: str | None) -> tuple[Link, ...]:
    """Return the addresses of 856, each with what the field or else the record (`terms`) says of its use."""
    found: list[Link] = []
    for field in fields.get("856"):
        said = _said(field)
        named = [note for note in field.all("z") if note not in said]
        text = field.first("y") or field.first("3") or next(iter(named), None)
        stated = "; ".join(said) or terms
        for written in field.all("u"):
            url = address(written)
            if url is None:
                fields.flag("link-refused")
                continue
            link = Link(url, text, _is_full_text(field, url), stated)
            if link not in found:
                found.append(link)
    return tuple(found)


def _said(field: Field) -> list[str]:
    """Return the terms of use ($r, $t), of access ($l, $n, $7) and the notes ($z) that speak of them.

    Older records have settings of terminals, log-ins and hosts in these subfields: those name no terms.
    """
    said = [text for code in "rtlnz" for text in map(_term, field.all(code)) if _speaks(code, text)]
    access = [_ACCESS[code] for code in field.all("7") if code in _ACCESS]
    return list(dict.fromkeys(said + access))


def _term(text: str) -> str:
    """Return a statement without its stop; the stroke that an address ends with is no mark of ISBD."""
    return text.strip() if "://" in text.rpartition(" ")[2] else trim_stop(text)


def _speaks(code: str, text: str) -> bool:
    """Tell whether a subfield speaks of terms: by its words, or by an address where one is meant for it."""
    by_address = code in "rl" and text.startswith(("http://", "https://"))
    return by_address or "©" in text or _TERMS.search(key_fold(text)) is not None


def _is_full_text(field: Field, url: str) -> bool:
    """Tell whether the address leads to the thing itself: by the second indicator, unless words deny it."""
    words = key_fold(field.text("3yz"))
    if "1" in field.all("7") or words.startswith(_ABOUT_ONLY) or "loc.gov/catdir/" in url:
        return False
    if field.ind2 in ("0", "1"):
        return True
    return field.ind2 != "2" and (url.lower().endswith(".pdf") or any(word in words for word in _FULL_TEXT))


def alternates(fields: Fields) -> tuple[Alternate, ...]:
    """Return the 880 fields with the tag and occurrence that $6 links them to."""
    found = []
    for field in fields.get("880"):
        link = field.first("6") or ""
        tag, _, rest = link.partition("-")
        occurrence, _, script = rest.partition("/")
        text = trim_stop(" ".join([value for code, value in field.subfields if code.isalpha()]))
        if text and len(tag) == 3:
            number = int(occurrence) if _OCCURRENCE.fullmatch(occurrence) else 0
            found.append(Alternate(tag, number, text, _script(script.partition("/")[0], text)))
    return tuple(found)


def _script(code: str, text: str) -> str | None:
    """Return the ISO 15924 code; MARC has one code for Chinese, Japanese and Korean, so the text decides."""
    if code != "$1":
        return _SCRIPTS.get(code) or (code if len(code) == 4 and code.isalpha() else None)
    if any("\u1100" <= char <= "\u11ff" or "\uac00" <= char <= "\ud7a3" for char in text):
        return "Kore"
    if any("\u3041" <= char <= "\u30ff" for char in text):
        return "Jpan"
    return "Hani"
