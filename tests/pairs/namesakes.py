"""Makers of negative pairs that share a title, or nearly: textbooks, selections, laws, yearbooks, theses.

Who wrote it, which school, year, place or number tells them apart; it stands in both records.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from tests.pairs import families as known
from tests.pairs.editions import Edition, Person, Step, slug
from tests.pairs.negatives import alike, negative
from tests.pairs.pairs import Maker, Pair, full

_VISIBLE = {"author": "headings", "translator": "both", "series": True, "rest": "b"}


def _same_title(kind: str, why: str, make_one: Callable[[Random], tuple[Edition, Edition]]) -> Maker:
    def make(throw: Random) -> Iterator[Pair]:
        while True:
            left, right = make_one(throw)
            written = alike(throw, full(throw, left, right))
            yield negative(kind, why, left, right, written, **_VISIBLE)

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
        work=f"giao-trinh:{slug(title)}",
        title=title,
        people=(Person(one),),
        publisher=throw.choice(houses),
        year=throw.randint(2008, 2022),
        pages=throw.randint(160, 420),
        ddc=ddc,
        size=24,
    )
    right = replace(
        left,
        people=(Person(other),),
        publisher=left.publisher if throw.random() < 0.5 else throw.choice(houses),
        year=left.year if throw.random() < 0.6 else throw.randint(2008, 2022),
        pages=left.pages if throw.random() < 0.15 else throw.randint(160, 420),
    )
    return left, right


def _generic(throw: Random) -> tuple[Edition, Edition]:
    titles, authors = throw.choice(known.GENERIC)
    title = throw.choice(titles)
    one, other = throw.sample(authors, 2)
    left = Edition(
        work=f"chung:{slug(title)}",
        title=title,
        people=(Person(one),),
        publisher="Văn học",
        ddc="895.922",
        year=throw.randint(1990, 2020),
        pages=throw.randint(150, 500),
    )
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
        work=f"chung:{slug(title)}",
        title=title,
        people=(Person(one),),
        publisher="Văn học",
        ddc="895.922",
        year=throw.randint(1990, 2020),
        pages=throw.randint(150, 500),
    )
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


_YEARS = re.compile(r"(?:19|20)\d\d")


def _decrees(throw: Random) -> tuple[Edition, Edition]:
    name, titles = throw.choice(known.DECREES)
    one, other = throw.sample(titles, 2)
    left = Edition(
        work=f"van-ban:{name}",
        title=one,
        body="Việt Nam (CHXHCN)",
        publisher=throw.choice(("Chính trị quốc gia Sự thật", "Lao động", "Xây dựng")),
        year=max(int(year) for year in _YEARS.findall(f"{one} {other}")) + throw.randint(0, 1),
        pages=throw.randint(40, 160),
        ddc="346.597",
        size=19,
    )
    return left, replace(
        left, title=other, pages=throw.choice((left.pages, (left.pages or 0) + throw.randint(1, 40)))
    )


def _thesis(title: str, school: str, degree: str, year: int, throw: Random) -> Edition:
    return Edition(
        work=f"luan-van:{slug(title)}",
        title=title,
        body=school,
        publisher=school,
        year=year,
        size=30,
        pages=throw.randint(88, 140),
        ddc="378",
        thesis=f"{degree}. {school}, {year}",
    )


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


def _house(series: str) -> str:
    return known.PUBLISHERS_OF_PUPILS.get(series, "Giáo dục Việt Nam")


def _grades(throw: Random) -> tuple[Edition, Edition]:
    subject, first, last = throw.choice(known.SUBJECTS)
    grade = throw.randint(first, last)
    series = throw.choice(known.PUPILS)
    left = Edition(
        work=f"sach-giao-khoa:{slug(subject)}",
        title=f"{subject} {grade}",
        publisher=_house(series),
        ddc="372",
        body="Bộ Giáo dục và Đào tạo",
        year=throw.randint(2020, 2024),
        pages=throw.choice((96, 108, 120, 132)),
        size=27,
        series=(series, None),
    )
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
    left = replace(left, publisher=_house(one))
    right = replace(
        left,
        rest=other,
        publisher=_house(other),
        series=None,
        pages=(left.pages or 0) + throw.choice((0, 4, 12, -8)),
    )
    return replace(left, rest=one, series=None), right


def _tones(throw: Random) -> tuple[Edition, Edition]:
    one, other, author = throw.choice(known.TONES)
    work = f"thanh-dieu:{slug(one)}"
    if one != other and slug(one) != slug(other):
        work = f"thanh-dieu:{slug(one)}:{slug(other)}"
    left = Edition(
        work=work,
        title=one,
        people=(Person(author),),
        publisher=throw.choice(("Kim Đồng", "Trẻ", "Văn học")),
        year=throw.randint(2000, 2022),
        pages=throw.randint(60, 300),
        ddc="895.922",
    )
    return left, replace(left, title=other, pages=(left.pages or 0) + throw.randint(14, 90))


def _begins(throw: Random) -> tuple[Edition, Edition]:
    one, other = throw.choice(known.BEGINS)
    left = Edition(
        work=f"dau-nhan-de:{slug(other)}",
        title=one,
        publisher=throw.choice(("Thông tin và Truyền thông", "Lao động", "Trẻ")),
        year=throw.randint(2005, 2022),
        pages=throw.randint(120, 340),
    )
    return left, replace(left, title=other, pages=(left.pages or 0) + throw.randint(14, 70))


NAMESAKES: tuple[tuple[int, str, Maker], ...] = (
    (
        56,
        "textbook-school",
        _same_title(
            "textbook-school", "Cùng nhan đề, khác trường · same title of two universities", _schools
        ),
    ),
    (
        56,
        "textbook-author",
        _same_title("textbook-author", "Cùng nhan đề, khác tác giả · same title by two authors", _writers),
    ),
    (
        50,
        "generic-title",
        _same_title(
            "generic-title", "Nhan đề chung chung, khác tác giả hay khác bản · short generic title", _generic
        ),
    ),
    (
        40,
        "near-name",
        _same_title(
            "near-name", "Tên tác giả gần nhau (Dữ/Du, Võ/Vũ) · near names under one title", _near_names
        ),
    ),
    (
        44,
        "yearbook",
        _same_title("yearbook", "Niên giám, kỷ yếu của hai năm · yearbooks of two years", _annuals),
    ),
    (
        24,
        "yearbook-place",
        _same_title("yearbook-place", "Niên giám của hai tỉnh · yearbooks of two provinces", _places),
    ),
    (
        44,
        "law-year",
        _same_title("law-year", "Luật ban hành hai năm khác nhau · one law as passed in two years", _laws),
    ),
    (
        30,
        "law-number",
        _same_title(
            "law-number", "Nghị định, tiêu chuẩn khác số · decrees and standards of other numbers", _decrees
        ),
    ),
    (
        30,
        "thesis-place",
        _same_title(
            "thesis-place", "Luận văn chỉ khác tên tỉnh · theses that differ in the province", _theses_places
        ),
    ),
    (
        24,
        "thesis-school",
        _same_title(
            "thesis-school", "Luận văn cùng đề tài, khác trường · theses of two schools", _theses_schools
        ),
    ),
    (
        40,
        "school-book",
        _same_title(
            "school-book", "Sách giáo khoa khác lớp, tập, bài tập, sách giáo viên · school books", _grades
        ),
    ),
    (
        24,
        "school-series",
        _same_title(
            "school-series", "Cùng môn cùng lớp, khác bộ sách · one subject and grade in two series", _pupils
        ),
    ),
    (
        40,
        "tone",
        _same_title("tone", "Nhan đề chỉ khác dấu (Ba/Bà, Má/Mả) · titles that differ in marks only", _tones),
    ),
    (
        24,
        "title-begins",
        _same_title(
            "title-begins", "An toàn/Toàn: chữ đầu không phải mạo từ · the first word is no article", _begins
        ),
    ),
)
"""(how many, kind, maker): both sides share a title, or nearly."""
