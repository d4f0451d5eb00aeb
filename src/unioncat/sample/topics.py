"""Subject headings, genres, places of publication and volume labels that follow from facts of an edition."""

SUBJECTS: tuple[tuple[str, tuple[str, ...], str | None], ...] = (
    ("895.92209", ("Văn học Việt Nam", "Nghiên cứu văn học"), None),
    ("895.9221", ("Văn học Việt Nam", "Văn học hiện đại"), "Thơ"),
    ("895.92212", ("Văn học trung đại", "Việt Nam"), "Truyện thơ"),
    ("895.9228", ("Văn học Việt Nam",), "Kí"),
    ("895.922", ("Văn học hiện đại", "Việt Nam"), "Truyện"),
    ("895.6", ("Văn học Nhật Bản",), "Tiểu thuyết"),
    ("813", ("Văn học Mỹ",), "Tiểu thuyết"),
    ("823", ("Văn học Anh",), "Tiểu thuyết"),
    ("843", ("Văn học Pháp",), "Tiểu thuyết"),
    ("839", ("Văn học Thuỵ Điển",), "Tiểu thuyết"),
    ("86", ("Văn học Mỹ Latinh",), "Tiểu thuyết"),
    ("891.73", ("Văn học Nga",), "Tiểu thuyết"),
    ("00", ("Tin học", "Lập trình"), None),
    ("02", ("Thư viện học",), None),
    ("05", ("Báo chí",), None),
    ("07", ("Báo chí",), None),
    ("13", ("Tâm linh",), None),
    ("15", ("Tâm lí học ứng dụng", "Bí quyết thành công"), None),
    ("18", ("Triết học",), None),
    ("19", ("Triết học",), None),
    ("324", ("Đảng Cộng sản Việt Nam", "Lịch sử"), None),
    ("335.4346", ("Tư tưởng Hồ Chí Minh",), None),
    ("335", ("Triết học Mác - Lênin",), None),
    ("34", ("Pháp luật", "Việt Nam"), None),
    ("355", ("Khoa học quân sự",), None),
    ("363", ("An ninh trật tự",), None),
    ("33", ("Kinh tế",), None),
    ("37", ("Giáo dục",), None),
    ("39", ("Văn học dân gian", "Văn hoá truyền thống"), None),
    ("315", ("Thống kê", "Kinh tế - xã hội"), "Niên giám"),
    ("30", ("Văn hoá",), None),
    ("49", ("Tiếng Việt",), "Từ điển"),
    ("51", ("Toán học",), None),
    ("5", ("Khoa học tự nhiên",), None),
    ("61", ("Y học",), None),
    ("65", ("Quản trị kinh doanh",), None),
    ("6", ("Kĩ thuật",), None),
    ("91", ("Địa chí", "Địa lí"), None),
    ("92", ("Nhân vật lịch sử",), None),
    ("959", ("Lịch sử", "Việt Nam"), None),
    ("9", ("Lịch sử thế giới",), None),
)

CITIES = (
    ("Trẻ", "Tp. Hồ Chí Minh"),
    ("Tp. Hồ Chí Minh", "Tp. Hồ Chí Minh"),
    ("Đại học Huế", "Huế"),
    ("Thuận Hóa", "Huế"),
    ("Đà Nẵng", "Đà Nẵng"),
    ("Đại học Cần Thơ", "Cần Thơ"),
    ("Đại học Vinh", "Nghệ An"),
    ("Nghệ An", "Nghệ An"),
    ("Thanh Hóa", "Thanh Hoá"),
    ("Đại học Thái Nguyên", "Thái Nguyên"),
)
"""(end of a publisher's name, its city); all others are in Hà Nội."""


def subjects(ddc: str) -> tuple[tuple[str, ...], str | None]:
    """Give subject headings and genre for a Dewey number."""
    best = max((row for row in SUBJECTS if ddc.startswith(row[0])), key=lambda row: len(row[0]), default=None)
    return (best[1], best[2]) if best else ((), None)


def city(publisher: str) -> str:
    """Give a publisher's city."""
    return next((place for name, place in CITIES if publisher.endswith(name)), "Hà Nội")
