"""Makers of negative pairs of one family: volumes, editions, translations, forms, textbooks, laws, numbers.

What tells the two apart stands in both records; all else is written as alike, or as unlike, as chance will.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from tests.pairs import families as known
from tests.pairs.editions import Edition, Person, Step, books, slug, volume, volumes_of
from tests.pairs.manner import Manner, System
from tests.pairs.pairs import Maker, Pair, full, manners
from tests.pairs.positives import SETS, numbered, single, translated

_LATEST = 2025
_VISIBLE = {"author": "headings", "translator": "both", "series": True, "rest": "b"}


def _pair(
    kind: str, why: str, left: Edition, right: Edition, written: tuple[Manner, Manner], **fixed: object
) -> Pair:
    ours, theirs = (replace(manner, **fixed) for manner in written)  # type: ignore[arg-type]
    return Pair(kind, False, (left, ours), (right, theirs), why, left.work)


def _cycle(throw: Random, items: Sequence[object]) -> Iterator[object]:
    while True:
        yield from throw.sample(list(items), len(items))


def _alike(throw: Random, written: tuple[Manner, Manner]) -> tuple[Manner, Manner]:
    """Write both sides in one manner half of the time: the style then tells nothing."""
    if throw.random() < 0.5:
        return written[0], written[0]
    return written


# volumes


def _by_work() -> list[list[Edition]]:
    found: dict[str, list[Edition]] = {}
    for edition in numbered():
        found.setdefault(edition.work, []).append(edition)
    return [editions for editions in found.values() if len(editions) > 1]


def _volumes(throw: Random) -> Iterator[Pair]:
    for group in _cycle(throw, _by_work()):
        assert isinstance(group, list)
        left, right = throw.sample(group, 2)
        if throw.random() < 0.4:  # the same number of pages, one ISBN for the set
            shared = (left.isbns or right.isbns) if throw.random() < 0.5 else ()
            left, right = replace(left, isbns=shared), replace(right, isbns=shared, pages=left.pages)
        written = _alike(throw, manners(throw, left, right))
        yield _pair("volume", "Khác tập của một bộ · two volumes of one work", left, right, written)


def _volume_forms(throw: Random) -> Iterator[Pair]:
    plain = [group for group in _by_work() if not group[0].steps[0].name]
    forms = (
        {"label": "words"},
        {"roman": True},
        {"volume": "series"},
        {"volume": "b"},
        {"label": "long"},
        {"label": "number", "volume": "n"},
    )
    for group in _cycle(throw, plain):
        assert isinstance(group, list)
        left, right = throw.sample(group, 2)
        right = replace(right, pages=left.pages if throw.random() < 0.4 else right.pages, isbns=left.isbns)
        ours, theirs = full(throw, left, right)
        ours, theirs = replace(ours, **throw.choice(forms)), replace(theirs, **throw.choice(forms))
        why = "Khác tập, số tập ghi ở chỗ khác hay kiểu khác · two volumes, their numbers in other forms and places"
        yield _pair("volume-notation", why, left, right, (ours, theirs))


def _whole(throw: Random) -> Iterator[Pair]:
    for row in _cycle(throw, SETS):
        base = books()[str(row)]
        count = volumes_of(str(row))
        whole = replace(base, volumes=count, isbns=())
        part = volume(base, throw.randint(1, count), throw, "Q" if row == "B87" else "T")
        written = manners(throw, part, whole, (System.NLV, System.KOHA, System.LIBOL, System.LC))
        why = f"Một tập với cả bộ {count} tập · a part against the whole set"
        yield _pair("part-and-whole", why, part, whole, written)


def _ranges(throw: Random) -> Iterator[Pair]:
    for row in _cycle(throw, [row for row in SETS if volumes_of(row) > 2]):
        base = books()[str(row)]
        number = throw.randint(1, 2)
        one = volume(base, number, throw)
        pages = throw.randint(500, 900)
        both = replace(
            base, title=base.title, steps=(), pages=pages, rest=f"{throw.choice(('T.', 'Tập '))}1-2", isbns=()
        )
        written = full(throw, one, both)
        why = f"T.{number} riêng với bản in gộp T.1-2 · one volume against two bound as one"
        yield _pair("part-and-range", why, one, both, written, rest="b")


# editions


def _earlier(base: Edition, gap: int) -> Edition:
    """Move an edition back where a later one would lie in the future; its ISBN stays with the known year."""
    return replace(base, year=base.year - gap, isbns=()) if base.year + gap > _LATEST else base


def _editions(throw: Random) -> Iterator[Pair]:
    for base in _cycle(throw, single()):
        assert isinstance(base, Edition)
        first = throw.randint(1, 6)
        gap = throw.randint(1, 5)
        base = _earlier(base, gap)
        left = replace(base, edition=first if first > 1 else None)
        same = throw.random() < 0.4
        pages = base.pages if same else (base.pages or 200) + throw.randint(12, 90)
        right = replace(base, edition=first + gap, year=base.year + gap, pages=pages, isbns=())
        written = manners(throw, left, right)
        detail = "cùng số trang" if same else "khác số trang"
        why = f"Lần in khác, năm khác, {detail} · another edition, another year"
        yield _pair("edition-number", why, left, right, written)


def _years(throw: Random) -> Iterator[Pair]:
    for base in _cycle(throw, single()):
        assert isinstance(base, Edition)
        gap = throw.choice((1, 1, 2, 3, 4, 6, 9))
        base = _earlier(base, gap)
        same = throw.random() < 0.5
        pages = base.pages if same else (base.pages or 200) + throw.choice((-24, -9, 16, 31, 64))
        right = replace(base, year=base.year + gap, pages=pages, isbns=())
        written = _alike(throw, manners(throw, base, right))
        why = f"In năm {base.year} và năm {right.year}, không ghi lần tái bản · another printing by its year"
        yield _pair("edition-year", why, base, right, written)


def _publishers(throw: Random) -> Iterator[Pair]:
    listed = [
        ("A26", "A27"),
        ("A26", "A28"),
        ("A27", "A28"),
        ("A22", "A23"),
        ("A56", "A57"),
        ("A29", "A30"),
        ("A31", "A33"),
        ("A34", "A35"),
        ("A101", "A102"),
    ]
    literature = [
        edition
        for row, edition in books().items()
        if row.startswith("B") and not edition.body and row not in SETS
    ]
    while True:
        for left, right in throw.sample(listed, len(listed)):
            ours, theirs = books()[left], books()[right]
            why = (
                f"{ours.publisher} {ours.year} với {theirs.publisher} {theirs.year} · other publisher or year"
            )
            written = manners(throw, ours, theirs)
            yield _pair("publisher-and-year", why, ours, theirs, written, partner="keep")
        for base in throw.sample(literature, 30):
            houses = [
                house
                for house in ("Văn học", "Hội Nhà văn", "Kim Đồng", "Trẻ", "Thanh niên")
                if house != base.publisher
            ]
            year = base.year if throw.random() < 0.4 else min(base.year + throw.randint(1, 8), _LATEST)
            other = replace(
                base,
                publisher=throw.choice(houses),
                year=year,
                pages=(base.pages or 200) + throw.randint(15, 80),
            )
            why = f"{base.publisher} {base.year} với {other.publisher} {year} · another publisher's edition"
            yield _pair("publisher-and-year", why, base, other, manners(throw, base, other))


def _abridged(throw: Random) -> Iterator[Pair]:
    rows = [edition for edition in single() if edition.people and (edition.pages or 0) > 180]
    for base in _cycle(throw, rows):
        assert isinstance(base, Edition)
        word = throw.choice(("Bản rút gọn", "Bản tóm tắt", "Bản rút gọn cho thiếu nhi"))
        right = replace(base, revised=word, pages=int((base.pages or 200) * 0.4), isbns=())
        written = full(throw, base, right)
        yield _pair("abridged", f"{word} với bản đầy đủ · abridged against full text", base, right, written)


# texts and translations


def _translators(throw: Random) -> Iterator[Pair]:
    for row, names, _ in _cycle(throw, known.TRANSLATIONS):  # type: ignore[misc]
        base = books()[row]
        left = replace(base, translators=(names[0],))
        right = replace(base, translators=(names[1],), isbns=())
        if throw.random() < 0.6:
            right = replace(right, pages=(base.pages or 200) + throw.randint(-30, 60))
        if throw.random() < 0.4:
            right = replace(
                right, publisher=throw.choice(("Văn học", "Hội Nhà văn", "Dân trí")), partner=None
            )
        if throw.random() < 0.4:
            right = replace(right, year=base.year - throw.randint(1, 12))
        written = full(throw, left, right)
        why = f"Bản dịch của {names[0]} và của {names[1]} · two translators of one work"
        yield _pair(
            "translator",
            why,
            left,
            right,
            written,
            translator=throw.choice(("both", "both", "statement", "added")),
        )


def _languages(throw: Random) -> Iterator[Pair]:
    for row, title, language in _cycle(throw, known.FOREIGN_TITLES):  # type: ignore[misc]
        base = books()[row]
        right = replace(base, title=title, rest=None, language=language, isbns=(), script=None)
        if base.isbns and throw.random() < 0.5:
            right = replace(right, pages=(base.pages or 200) + throw.randint(5, 60))
        if throw.random() < 0.5:
            right = replace(right, publisher="Thế giới", year=base.year + throw.randint(0, 3))
        written = full(throw, base, right)
        yield _pair(
            "language",
            f"Bản tiếng Việt với bản dịch '{title}' · text in another language",
            base,
            right,
            written,
        )


def _bilingual(throw: Random) -> Iterator[Pair]:
    rows = [
        (row, title) for row, title, language in known.FOREIGN_TITLES if language == "eng" and row != "A43"
    ]
    for row, title in _cycle(throw, rows):  # type: ignore[misc]
        base = _earlier(books()[row], 2)
        word = throw.choice(("Song ngữ Việt - Anh", "Song ngữ Anh - Việt", "Sách song ngữ"))
        right = replace(
            base, parallel=title, rest=word if throw.random() < 0.7 else base.rest, revised=None, isbns=(),
            pages=int((base.pages or 150) * 1.7), year=base.year + throw.choice((0, 0, 1, 2)),
        )  # fmt: skip
        written = full(throw, base, right)
        yield _pair(
            "bilingual",
            "Bản song ngữ với bản tiếng Việt · bilingual against one language",
            base,
            right,
            written,
            rest="b",
        )


# form


def _forms(kind: str, form: str, why: str, systems: Sequence[System]) -> Maker:
    def make(throw: Random) -> Iterator[Pair]:
        for base in _cycle(throw, single()):
            assert isinstance(base, Edition)
            right = replace(base, form=form)
            if throw.random() < 0.4:
                right = replace(right, isbns=())
            written = manners(throw, base, right, systems)
            yield _pair(kind, why, base, right, written)

    return make


# same title


def _same_title(kind: str, why: str, make_one: Callable[[Random], tuple[Edition, Edition]]) -> Maker:
    def make(throw: Random) -> Iterator[Pair]:
        while True:
            left, right = make_one(throw)
            written = _alike(throw, full(throw, left, right))
            yield _pair(kind, why, left, right, written, **_VISIBLE)

    return make


def _schools(throw: Random) -> tuple[Edition, Edition]:
    title = throw.choice(known.SCHOOL_BOOKS)
    (one, house), (other, second) = throw.sample(list(known.SCHOOLS), 2)
    left, right = known.textbook(title, one, house, throw), known.textbook(title, other, second, throw)
    if throw.random() < 0.4:
        right = replace(right, publisher=left.publisher)
    if throw.random() < 0.5:
        right = replace(right, year=left.year)
    if throw.random() < 0.25:
        right = replace(right, pages=(left.pages or 0) + throw.randint(-2, 2))
    return left, right


def _writers(throw: Random) -> tuple[Edition, Edition]:
    ddc, titles, authors, houses = throw.choice(known.WRITERS)
    title = throw.choice(titles)
    one, other = throw.sample(authors, 2)
    left = Edition(
        work=f"giao-trinh:{slug(title)}", title=title, people=(Person(one),), publisher=throw.choice(houses),
        year=throw.randint(2008, 2022), pages=throw.randint(160, 420), ddc=ddc, size=24,
    )  # fmt: skip
    right = replace(
        left, people=(Person(other),), publisher=left.publisher if throw.random() < 0.5 else throw.choice(houses),
        year=left.year if throw.random() < 0.6 else throw.randint(2008, 2022),
        pages=left.pages if throw.random() < 0.15 else throw.randint(160, 420),
    )  # fmt: skip
    return left, right


def _generic(throw: Random) -> tuple[Edition, Edition]:
    titles, authors = throw.choice(known.GENERIC)
    title = throw.choice(titles)
    one, other = throw.sample(authors, 2)
    left = Edition(
        work=f"chung:{slug(title)}", title=title, people=(Person(one),), publisher="Văn học", ddc="895.922",
        year=throw.randint(1990, 2020), pages=throw.randint(150, 500),
    )  # fmt: skip
    if throw.random() < 0.3:  # one author's selection, by two publishers in two years
        right = replace(
            left,
            publisher="Hội Nhà văn",
            year=left.year + throw.randint(2, 9),
            pages=(left.pages or 0) + throw.randint(20, 90),
        )
        return left, right
    return left, replace(
        left, people=(Person(other),), pages=throw.choice((left.pages, throw.randint(150, 500)))
    )


def _near_names(throw: Random) -> tuple[Edition, Edition]:
    title = throw.choice(known.GENERIC_NEAR)
    one, other = throw.choice(known.NEAR_NAMES)
    left = Edition(
        work=f"chung:{slug(title)}", title=title, people=(Person(one),), publisher="Văn học", ddc="895.922",
        year=throw.randint(1990, 2020), pages=throw.randint(150, 500),
    )  # fmt: skip
    return left, replace(
        left,
        people=(Person(other),),
        pages=throw.choice((left.pages, (left.pages or 0) + throw.randint(3, 60))),
    )


def _annuals(throw: Random) -> tuple[Edition, Edition]:
    kind = throw.choice((0, 0, 0, 1, 2))
    place = throw.choice(known.PROVINCES) if kind == 0 else "Nghệ An"
    year = throw.randint(2005, 2021)
    left = known.yearbook(kind, place, year, throw)
    right = known.yearbook(kind, place, year + throw.choice((1, 1, 2, 5)), throw)
    if throw.random() < 0.3:  # two years of statistics that appeared in one year
        right = replace(right, year=left.year)
    if throw.random() < 0.4:
        right = replace(right, pages=(left.pages or 0) + throw.randint(-3, 3))
    return left, right


def _places(throw: Random) -> tuple[Edition, Edition]:
    one, other = throw.sample(known.PROVINCES, 2)
    year = throw.randint(2006, 2020)
    left, right = known.yearbook(0, one, year, throw), known.yearbook(0, other, year, throw)
    work = f"{left.work}|{right.work}"
    if throw.random() < 0.4:
        right = replace(right, pages=left.pages)
    return replace(left, work=work), replace(right, work=work)


def _laws(throw: Random) -> tuple[Edition, Edition]:
    title, dates = throw.choice(known.LAWS)
    one, other = throw.sample(dates, 2)
    left, right = known.law(title, one, throw), known.law(title, other, throw)
    if throw.random() < 0.5:  # the year of the law in the subtitle, as some title pages have it
        left, right = (
            replace(each, title=title, rest=f"Ban hành năm {of}")
            for each, of in ((left, one), (right, other))
        )
    if throw.random() < 0.4:
        right = replace(right, pages=left.pages)
    if throw.random() < 0.3:  # both texts reprinted in one year
        right = left_year = replace(right, year=max(left.year, right.year))
        left = replace(left, year=left_year.year)
    return left, right


def _decrees(throw: Random) -> tuple[Edition, Edition]:
    name, titles = throw.choice(known.DECREES)
    one, other = throw.sample(titles, 2)
    left = Edition(
        work=f"van-ban:{name}", title=one, body="Việt Nam (CHXHCN)", publisher=throw.choice(("Chính trị quốc gia Sự thật", "Lao động", "Xây dựng")),
        year=throw.randint(2014, 2024), pages=throw.randint(40, 160), ddc="346.597", size=19,
    )  # fmt: skip
    return left, replace(
        left, title=other, pages=throw.choice((left.pages, (left.pages or 0) + throw.randint(1, 40)))
    )


def _thesis(title: str, school: str, degree: str, year: int, throw: Random) -> Edition:
    return Edition(
        work=f"luan-van:{slug(title)}", title=title, body=school, publisher=school, year=year, size=30,
        pages=throw.randint(88, 140), ddc="378", thesis=f"{degree}. {school}, {year}",
    )  # fmt: skip


def _theses_places(throw: Random) -> tuple[Edition, Edition]:
    template, school = throw.choice(known.THESES), throw.choice(known.SCHOOLS)[0]
    one, other = throw.sample(known.PROVINCES, 2)
    year, degree = throw.randint(2008, 2022), throw.choice(known.DEGREES[:2])
    work = f"luan-van:{slug(template.format(place=''))}"
    left, right = (
        replace(_thesis(template.format(place=place), school, degree, year, throw), work=work)
        for place in (one, other)
    )
    return left, replace(right, pages=(left.pages or 0) + throw.choice((0, -2, 1, 9, 22)))


def _theses_schools(throw: Random) -> tuple[Edition, Edition]:
    title, year = throw.choice(known.SCHOOL_THESES), throw.randint(2008, 2022)
    one, other = throw.sample(list(known.SCHOOLS), 2)
    degree = throw.choice(known.DEGREES)
    left, right = _thesis(title, one[0], degree, year, throw), _thesis(title, other[0], degree, year, throw)
    if throw.random() < 0.5:
        left, right = (replace(each, title=f"{title} tại {each.body}") for each in (left, right))
    return left, replace(right, pages=(left.pages or 0) + throw.choice((-2, 1, 7, 15, 30)))


def _grades(throw: Random) -> tuple[Edition, Edition]:
    subject, grade = throw.choice(known.SUBJECTS), throw.randint(1, 8)
    series = throw.choice(known.PUPILS)
    left = Edition(
        work=f"sach-giao-khoa:{slug(subject)}", title=f"{subject} {grade}", publisher="Giáo dục Việt Nam", ddc="372",
        body="Bộ Giáo dục và Đào tạo", year=throw.randint(2020, 2024), pages=throw.choice((96, 108, 120, 132)), size=27,
        series=(series, None),
    )  # fmt: skip
    match throw.randrange(4):
        case 0:
            right = replace(left, title=f"{subject} {grade + 1}")
        case 1:
            right = replace(left, title=f"Bài tập {subject} {grade}")
        case 2:
            left, right = (
                replace(left, rest="Sách giáo khoa"),
                replace(left, rest="Sách giáo viên", pages=(left.pages or 0) + throw.choice((0, 60))),
            )
        case _:
            left, right = (replace(left, steps=(Step("T", number),)) for number in (1, 2))
    return left, right


def _pupils(throw: Random) -> tuple[Edition, Edition]:
    left, _ = _grades(throw)
    left = replace(left, rest=None, steps=())
    one, other = throw.sample(known.PUPILS, 2)
    right = replace(left, rest=other, series=None, pages=(left.pages or 0) + throw.choice((0, 4, 12, -8)))
    return replace(left, rest=one, series=None), right


def _tones(throw: Random) -> tuple[Edition, Edition]:
    one, other, author = throw.choice(known.TONES)
    work = f"thanh-dieu:{slug(one)}"
    if one != other and slug(one) != slug(other):
        work = f"thanh-dieu:{slug(one)}:{slug(other)}"
    left = Edition(
        work=work, title=one, people=(Person(author),), publisher=throw.choice(("Kim Đồng", "Trẻ", "Văn học")),
        year=throw.randint(2000, 2022), pages=throw.randint(60, 300), ddc="895.922",
    )  # fmt: skip
    return left, replace(left, title=other, pages=(left.pages or 0) + throw.randint(14, 90))


def _begins(throw: Random) -> tuple[Edition, Edition]:
    one, other = throw.choice(known.BEGINS)
    left = Edition(
        work=f"dau-nhan-de:{slug(other)}", title=one, publisher=throw.choice(("Thông tin và Truyền thông", "Lao động", "Trẻ")),
        year=throw.randint(2005, 2022), pages=throw.randint(120, 340),
    )  # fmt: skip
    return left, replace(left, title=other, pages=(left.pages or 0) + throw.randint(14, 70))


# ISBN


def _reused(throw: Random) -> Iterator[Pair]:
    reused = replace(books()["A22"], year=2026, pages=310)
    written = full(throw, books()["A22"], reused)
    yield _pair(
        "isbn-reuse-printing",
        "9786045370193: in 2016 và nộp lưu chiểu 2026 · one ISBN on two printings",
        books()["A22"],
        reused,
        written,
        isbn="plain",
    )
    fitting = [edition for edition in single() if edition.isbns]
    for base in _cycle(throw, fitting):
        assert isinstance(base, Edition)
        gap = throw.randint(2, 7)
        right = replace(
            base,
            year=base.year - gap,
            edition=None,
            pages=(base.pages or 200) + throw.choice((-40, -17, 24, 56)),
        )
        left = replace(base, edition=throw.choice((None, gap)) if gap > 1 else None)
        why = f"ISBN dùng lại cho lần in {right.year} và {base.year} · one ISBN on two printings"
        yield _pair(
            "isbn-reuse-printing",
            why,
            left,
            right,
            manners(throw, left, right),
            isbn=throw.choice(("plain", "hyphens")),
        )


def _translated_volumes(throw: Random) -> Iterator[Pair]:
    """Volumes with names of their own, and volumes of two levels."""
    groups = [list(known.named_volumes(index)) for index in range(len(known.NAMED_VOLUMES))]
    groups.append([books()[f"A{number}"] for number in range(97, 101)])
    for group in _cycle(throw, groups):
        assert isinstance(group, list)
        left, right = throw.sample(group, 2)
        right = replace(
            right,
            isbns=left.isbns if throw.random() < 0.3 else (),
            pages=left.pages if throw.random() < 0.3 else right.pages,
        )
        written = _alike(throw, full(throw, left, right))
        volume_in = throw.choice(
            (
                "n",
                "n",
                "a",
                "own"
                if len(left.steps) == 1
                and left.publisher == "Kim Đồng"
                and "1" not in str(left.steps[0].name)
                else "n",
            )
        )
        yield _pair(
            "volume-named",
            "Khác tập, tập có tên riêng · volumes with names of their own",
            left,
            right,
            written,
            volume=volume_in,
        )


_PRINT_ONLINE = (System.NLV, System.KOHA, System.LIBOL, System.VIETBIBLIO, System.LC)
_SOUND = (System.NLV, System.KOHA, System.VIETBIBLIO, System.LC)

FAMILY: tuple[tuple[int, str, Maker], ...] = (
    (64, "volume", _volumes),
    (56, "volume-notation", _volume_forms),
    (40, "volume-named", _translated_volumes),
    (44, "part-and-whole", _whole),
    (20, "part-and-range", _ranges),
    (64, "edition-number", _editions),
    (60, "edition-year", _years),
    (60, "publisher-and-year", _publishers),
    (24, "abridged", _abridged),
    (50, "translator", _translators),
    (30, "language", _languages),
    (30, "bilingual", _bilingual),
    (44, "print-online", _forms("print-online", "online", "Bản in với bản điện tử · print against online", _PRINT_ONLINE)),
    (34, "audiobook", _forms("audiobook", "audio", "Sách in với sách nói · book against audiobook", _SOUND)),
    (16, "braille", _forms("braille", "braille", "Sách in với sách chữ nổi · print against braille", (System.NLV, System.KOHA))),
    (56, "textbook-school", _same_title("textbook-school", "Cùng nhan đề, khác trường · same title of two universities", _schools)),
    (56, "textbook-author", _same_title("textbook-author", "Cùng nhan đề, khác tác giả · same title by two authors", _writers)),
    (50, "generic-title", _same_title("generic-title", "Nhan đề chung chung, khác tác giả hay khác bản · short generic title", _generic)),
    (40, "near-name", _same_title("near-name", "Tên tác giả gần nhau (Dữ/Du, Võ/Vũ) · near names under one title", _near_names)),
    (44, "yearbook", _same_title("yearbook", "Niên giám, kỷ yếu của hai năm · yearbooks of two years", _annuals)),
    (24, "yearbook-place", _same_title("yearbook-place", "Niên giám của hai tỉnh · yearbooks of two provinces", _places)),
    (44, "law-year", _same_title("law-year", "Luật ban hành hai năm khác nhau · one law as passed in two years", _laws)),
    (30, "law-number", _same_title("law-number", "Nghị định, tiêu chuẩn khác số · decrees and standards of other numbers", _decrees)),
    (30, "thesis-place", _same_title("thesis-place", "Luận văn chỉ khác tên tỉnh · theses that differ in the province", _theses_places)),
    (24, "thesis-school", _same_title("thesis-school", "Luận văn cùng đề tài, khác trường · theses of two schools", _theses_schools)),
    (40, "school-book", _same_title("school-book", "Sách giáo khoa khác lớp, tập, bài tập, sách giáo viên · school books", _grades)),
    (24, "school-series", _same_title("school-series", "Cùng môn cùng lớp, khác bộ sách · one subject and grade in two series", _pupils)),
    (40, "tone", _same_title("tone", "Nhan đề chỉ khác dấu (Ba/Bà, Má/Mả) · titles that differ in marks only", _tones)),
    (24, "title-begins", _same_title("title-begins", "An toàn/Toàn: chữ đầu không phải mạo từ · the first word is no article", _begins)),
    (36, "isbn-reuse-printing", _reused),
)  # fmt: skip
"""(how many, kind, maker): both sides are of one family."""
