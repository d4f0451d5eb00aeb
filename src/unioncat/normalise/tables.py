"""Rows of a table to `BibRecord` and holdings, by the columns that a profile names, else by their headings.

One row describes a title and its copies. Columns that nobody knows are read no further.
"""

import re
from dataclasses import replace
from functools import lru_cache

from unioncat.domain.bib import (
    Agent,
    BibRecord,
    Classification,
    Extent,
    Holding,
    Identifier,
    Imprint,
    Link,
    Material,
    Note,
    NoteKind,
    Part,
    Series,
    Subject,
    SubjectKind,
    Title,
    TitleKind,
)
from unioncat.domain.column import Column
from unioncat.domain.source import Profile
from unioncat.normalise.dates import years_in
from unioncat.normalise.dublincore import material_of
from unioncat.normalise.gate.seen import folded
from unioncat.normalise.languages import marc_codes
from unioncat.normalise.links import address
from unioncat.normalise.marc21.agents import agents_of_text
from unioncat.normalise.marc21.extent import read_extent
from unioncat.normalise.marc21.holdings import branch_map, status_of
from unioncat.normalise.marc21.imprint import split_publishers, tidy_place
from unioncat.normalise.marcjson import load_object
from unioncat.normalise.numbers import read_isbn, read_issn, read_standards
from unioncat.normalise.record import Unreadable
from unioncat.normalise.tidy import is_unknown, trim, trim_stop, unbracket
from unioncat.text import clean, key_exact
from unioncat.text.encodings import decode, repair
from unioncat.text.headings import of_heading

_AGENTS = (
    (Column.AUTHOR, ()),
    (Column.CONTRIBUTOR, ()),
    (Column.EDITOR, ("edt",)),
    (Column.TRANSLATOR, ("trl",)),
)
_DEWEY = re.compile(r"\d{3}(?:\.\d+)?$")
_BETWEEN_ITEMS = re.compile(r"[;,\s]+")
_RANGE = re.compile(r"(?P<head>.*?)(?P<first>\d+)\s*[-–]\s*(?P<again>(?P=head))?(?P<last>\d+)")
_SPACED_RANGE = re.compile(r"(?<=\d)\s+[-–]\s*|\s*[-–]\s+(?=\S*\d)")
_MAX_PIECE = 64
_MAX_RANGE = 1000
_MAX_ITEMS = 10_000

_Cells = dict[str, list[str]]


def read_row(
    payload: bytes, profile: Profile, encoding: str | None = None
) -> tuple[BibRecord, tuple[Holding, ...]]:
    """Read one row, a JSON object. Raises `Unreadable` where no column of it is known, or it has no title."""
    row = [(heading, value) for heading, value in load_object(payload) if isinstance(value, str)]
    return _read(row, profile, encoding)


def read_labels(
    payload: bytes, profile: Profile, encoding: str | None = None
) -> tuple[BibRecord, tuple[Holding, ...]]:
    """Read text whose lines have labels ("Title: …"), as SUTRS records do. Raises `Unreadable`."""
    text = decode(payload, encoding) if encoding else payload.decode("utf-8", "replace")
    row: list[tuple[str, str]] = []
    for line in text.splitlines():
        label, mark, value = line.partition(":")
        if mark and value.strip() and not line[:1].isspace():
            row.append((label.strip(), value.strip()))
        elif row and line.strip():
            row[-1] = (row[-1][0], f"{row[-1][1]} {line.strip()}")
    return _read(row, profile, None)


def _read(
    row: list[tuple[str, str]], profile: Profile, encoding: str | None
) -> tuple[BibRecord, tuple[Holding, ...]]:
    cells = _cells(row, profile, encoding)
    flags: list[str] = []
    title, responsibility, parallel = _title(cells)
    agents, reports = _agents(cells, flags)
    date = _date(cells)
    years = years_in(date) if date else ()
    if date and not years:
        flags.append("year-unreadable")
    numbers = (*_numbers(cells, flags), *read_standards(reports))
    links = tuple([Link(url) for text in cells.get(Column.LINK, ()) if (url := address(text))])
    bib = BibRecord(
        title=title,
        other_titles=(*parallel, *_other_titles(cells)),
        responsibility=responsibility,
        agents=agents,
        edition=_joined(cells, Column.EDITION),
        imprints=_imprints(cells, date),
        year=years[0] if years else None,
        extent=_extent(cells),
        identifiers=tuple(dict.fromkeys(numbers)),
        series=tuple([Series(trim_stop(text)) for text in cells.get(Column.SERIES, ()) if trim_stop(text)]),
        subjects=_subjects(cells),
        classifications=_classifications(cells),
        notes=(
            *[Note(text, NoteKind.SUMMARY) for text in cells.get(Column.SUMMARY, ())],
            *[Note(text) for text in cells.get(Column.NOTE, ())],
        ),
        languages=tuple(
            dict.fromkeys([code for text in cells.get(Column.LANGUAGE, ()) for code in marc_codes(text)])
        ),
        material=_material(cells, flags),
        links=links,
        control_number=next(iter(cells.get(Column.ID, ())), None),
        flags=tuple(dict.fromkeys(flags)),
    )
    return bib, _holdings(cells, profile, flags)


def _cells(row: list[tuple[str, str]], profile: Profile, encoding: str | None) -> _Cells:
    meant = _columns(profile.columns)
    cells: _Cells = {}
    known = False
    for heading, value in row:
        name = meant.get(heading) or meant.get(folded(heading)) or of_heading(heading)
        if name is None or name == Column.IGNORE:
            continue
        known = True
        # Cells hold line breaks, which divide names and numbers from each other.
        lines = [clean(repair(line, encoding) if encoding else line) for line in value.splitlines()]
        if text := [line for line in lines if line]:
            cells.setdefault(name, []).extend(text if name in _BY_LINE else [" ".join(text)])
    if not known:
        raise Unreadable(
            "columns-unknown",
            "No column or label of this record is known. Say in the profile what the columns hold.",
        )
    return cells


@lru_cache(maxsize=256)
def _columns(columns: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Give fields by headings as they stand, and without marks: khổ is the size, kho the place."""
    return {folded(heading): name for heading, name in columns} | dict(columns)


_BY_LINE = frozenset({Column.AUTHOR, Column.CONTRIBUTOR, Column.EDITOR, Column.TRANSLATOR, Column.ITEM})


def _joined(cells: _Cells, name: Column) -> str | None:
    return trim_stop("; ".join(cells.get(name, ()))) or None


def _title(cells: _Cells) -> tuple[Title, str | None, tuple[Title, ...]]:
    """Divide what stands in the title's cell at the marks that cataloguers type: " / ", " = ", " : "."""
    whole = " ".join(cells.get(Column.TITLE, ()))
    main, _, responsibility = whole.partition(" / ")
    main, *others = main.split(" = ")
    main, _, remainder = main.partition(" : ")
    main = unbracket(trim_stop(main))
    if not main:
        main, remainder, responsibility, others = unbracket(trim_stop(whole)), "", "", []
    if not main or not any(map(str.isalnum, main)):
        raise Unreadable("title-missing", "The row has no title. Complete it, or leave the row out.")
    stated = trim_stop(remainder) or _joined(cells, Column.SUBTITLE)
    part = Part(_joined(cells, Column.VOLUME), _joined(cells, Column.PART_TITLE))
    parallel = tuple([Title(trim_stop(one), kind=TitleKind.PARALLEL) for one in others if trim_stop(one)])
    title = Title(main, stated, (part,) if part != Part() else ())
    return title, trim_stop(responsibility) or None, parallel


def _other_titles(cells: _Cells) -> tuple[Title, ...]:
    texts = [trim_stop(text) for text in cells.get(Column.OTHER_TITLE, ())]
    return tuple([Title(text, kind=TitleKind.VARIANT) for text in texts if text])


def _agents(cells: _Cells, flags: list[str]) -> tuple[tuple[Agent, ...], tuple[str, ...]]:
    found: list[Agent] = []
    reports: tuple[str, ...] = ()
    for column, roles in _AGENTS:
        for text in cells.get(column, ()):
            read, noted, numbers = agents_of_text(text, column is Column.AUTHOR and not found)
            flags += noted
            reports += numbers
            for agent in read:
                merged = replace(agent, roles=tuple(dict.fromkeys((*agent.roles, *roles))))
                if all(merged.name != known.name for known in found):
                    found.append(merged)
    return tuple(found), reports


def _date(cells: _Cells) -> str | None:
    for text in cells.get(Column.YEAR, ()):
        date = trim(text.removesuffix(".0")).rstrip(".").strip()
        if date and not is_unknown(unbracket(date)):
            return date
    return None


def _imprints(cells: _Cells, date: str | None) -> tuple[Imprint, ...]:
    places = [place for place in map(tidy_place, cells.get(Column.PLACE, ())) if place]
    publishers = [name for text in cells.get(Column.PUBLISHER, ()) for name in split_publishers(text)]
    if not (places or publishers or date):
        return ()
    return (Imprint(tuple(places), tuple(dict.fromkeys(publishers)), date),)


def _extent(cells: _Cells) -> Extent | None:
    text, size = _joined(cells, Column.EXTENT), _joined(cells, Column.SIZE)
    if text is None:
        return Extent(size, None, None, size) if size else None
    text = text.removesuffix(".0")
    if text.isdigit():
        return Extent(f"{text} tr.", int(text) if len(text) <= 5 and int(text) else None, None, size)
    return Extent(text, *read_extent(text), size)


def _material(cells: _Cells, flags: list[str]) -> Material:
    said = cells.get(Column.MATERIAL)
    if not said:
        return Material.BOOK
    found = material_of(said, flags)
    if found is Material.OTHER:  # a code or a word of the library's own
        flags.append("material-guessed")
        return Material.BOOK
    return found


def _numbers(cells: _Cells, flags: list[str]) -> list[Identifier]:
    found: list[Identifier] = []
    for text in cells.get(Column.ISBN, ()):
        for piece in re.split(r"[;,/]|\s{2,}", text):
            number = read_isbn(piece.strip().removesuffix(".0"))
            if number is not None:
                found.append(number)
                if not number.valid:
                    flags.append("isbn-invalid")
            elif any(map(str.isdigit, piece)):
                flags.append("isbn-malformed")
    found += [number for text in cells.get(Column.ISSN, ()) if (number := read_issn(text))]
    return found


def _subjects(cells: _Cells) -> tuple[Subject, ...]:
    found = [Subject(text) for text in map(trim_stop, _words(cells, Column.SUBJECT)) if text]
    found += [
        Subject(text, SubjectKind.KEYWORD) for text in map(trim_stop, _words(cells, Column.KEYWORD)) if text
    ]
    return tuple(dict.fromkeys(found))


def _words(cells: _Cells, name: Column) -> list[str]:
    return [word.strip() for text in cells.get(name, ()) for word in text.split(";") if word.strip()]


def _classifications(cells: _Cells) -> tuple[Classification, ...]:
    found = []
    for text in cells.get(Column.CLASSIFICATION, ()):
        number = text.strip()
        found.append(Classification("ddc" if _DEWEY.match(number) else "local", number))
    return tuple(dict.fromkeys(found))


def _holdings(cells: _Cells, profile: Profile, flags: list[str]) -> tuple[Holding, ...]:
    branch, location = _joined(cells, Column.LIBRARY), _joined(cells, Column.LOCATION)
    branches = branch_map(profile.branches)
    library = branches.get(key_exact(branch or location or "")) if branch or location else None
    if branch and library is None:
        location = f"{branch}, {location}" if location else branch
    mark, volume = _joined(cells, Column.SHELF_MARK), _joined(cells, Column.VOLUME)
    items = tuple(dict.fromkeys([one for text in cells.get(Column.ITEM, ()) for one in item_numbers(text)]))
    counted = next(iter(cells.get(Column.COPIES, ())), "").removesuffix(".0")
    stated = int(counted) if counted.isascii() and counted.isdigit() and len(counted) <= 4 else 0
    if not (library or location or mark or items or stated):
        return ()
    status = status_of(_joined(cells, Column.STATUS))
    copies = max(stated, len(items), 1)
    return (Holding(library, location, mark, items[:_MAX_ITEMS], copies, volume, status),)


def item_numbers(text: str) -> list[str]:
    """Give the item numbers in a cell; ranges ("2013328289-2013328290", "VV 1001 - 1005") are opened."""
    found: list[str] = []
    for piece in re.split(r"[;,]", text):
        piece = piece.strip(" '\":.+")  # Excel marks text by an apostrophe
        opened = _opened(_SPACED_RANGE.sub("-", piece))
        if opened is not None:
            found += opened
        else:
            found += _divided(piece)
    return found


def _opened(piece: str) -> list[str] | None:
    match = _RANGE.fullmatch(piece) if len(piece) <= _MAX_PIECE else None
    if match is None:
        return None
    head, first, last = match["head"], match["first"], match["last"]
    if len(last) < len(first):  # "VV1001-05"
        last = first[: len(first) - len(last)] + last
    start, end = int(first), int(last)
    if not start < end < start + _MAX_RANGE or len(last) != len(first) or head[-1:] == "-":
        return None
    return [f"{head}{number:0{len(first)}d}" for number in range(start, end + 1)]


def _divided(piece: str) -> list[str]:
    """Divide numbers that stand apart by blanks only; letters before a number belong to it ("VV 1001")."""
    words = piece.split()
    if len(words) > 1 and all(any(map(str.isdigit, word)) for word in words):
        return [one for word in words for one in (_opened(word) or [word])]
    return [piece] if piece else []
