"""Pairs that look alike and are not, and the other way round, from Vietnamese catalogues."""

from dataclasses import replace

import pytest

from tests.unioncat.matching.records import book, judged, verdict, vetoes
from unioncat.domain.bib import Agent, BibRecord, Carrier, Identifier, Imprint, Material, Part, Title
from unioncat.domain.match import Verdict
from unioncat.matching import extract


def doubt(left, right) -> str | None:  # type: ignore[no-untyped-def]
    return next(
        (evidence.left for evidence in judged(left, right).evidence if evidence.feature == "doubt"), None
    )


def test_a_record_without_isbn_and_author_still_joins() -> None:
    ours = book("Lịch sử Đảng bộ tỉnh Thái Nguyên", (), 2003, "Chính trị quốc gia", 512, place="H.")
    theirs = book(
        "Lịch sử Đảng bộ tỉnh Thái Nguyên", (), 2003, "NXB Chính trị Quốc gia", "512tr.", place="Hà Nội"
    )
    assert verdict(ours, theirs) is Verdict.SAME


def test_a_record_with_title_author_and_year_only_joins_if_its_title_says_enough() -> None:
    ours = book("Cơ sở lý thuyết của truyền thông", "Đặng Văn Chuyết", 1998)
    assert verdict(ours, book("Cơ sở lí thuyết của truyền thông", "Đặng Văn Chuyết", 1998)) is Verdict.SAME
    short = book("Thơ", "Đặng Văn Chuyết", 1998)
    assert verdict(short, short) is Verdict.UNSURE


def test_nguyen_du_is_not_nguyen_du_with_a_tone() -> None:
    ours = book("Truyện xưa tích cũ nước Nam", "Nguyễn Du", 1999, "Văn học", 200)
    theirs = book("Truyện xưa tích cũ nước Nam", "Nguyễn Dữ", 1999, "Văn học", 200)
    assert verdict(ours, theirs) is Verdict.UNSURE
    assert verdict(ours, ours) is Verdict.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà bình cho mọi người dân", "Hòa bình cho mọi người dân"),
        ("Kỹ thuật lập trình nâng cao", "Kĩ thuật lập trình nâng cao"),
        ("Nguyên lý thống kê kinh tế", "Nguyên lí thống kê kinh tế"),
        ("Xoè hoa trên núi cao", "Xòe hoa trên núi cao"),
        ("Đường về quê mẹ", "Ðường về quê mẹ"),
    ],
)
def test_two_spellings_of_one_title(one: str, other: str) -> None:
    ours, theirs = (book(title, "Tô Hoài", 2001, "Trẻ", 180) for title in (one, other))
    assert verdict(ours, theirs) is Verdict.SAME
    assert doubt(ours, theirs) is None


def test_a_partner_in_common_is_no_publisher_in_common() -> None:
    """Nhã Nam brings books out with many houses; two of them in one year are two editions."""

    def brought_out(*houses: str) -> BibRecord:
        ours = book("Bắt trẻ ngoài đồng xanh", "Trần Văn An", 2016, pages=326, languages=("vie",))
        return replace(ours, imprints=(Imprint(("H.",), houses, "2016"),))

    ours = brought_out("Hội Nhà văn", "Nhã Nam")
    assert verdict(ours, brought_out("Văn học", "Nhã Nam")) is not Verdict.SAME
    for one_edition in (("NXB Hội Nhà văn",), ("Nhã Nam", "Hội Nhà văn"), ("Nhã Nam",)):
        assert verdict(ours, brought_out(*one_edition)) is Verdict.SAME, one_edition


def test_c_plus_plus_is_not_c_sharp() -> None:
    ours = book("Giáo trình lập trình C++", "Phạm Văn Ất", 2010, "Giao thông vận tải", 400)
    theirs = book("Giáo trình lập trình C#", "Phạm Văn Ất", 2010, "Giao thông vận tải", 400)
    assert extract(ours).title != extract(theirs).title
    assert verdict(ours, theirs) is not Verdict.SAME


def test_a_dictionary_has_a_direction() -> None:
    ours = book("Từ điển Anh - Việt", "Nguyễn Văn Khôn", 2010, "Thanh niên", 900)
    theirs = book("Từ điển Việt - Anh", "Nguyễn Văn Khôn", 2010, "Thanh niên", 900)
    assert verdict(ours, theirs) is not Verdict.SAME


def test_one_syllable_makes_another_book() -> None:
    ours = book("Bé tập tô màu động vật", (), 2020, "Kim Đồng", 24, place="H.")
    theirs = book("Bé tập tô màu thực vật", (), 2020, "Kim Đồng", 24, place="H.")
    assert verdict(ours, theirs) is not Verdict.SAME


def test_two_subtitles_make_two_books() -> None:
    ours = book("Bé vui học cùng bạn", (), 2020, "Kim Đồng", 24, rest="động vật", place="H.")
    theirs = book("Bé vui học cùng bạn", (), 2020, "Kim Đồng", 24, rest="thực vật", place="H.")
    assert verdict(ours, theirs) is not Verdict.SAME


def test_a_subtitle_on_one_side_only_is_no_difference() -> None:
    ours = book("Vượt lên số phận đời mình", "Lê Văn Tám", 1997, "Trẻ", 210, rest="truyện ký")
    assert verdict(ours, book("Vượt lên số phận đời mình", "Lê Văn Tám", 1997, "Trẻ", 210)) is Verdict.SAME


VOLUMES = [
    ("Sơ thảo lịch sử văn học. Q.1", "Sơ thảo lịch sử văn học. Q.2"),
    ("Lịch sử văn học. T.1, Q.2", "Lịch sử văn học. T.1, Q.3"),
    ("Lịch sử văn học. T.8", "Lịch sử văn học. T.9"),
    ("Tam quốc diễn nghĩa. Quyển thượng", "Tam quốc diễn nghĩa. Quyển hạ"),
    ("Toán học cao cấp. Tập I", "Toán học cao cấp. Tập II"),
    ("Toán học cao cấp. T.1", "Toán học cao cấp. T.1-3"),
    ("Toán học cao cấp. Phần 1", "Toán học cao cấp. Phần 2"),
    ("Harry Potter. Vol. 3", "Harry Potter. Vol. 4"),
]


def test_a_volume_never_joins_a_record_that_names_none() -> None:
    """The whole is stopped; what is as large and of one year may be the volume, which a person decides."""
    volume = book("Bài tập lập trình C++. T.1", "Văn Tân", 2025, "Sự thật", 314, isbn="9786044608075")
    whole = book("Bài tập lập trình C++", "Văn Tân", 2025, "Sự thật", 628, isbn="9786044608075")
    assert vetoes(judged(volume, whole)) == ["volume"]
    another_year = book("Bài tập lập trình C++", "Văn Tân", 2024, "Sự thật", 314, isbn="9786044608075")
    assert vetoes(judged(volume, another_year)) == ["volume"]
    unnamed = book("Bài tập lập trình C++", "Văn Tân", 2025, "Sự thật", 314, isbn="9786044608075")
    judgement = judged(volume, unnamed)
    assert judgement.verdict is Verdict.UNSURE
    assert doubt(volume, unnamed) == "volume"


@pytest.mark.parametrize(("one", "other"), VOLUMES)
def test_volumes_never_join_not_even_by_a_common_isbn(one: str, other: str) -> None:
    ours, theirs = (
        book(title, "Văn Tân", 2025, "Sự thật", 314, isbn="9786044608075") for title in (one, other)
    )
    judgement = judged(ours, theirs)
    assert judgement.verdict is Verdict.DIFFERENT
    assert vetoes(judgement) == ["volume"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Toán học cao cấp. T.1", "Toán học cao cấp. Tập 1"),
        ("Toán học cao cấp. T. I", "Toán học cao cấp. Tập một"),
        ("Toán học cao cấp. T.01", "Toán học cao cấp. t. 1"),
        ("Toán học cao cấp. Quyển 2", "Toán học cao cấp. Q.2"),
        ("Toán học cao cấp. Quyển thượng", "Toán học cao cấp. Tập 1"),
        ("Toán học cao cấp. Ph.2", "Toán học cao cấp. Phần hai"),
        ("Toán học cao cấp. T.1-2", "Toán học cao cấp. Tập 1, 2"),
    ],
)
def test_one_volume_written_in_two_ways_joins(one: str, other: str) -> None:
    ours, theirs = (book(title, "Nguyễn Đình Trí", 2020, "Giáo dục", 347) for title in (one, other))
    assert verdict(ours, theirs) is Verdict.SAME


def test_the_volume_is_found_wherever_it_stands() -> None:
    places = [
        book("Giải tích", number="T.2"),
        book("Giải tích", part="Tập 2: Hàm nhiều biến"),
        book("Giải tích", rest="tập 2"),
        book("Giải tích. Tập 2"),
        book("Giải tích", series=("", "T.02")),
        book("Giải tích", series=("Giải tích", "2")),
        book("Giải tích", pages="T.2 (347 tr.)"),
    ]
    assert [extract(place).volumes for place in places] == [((2,),)] * len(places)


def test_a_number_in_a_publishers_series_is_no_volume() -> None:
    ours = book("Dế Mèn phiêu lưu ký", "Tô Hoài", 2020, "Kim Đồng", 120, series=("Tủ sách vàng", "12"))
    theirs = book("Dế Mèn phiêu lưu ký", "Tô Hoài", 2020, "Kim Đồng", 120)
    assert extract(ours).volumes == ()
    assert verdict(ours, theirs) is Verdict.SAME


def test_two_numbers_of_one_series_are_two_works() -> None:
    ours = book(
        "Kỷ yếu hội thảo khoa học", (), 2020, "Đại học Huế", 200, series=("Tủ sách khoa học", "Số 12")
    )
    theirs = book("Kỷ yếu hội thảo khoa học", (), 2020, "Đại học Huế", 200, series=("Tủ sách khoa học", "13"))
    assert vetoes(judged(ours, theirs)) == ["series"]


def test_print_never_joins_online() -> None:
    ours = book("Nhà giả kim", "Paulo Coelho", 2020, "Hội Nhà văn", 225)
    theirs = book("Nhà giả kim", "Paulo Coelho", 2020, "Hội Nhà văn", 225, carrier=Carrier.ONLINE)
    assert vetoes(judged(ours, theirs)) == ["carrier"]


def test_a_map_is_no_book_but_a_thesis_may_stand_as_one() -> None:
    ours = book("Quy hoạch đô thị Thái Nguyên", "Lê Văn Tám", 2020, "Đại học Xây dựng", 225)
    a_map = book(
        "Quy hoạch đô thị Thái Nguyên", "Lê Văn Tám", 2020, "Đại học Xây dựng", 225, material=Material.MAP
    )
    thesis = book(
        "Quy hoạch đô thị Thái Nguyên", "Lê Văn Tám", 2020, "Đại học Xây dựng", 225, material=Material.THESIS
    )
    assert vetoes(judged(ours, a_map)) == ["carrier"]
    assert verdict(ours, thesis) is Verdict.SAME


def test_another_language_is_another_edition() -> None:
    ours = book("Hamlet", "Shakespeare", 2006, "Văn học", 225, languages=("vie",))
    theirs = book("Hamlet", "Shakespeare", 2006, "Văn học", 225, languages=("eng",))
    both = book("Hamlet", "Shakespeare", 2006, "Văn học", 225, languages=("eng", "vie"))
    assert verdict(ours, theirs) is Verdict.UNSURE
    assert doubt(ours, theirs) == "language"
    assert verdict(ours, both) is Verdict.SAME


def test_another_translation_is_another_edition() -> None:
    ours = book(
        "Đắc nhân tâm",
        "Dale Carnegie",
        2025,
        "Dân trí",
        263,
        responsibility="Dale Carnegie ; Nguyễn Hiến Lê dịch",
    )
    theirs = book(
        "Đắc nhân tâm",
        "Dale Carnegie",
        2025,
        "Dân trí",
        263,
        responsibility="Dale Carnegie ; Người dịch: Đoàn Doãn",
    )
    agents = (Agent("Dale Carnegie", main=True), Agent("Nguyễn Hiến Lê", roles=("trl",)))
    assert extract(ours).translators == ("nguyen hien le",)
    assert extract(theirs).translators == ("doan doan",)
    assert vetoes(judged(ours, theirs)) == ["translator"]
    assert extract(BibRecord(Title("X"), agents=agents)).translators == ("nguyen hien le",)


def test_whoever_revised_a_translation_did_not_make_it() -> None:
    said = "by Gyula Eörsi ; [translated by József Decsényi. Translation rev. by Jenő Rácz]"
    assert extract(book("X", responsibility=said)).translators == ("jozsef decsenyi",)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("translated from the German by E. W. Geyer", ("e w geyer",)),
        ("Translated by the author from the second German edition", ()),
        ("Dale Carnegie ; dịch: Nguyễn Hiến Lê, P. Hiếu", ("nguyen hien le", "p hieu")),
        ("Dale Carnegie ; Nguyễn Hiến Lê biên dịch", ("nguyen hien le",)),
        ("Lịch sử dịch thuật", ()),
    ],
)
def test_translators_are_read_from_the_statement(said: str, name: tuple[str, ...]) -> None:
    assert extract(book("X", responsibility=said)).translators == name


def test_a_series_statement_typed_as_the_number_of_a_part_is_no_volume() -> None:
    assert extract(book("X", number="Indiana Historical Society Publications Vol. 10")).volumes == ()


PHU_NU = ("Phụ nữ", "Nxb. Phụ nữ Việt Nam")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        PHU_NU,
        ("Nxb. Tp. HCM", "Tổng hợp Thành phố Hồ Chí Minh"),
        ("Chính trị quốc gia", "Nhà xuất bản Chính trị quốc gia Sự thật"),
        ("Giáo dục", "NXB Giáo dục Việt Nam"),
        ("Thông tin và Truyền thông", "Khoa học - Công nghệ - Truyền thông"),
        ("Khoa học và kỹ thuật", "KHKT"),
        ("Văn học", "Văn học ; Công ty Văn hoá và Truyền thông Nhã Nam"),
        ("NXB.Trẻ", "Nxb Trẻ"),
    ],
)
def test_renamed_publishers_are_one_house(one: str, other: str) -> None:
    assert (
        extract(book("X", publisher=one)).publishers == extract(book("X", publisher=other)).publishers != ()
    )


@pytest.mark.parametrize("nobody", ["Chưa xác định", "K.nxb.", "[s.n.]", "Không rõ"])
def test_an_unknown_publisher_is_missing(nobody: str) -> None:
    assert extract(book("X", publisher=nobody)).publishers == ()


def test_lao_dong_is_not_lao_dong_xa_hoi() -> None:
    ours, theirs = (extract(book("X", publisher=name)) for name in ("Lao động", "Lao động Xã hội"))
    assert ours.publishers != theirs.publishers


@pytest.mark.parametrize("name", ["1064723", "Chưa xác định", "Không rõ", "Nhiều tác giả", "TCVN 5405-1991"])
def test_an_author_that_is_nobody_is_missing(name: str) -> None:
    assert extract(book("X", name)).people == ()


@pytest.mark.parametrize(
    "name", ["GS. TS. Nguyễn Đình Trí", "Nguyễn Đình Trí (ch.b.)", "PGS.TS Nguyễn Đình Trí"]
)
def test_ranks_and_roles_are_no_part_of_a_name(name: str) -> None:
    assert extract(book("X", name)).people == ("nguyen dinh tri",)


def test_all_persons_of_one_heading_are_told_apart() -> None:
    ours = extract(book("X", "Nguyễn Đức Phú; Hồ Tấn Chuẩn; Trần Văn Tế"))
    assert ours.people == ("nguyen duc phu", "ho tan chuan", "tran van te")
    assert extract(book("X", "Paul D. Leedy, Jeanne Ellis Ormrod")).people == (
        "paul d leedy",
        "jeanne ellis ormrod",
    )
    assert extract(book("X", "Ormrod, Jeanne Ellis")).people == ("ormrod jeanne ellis",)


ALCHEMIST = {
    "title": "Nhà giả kim kể chuyện",
    "author": "Paulo Coelho",
    "publisher": "Hội Nhà văn",
    "pages": 225,
}


def test_printings_of_two_years_are_two_manifestations() -> None:
    ours, theirs = book(**ALCHEMIST, year=2016), book(**ALCHEMIST, year=2020)
    assert verdict(ours, theirs) is not Verdict.SAME


def test_an_isbn_used_again_is_for_a_person_to_settle() -> None:
    ours = book(**ALCHEMIST, year=2016, isbn="9786045370193")
    theirs = book(**ALCHEMIST, year=2026, isbn="9786045370193")
    assert verdict(ours, theirs) is Verdict.UNSURE
    assert doubt(ours, theirs) == "year"


def test_two_isbns_in_one_year_go_to_review() -> None:
    ours = book(**ALCHEMIST, year=2018, isbn="9786041097933", place="H.")
    theirs = book(**ALCHEMIST, year=2018, isbn="9786041129825", place="H.")
    assert verdict(ours, theirs) is Verdict.UNSURE


def test_an_isbn_joins_sparse_records_whose_titles_agree() -> None:
    ours = book("Nhà giả kim kể chuyện", isbn="9786045370193")
    assert (
        verdict(ours, book("Nhà giả kim kể chuyện", "Paulo Coelho", 2016, isbn="9786045370193"))
        is Verdict.SAME
    )


def test_an_isbn_on_two_titles_is_a_conflict() -> None:
    ours = book("Nhà giả kim", "Paulo Coelho", 2016, isbn="9786045370193")
    theirs = book("Cơ học lượng tử nhập môn", "Lê Văn Tám", 2010, isbn="9786045370193")
    judgement = judged(ours, theirs)
    assert judgement.verdict is Verdict.UNSURE
    assert judgement.evidence[-1].feature == "conflict"


@pytest.mark.parametrize("qualifier", ["bộ", "trọn bộ 3 tập", "set", "e-book", "PDF"])
def test_the_isbn_of_a_set_or_of_another_carrier_is_not_the_books_own(qualifier: str) -> None:
    bib = BibRecord(Title("X"), identifiers=(Identifier("isbn", "9786045370193", qualifier),))
    assert extract(bib).isbns == ()


def test_a_cancelled_isbn_is_no_evidence() -> None:
    bib = BibRecord(Title("X"), identifiers=(Identifier("isbn", "9786045370193", valid=False),))
    assert extract(bib).isbns == ()


def test_the_issn_of_a_series_is_no_evidence_for_a_book() -> None:
    numbers = (Identifier("issn", "1859-0004"),)
    assert extract(BibRecord(Title("X"), identifiers=numbers)).issns == ()
    assert extract(BibRecord(Title("X"), identifiers=numbers, material=Material.SERIAL)).issns == (
        "1859-0004",
    )


def test_parts_of_one_work_differ_by_their_names() -> None:
    ours = book("Địa chí tỉnh Thái Nguyên", (), 2009, "Chính trị quốc gia", 300, part="Tự nhiên")
    theirs = book("Địa chí tỉnh Thái Nguyên", (), 2009, "Chính trị quốc gia", 300, part="Kinh tế")
    whole = book("Địa chí tỉnh Thái Nguyên", (), 2009, "Chính trị quốc gia", 300)
    assert verdict(ours, theirs) is Verdict.DIFFERENT
    assert verdict(ours, whole) is not Verdict.SAME
    assert extract(BibRecord(Title("A", parts=(Part(None, "Tự nhiên"),)))).part_names == ("tu nhien",)
