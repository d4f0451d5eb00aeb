"""Identifiers, notes, subjects and class numbers of UNIMARC, and its fields in other scripts.

Notes about single copies and about work on them (316, 317, 318, 345) are never read.
"""

from unioncat.domain.bib import (
    Alternate,
    Classification,
    Identifier,
    Note,
    NoteKind,
    Subject,
    SubjectKind,
)
from unioncat.normalise.marc21.fields import Field
from unioncat.normalise.marc21.identifiers import isbns
from unioncat.normalise.marc21.subjects import read_dewey
from unioncat.normalise.numbers import (
    read_doi,
    read_ean,
    read_handle,
    read_ismn,
    read_issn,
    read_standards,
    read_system_number,
)
from unioncat.normalise.tidy import trim_stop
from unioncat.normalise.unimarc.agents import name_of
from unioncat.normalise.unimarc.fields import UnimarcFields
from unioncat.text import clean

_GENERAL = "300 301 302 303 304 305 306 307 308 310 311 312 313 314 315 320 321 322 323 326 332 334 336 337"
_NOTES = {
    **dict.fromkeys(_GENERAL.split(), (NoteKind.GENERAL, "a")),
    "207": (NoteKind.GENERAL, "a"),
    "230": (NoteKind.GENERAL, "a"),
    "324": (NoteKind.REPRODUCTION, "a"),
    "325": (NoteKind.REPRODUCTION, "a"),
    "327": (NoteKind.CONTENTS, "ab"),
    "328": (NoteKind.THESIS, "abcdeft"),
    "330": (NoteKind.SUMMARY, "a"),
    "333": (NoteKind.AUDIENCE, "a"),
}
_SUBJECTS = {
    "600": SubjectKind.NAME,
    "601": SubjectKind.NAME,
    "602": SubjectKind.NAME,
    "604": SubjectKind.WORK,
    "605": SubjectKind.WORK,
    "606": SubjectKind.TOPIC,
    "607": SubjectKind.PLACE,
    "608": SubjectKind.GENRE,
    "610": SubjectKind.KEYWORD,
    "615": SubjectKind.TOPIC,
    "616": SubjectKind.NAME,
    "620": SubjectKind.PLACE,
}
_ALTERNATES = {"200": "245", "210": "260", "214": "264", "225": "490", "205": "250", "517": "246"}
_DIVISIONS = "jxyz"


def identifiers(fields: UnimarcFields, reports: tuple[str, ...]) -> tuple[Identifier, ...]:
    """Return all identifiers in the order of their tags; `reports` are numbers found elsewhere."""
    found: list[Identifier | None] = []
    for field in fields.get("010"):
        found += isbns(field, fields, "b")
    for field in fields.get("011"):
        found += [read_issn(value, code in "yz") for code, value in field.subfields if code in "ayz"]
    for field in fields.get("013"):
        found += [read_ismn(value, code == "z") for code, value in field.subfields if code in "az"]
    for _, field in fields.each("015", "022"):
        found += [Identifier("report", value) for value in field.all("a")[-1:]]
    for field in fields.get("017"):
        found += [read_doi(value) or read_handle(f"hdl:{value}") for value in field.all("a")]
    for _, field in fields.each("020", "021"):
        found += [Identifier("nbn", value) for value in field.all("b")]
    for _, field in fields.each("033", "035"):
        found += [read_system_number(value, code == "z") for code, value in field.subfields if code in "az"]
    for field in fields.get("071"):
        found += [Identifier("publisher", value, field.first("b")) for value in field.all("a")]
    for field in fields.get("073"):
        found += [read_ean(value, code == "z") for code, value in field.subfields if code in "az"]
    for field in fields.get("856"):
        found += [read_doi(url) or read_handle(url) for url in field.all("u")]
    found += read_standards(reports)
    once: dict[tuple[str, str], Identifier] = {}
    for one in found:  # one number may stand in 010 and in 073; the first says more
        if one is not None:
            once.setdefault((one.scheme, one.value), one)
    return tuple(once.values())


def notes(fields: UnimarcFields) -> tuple[Note, ...]:
    """Return the notes in the order of the record."""
    found = []
    for tag, tagged in fields.among(_NOTES):
        kind, codes = _NOTES[tag]
        found += [Note(text, kind) for field in tagged if (text := field.text(codes))]
    return tuple(found)


def subjects(fields: UnimarcFields) -> tuple[Subject, ...]:
    """Return all headings in the order of the record, each once; subdivisions are joined by " -- "."""
    found: list[Subject] = []
    for tag, tagged in fields.among(_SUBJECTS):
        kind = _SUBJECTS[tag]
        for field in tagged:
            if kind is SubjectKind.KEYWORD:
                words = [trim_stop(word.strip()) for value in field.all("a") for word in value.split(";")]
                found += [Subject(word, kind) for word in words if word]
                continue
            heading = _heading(tag, field)
            divisions = [trim_stop(value) for value in field.all(_DIVISIONS)]
            text = " -- ".join([part for part in (heading, *divisions) if part])
            if text:
                work = kind is SubjectKind.NAME and field.first("t") is not None
                found.append(Subject(text, SubjectKind.WORK if work else kind, field.first("2")))
    return tuple(dict.fromkeys(found))


def _heading(tag: str, field: Field) -> str:
    if tag == "600":
        parts = [name_of(field), *field.all("ct"), *[f"({value.strip(' ()')})" for value in field.all("f")]]
        return trim_stop(" ".join([part for part in parts if part]))
    if tag == "620":
        return " -- ".join([trim_stop(value) for value in field.all("abcd")])
    return trim_stop(". ".join([trim_stop(value) for value in field.all("abt")]))


def classifications(fields: UnimarcFields) -> tuple[Classification, ...]:
    """Return the class numbers: UDC, DDC, LCC, and others by $2 of 686."""
    found: list[Classification | None] = []
    for field in fields.get("675"):
        found += [Classification("udc", value, field.first("v")) for value in field.all("a")]
    for field in fields.get("676"):
        found += [read_dewey(value, field.first("v")) for value in field.all("a")]
    for field in fields.get("680"):
        found += [Classification("lcc", value) for value in field.all("a")]
    for field in fields.get("686"):
        source = field.first("2")
        scheme = "bbk" if source and "bbk" in source.casefold() else "local"
        found += [Classification(scheme, value, source) for value in field.all("a")]
    return tuple(dict.fromkeys([one for one in found if one is not None]))


def alternates(fields: UnimarcFields) -> tuple[Alternate, ...]:
    """Return the fields in other scripts, under the tags of MARC 21."""
    found = []
    for tag, script, subfields in fields.others:
        text = trim_stop(clean(" ".join([value for code, value in subfields if code.isalpha()])))
        if text:
            link = next((value for code, value in subfields if code == "6"), "")
            digits = "".join(char for char in link if char.isascii() and char.isdigit())[:4]
            found.append(Alternate(_ALTERNATES.get(tag, tag), int(digits or 0), text, script))
    return tuple(found)
