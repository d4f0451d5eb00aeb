"""Families of editions that the table of books lacks: textbooks, laws, yearbooks, theses, school books.

Titles, bodies, numbers of laws and names of volumes are real; who of the real authors wrote which textbook,
and all pages and most years, are made up. A family is one work in the sense of the split.
"""

from collections.abc import Iterator, Sequence
from random import Random

from tests.pairs.editions import Edition, Person, Step, slug

SCHOOLS: Sequence[tuple[str, str]] = (
    ("Trường Đại học Luật Hà Nội", "Công an nhân dân"),
    ("Trường Đại học Kinh tế Quốc dân", "Đại học Kinh tế Quốc dân"),
    ("Trường Đại học Sư phạm Hà Nội", "Đại học Sư phạm"),
    ("Học viện Nông nghiệp Việt Nam", "Học viện Nông nghiệp"),
    ("Đại học Bách khoa Hà Nội", "Bách khoa Hà Nội"),
    ("Trường Đại học Cần Thơ", "Đại học Cần Thơ"),
    ("Trường Đại học Vinh", "Đại học Vinh"),
    ("Đại học Thái Nguyên", "Đại học Thái Nguyên"),
    ("Đại học Huế", "Đại học Huế"),
    ("Đại học Đà Nẵng", "Đà Nẵng"),
    ("Học viện Cảnh sát nhân dân", "Công an nhân dân"),
    ("Học viện An ninh nhân dân", "Công an nhân dân"),
    ("Trường Đại học Ngoại thương", "Lao động"),
)
"""Universities and where they publish."""

SCHOOL_BOOKS = (
    "Giáo trình Triết học Mác - Lênin", "Giáo trình Kinh tế chính trị Mác - Lênin", "Kinh tế vi mô",
    "Giáo trình Kinh tế vi mô", "Kinh tế vĩ mô", "Xác suất thống kê", "Giáo trình Pháp luật đại cương",
    "Giáo trình Tâm lý học đại cương", "Tin học đại cương", "Quản trị học", "Marketing căn bản",
    "Vật lý đại cương", "Hóa học đại cương", "Giáo trình Luật Hình sự Việt Nam", "Nguyên lý kế toán",
    "Giáo trình Luật Dân sự Việt Nam", "Giáo trình Lý luận nhà nước và pháp luật",
    "Giáo trình Tư tưởng Hồ Chí Minh", "Phương pháp nghiên cứu khoa học", "Lịch sử văn minh thế giới",
)  # fmt: skip

WRITERS: Sequence[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = (
    (
        "005.1",
        ("Lập trình C", "Nhập môn lập trình", "Lập trình hướng đối tượng", "Giáo trình Cơ sở dữ liệu",
         "Cấu trúc dữ liệu và giải thuật", "Kỹ thuật lập trình", "Ngôn ngữ lập trình C++", "Mạng máy tính"),
        ("Nguyễn Xuân Hậu", "Trần Quang Huy", "Phạm Văn Ất", "Đặng Thành Trung", "Đỗ Văn Uy",
         "Dương Thị Mộng Thùy", "Hoàng Trang", "Hoàng Hữu Việt", "Trần Thông Quế"),
        ("Bách khoa Hà Nội", "Khoa học và Kỹ thuật", "Đại học Quốc gia Hà Nội", "Thông tin và Truyền thông"),
    ),
    (
        "895.92209",
        ("Văn học Việt Nam hiện đại", "Lý luận văn học", "Tiến trình văn học Việt Nam",
         "Giáo trình Văn học dân gian Việt Nam", "Thi pháp học", "Phê bình văn học"),
        ("Trần Đình Sử", "Nguyễn Văn Long", "Hà Minh Đức", "Văn Tân", "Đặng Thai Mai", "Trần Thị An",
         "Nguyễn Công Lý", "Lộc Bích Kiệm", "Trần Ngọc Vương"),
        ("Đại học Sư phạm", "Giáo dục", "Đại học Quốc gia Hà Nội", "Khoa học xã hội"),
    ),
    (
        "512",
        ("Đại số tuyến tính", "Giải tích", "Bài tập toán cao cấp", "Toán cao cấp"),
        ("Nguyễn Đình Trí", "Tạ Văn Đĩnh", "Nguyễn Hồ Quỳnh"),
        ("Giáo dục", "Bách khoa Hà Nội", "Khoa học và Kỹ thuật"),
    ),
)  # fmt: skip
"""(class, titles, authors, publishers) of textbooks by several hands."""

GENERIC: Sequence[tuple[tuple[str, ...], tuple[str, ...]]] = (
    (
        ("Thơ", "Thơ tình", "Tuyển tập thơ", "Thơ chọn lọc", "Tuyển tập"),
        ("Xuân Diệu", "Huy Cận", "Chế Lan Viên", "Tố Hữu", "Hàn Mặc Tử", "Trần Đăng Khoa"),
    ),
    (
        ("Truyện ngắn", "Tuyển tập truyện ngắn", "Truyện ngắn chọn lọc", "Tuyển tập", "Toàn tập",
        "Tác phẩm chọn lọc"),
        ("Nam Cao", "Thạch Lam", "Nguyễn Công Hoan", "Nguyễn Minh Châu", "Nguyễn Huy Thiệp", "Ma Văn Kháng",
         "Nguyên Hồng", "Bảo Ninh", "Kim Lân", "Nguyễn Ngọc Tư"),
    ),
    (
        ("Hồi ký", "Bút ký", "Tùy bút", "Tạp văn"),
        ("Tô Hoài", "Sơn Nam", "Vũ Bằng", "Nguyễn Tuân", "Nguyên Ngọc", "Nguyễn Ngọc Tư"),
    ),
)  # fmt: skip
"""(titles that say nothing, authors who might have them)."""
GENERIC_NEAR = ("Tuyển tập", "Toàn tập", "Tác phẩm", "Tác phẩm chọn lọc", "Di cảo", "Văn tuyển")

NEAR_NAMES = (
    ("Nguyễn Du", "Nguyễn Dữ"), ("Vũ Quỳnh", "Võ Quảng"), ("Vũ Bằng", "Võ Quảng"), ("Tố Hữu", "Tô Hoài"),
    ("Nguyên Hồng", "Nguyên Ngọc"), ("Nguyễn Công Lý", "Nguyễn Công Hoan"), ("Hoài Thanh", "Hoài Chân"),
    ("Phan Huy Chú", "Phan Huy Ích"), ("Phan Huy Chú", "Phan Kế Bính"), ("Vũ Trọng Phụng", "Vũ Ngọc Phan"),
    ("Khái Hưng", "Dương Hướng"), ("Lê Lựu", "Lê Hữu Trác"), ("Vũ Bằng", "Vũ Trọng Phụng"),
    ("Nam Cao", "Sơn Nam"), ("Anh Đức", "Hà Minh Đức"),
    ("Nguyễn Khắc Trường", "Nguyễn Công Hoan"), ("Nguyễn Trãi", "Nguyễn Du"),
)  # fmt: skip

LAWS: Sequence[tuple[str, tuple[int, ...]]] = (
    ("Luật Đất đai", (1993, 2003, 2013, 2024)),
    ("Luật Doanh nghiệp", (1999, 2005, 2014, 2020)),
    ("Luật Giáo dục", (1998, 2005, 2019)),
    ("Bộ luật Dân sự", (1995, 2005, 2015)),
    ("Bộ luật Lao động", (1994, 2012, 2019)),
    ("Bộ luật Hình sự", (1985, 1999, 2015)),
    ("Luật Đầu tư", (2005, 2014, 2020)),
    ("Luật Bảo vệ môi trường", (1993, 2005, 2014, 2020)),
    ("Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam", (1980, 1992, 2013)),
    ("Luật Nhà ở", (2005, 2014, 2023)),
    ("Luật Đấu thầu", (2005, 2013, 2023)),
    ("Luật Bảo hiểm xã hội", (2006, 2014, 2024)),
)

DECREES: Sequence[tuple[str, tuple[str, ...]]] = (
    ("dat-dai-2014", (
        "Nghị định số 43/2014/NĐ-CP quy định chi tiết thi hành một số điều của Luật Đất đai",
        "Nghị định số 44/2014/NĐ-CP quy định về giá đất",
        "Nghị định số 45/2014/NĐ-CP quy định về thu tiền sử dụng đất",
        "Nghị định số 46/2014/NĐ-CP quy định về thu tiền thuê đất, thuê mặt nước",
    )),
    ("thu-vien-2020", ("Thông tư số 01/2020/TT-BVHTTDL", "Thông tư số 02/2020/TT-BVHTTDL")),
    ("dat-dai-2024", (
        "Nghị định số 102/2024/NĐ-CP quy định chi tiết thi hành một số điều của Luật Đất đai",
        "Nghị định số 103/2024/NĐ-CP quy định về tiền sử dụng đất, tiền thuê đất",
    )),
    ("qcvn-chay", (
        "QCVN 06:2021/BXD An toàn cháy cho nhà và công trình",
        "QCVN 06:2022/BXD An toàn cháy cho nhà và công trình",
    )),
    ("qcvn-nuoc", (
        "QCVN 01:2009/BYT Chất lượng nước ăn uống", "QCVN 02:2009/BYT Chất lượng nước sinh hoạt",
    )),
    ("tcvn-iso-9001", (
        "TCVN ISO 9001:2008 Hệ thống quản lý chất lượng - Các yêu cầu",
        "TCVN ISO 9001:2015 Hệ thống quản lý chất lượng - Các yêu cầu",
    )),
    ("tcvn-thep", (
        "TCVN 1651-1:2008 Thép cốt bê tông - Phần 1: Thép thanh tròn trơn",
        "TCVN 1651-2:2008 Thép cốt bê tông - Phần 2: Thép thanh vằn",
    )),
    ("tcvn-dieu-hoa", ("TCVN 5687:2010 Thông gió - Điều hòa không khí",
    "TCVN 5687:2024 Thông gió - Điều hòa không khí")),
    ("tcvn-tai-trong", ("TCVN 2737:1995 Tải trọng và tác động", "TCVN 2737:2023 Tải trọng và tác động")),
    ("tcvn-be-tong", ("TCVN 5574:2012 Kết cấu bê tông và bê tông cốt thép",
    "TCVN 5574:2018 Thiết kế kết cấu bê tông và bê tông cốt thép")),
)  # fmt: skip

PROVINCES = (
    "Nghệ An", "Sơn La", "Lào Cai", "Yên Bái", "Lạng Sơn", "Cao Bằng", "Bắc Giang", "Thái Nguyên", "Bắc Kạn",
    "Hà Giang", "Tuyên Quang", "Hòa Bình", "Lai Châu", "Điện Biên", "Quảng Trị", "Bình Định", "Hà Tĩnh",
    "Hà Nam",
)  # fmt: skip

ANNUALS: Sequence[tuple[str, str, str]] = (
    ("Niên giám thống kê tỉnh {place}", "Cục Thống kê tỉnh {place}", "Thống kê"),
    ("Báo cáo kinh tế - xã hội tỉnh {place}", "Ủy ban nhân dân tỉnh {place}", "Nghệ An"),
    ("Kỷ yếu Hội nghị khoa học {place}", "Trường Đại học Vinh", "Đại học Vinh"),
)

THESES = (
    "Phát triển du lịch bền vững ở tỉnh {place}", "Quản lý nhà nước về đất đai trên địa bàn tỉnh {place}",
    "Nâng cao chất lượng nguồn nhân lực ở tỉnh {place}", "Xây dựng văn hóa đọc ở tỉnh {place}",
    "Tổ chức và hoạt động của Thư viện tỉnh {place}", "Quản lý chi ngân sách nhà nước tại tỉnh {place}",
)  # fmt: skip
SCHOOL_THESES = (
    "Nâng cao chất lượng phục vụ bạn đọc", "Hoàn thiện kế toán quản trị chi phí trong doanh nghiệp",
    "Quản lý hoạt động dạy học theo tiếp cận năng lực", "Nghiên cứu động lực làm việc của giảng viên",
    "Phát triển dịch vụ thông tin - thư viện", "Đào tạo nguồn nhân lực chất lượng cao",
)  # fmt: skip
DEGREES = ("Luận văn thạc sĩ", "Luận án tiến sĩ", "Khóa luận tốt nghiệp")

NAMED_VOLUMES: Sequence[tuple[str, tuple[str, ...], str, str, str, tuple[str, ...]]] = (
    ("Kính vạn hoa", ("Nguyễn Nhật Ánh",), "", "Kim Đồng", "895.92234",
     ("Nhà ảo thuật", "Những con gấu bông", "Thám tử nghiệp dư", "Ông thầy nóng tính")),
    ("Chuyện xứ Lang Biang", ("Nguyễn Nhật Ánh",), "", "Kim Đồng", "895.92234",
     ("Pho tượng", "Biến cố ở trường Đămri", "Chủ nhân núi Lưng Chừng", "Báu vật ở lâu đài K'Rahlan")),
    ("Chúa tể những chiếc nhẫn", ("J.R.R. Tolkien",), "eng", "Văn học", "823",
     ("Đoàn hộ nhẫn", "Hai tòa tháp", "Nhà vua trở về")),
    ("Toán học cao cấp", ("Nguyễn Đình Trí", "Tạ Văn Đĩnh", "Nguyễn Hồ Quỳnh"), "", "Giáo dục", "512.140711",
     ("Đại số và hình học giải tích", "Phép tính giải tích một biến số",
     "Phép tính giải tích nhiều biến số")),
    ("Hồ Chí Minh toàn tập", ("Hồ Chí Minh",), "", "Chính trị quốc gia", "335.4346",
     ("1912 - 1924", "1924 - 1929", "1930 - 1945", "1945 - 1946")),
)  # fmt: skip
"""(set, authors, original language, publisher, class, names of its volumes in order)."""

PUPILS = ("Kết nối tri thức với cuộc sống", "Chân trời sáng tạo", "Cánh diều")
PUBLISHERS_OF_PUPILS = {"Cánh diều": "Đại học Sư phạm"}
"""Series of school books that do not appear at Giáo dục Việt Nam."""
SUBJECTS: Sequence[tuple[str, int, int]] = (
    ("Toán", 1, 8), ("Ngữ văn", 6, 8), ("Tiếng Việt", 1, 4), ("Lịch sử và Địa lí", 4, 8),
    ("Khoa học tự nhiên", 6, 8), ("Tin học", 3, 8), ("Mĩ thuật", 1, 8),
)  # fmt: skip
"""(subject, first and last but one of its grades)."""


TONES: Sequence[tuple[str, str, str]] = (
    ("Ba", "Bà", "Nguyễn Ngọc Thuần"), ("Má", "Mả", "Sơn Nam"), ("Chuyện của ba", "Chuyện của bà",
    "Nguyễn Nhật Ánh"),
    ("Ngôi nhà của má", "Ngôi nhà của ma", "Nguyễn Ngọc Tư"), ("Cây đa", "Cây đá", "Trần Đăng Khoa"),
    ("Bến quê", "Bên quê", "Nguyễn Minh Châu"), ("Vỡ đê", "Vợ đê", "Vũ Trọng Phụng"),
    ("Hòn Đất", "Hồn đất", "Anh Đức"), ("Sông", "Sóng", "Nguyễn Ngọc Tư"), ("Mùa lúa", "Mưa lúa", "Võ Quảng"),
    ("Đường về", "Dương về", "Lê Lựu"), ("Mạ non", "Mã nón", "Huy Cận"), ("Con đò", "Còn đó", "Huy Cận"),
    ("Bán đất", "Bạn đất", "Nguyễn Công Hoan"), ("Tình quê", "Tính quẻ", "Chế Lan Viên"),
    ("Lá thư", "La thu", "Xuân Diệu"), ("Hương cau", "Hướng cầu", "Tố Hữu"), ("Ma", "Mạ",
    "Nguyễn Khắc Trường"),
)  # fmt: skip

BEGINS: Sequence[tuple[str, str]] = (
    ("An toàn thông tin", "Toàn thông tin"), ("An toàn lao động", "Toàn lao động"),
    ("An Giang quê tôi", "Giang quê tôi"), ("An ninh mạng", "Ninh mạng"), ("La Sơn phu tử", "Sơn phu tử"),
    ("Thế giới động vật", "Giới động vật"), ("Các dân tộc ở Việt Nam", "Dân tộc ở Việt Nam"),
)  # fmt: skip

TRANSLATIONS: Sequence[tuple[str, tuple[str, str], str]] = (
    ("A29", ("Nguyễn Hiến Lê", "Nguyễn Văn Phước"), "How to win friends and influence people"),
    ("A69", ("Bùi Giáng", "Nguyễn Thành Long"), "The little prince"),
    ("A82", ("Cao Xuân Hạo", "Nguyễn Hiến Lê"), "War and peace"),
    ("A81", ("Cao Xuân Hạo", "Trương Đình Cử"), "Crime and punishment"),
    ("A70", ("Lê Huy Bắc", "Huỳnh Phan Anh"), "The old man and the sea"),
    ("A58", ("Trịnh Lữ", "Hoàng Cường"), "The great Gatsby"),
    ("A59", ("Diệp Minh Tâm", "Lâm Quỳnh Anh"), "Pride and prejudice"),
    ("B11", ("Trúc Khê", "Nguyễn Thế Nghi"), "Vast collection of marvelous legends"),
    ("B12", ("Phan Võ", "Bùi Hạnh Cẩn"), "Journey to the capital"),
    ("B2", ("Đoàn Thị Điểm", "Phan Huy Ích"), "The song of a soldier's wife"),
    ("A19", ("Nam Trân", "Quách Tấn"), "Prison diary"),
)
"""(row, two translators of that work, its title in English)."""

FOREIGN_TITLES: Sequence[tuple[str, str, str]] = (
    ("B1", "The tale of Kieu", "eng"), ("B1", "Kim-Vân-Kiêu", "fre"), ("A1", "Diary of a cricket", "eng"),
    ("A19", "Prison diary", "eng"), ("A18", "The sorrow of war", "eng"), ("B95",
    "Last night I dreamed of peace", "eng"),
    ("A69", "Le petit prince", "fre"), ("A26", "The alchemist", "eng"), ("A48", "A brief history of time",
    "eng"),
    ("A62", "Harry Potter and the philosopher's stone", "eng"), ("A43", "Steve Jobs", "eng"),
    ("B61", "The general retires", "eng"), ("B69", "The endless field", "eng"), ("A9", "Dumb luck", "eng"),
)  # fmt: skip


def textbook(title: str, school: str, publisher: str, throw: Random) -> Edition:
    """Make a university's textbook without personal author."""
    return Edition(
        work=f"giao-trinh:{slug(title)}", title=title, body=school, publisher=publisher,
        year=throw.randint(2008, 2022), pages=throw.randint(150, 480), ddc=_ddc(title), size=24,
    )  # fmt: skip


def _ddc(title: str) -> str:
    words = (("Luật", "345"), ("Kinh tế", "338.5"), ("Mác", "335.4"), ("Tin học", "004"), ("Tâm lý", "150"))
    return next((ddc for word, ddc in words if word in title), "378")


def yearbook(kind: int, place: str, year: int, throw: Random) -> Edition:
    """Make one year of a yearbook, its year in the title as they are printed."""
    title, body, publisher = ANNUALS[kind]
    name = title.format(place=place)
    return Edition(
        work=f"nien-giam:{slug(name)}", title=f"{name} {year}", body=body.format(place=place),
        publisher=publisher,
        year=year + 1, pages=throw.randint(320, 520), ddc="315.97", size=24,
    )  # fmt: skip


_STATE_HOUSES = ((1991, "Pháp lý"), (2012, "Chính trị quốc gia"), (9999, "Chính trị quốc gia Sự thật"))
"""(last year of passing, publisher of laws)."""


def law(title: str, of: int, throw: Random) -> Edition:
    """Make an edition of a law as it was passed in a year."""
    return Edition(
        work=f"luat:{slug(title)}", title=f"{title} năm {of}", body="Việt Nam (CHXHCN). Quốc hội",
        publisher=next(house for last, house in _STATE_HOUSES if of <= last),
        year=of + throw.randint(1, 2), pages=throw.randint(90, 320), ddc="342.597", size=19,
    )  # fmt: skip


def named_volumes(index: int) -> Iterator[Edition]:
    """Make the volumes of a set whose volumes have names of their own."""
    title, authors, original, publisher, ddc, names = NAMED_VOLUMES[index]
    throw = Random(f"set {title}")
    year = throw.randint(2004, 2020)
    for number, name in enumerate(names, 1):
        yield Edition(
            work=slug(title), title=title, steps=(Step("T", number, name),),
            people=tuple(Person(author, western=bool(original)) for author in authors), publisher=publisher,
            original=original or None, year=year, pages=throw.randint(180, 460), ddc=ddc, size=21,
        )  # fmt: skip
