"""Dublin Core, simple or qualified, to `BibRecord`: what repositories send.

Elements are known by local name; the administrative dates of DSpace are told from the date of issue by form.
"""

import re

from lxml import etree

from unioncat.domain.bib import (
    Agent,
    BibRecord,
    Carrier,
    Classification,
    Extent,
    Identifier,
    Imprint,
    Link,
    Material,
    Note,
    NoteKind,
    Series,
    Subject,
    SubjectKind,
    Title,
    TitleKind,
)
from unioncat.normalise.dates import years_in
from unioncat.normalise.languages import marc_code
from unioncat.normalise.links import address
from unioncat.normalise.marc21.agents import agents_of_text
from unioncat.normalise.marc21.extent import read_extent
from unioncat.normalise.marc21.imprint import split_publishers
from unioncat.normalise.marcxml import local_name
from unioncat.normalise.numbers import read_doi, read_handle, read_isbn, read_issn, read_standards
from unioncat.normalise.record import Unreadable
from unioncat.normalise.tidy import is_unknown, trim, trim_stop
from unioncat.text import clean, key_fold

# Folded words of dc:type, the most telling first: "Luận văn thạc sĩ" is a thesis, "Text" says least.
_TYPES = (
    ("luan an", Material.THESIS),
    ("luan van", Material.THESIS),
    ("khoa luan", Material.THESIS),
    ("do an", Material.THESIS),
    ("thesis", Material.THESIS),
    ("dissertation", Material.THESIS),
    ("article", Material.ARTICLE),
    ("bai bao", Material.ARTICLE),
    ("bai trich", Material.ARTICLE),
    ("bai viet", Material.ARTICLE),
    ("preprint", Material.ARTICLE),
    ("conference paper", Material.ARTICLE),
    ("working paper", Material.ARTICLE),
    ("tap chi", Material.SERIAL),
    ("journal", Material.SERIAL),
    ("periodical", Material.SERIAL),
    ("bao in", Material.SERIAL),
    ("an pham dinh ki", Material.SERIAL),
    ("ban do", Material.MAP),
    ("map", Material.MAP),
    ("ban nhac", Material.SCORE),
    ("musical score", Material.SCORE),
    ("sach noi", Material.AUDIOBOOK),
    ("music", Material.MUSIC),
    ("am nhac", Material.MUSIC),
    ("sound", Material.AUDIOBOOK),
    ("am thanh", Material.AUDIOBOOK),
    ("video", Material.VIDEO),
    ("phim", Material.VIDEO),
    ("moving image", Material.VIDEO),
    ("movingimage", Material.VIDEO),
    ("image", Material.IMAGE),
    ("hinh anh", Material.IMAGE),
    ("photograph", Material.IMAGE),
    ("dataset", Material.DATA),
    ("du lieu", Material.DATA),
    ("software", Material.DATA),
    ("phan mem", Material.DATA),
    ("manuscript", Material.MANUSCRIPT),
    ("physical object", Material.OBJECT),
    ("physicalobject", Material.OBJECT),
    ("hien vat", Material.OBJECT),
    ("giao trinh", Material.BOOK),
    ("sach", Material.BOOK),
    ("book", Material.BOOK),
    ("bai giang", Material.BOOK),
    ("tai lieu", Material.BOOK),
    ("ki yeu", Material.BOOK),
    ("proceedings", Material.BOOK),
    ("report", Material.BOOK),
    ("bao cao", Material.BOOK),
    ("monograph", Material.BOOK),
    ("text", Material.BOOK),
)
_CLOSED = ("restricted", "closed", "han che", "noi bo", "khong truy cap", "embargo")
_DEWEY = re.compile(r"\d{3}(?:\.\d+)?")
_CODED = re.compile(r"([A-Z]{1,3}\d{0,4}(?:\.\d+)?) (\w.*)")
_LONGEST_NUMBER = 64
_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_ISSUE = re.compile(r"[;,]\s*((?:số|tập|t\.|no|vol|v|q|quyển|kỳ)\b.*|\(?\d.*)$", re.IGNORECASE)


def read_dublin_core(
    root: etree._Element, flags: tuple[str, ...] = (), fixes: tuple[str, ...] = ()
) -> BibRecord:
    """Read one Dublin Core description; `fixes` are those of its profile.

    Raises `Unreadable` where it has no title.
    """
    values = _values(root)
    classes = _take_codes(values) if "subject-codes" in fixes else []

    def all_of(*names: str) -> list[str]:
        return [value for name in names for value in values.get(name, ())]

    noted = list(flags)
    first, *others = all_of("title", "alternative") or [""]
    if not first:
        raise Unreadable(
            "title-missing",
            "The description has no dc:title. Ask the library to complete it, or to leave it out.",
        )
    agents, reports = _agents(values, noted)
    publishers = tuple(
        dict.fromkeys([name for text in all_of("publisher") for name in split_publishers(text)])
    )
    date = _date(all_of("issued") or all_of("date") or all_of("created"), noted)
    years = years_in(date) if date else ()
    identifiers, links = _identifiers(all_of("identifier"), all_of("relation", "references"))
    identifiers += tuple(read_standards(reports))
    rights = "; ".join(dict.fromkeys(all_of("rights", "accessRights", "license"))) or None
    if rights and any(word in key_fold(rights) for word in _CLOSED):
        links = tuple([Link(link.url, link.text, False, rights) for link in links])
    elif rights:
        links = tuple([Link(link.url, link.text, link.full_text, rights) for link in links])
    series, more_notes = _relations(all_of("isPartOf", "relation"))
    languages = [marc_code(text) for text in all_of("language")]
    extent = _extent(all_of("extent", "format"))
    return BibRecord(
        title=_title(first, TitleKind.PROPER),
        other_titles=tuple([_title(text, TitleKind.VARIANT) for text in others]),
        agents=agents,
        imprints=(Imprint((), publishers, date),) if publishers or date else (),
        year=years[0] if years else None,
        extent=extent,
        identifiers=identifiers,
        series=series,
        subjects=_subjects(values),
        classifications=(
            *[Classification("ddc", text) for text in all_of("subject") if _DEWEY.fullmatch(text)],
            *classes,
        ),
        notes=(
            *[Note(text, NoteKind.SUMMARY) for text in all_of("description", "abstract")],
            *[Note(text, NoteKind.CONTENTS) for text in all_of("tableOfContents")],
            *[Note(text) for text in (*all_of("source", "provenance"), *more_notes)],
        ),
        languages=tuple(dict.fromkeys([code for code in languages if code])),
        material=material_of(all_of("type"), noted),
        carrier=Carrier.ONLINE if links else Carrier.PRINT,
        links=links,
        rights=rights,
        flags=tuple(dict.fromkeys(noted)),
    )


def _values(root: etree._Element) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for element in root.iter():
        if len(element) == 0 and (text := clean(element.text or "")):
            known = values.setdefault(local_name(str(element.tag)), [])
            if text not in known:
                known.append(text)
    return values


def _take_codes(values: dict[str, list[str]]) -> list[Classification]:
    """Take the class numbers of the Library of Congress off the front of subjects, and return them."""
    found = []
    texts = values.get("subject", [])
    for at, text in enumerate(texts):
        last = text.rpartition(" > ")[2]
        if coded := _CODED.fullmatch(last):
            found.append(Classification("lcc", coded[1]))
            texts[at] = coded[2]
    return list(dict.fromkeys(found))


def _title(text: str, kind: TitleKind) -> Title:
    main, _, remainder = text.partition(" : ")
    if not trim_stop(main):
        main, remainder = text, ""
    return Title(trim_stop(main) or main, trim_stop(remainder) or None, kind=kind)


def _agents(values: dict[str, list[str]], noted: list[str]) -> tuple[tuple[Agent, ...], tuple[str, ...]]:
    found: list[Agent] = []
    reports: tuple[str, ...] = ()
    for name, main in (("creator", True), ("contributor", False)):
        for text in values.get(name, ()):
            read, flags, numbers = agents_of_text(text, main and not found)
            noted += flags
            reports += numbers
            found += [agent for agent in read if agent not in found]
    return tuple(found), reports


def _date(dates: list[str], noted: list[str]) -> str | None:
    """Choose the date of issue: DSpace sends those of deposit beside it, as full time stamps."""
    dated = [text for text in dates if years_in(text)]
    if not dated:
        return next((text for text in dates if not is_unknown(text)), None)
    plain = [text for text in dated if "T" not in text]
    if plain:
        return plain[0]
    noted.append("year-doubted")
    return min(dated)[:10]


def _identifiers(texts: list[str], related: list[str]) -> tuple[tuple[Identifier, ...], tuple[Link, ...]]:
    found: list[Identifier | None] = []
    links: list[Link] = []
    for text in texts:
        url = address(text)
        number = read_doi(text) or read_handle(text)
        if url:
            links.append(Link(url, full_text=True))
        elif number is None:
            lower = text.casefold()
            bare = text.rpartition(":")[2] if lower.startswith("urn:is") else text
            if len(text) > _LONGEST_NUMBER and " " in text:
                continue  # a citation, whose numbers are those of the journal
            if "issn" in lower:
                number = read_issn(bare)
            else:
                number = read_isbn(bare)
                if number is None and len(text) == 9:
                    number = read_issn(text)
            if number is None and lower.startswith("urn:"):
                number = Identifier("urn", text)
            elif number is None and len(text) <= _LONGEST_NUMBER and " " not in text:
                number = Identifier("local", text)
        found.append(number)
    for text in related:
        url = address(text)
        if url and all(link.url != url for link in links):
            links.append(Link(url))
    return tuple(dict.fromkeys([number for number in found if number])), tuple(dict.fromkeys(links))


def _relations(texts: list[str]) -> tuple[tuple[Series, ...], list[str]]:
    """Divide relations into series (with a number or an ISSN) and notes; addresses are links already."""
    series: list[Series] = []
    notes: list[str] = []
    for text in texts:
        if address(text):
            continue
        issue = _ISSUE.search(text)
        issn = read_issn(text) if "issn" in text.casefold() else None
        if issue and trim(text[: issue.start()]):
            series.append(Series(trim(text[: issue.start()]), issue[1], issn.value if issn else None))
        else:
            notes.append(text)
    return tuple(dict.fromkeys(series)), notes


def _subjects(values: dict[str, list[str]]) -> tuple[Subject, ...]:
    found = [
        Subject(trim_stop(word.strip()), SubjectKind.KEYWORD)
        for text in values.get("subject", ())
        if not _DEWEY.fullmatch(text)
        for word in text.split(";")
        if trim_stop(word.strip())
    ]
    for name, kind in (("coverage", None), ("spatial", SubjectKind.PLACE), ("temporal", SubjectKind.PERIOD)):
        for text in values.get(name, ()):
            known = kind or (SubjectKind.PERIOD if any(map(str.isdigit, text)) else SubjectKind.PLACE)
            found.append(Subject(trim_stop(text) or text, known))
    return tuple(dict.fromkeys(found))


def material_of(types: list[str], noted: list[str]) -> Material:
    """Return the material that the words of a source name; `noted` gets a flag where it is guessed."""
    for text in types:
        folded = key_fold(text)
        for words, material in _TYPES:
            if words in folded:
                return material
    if types:
        return Material.OTHER
    noted.append("material-guessed")
    return Material.BOOK


def _extent(texts: list[str]) -> Extent | None:
    for text in texts:
        if not _MIME.fullmatch(text):
            pages, volumes = read_extent(text)
            if pages or volumes:
                return Extent(text, pages, volumes)
    return None
