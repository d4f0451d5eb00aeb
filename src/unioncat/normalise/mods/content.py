"""Identifiers, series, subjects, class numbers, notes, links and holdings of a MODS record."""

from collections.abc import Callable

from unioncat.domain.bib import (
    Classification,
    Holding,
    Identifier,
    Link,
    Note,
    NoteKind,
    Series,
    Subject,
    SubjectKind,
)
from unioncat.domain.source import Profile
from unioncat.normalise.links import address
from unioncat.normalise.marc21.holdings import branch_map
from unioncat.normalise.marc21.subjects import read_dewey
from unioncat.normalise.marcxml import local_name
from unioncat.normalise.mods.elements import Element, children, name_of, text_of, texts, title_of
from unioncat.normalise.numbers import (
    read_doi,
    read_handle,
    read_isbn,
    read_ismn,
    read_issn,
    read_lccn,
    read_oclc,
)
from unioncat.normalise.tidy import trim_stop
from unioncat.text import clean, key_exact

_SUBJECTS = {
    "topic": SubjectKind.TOPIC,
    "geographic": SubjectKind.PLACE,
    "hierarchicalGeographic": SubjectKind.PLACE,
    "temporal": SubjectKind.PERIOD,
    "name": SubjectKind.NAME,
    "titleInfo": SubjectKind.WORK,
    "genre": SubjectKind.GENRE,
    "occupation": SubjectKind.TOPIC,
}

_NOTE_KINDS = {
    "thesis": NoteKind.THESIS,
    "language": NoteKind.LANGUAGE,
    "reproduction": NoteKind.REPRODUCTION,
    "original version": NoteKind.REPRODUCTION,
}

RESPONSIBILITY = "statement of responsibility"
"""Type of the note that is none."""
_HREF = "{http://www.w3.org/1999/xlink}href"
_PRIVATE_NOTES = frozenset({"acquisition", "action", "ownership", "admin", "internal"})

_READERS: dict[str, Callable[[str, bool], Identifier | None]] = {
    "isbn": read_isbn,
    "issn": read_issn,
    "issn-l": read_issn,
    "ismn": read_ismn,
    "lccn": read_lccn,
}


def identifiers(mods: Element, noted: list[str]) -> tuple[Identifier, ...]:
    """Return all identifiers; `noted` gets flags of wrong ones."""
    found: list[Identifier | None] = []
    for one in children(mods, "identifier"):
        scheme, text, cancelled = one.get("type", "").casefold(), text_of(one), one.get("invalid") == "yes"
        if scheme in _READERS:
            number = _READERS[scheme](text, cancelled)
            if number is None or not (number.valid or cancelled):
                noted.append("isbn-malformed" if number is None else f"{number.scheme}-invalid")
            found.append(number)
        elif scheme == "oclc":
            found.append(read_oclc(text))
        elif text:
            number = read_doi(text) or read_handle(text if scheme != "hdl" else f"hdl:{text}")
            if number is None and scheme in ("urn", "uri") and text.startswith("urn:"):
                number = Identifier("urn", text)
            elif number is None and scheme == "local":
                number = Identifier("local", text)
            found.append(number)
    return tuple(dict.fromkeys([number for number in found if number is not None]))


def series(mods: Element) -> tuple[Series, ...]:
    """Return the series, and what the thing is a part of."""
    found = []
    for item in children(mods, "relatedItem"):
        if item.get("type") not in ("series", "host"):
            continue
        for info in children(item, "titleInfo"):
            title = title_of(info)
            if title is None:
                continue
            numbers = [part.number for part in title.parts if part.number]
            numbers += [
                text
                for part in (*children(mods, "part"), *children(item, "part"))
                for detail in children(part, "detail")
                for text in texts(detail, "number", "caption")
            ]
            issn = [
                number.value
                for one in children(item, "identifier")
                if one.get("type") == "issn" and (number := read_issn(text_of(one)))
            ]
            found.append(
                Series(title.main, ", ".join(dict.fromkeys(numbers)) or None, next(iter(issn), None))
            )
    return tuple(dict.fromkeys(found))


def subjects(mods: Element) -> tuple[Subject, ...]:
    """Return all headings, each once; their parts are joined by " -- "."""
    found = []
    for subject in children(mods, "subject"):
        named = [(local_name(str(child.tag)), child) for child in subject]
        read = [(name, _subject_part(child)) for name, child in named if name in _SUBJECTS]
        parts = [(name, text) for name, text in read if text]
        if parts:
            text = " -- ".join([trim_stop(text) for _, text in parts])
            found.append(Subject(text, _SUBJECTS[parts[0][0]], subject.get("authority") or None))
    genres = [trim_stop(text) for text in texts(mods, "genre")]
    found += [Subject(text, SubjectKind.GENRE) for text in genres if text]
    return tuple(dict.fromkeys(found))


def _subject_part(child: Element) -> str:
    name = local_name(str(child.tag))
    if name == "name":
        return name_of(child)[0]
    if name == "titleInfo":
        title = title_of(child)
        return title.main if title else ""
    if name == "hierarchicalGeographic":
        return " -- ".join([text for part in child if (text := text_of(part))])
    return text_of(child)


def classifications(mods: Element) -> tuple[Classification, ...]:
    """Return the class numbers with their schemes."""
    found: list[Classification | None] = []
    for one in children(mods, "classification"):
        scheme, text, edition = one.get("authority", "").casefold(), text_of(one), one.get("edition")
        if not text:
            continue
        if scheme == "ddc":
            found.append(read_dewey(text, edition))
        else:
            known = {"lcc": "lcc", "udc": "udc", "nlm": "nlm", "bbk": "bbk"}.get(scheme, "local")
            found.append(Classification(known, text, edition))
    return tuple(dict.fromkeys([one for one in found if one is not None]))


def notes(mods: Element) -> tuple[Note, ...]:
    """Return the notes in the order of the record; those of staff are never read."""
    found = []
    for child in mods:
        name, kind, text = local_name(str(child.tag)), child.get("type", "").casefold(), text_of(child)
        if not text:
            continue
        if name == "abstract":
            found.append(Note(text, NoteKind.SUMMARY))
        elif name == "tableOfContents":
            found.append(Note(text, NoteKind.CONTENTS))
        elif name == "targetAudience":
            found.append(Note(text, NoteKind.AUDIENCE))
        elif name == "note" and kind not in _PRIVATE_NOTES and kind != RESPONSIBILITY:
            found.append(Note(text, _NOTE_KINDS.get(kind, NoteKind.GENERAL)))
    return tuple(found)


def terms(mods: Element) -> list[str]:
    """Return what is said of access and use: in words, or by the address of a licence."""
    return [
        text
        for one in children(mods, "accessCondition")
        if (text := text_of(one) or clean(one.get(_HREF, "")))
    ]


def links(mods: Element, rights: str | None) -> tuple[Link, ...]:
    """Return the addresses; `rights` say what may be done with them."""
    found = []
    for location in children(mods, "location"):
        for one in children(location, "url"):
            url = address(text_of(one))
            if url:
                whole = one.get("access") == "object in context" or "primary" in one.get("usage", "")
                found.append(Link(url, one.get("displayLabel") or one.get("note") or None, whole, rights))
    return tuple(dict.fromkeys(found))


def holdings(mods: Element, profile: Profile) -> tuple[Holding, ...]:
    """Return what `location` says of places and copies."""
    branches = branch_map(profile.branches)
    found = []
    for location in children(mods, "location"):
        places, marks = texts(location, "physicalLocation"), texts(location, "shelfLocator")
        library = next((branches[key_exact(place)] for place in places if key_exact(place) in branches), None)
        place = next((text for text in places if key_exact(text) not in branches), None)
        simple = children(location, "holdingSimple")
        copies = [copy for one in simple for copy in children(one, "copyInformation")]
        for copy in copies:
            sub = next(iter(texts(copy, "subLocation")), None)
            mark = next(iter(texts(copy, "shelfLocator")), None) or next(iter(marks), None)
            items = tuple(dict.fromkeys(texts(copy, "itemIdentifier")))
            volume = next(iter(texts(copy, "enumerationAndChronology")), None)
            shown = ", ".join(filter(None, [place, sub])) or None
            found.append(Holding(library, shown, mark, items, max(len(items), 1), volume))
        if not copies and (places or marks):
            found.append(Holding(library, place, next(iter(marks), None)))
    return tuple(found)
