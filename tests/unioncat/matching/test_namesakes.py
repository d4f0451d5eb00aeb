"""Books that agree in nearly all and are two: schools, places, names of whom one is longer."""

import pytest

from unioncat.domain.bib import Agent, AgentKind, BibRecord, Extent, Imprint, Material, Title
from unioncat.domain.match import Verdict
from unioncat.matching import extract, judge


def work(
    title: str, by: str, *, kind: AgentKind = AgentKind.CORPORATE, house: str | None = None, pages: int = 255
) -> BibRecord:
    return BibRecord(
        title=Title(title),
        agents=(Agent(by, kind, main=True),),
        imprints=(Imprint(("Hà Nội",), (house or by,), "2012"),),
        year=2012,
        extent=Extent(f"{pages} tr.", pages),
        languages=("vie",),
        material=Material.BOOK,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            work("Hoá học đại cương", "Trường Đại học Kinh tế Quốc dân", house="Giáo dục"),
            work("Hoá học đại cương", "Trường Đại học Vinh", house="Giáo dục"),
        ),
        (
            work("Đào tạo nguồn nhân lực chất lượng cao", "Học viện Cảnh sát nhân dân"),
            work("Đào tạo nguồn nhân lực chất lượng cao", "Học viện An ninh nhân dân"),
        ),
        (
            work("Xây dựng văn hoá đọc ở tỉnh Hà Tĩnh", "Đại học Đà Nẵng"),
            work("Xây dựng văn hoá đọc ở tỉnh Hà Giang", "Đại học Đà Nẵng"),
        ),
        (
            work("Phát triển du lịch ở tỉnh Bình Định", "Trường Đại học Vinh"),
            work("Phát triển du lịch ở tỉnh Điện Biên", "Trường Đại học Vinh"),
        ),
        (
            work("Hồi ký", "Nguyễn Ngọc Tư", kind=AgentKind.PERSON, house="Văn học"),
            work("Hồi ký", "Nguyên Ngọc", kind=AgentKind.PERSON, house="Văn học"),
        ),
    ],
    ids=["textbook of two schools", "academies", "province twice named", "two syllables", "longer name"],
)
def test_two_books_are_not_joined(one: BibRecord, other: BibRecord) -> None:
    assert judge(extract(one), extract(other)).verdict is not Verdict.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            work("Hoá học đại cương", "Trường Đại học Kinh tế Quốc dân", house="Giáo dục"),
            work("Hóa học đại cương", "Đại học Kinh tế quốc dân", house="NXB Giáo dục"),
        ),
        (
            work("Chuyện làng", "Nguyễn Văn Ngọc", kind=AgentKind.PERSON, house="Văn học"),
            work("Chuyện làng", "Nguyễn Ngọc", kind=AgentKind.PERSON, house="Văn học"),
        ),
    ],
    ids=["one school", "a middle name left out"],
)
def test_one_book_is_joined(one: BibRecord, other: BibRecord) -> None:
    assert judge(extract(one), extract(other)).verdict is Verdict.SAME
