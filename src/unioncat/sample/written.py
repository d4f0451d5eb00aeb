"""Publications written for this sample: local studies, textbooks, theses, and works of the armed forces.

Their authors are bodies that exist; no person is made up. Like titles are the point: yearbooks of one
province, the same textbook title by several universities, volumes of one history.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from unioncat.domain.bib import Part
from unioncat.sample.dice import dice
from unioncat.sample.editions import Edition, Kind
from unioncat.sample.topics import subjects

NORTH = (
    "Sơn La",
    "Yên Bái",
    "Lào Cai",
    "Lạng Sơn",
    "Hòa Bình",
    "Cao Bằng",
    "Bắc Giang",
    "Lai Châu",
    "Điện Biên",
    "Thái Nguyên",
    "Bắc Kạn",
    "Hà Giang",
    "Tuyên Quang",
)
REGIONS = (*NORTH, "Nghệ An")

_TEXTBOOKS = (
    ("Đại số tuyến tính", "512.5"),
    ("Giải tích", "515"),
    ("Xác suất thống kê", "519.2"),
    ("Vật lý đại cương", "530"),
    ("Hóa học đại cương", "540"),
    ("Cơ học kỹ thuật", "620.1"),
    ("Kỹ thuật điện", "621.3"),
    ("Kỹ thuật số", "621.381"),
    ("Cấu trúc dữ liệu và giải thuật", "005.73"),
    ("Cơ sở dữ liệu", "005.74"),
    ("Mạng máy tính", "004.6"),
    ("Trí tuệ nhân tạo", "006.3"),
    ("An toàn thông tin", "005.8"),
    ("Kinh tế vi mô", "338.5"),
    ("Kinh tế vĩ mô", "339"),
    ("Nguyên lý kế toán", "657"),
    ("Quản trị học", "658"),
    ("Pháp luật đại cương", "340"),
    ("Tâm lý học đại cương", "150"),
    ("Giáo dục học", "370"),
    ("Phương pháp nghiên cứu khoa học", "001.4"),
    ("Thư viện học đại cương", "020"),
    ("Biên mục mô tả", "025.3"),
    ("Ngữ âm tiếng Việt", "495.922"),
    ("Lịch sử văn minh thế giới", "909"),
    ("Sinh học đại cương", "570"),
    ("Trồng trọt đại cương", "630"),
    ("Thủy văn học", "551.48"),
)
_UNIVERSITIES = (
    ("Đại học Bách khoa Hà Nội", "Bách khoa Hà Nội"),
    ("Đại học Quốc gia Hà Nội", "Đại học Quốc gia Hà Nội"),
    ("Trường Đại học Vinh", "Đại học Vinh"),
    ("Trường Đại học Cần Thơ", "Đại học Cần Thơ"),
    ("Đại học Huế", "Đại học Huế"),
)
_THESES = (
    ("Phát triển văn hóa đọc cho học sinh trung học cơ sở", "028.5"),
    ("Quản lý hoạt động thư viện công cộng", "025.1"),
    ("Bảo tồn và phát huy giá trị di sản văn hóa phi vật thể", "306.4"),
    ("Phát triển du lịch cộng đồng", "338.4791"),
    ("Chuyển đổi số trong cơ quan hành chính nhà nước", "352.3"),
    ("Nâng cao chất lượng dạy học môn Toán ở trường trung học phổ thông", "510.71"),
    ("Đánh giá chất lượng nước mặt", "628.1"),
    ("Phát triển kinh tế hộ gia đình", "338.1"),
    ("Ứng dụng hệ thống thông tin địa lý trong quản lý đất đai", "910.285"),
)
_SECURITY = (
    ("Giáo trình Tội phạm học", "364"),
    ("Giáo trình Khoa học điều tra hình sự", "363.25"),
    ("Giáo trình Pháp luật về an ninh mạng", "343.5970999"),
    ("Giáo trình Quản lý nhà nước về an ninh, trật tự", "363.2"),
    ("Tập bài giảng Kỹ thuật hình sự", "363.25"),
    ("Giáo trình Phòng cháy, chữa cháy", "363.37"),
    ("Nghiệp vụ công tác thư viện trong Công an nhân dân", "025.1"),
    ("Tài liệu tham khảo Phòng, chống tội phạm sử dụng công nghệ cao", "364.16"),
    ("Giáo trình Tâm lý học nghiệp vụ", "363.201"),
    ("Giáo trình Luật Tố tụng hình sự", "345.59705"),
    ("Lịch sử Công an nhân dân Việt Nam", "363.209597"),
    ("Kỷ yếu hội thảo Thư viện số trong các trường Công an nhân dân", "025.00285"),
)
_ACADEMIES = ("Học viện An ninh nhân dân", "Học viện Cảnh sát nhân dân")


def publications() -> Iterator[Edition]:
    """Give all publications written for the sample."""
    yield from _local_studies()
    yield from _textbooks()
    yield from _theses()
    yield from _security()
    yield from _military()
    yield from _proceedings()


def _make(
    key: str, kind: Kind, title: str, body: str, publisher: str | None, ddc: str, **facts: Any
) -> Edition:
    topics, genre = subjects(ddc)
    plain = Edition(key, kind, title, body=body, publisher=publisher, ddc=ddc, subjects=topics, genre=genre)
    return replace(plain, **facts)


def _local_studies() -> Iterator[Edition]:
    for number, region in enumerate(REGIONS):
        throw = dice(f"local {region}")
        here = {"region": region}
        for year in (2012, 2016, 2019, 2021):
            yield _make(
                f"N{number}.{year}",
                Kind.LOCAL,
                f"Niên giám thống kê tỉnh {region} {year}",
                f"Cục Thống kê tỉnh {region}",
                "Thống kê",
                "315.97",
                year=str(year + 1),
                pages=throw.randint(380, 620),
                **here,
            )
        periods = ("1930 - 1954", "1954 - 1975", "1975 - 2005")
        for volume, period in enumerate(periods, 1):
            yield _make(
                f"P{number}/{volume}",
                Kind.LOCAL,
                f"Lịch sử Đảng bộ tỉnh {region}",
                f"Ban Chấp hành Đảng bộ tỉnh {region}",
                "Chính trị quốc gia",
                "324.2597075",
                parts=(Part(f"T.{volume}", period),),
                year=str(1998 + 4 * volume + number % 3),
                pages=throw.randint(250, 560),
                **here,
            )
        yield _make(
            f"D{number}",
            Kind.LOCAL,
            "Di tích và danh thắng",
            f"Sở Văn hóa, Thể thao và Du lịch tỉnh {region}",
            "Văn hóa dân tộc",
            "915.97",
            remainder=f"Tỉnh {region}",
            year=str(2010 + number % 9),
            pages=throw.randint(150, 330),
            **here,
        )
        yield _make(
            f"T{number}",
            Kind.LOCAL,
            f"Thư mục địa chí {region}",
            f"Thư viện tỉnh {region}",
            None,
            "015.597",
            year=str(2004 + number % 11),
            pages=throw.randint(90, 260),
            **here,
        )


def _textbooks() -> Iterator[Edition]:
    for number, (subject, ddc) in enumerate(_TEXTBOOKS):
        throw = dice(f"textbook {subject}")
        for place in sorted(throw.sample(range(len(_UNIVERSITIES)), 2)):
            body, publisher = _UNIVERSITIES[place]
            year, pages = throw.randint(2006, 2015), throw.randint(150, 420)
            for turn in range(throw.choice((1, 2))):
                statement = f"Tái bản lần thứ {turn}" if turn else None
                facts = {"statement": statement, "year": str(year)}
                volumes = (1, 2) if subject in ("Giải tích", "Vật lý đại cương") else (0,)
                for volume in volumes:
                    parts = (Part(f"T.{volume}"),) if volume else ()
                    key = f"G{number}.{place}/{volume}.{year}"
                    title = f"Giáo trình {subject}"
                    extent = pages + 23 * volume
                    yield _make(
                        key, Kind.TEXTBOOK, title, body, publisher, ddc, parts=parts, pages=extent, **facts
                    )
                year += throw.randint(2, 6)


def _theses() -> Iterator[Edition]:
    for number, (topic, ddc) in enumerate(_THESES):
        for place, region in enumerate(REGIONS):
            throw = dice(f"thesis {number} {place}")
            yield _make(
                f"L{number}.{place}",
                Kind.THESIS,
                f"{topic} trên địa bàn tỉnh {region}",
                "Đại học Quốc gia Hà Nội",
                None,
                ddc,
                year=str(throw.randint(2014, 2024)),
                pages=throw.randint(86, 210),
                region=region,
                genre="Luận án tiến sĩ" if throw.random() < 0.2 else "Luận văn thạc sĩ",
            )


def _security() -> Iterator[Edition]:
    for number, (title, ddc) in enumerate(_SECURITY):
        for place, body in enumerate(_ACADEMIES):
            throw = dice(f"security {number} {place}")
            year = throw.randint(2010, 2019)
            for turn in range(throw.choice((1, 2))):
                yield _make(
                    f"S{number}.{place}.{year}",
                    Kind.SECURITY,
                    title,
                    body,
                    "Công an nhân dân" if number % 3 else None,
                    ddc,
                    year=str(year),
                    pages=throw.randint(160, 420),
                    statement="Tái bản có sửa chữa, bổ sung" if turn else None,
                )
                year += throw.randint(2, 5)


def _military() -> Iterator[Edition]:
    units = [(f"Sư đoàn {number}", "355.3") for number in (304, 308, 312, 316, 320, 324, 325)]
    units += [(f"Quân khu {number}", "355.4") for number in (1, 2, 3, 4, 5, 7, 9)]
    for number, (unit, ddc) in enumerate(units):
        throw = dice(f"military {unit}")
        year = throw.randint(1990, 2004)
        for kind, title in (("H", f"Lịch sử {unit}"), ("B", f"{unit} - Biên niên sự kiện")):
            for turn in range(throw.choice((1, 2))):
                yield _make(
                    f"Q{number}{kind}.{year}",
                    Kind.MILITARY,
                    title,
                    f"Quân đội nhân dân Việt Nam. {unit}",
                    "Quân đội nhân dân",
                    ddc,
                    year=str(year),
                    pages=throw.randint(220, 640),
                    statement="In lần thứ 2, có bổ sung" if turn else None,
                )
                year += throw.randint(5, 9)


def _proceedings() -> Iterator[Edition]:
    themes = (
        ("Chuyển đổi số trong thư viện đại học", "027.7"),
        ("Liên thông thư viện và dùng chung mục lục", "021.6"),
        ("Ngôn ngữ học và tiếng Việt", "495.922"),
        ("Phát triển bền vững vùng núi phía Bắc", "338.9"),
    )
    for number, (theme, ddc) in enumerate(themes):
        for year in range(2017, 2023):
            throw = dice(f"proceedings {number} {year}")
            body, publisher = _UNIVERSITIES[(number + year) % len(_UNIVERSITIES)]
            yield _make(
                f"K{number}.{year}",
                Kind.PROCEEDINGS,
                f"Kỷ yếu hội thảo khoa học {theme} năm {year}",
                body,
                publisher,
                ddc,
                year=str(year),
                pages=throw.randint(240, 700),
            )
