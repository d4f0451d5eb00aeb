"""Titles of UNIMARC: 200 and the 5XX block, and the set that a volume belongs to (461).

UNIMARC has no ISBD marks of its own, but records that came from elsewhere often carry them: they go.
"""

import re

from unioncat.domain.bib import Part, Series, Title, TitleKind
from unioncat.normalise.marc21.fields import Field
from unioncat.normalise.numbers import read_issn
from unioncat.normalise.record import Unreadable
from unioncat.normalise.tidy import trim, trim_stop, unbracket
from unioncat.normalise.unimarc.fields import UnimarcFields
from unioncat.text import key_fold

_KINDS = {"500": TitleKind.UNIFORM, "510": TitleKind.PARALLEL, "520": TitleKind.FORMER}
_VARIANTS = "501 503 512 513 514 515 516 517 518 530 531 532 540 541 545"
_TAGS = ("500", "510", "520", *_VARIANTS.split())
_VOLUME = re.compile(
    r"(?:t|tập|tome|tom|q|quyển|v|vol|volume|ph|phần|part|partie|bd|band|số|no|n°|livre|book)\b[\s.]*"
    r"[\divxlc]+[.\s]*$",
    re.IGNORECASE,
)
_HOSTS = ("461", "462", "463", "464")


def titles(fields: UnimarcFields, languages: tuple[str, ...]) -> tuple[Title, tuple[Title, ...], str | None]:
    """Return the title, the other titles and the statement of responsibility.

    Raises `Unreadable` where the record has no title at all.
    """
    others = _others(fields)
    statement = fields.get("200")
    main, more, responsibility = _read_200(statement[0]) if statement else (None, [], None)
    others = [*more, *others]
    if main is None:
        if not others:
            raise Unreadable(
                "title-missing",
                "The record has no title (200 $a). Ask the library to complete it, or to leave it out.",
            )
        fields.flag("title-from-other-field")
        main = Title(others[0].main, others[0].remainder, others[0].parts)
    main = _in_set(main, fields)
    skipped = fields.unsorted or 0
    if skipped and (languages[:1] == ("vie",) or skipped >= len(main.main)):
        fields.flag("nonfiling-refused")
        skipped = 0
    return (
        Title(main.main, main.remainder, main.parts, TitleKind.PROPER, skipped),
        tuple(dict.fromkeys(others)),
        responsibility,
    )


def _read_200(field: Field) -> tuple[Title | None, list[Title], str | None]:
    main: str | None = None
    parallel: list[str] = []
    variants: list[str] = []
    remainders: list[str] = []
    parts: list[Part] = []
    said: list[str] = []
    for code, value in field.subfields:
        if code == "a" and main is None:
            main = unbracket(trim_stop(value)) or None
        elif code in "ac":
            variants.append(unbracket(trim_stop(value)))
        elif code == "d":
            parallel.append(unbracket(trim_stop(value.lstrip("= "))))
        elif code == "e" and not parallel:
            remainders.append(trim_stop(value.lstrip(": ")))
        elif code in "hi":
            _add_part(parts, code, value)
        elif code in "fg":
            said.append(trim_stop(value.lstrip("/; ")))
    if main is None:
        return None, [], None
    title = Title(main, " : ".join(filter(None, remainders)) or None, tuple(parts))
    more = [Title(text, kind=TitleKind.PARALLEL) for text in parallel if text]
    more += [Title(text, kind=TitleKind.VARIANT) for text in variants if text]
    return title, more, " ; ".join(filter(None, said)) or None


def _add_part(parts: list[Part], code: str, value: str) -> None:
    text = trim_stop(value) if code == "i" else trim(value).rstrip(".").rstrip()
    if not text:
        return
    if code == "h":
        parts.append(Part(number=text))
    elif parts and parts[-1].name is None:
        parts[-1] = Part(parts[-1].number, text)
    else:
        parts.append(Part(name=text))


def _others(fields: UnimarcFields) -> list[Title]:
    found = []
    for tag, field in fields.each(*_TAGS):
        main = unbracket(trim_stop(field.first("a") or ""))
        if main:
            parts: list[Part] = []
            for code, value in field.subfields:
                if code in "hi":
                    _add_part(parts, code, value)
            remainder = trim_stop(field.first("e") or "") or None
            found.append(Title(main, remainder, tuple(parts), _KINDS.get(tag, TitleKind.VARIANT)))
    for field in fields.get("454"):  # what it is a translation of
        original = unbracket(trim_stop(field.first("t") or ""))
        if original:
            found.append(Title(original, kind=TitleKind.UNIFORM))
    return found


def _in_set(title: Title, fields: UnimarcFields) -> Title:
    """Put the title of the set first where 200 only counts the volume, or repeats the set's title."""
    for field in fields.get("461"):
        whole = unbracket(trim_stop(field.first("t") or field.first("a") or ""))
        number = trim(field.first("v") or "") or None
        if not whole or title.parts:
            continue
        if _VOLUME.match(title.main):
            return Title(whole, None, (Part(title.main, title.remainder),), title.kind)
        if number and key_fold(whole) == key_fold(title.main):
            return Title(title.main, title.remainder, (Part(number),), title.kind)
    return title


def series(fields: UnimarcFields, title: Title) -> tuple[Series, ...]:
    """Return the series as printed (225), else as linked (410), and what the thing is a part of (46X)."""
    found: list[Series] = []
    for tag, field in fields.each("225", "410", *_HOSTS):
        text = trim_stop(field.first("a" if tag == "225" else "t") or field.first("a") or "")
        parts = [trim_stop(value) for value in field.all("hi")]
        name = ". ".join([text, *[part for part in parts if part]]) if text else ""
        if not name or key_fold(name) == key_fold(title.main):
            continue
        number = trim_stop(field.first("v") or "") or None
        standard = read_issn(field.first("x") or "")
        issn = standard.value if standard else None
        printed = [at for at, known in enumerate(found) if tag == "410" and _same(name, known.title)]
        if printed:
            known = found[printed[0]]
            found[printed[0]] = Series(known.title, known.number or number, known.issn or issn)
        elif (entry := Series(name, number, issn)) not in found:
            found.append(entry)
    return tuple(found)


def _same(left: str, right: str) -> bool:
    left, right = key_fold(left), key_fold(right)
    return left.endswith(right) or right.endswith(left)
