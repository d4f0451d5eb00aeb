"""Subjects, keywords and class numbers with the scheme each belongs to.

Subdivisions are joined by " -- ". Class numbers of different editions are kept apart, not compared.
"""

import re
from functools import lru_cache

from unioncat.domain.bib import Classification, Subject, SubjectKind
from unioncat.normalise.marc21.fields import Fields
from unioncat.normalise.record import Subfields
from unioncat.normalise.tidy import trim_stop

_KINDS = {
    "600": SubjectKind.NAME,
    "610": SubjectKind.NAME,
    "611": SubjectKind.NAME,
    "630": SubjectKind.WORK,
    "648": SubjectKind.PERIOD,
    "650": SubjectKind.TOPIC,
    "651": SubjectKind.PLACE,
    "653": SubjectKind.KEYWORD,
    "654": SubjectKind.TOPIC,
    "655": SubjectKind.GENRE,
    "656": SubjectKind.TOPIC,
    "662": SubjectKind.PLACE,
}
_SCHEMES = {"0": "lcsh", "1": "lcshac", "2": "mesh", "3": "nal", "5": "cash", "6": "rvm"}
_CLASS_TAGS = (("050", "lcc"), ("060", "nlm"), ("080", "udc"), ("082", "ddc"), ("084", ""), ("090", "local"))
# A shelf mark behind the number: "005.136 ĐÔ-T", "327.597/T450", "519.2076--BU-P".
_NOT_DEWEY = re.compile(r"(?<=\d)[\s/\-–]+[^\W\d].*$")
_DEWEY = re.compile(r"\d{3}(?:\.\d+)?$")
_SUBDIVISIONS = "vxyz"
_NOT_TEXT = "0123456789eiuw"


def subjects(fields: Fields) -> tuple[Subject, ...]:
    """Return all headings in the order of the record, each once."""
    found: list[Subject] = []
    for tag, tagged in fields.among(_KINDS):
        for field in tagged:
            if tag == "653":
                found += _keywords(field.subfields)
            elif heading := _heading(tag, field.ind2, field.subfields):
                found.append(heading)
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


@lru_cache(maxsize=1 << 15)
def _heading(tag: str, ind2: str, subfields: Subfields) -> Subject | None:
    kind = _KINDS[tag]
    main: list[str] = []
    divisions: list[str] = []
    scheme = _SCHEMES.get(ind2)
    for code, value in subfields:
        if code in _SUBDIVISIONS:
            if division := trim_stop(value):
                divisions.append(division)
        elif code not in _NOT_TEXT:
            main.append(value)
            if code == "t" and kind is SubjectKind.NAME:
                kind = SubjectKind.WORK
        elif code == "2" and ind2 == "7":
            scheme = value
    first = trim_stop(" ".join(main))
    text = " -- ".join([first, *divisions] if first else divisions)
    return Subject(text, kind, scheme) if text else None


@lru_cache(maxsize=1 << 14)
def _keywords(subfields: Subfields) -> tuple[Subject, ...]:
    words = [trim_stop(word.strip()) for code, value in subfields if code == "a" for word in value.split(";")]
    return tuple([Subject(word, SubjectKind.KEYWORD) for word in words if word])


def classifications(fields: Fields) -> tuple[Classification, ...]:
    """Return the class numbers: LCC, NLM, UDC, DDC, BBK by $2 of 084, local ones."""
    found: list[Classification] = []
    for tag, scheme in (
        ("050", "lcc"),
        ("060", "nlm"),
        ("080", "udc"),
        ("082", "ddc"),
        ("084", ""),
        ("090", "local"),
    ):
        for field in fields.get(tag):
            source = field.first("2")
            for value in field.all("a"):
                if scheme == "ddc":
                    entry = read_dewey(value, source)
                elif scheme:
                    entry = Classification(scheme, value, source)
                elif source and "bbk" in source.casefold():
                    entry = Classification("bbk", value, source)
                else:
                    entry = Classification("local", value, source)
                if entry and entry not in found:
                    found.append(entry)
    return tuple(found)


@lru_cache(maxsize=1 << 14)
def read_dewey(value: str, edition: str | None) -> Classification | None:
    """Take segmentation marks and blanks out of a Dewey number, and a shelf mark written behind it.

    What cannot be a Dewey number (59.080.20 of a standard) is a local one.
    """
    number = _NOT_DEWEY.sub("", value.replace("'", "").replace("′", ""))
    number = number.replace("/", "").replace(" ", "").strip(".-")
    if not number:
        return None
    return Classification(
        "ddc" if _DEWEY.match(number) or not number[0].isdigit() else "local", number, edition
    )
