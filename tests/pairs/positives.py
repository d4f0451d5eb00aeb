"""Makers of positive pairs: one edition as two catalogues write it.

Every pair keeps title, year and publisher on both sides, and author or ISBN or pages, so that a librarian
would join it without seeing the books.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from tests.pairs import families as known
from tests.pairs import habits
from tests.pairs.editions import Edition, books, volume, volumes_of
from tests.pairs.manner import FULL, Manner, System, draw
from tests.pairs.pairs import WEIGHTED, Maker, Pair, either_way, two_systems

SETS = ("B8", "B13", "B16", "B17", "B21", "B84", "B87", "B91", "B97", "B98", "B103", "B109", "B116")
"""Rows of works in several volumes without names of their own."""
NAMED_SETS = ("B71", "B72", "B90")
"""Rows of works whose volumes have names: no edition in one volume."""

Changes = dict[str, Any]
Choice = Changes | Callable[[Random, Edition], Changes]


@cache
def numbered() -> tuple[Edition, ...]:
    """Volumes of sets: those of the table, of named volumes, and up to four of each other set."""
    found = [books()[f"A{number}"] for number in range(93, 101)] + [books()["A124"]]
    for index in range(len(known.NAMED_VOLUMES)):
        found += known.named_volumes(index)
    for row in SETS:
        throw = Random(f"volumes {row}")
        found += [
            volume(books()[row], number, throw, "Q" if row == "B87" else "T")
            for number in range(1, min(4, volumes_of(row)) + 1)
        ]
    return tuple(found)


@cache
def single() -> tuple[Edition, ...]:
    """Editions in one volume: of the table, and of the families."""
    found = [
        edition for row, edition in books().items() if not edition.steps and row not in (*SETS, *NAMED_SETS)
    ]
    for number, title in enumerate(known.SCHOOL_BOOKS):
        school, house = known.SCHOOLS[number % len(known.SCHOOLS)]
        found.append(known.textbook(title, school, house, Random(f"textbook {title}")))
    for index, (title, dates) in enumerate(known.LAWS):
        found.append(known.law(title, dates[index % len(dates)], Random(f"law {title}")))
    for index, place in enumerate(known.PROVINCES):
        found.append(known.yearbook(0, place, 2008 + index % 12, Random(f"yearbook {place}")))
    return tuple(found)


@cache
def reissued() -> tuple[Edition, ...]:
    """Editions with an edition statement."""
    throw = Random("reissued")
    return tuple(
        replace(
            edition,
            edition=throw.randint(2, 9),
            isbns=(),
            revised=throw.choice((None, None, "có sửa chữa, bổ sung")),
        )
        for edition in single()
        if not edition.isbns or edition.pages
    )


@cache
def translated() -> tuple[Edition, ...]:
    """Translations with their translators."""
    return tuple(
        replace(books()[row], translators=(name,), isbns=books()[row].isbns if name is names[0] else ())
        for row, names, _ in known.TRANSLATIONS
        for name in names
    )


def _words(edition: Edition) -> str:
    parts = [
        edition.title,
        edition.rest or "",
        *(each.name for each in edition.people),
        *(step.name or "" for step in edition.steps),
    ]
    return " ".join(parts)


def has_tones(edition: Edition) -> bool:
    """Tell whether the tone placement shows."""
    return habits.tones_new(_words(edition)) != habits.tones_old(_words(edition))


def has_y(edition: Edition) -> bool:
    """Tell whether i for y shows."""
    return habits.i_for_y(_words(edition)) != _words(edition)


def authored(edition: Edition) -> bool:
    """Tell whether persons wrote it."""
    return bool(edition.people)


def vietnamese(edition: Edition) -> bool:
    """Tell whether its author bears a Vietnamese name of family and given name."""
    return (
        bool(edition.people)
        and not any(each.western for each in edition.people)
        and edition.people[0].name != "Tony Buổi Sáng"
    )


def scholarly(edition: Edition) -> bool:
    """Tell whether its author may bear an academic rank."""
    return vietnamese(edition) and (edition.ddc or "").startswith(
        ("00", "34", "37", "49", "51", "58", "61", "895.92209")
    )


def _any(edition: Edition) -> bool:
    return True


def focus(
    kind: str,
    why: str,
    left: Choice,
    right: Choice,
    source: Callable[[], Sequence[Edition]] = single,
    applies: Callable[[Edition], bool] = _any,
    systems: tuple[Sequence[System], Sequence[System]] = (WEIGHTED, WEIGHTED),
) -> tuple[str, Maker]:
    """Return a maker of pairs of one edition, whose two manners differ at least as `left` and `right` say."""

    def make(throw: Random) -> Iterator[Pair]:
        fitting = [edition for edition in source() if applies(edition)]
        while True:
            for edition in throw.sample(fitting, len(fitting)):
                first, second = two_systems(throw)
                if systems != (WEIGHTED, WEIGHTED):
                    first, second = throw.choice(systems[0]), throw.choice(systems[1])
                ours = _apply(draw(throw, first, edition), left, throw, edition)
                theirs = _apply(draw(throw, second, edition), right, throw, edition)
                ours, theirs = _decidable(edition, ours, theirs)
                pair = Pair(kind, True, (edition, ours), (edition, theirs), why, edition.work)
                yield either_way(throw, pair)

    return kind, make


def _apply(manner: Manner, changes: Choice, throw: Random, edition: Edition) -> Manner:
    return replace(manner, **(changes(throw, edition) if callable(changes) else changes))


def _decidable(edition: Edition, left: Manner, right: Manner) -> tuple[Manner, Manner]:
    """Give back what a librarian needs, where the throws took too much away."""
    if "none" in (left.author, right.author) and "none" in (left.pages, right.pages):
        left, right = replace(left, pages="tr."), replace(right, pages="tr.")
    mended = []
    for manner in (left, right):
        if manner.system is System.DC and manner.author == "statement":
            manner = replace(manner, author="headings")
        mended.append(manner)
    return mended[0], mended[1]


ONE = (System.NLV, System.KOHA, System.LIBOL)


def slips(throw: Random, edition: Edition) -> Changes:
    """Choose a slip that shows in the title."""
    text = edition.title
    return {"slip": throw.choice([kind for kind in habits.SLIPS if habits.slip(text, kind) != text])}


def residue(throw: Random, _: Edition) -> Changes:
    """Choose a legacy encoding."""
    return {"residue": throw.choice(tuple(habits.RESIDUES)), "tones": ""}


def volume_place(throw: Random, _: Edition) -> Changes:
    """Choose another place and word for the volume."""
    return {"volume": throw.choice(("a", "b")), "label": throw.choice(("long", "spaced"))}


RENAMED = {
    "Phụ nữ": ("Phụ nữ Việt Nam", 2019),
    "Giáo dục": ("Giáo dục Việt Nam", 2009),
    "Chính trị quốc gia": ("Chính trị quốc gia Sự thật", 2010),
    "Tp. Hồ Chí Minh": ("Tổng hợp Tp. Hồ Chí Minh", 2003),
    "Tổng hợp Tp. Hồ Chí Minh": ("Tp. Hồ Chí Minh", 2003),
    "Thông tin và Truyền thông": ("Khoa học - Công nghệ - Truyền thông", 2025),
}
"""Publisher -> its other name and the first year in which catalogues write both."""


def renamed(throw: Random) -> Iterator[Pair]:
    """One side writes the name of the house that was new in that year, the other the old one."""
    fitting = [edition for edition in single() if edition.publisher in RENAMED]
    while True:
        for edition in throw.sample(fitting, len(fitting)):
            house, since = RENAMED[str(edition.publisher)]
            year = (
                edition.year
                if edition.year >= since and edition.isbns
                else throw.randint(since, max(since, 2022))
            )
            edition = edition if year == edition.year else replace(edition, year=year, isbns=())
            first, second = two_systems(throw)
            ours, theirs = draw(throw, first, edition), draw(throw, second, edition)
            why = f"Cùng ấn bản {year}: {edition.publisher} mang tên {house} · renamed, both names in use"
            yield either_way(
                throw,
                Pair(
                    "publisher-renamed",
                    True,
                    (edition, ours),
                    (edition, replace(theirs, house=house)),
                    why,
                    edition.work,
                ),
            )


PEN_NAMES = (
    ("B52", "Nguyễn Trung Thành", "Nguyên Ngọc"),
    ("B89", "Nguyễn Ái Quốc", "Hồ Chí Minh"),
    ("B98", "Nguyễn Trương Thiên Lý", "Trần Bạch Đằng"),
    ("B12", "Lê Hữu Trác", "Hải Thượng Lãn Ông"),
    ("B13", "Lê Hữu Trác", "Hải Thượng Lãn Ông"),
    ("A81", "Fyodor Dostoevsky", "Đốxtôiépxki, F. M."),
    ("A82", "Leo Tolstoy", "Tônxtôi, L."),
)
"""(row, name on the title page, heading of another catalogue)."""


def pen_names(throw: Random) -> Iterator[Pair]:
    """The heading gives another name of the author than the title page and the statement."""
    while True:
        for row, _, heading in throw.sample(PEN_NAMES, len(PEN_NAMES)):
            edition = books()[row]
            first, second = two_systems(throw, FULL)
            ours, theirs = draw(throw, first, edition), draw(throw, second, edition)
            theirs = replace(theirs, heading=heading)
            why = f"{edition.people[0].name} = {heading}: một người, hai tên · one person under another name"
            pair = Pair("pen-name", True, (edition, ours), (edition, theirs), why, edition.work)
            yield either_way(throw, pair)


def series_title(throw: Random) -> Iterator[Pair]:
    """One side has the set as title, the other the volume's own title and the set in 490."""
    fitting = [
        edition
        for edition in numbered()
        if edition.steps[-1].name
        and len(edition.steps) == 1
        and edition.work != "ho-chi-minh-toan-tap"
        and edition.publisher != "Chính trị quốc gia Sự thật"
    ]
    while True:
        for edition in throw.sample(fitting, len(fitting)):
            first, second = two_systems(throw, FULL)
            ours = replace(draw(throw, first, edition), volume=throw.choice(("n", "a")), label="short")
            theirs = replace(
                draw(throw, second, edition), volume="own", label=throw.choice(("short", "number", "long"))
            )
            why = "Tên bộ ở 245 $a hay ở 490, cùng tập · set as title against set as series"
            yield either_way(
                throw, Pair("series-title", True, (edition, ours), (edition, theirs), why, edition.work)
            )


def volume_words(throw: Random) -> Iterator[Pair]:
    """The same volume in digits, Roman numerals and words."""
    while True:
        for edition in throw.sample(numbered(), len(numbered())):
            first, second = two_systems(throw)
            ours, theirs = draw(throw, first, edition), draw(throw, second, edition)
            ours = replace(ours, label="short", roman=False)
            if throw.random() < 0.5 and all(step.number < 11 for step in edition.steps):
                theirs = replace(theirs, label="words")
            else:
                theirs = replace(theirs, roman=True, label=throw.choice(("short", "spaced", "long")))
            why = "Số tập viết bằng số Ả Rập, số La Mã hay bằng chữ · same volume number written otherwise"
            yield either_way(
                throw, Pair("volume-notation", True, (edition, ours), (edition, theirs), why, edition.work)
            )


def in_series(throw: Random) -> Iterator[Pair]:
    """The volume stands in 245 on one side, in 490 $v of a series of the title's own name on the other."""
    fitting = [edition for edition in numbered() if len(edition.steps) == 1 and not edition.steps[0].name]
    while True:
        for edition in throw.sample(fitting, len(fitting)):
            first, second = two_systems(throw, FULL)
            ours, theirs = draw(throw, first, edition), draw(throw, second, edition)
            ours, theirs = replace(ours, volume=throw.choice("nab")), replace(theirs, volume="series")
            why = "Số tập ở 245 hay ở 490 $v · the same volume, its number in the series statement"
            yield either_way(
                throw, Pair("volume-in-series", True, (edition, ours), (edition, theirs), why, edition.work)
            )


def two_isbns(throw: Random) -> Iterator[Pair]:
    """One catalogue entered both ISBNs of a printing (in both lengths), the other one of them."""
    fitting = [edition for edition in single() if edition.isbns]
    while True:
        for edition in throw.sample(fitting, len(fitting)):
            first, second = two_systems(throw)
            ours, theirs = draw(throw, first, edition), draw(throw, second, edition)
            ours, theirs = (
                replace(ours, isbn="both"),
                replace(theirs, isbn=throw.choice(("ten", "plain", "hyphens"))),
            )
            why = "ISBN 10 và 13 của cùng một lần in · one ISBN in both lengths against one of them"
            yield either_way(
                throw, Pair("isbn-both", True, (edition, ours), (edition, theirs), why, edition.work)
            )


_STACK: tuple[Changes, ...] = (
    {"tones": "new"}, {"tones": "old"}, {"iy": "i"}, {"comma": True}, {"publisher": "Nhà xuất bản "},
    {"publisher": "NXB "}, {"partner": "drop"}, {"partner": "subfield"}, {"place": "short"},
    {"place": "none"}, {"shift": 1}, {"shift": -2}, {"prelims": "xii"}, {"pages": "p."}, {"pages": "trang"},
    {"isbn": "none"}, {"isbn": "ten"}, {"isbn": "hyphens"}, {"year": "copyright"}, {"year": "bracket"},
    {"year": "field4"}, {"capitals": True}, {"decomposed": True}, {"slip": "oi"}, {"slip": "eth"},
    {"slip": "nbsp"}, {"rest": "a"}, {"rest": "none"}, {"role": "none"}, {"author": "statement"},
    {"author": "one-field"}, {"label": "long"}, {"label": "spaced"}, {"volume": "a"}, {"volume": "b"},
    {"roman": True}, {"edition": "short"}, {"edition": "words"}, {"script": True},
)  # fmt: skip


def mixed(throw: Random) -> Iterator[Pair]:
    """Many differences at once, drawn for both sides; title, publisher, year and pages stay readable."""
    fitting = (*single(), *numbered(), *reissued())
    while True:
        for edition in throw.sample(fitting, len(fitting)):
            sides = []
            for system in two_systems(throw):
                manner = draw(throw, system, edition)
                for changes in throw.sample(_STACK, 7):
                    manner = replace(manner, **changes)
                if manner.volume == "b" and manner.rest == "none":
                    manner = replace(manner, rest="b")
                sides.append(manner)
            ours, theirs = _decidable(edition, *sides)
            why = "Nhiều khác biệt nhỏ cùng lúc · many differences of style at once"
            yield Pair("mixed", True, (edition, ours), (edition, theirs), why, edition.work)
