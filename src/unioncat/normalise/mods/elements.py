"""Elements of MODS by their local names, and what occurs in several places: titles and names."""

from itertools import zip_longest

from lxml import etree

from unioncat.domain.bib import AgentKind, Part, Title, TitleKind
from unioncat.normalise.marcxml import local_name
from unioncat.normalise.tidy import trim, trim_stop, unbracket
from unioncat.text import clean

Element = etree._Element

NAME_KINDS = {"corporate": AgentKind.CORPORATE, "conference": AgentKind.MEETING}
"""Kinds of name that are no persons."""


def children(element: Element, *names: str) -> list[Element]:
    """Return the children with these local names, in their order."""
    return [child for child in element if local_name(str(child.tag)) in names]


def text_of(element: Element) -> str:
    """Return all text inside an element, cleaned."""
    return clean(" ".join(str(piece) for piece in element.itertext()))


def texts(element: Element, *names: str) -> list[str]:
    """Return the texts of the children with these local names that have any."""
    return [text for child in children(element, *names) if (text := text_of(child))]


def title_of(info: Element, kind: TitleKind = TitleKind.PROPER) -> Title | None:
    """Read a titleInfo; None where it has no title."""
    skipped = next(iter(texts(info, "nonSort")), "")
    text = unbracket(trim_stop(" ".join(texts(info, "title"))))
    if not text:
        return None
    if skipped:
        text = skipped + ("" if skipped.endswith(("'", "’", "-")) else " ") + text
    main, _, rest = text.partition(" : ")
    remainder = " : ".join(filter(None, [trim_stop(rest), *map(trim_stop, texts(info, "subTitle"))]))
    numbers, names = texts(info, "partNumber"), texts(info, "partName")
    parts = [
        Part(trim(number).rstrip(".") or None, trim_stop(name) or None)
        for number, name in zip_longest(numbers, names, fillvalue="")
    ]
    return Title(trim_stop(main) or main, remainder or None, tuple(parts), kind)


def name_of(name: Element) -> tuple[str, str | None]:
    """Read a name: as MARC 21 writes it, with its dates."""
    parts: dict[str, list[str]] = {}
    for part in children(name, "namePart"):
        if text := text_of(part):
            parts.setdefault(part.get("type", ""), []).append(text)
    if "family" in parts:
        family, given = " ".join(parts["family"]), " ".join(parts.get("given", ()))
        written = f"{family}, {given}" if given else family
    elif name.get("type") in NAME_KINDS:
        written = ". ".join(map(trim_stop, parts.get("", ())))
    else:
        written = " ".join([*parts.get("", ()), *parts.get("given", ())])
        written = written or next(iter(texts(name, "displayForm")), "")
    dates = next(iter(parts.get("date", ())), "").rstrip(" .,;:")
    return written, dates or None
