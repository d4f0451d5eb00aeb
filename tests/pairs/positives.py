"""Makers of positive pairs: one edition as two catalogues write it; the kind names the difference in focus.

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
from tests.pairs.editions import Edition, Step, books, volume, volumes_of
from tests.pairs.manner import FULL, Manner, System, draw
from tests.pairs.pairs import WEIGHTED, Maker, Pair, either_way, two_systems

SETS = ("B8", "B13", "B16", "B17", "B21", "B84", "B87", "B91", "B97", "B98", "B103", "B109", "B116")
"""Rows of works in several volumes without names of their own."""

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
    found = [edition for row, edition in books().items() if not edition.steps and row not in SETS]
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


def _has_tones(edition: Edition) -> bool:
    return habits.tones_new(_words(edition)) != habits.tones_old(_words(edition))


def _has_y(edition: Edition) -> bool:
    return habits.i_for_y(_words(edition)) != _words(edition)


def _authored(edition: Edition) -> bool:
    return bool(edition.people)


def _vietnamese(edition: Edition) -> bool:
    return (
        bool(edition.people)
        and not any(each.western for each in edition.people)
        and edition.people[0].name != "Tony Buổi Sáng"
    )


def _scholarly(edition: Edition) -> bool:
    return _vietnamese(edition) and (edition.ddc or "").startswith(
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


_ONE = (System.NLV, System.KOHA, System.LIBOL)
_NUMBERED: Callable[[], Sequence[Edition]] = numbered


def _slips(throw: Random, edition: Edition) -> Changes:
    """Choose a slip that shows in the title."""
    text = edition.title
    return {"slip": throw.choice([kind for kind in habits.SLIPS if habits.slip(text, kind) != text])}


def _residue(throw: Random, _: Edition) -> Changes:
    return {"residue": throw.choice(tuple(habits.RESIDUES)), "tones": ""}


def _volume_place(throw: Random, _: Edition) -> Changes:
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


def _renamed(throw: Random) -> Iterator[Pair]:
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
            why = f"Cùng ấn bản {year}: {edition.publisher} mang tên {house} · publisher renamed, both names in use that year"
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
    ("B52", "Nguyễn Trung Thành", "Nguyên Ngọc"), ("B89", "Nguyễn Ái Quốc", "Hồ Chí Minh"),
    ("B98", "Nguyễn Trương Thiên Lý", "Trần Bạch Đằng"), ("B12", "Lê Hữu Trác", "Hải Thượng Lãn Ông"),
    ("B13", "Lê Hữu Trác", "Hải Thượng Lãn Ông"), ("A81", "Fyodor Dostoevsky", "Đốxtôiépxki, F. M."),
    ("A82", "Leo Tolstoy", "Tônxtôi, L."),
)  # fmt: skip
"""(row, name on the title page, heading of another catalogue)."""


def _pen_names(throw: Random) -> Iterator[Pair]:
    """The heading gives another name of the author than the title page; the statement keeps that of the page."""
    while True:
        for row, _, heading in throw.sample(PEN_NAMES, len(PEN_NAMES)):
            edition = books()[row]
            first, second = two_systems(throw, FULL)
            ours, theirs = draw(throw, first, edition), draw(throw, second, edition)
            theirs = replace(theirs, heading=heading)
            why = f"{edition.people[0].name} = {heading}: một người, hai tên · same person under another name, all else equal"
            pair = Pair("pen-name", True, (edition, ours), (edition, theirs), why, edition.work)
            yield either_way(throw, pair)


def _series_title(throw: Random) -> Iterator[Pair]:
    """One side has the set as title with the volume below it, the other the volume's own title and the set in 490."""
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
            why = "Tên bộ ở 245 $a hay ở 490, cùng tập, cùng tên tập · set as title against set as series"
            yield either_way(
                throw, Pair("series-title", True, (edition, ours), (edition, theirs), why, edition.work)
            )


def _volume_words(throw: Random) -> Iterator[Pair]:
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


def _in_series(throw: Random) -> Iterator[Pair]:
    """The volume stands in 245 on one side and in 490 $v of a series with the title's own name on the other."""
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


def _two_isbns(throw: Random) -> Iterator[Pair]:
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
    {"tones": "new"}, {"tones": "old"}, {"iy": "i"}, {"comma": True}, {"publisher": "Nhà xuất bản "}, {"publisher": "NXB "},
    {"partner": "drop"}, {"partner": "subfield"}, {"place": "short"}, {"place": "none"}, {"shift": 1}, {"shift": -2},
    {"prelims": "xii"}, {"pages": "p."}, {"pages": "trang"}, {"isbn": "none"}, {"isbn": "ten"}, {"isbn": "hyphens"},
    {"year": "copyright"}, {"year": "bracket"}, {"year": "field4"}, {"capitals": True}, {"decomposed": True},
    {"slip": "oi"}, {"slip": "eth"}, {"slip": "nbsp"}, {"rest": "a"}, {"rest": "none"}, {"role": "none"}, {"author": "statement"},
    {"author": "one-field"}, {"label": "long"}, {"label": "spaced"}, {"volume": "a"}, {"volume": "b"}, {"roman": True},
    {"edition": "short"}, {"edition": "words"}, {"script": True},
)  # fmt: skip


def _mixed(throw: Random) -> Iterator[Pair]:
    """Five or more differences at once, drawn for both sides; title, publisher, year and pages stay readable."""
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


def _steps_known(edition: Edition) -> bool:
    return all(isinstance(step, Step) for step in edition.steps)


_COUNTED = (
    (30, focus("tone-placement", "hoà/hòa: vị trí dấu thanh · tone mark on the other vowel", {"tones": "old"}, {"tones": "new"}, applies=_has_tones)),
    (30, focus("i-or-y", "kỹ/kĩ, lý/lí · i for y in open syllables", {"iy": ""}, {"iy": "i"}, applies=_has_y)),
    (24, focus("nfd", "Dấu tổ hợp rời (NFD) · decomposed letters on one side", {"decomposed": False, "residue": ""}, {"decomposed": True})),
    (32, focus("letter-slip", "Ð, ð, ƣ, NBSP, dấu cách không độ rộng · look-alike letters and stray characters", {}, _slips, applies=lambda e: " " in e.title)),
    (28, focus("capitals", "Nhan đề viết hoa toàn bộ · title in capitals on one side", {}, {"capitals": True})),
    (30, focus("isbn-one-side", "Một bên không có ISBN · ISBN on one side only", {"isbn": "plain"}, {"isbn": "none"}, applies=lambda e: bool(e.isbns))),
    (26, focus("isbn-10-13", "ISBN 10 và ISBN 13 · the same number in two lengths", {"isbn": "plain"}, {"isbn": "ten"}, applies=lambda e: bool(e.isbns))),
    (24, focus("isbn-form", "ISBN có gạch nối, có giá bìa · hyphens, price and print run beside the number", {"isbn": "hyphens"}, {"isbn": "price"}, applies=lambda e: bool(e.isbns))),
    (18, ("isbn-both", _two_isbns)),
    (26, focus("author-missing", "Một bên thiếu tác giả · no author on one side", {"author": "headings"}, {"author": "none"}, applies=lambda e: _authored(e) and not e.translators)),
    (20, focus("author-in-statement", "Tác giả chỉ ở 245 $c · author only in the statement of responsibility", {"author": "headings"}, {"author": "statement"}, applies=_authored, systems=(WEIGHTED, FULL))),
    (26, focus("pages-missing", "Một bên thiếu số trang · no extent on one side", {"pages": "tr."}, {"pages": "none"})),
    (28, focus("publisher-form", "NXB / Nxb. / Nhà xuất bản · words before the publisher's name", {"publisher": ""}, lambda t, _: {"publisher": t.choice(("NXB ", "Nxb. ", "Nhà xuất bản ", "NXB. "))})),
    (22, focus("publisher-partner", "Đối tác liên kết sau dấu ; · partner company on one side only", {"partner": "keep"}, {"partner": "drop"}, applies=lambda e: bool(e.partner))),
    (26, ("publisher-renamed", _renamed)),
    (24, focus("place-form", "H. / Hà Nội, TP.HCM / Tp. Hồ Chí Minh · short and old forms of the place", {"place": "short"}, lambda t, _: {"place": t.choice(("full", "old", "full"))}, systems=(FULL, FULL))),
    (30, focus("name-inverted", "Tên đảo có dấu phẩy · inverted name", {"comma": False}, {"comma": True}, applies=_vietnamese)),
    (18, focus("name-foreign", "Tên tác giả nước ngoài đảo · foreign name in both orders", {"comma": False}, {"comma": True}, applies=lambda e: _authored(e) and e.people[0].western and " " in e.people[0].name)),
    (20, focus("name-rank", "Học hàm, học vị trước tên · academic rank before the name", {"rank": ""}, lambda t, _: {"rank": t.choice(("GS. TS. ", "PGS. TS. ", "TS. ", "GS. ", "ThS. "))}, applies=_scholarly)),
    (18, focus("name-role", "(ch.b.), $e, không ghi vai trò · role in brackets, in $e, or absent", {"role": "brackets"}, lambda t, _: {"role": t.choice(("subfield", "none"))}, applies=lambda e: any(p.role for p in e.people))),
    (14, focus("authors-one-field", "Nhiều tác giả trong một trường · several authors in one field", {"author": "headings"}, {"author": "one-field"}, applies=lambda e: len(e.people) > 1)),
    (14, focus("authors-order", "Thứ tự tác giả khác nhau · another of the authors stands in 100", {"author": "headings", "author_first": 0}, {"author": "headings", "author_first": 1}, applies=lambda e: len(e.people) > 1, systems=(FULL, FULL))),
    (24, focus("subtitle-one-side", "Phụ đề chỉ có ở một bên · subtitle on one side only", lambda t, _: {"rest": t.choice("ab")}, {"rest": "none"}, applies=lambda e: bool(e.rest))),
    (34, focus("volume-place", "T.1 / Tập 1 / $n · the same volume written in another place", {"volume": "n", "label": "short"}, _volume_place, source=_NUMBERED, applies=_steps_known)),
    (24, ("volume-notation", _volume_words)),
    (18, ("volume-in-series", _in_series)),
    (20, ("series-title", _series_title)),
    (28, focus("pages-near", "Số trang lệch 1-2 · page count off by one or two", {}, lambda t, _: {"shift": t.choice((-2, -1, 1, 2)), "pages": t.choice(("tr.", "p."))}, applies=lambda e: (e.pages or 0) > 100)),
    (24, focus("pages-prelims", "Trang La Mã đầu sách, trang để trơ · roman preliminaries or a bare number", {}, lambda t, _: {"prelims": t.choice(("xii", "VIII", "xvi", "iv"))} if t.random() < 0.6 else {"pages": ""}, applies=lambda e: bool(e.pages))),
    (30, focus("year-form", "c2019, [2019], ©2019, nộp lưu chiểu · form of the year", {"year": "plain"}, lambda t, _: {"year": t.choice(("bracket", "copyright", "field4", "printing", "deposit"))})),
    (26, focus("edition-form", "Tái bản lần thứ 3 / lần 3 / lần thứ ba · the same statement written otherwise", {"edition": "ordinal"}, lambda t, _: {"edition": t.choice(("short", "words"))}, source=reissued)),
    (18, focus("edition-missing", "Một bên không ghi lần tái bản, cùng năm cùng số trang · statement on one side only", {"edition": "ordinal", "pages": "tr."}, {"edition": "none", "pages": "trang"}, source=reissued, applies=lambda e: bool(e.pages))),
    (18, focus("translator-one-side", "Người dịch chỉ ghi ở một bên · translator on one side only", {"translator": "both"}, {"translator": "none"}, source=translated, systems=(FULL, WEIGHTED))),
    (18, focus("translator-form", "Người dịch ở 245 $c hay 700 · translator in the statement or in 700", {"translator": "statement"}, {"translator": "added"}, source=translated, systems=(FULL, FULL))),
    (16, focus("han-nom", "880 chữ Hán Nôm ở một bên · original script in 880 on one side", {"script": True}, {"script": False}, applies=lambda e: bool(e.script), systems=(_ONE, WEIGHTED))),
    (16, ("pen-name", _pen_names)),
    (30, focus("lc-record", "Biểu ghi LC (RDA, NFD, tên đảo) · record of the Library of Congress", {}, {}, systems=((System.LC,), _ONE))),
    (26, focus("dc-record", "Biểu ghi từ Dublin Core · flat record from Dublin Core", {}, {}, systems=((System.DC,), _ONE))),
    (26, focus("minimal-record", "Biểu ghi tối giản VietBiblio, Libol · minimal record", {"isbn": "none"}, {}, systems=((System.VIETBIBLIO, System.VIETBIBLIO, System.LIBOL), _ONE))),
    (24, focus("spreadsheet", "Biểu ghi từ bảng tính · record out of a spreadsheet", {}, {}, systems=((System.SHEET,), _ONE))),
    (90, ("mixed", _mixed)),
    (28, focus("unaccented", "Một bên không dấu · no marks at all on one side", {}, {"slip": "unaccented", "isbn": "none"}, applies=lambda e: " " in e.title, systems=(_ONE, (System.LIBOL, System.VIETBIBLIO, System.SHEET)))),
    (40, focus("residue", "Mã TCVN3, VNI hay UTF-8 đọc sai ở một bên · text in a legacy encoding on one side", {"tones": ""}, _residue, systems=(_ONE, (System.NLV, System.LIBOL, System.SHEET)))),
)  # fmt: skip

POSITIVES: tuple[tuple[int, str, Maker], ...] = tuple(
    (count, kind, maker) for count, (kind, maker) in _COUNTED
)
"""(how many, kind, maker)."""
