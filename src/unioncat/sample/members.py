"""The members of the sample that answer harvests: their systems, habits and stock.

Which system a library runs, what it holds, and what it allows with its records is made up for the sample.
"""

from dataclasses import dataclass

from unioncat.domain.licence import UNSTATED, Licence, LicenceCode
from unioncat.sample import stock
from unioncat.sample.stock import Stock
from unioncat.sample.style import Style, System, VolumeIn


@dataclass(frozen=True, slots=True)
class Branch:
    """A library behind a shared endpoint: its code there, its library, the share of records it has."""

    value: str
    library: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Member:
    """One endpoint. `format` is its metadataPrefix, `branches` the owners that its holdings name."""

    code: str
    library: str
    name: str
    system: System
    style: Style
    stock: Stock
    branches: tuple[Branch, ...]
    format: str = "marc21"
    profile: str = "marc21"
    audience: int = 0
    identifier: str = "oai:{code}.example:{number:06}"
    day_granularity: bool = False
    latest: str = "2026-06-30T23:59:59Z"
    sets: bool = False
    """Whether branches (or kinds, in a repository) are offered as sets."""
    licence: Licence = UNSTATED

    @property
    def domain(self) -> str | None:
        """Domain of identifiers that follow the oai-identifier scheme."""
        return f"{self.code}.example" if self.identifier.startswith("oai:") else None


_HANOI_SHORT = (("Hà Nội", "H."),)
MEMBERS = (
    Member(
        "tvqg",
        "VN-TVQG",
        "Thư viện Quốc gia Việt Nam",
        System.NLV,
        Style(isbn_price=True, places=_HANOI_SHORT),
        stock.national,
        (Branch("TVQG", "VN-TVQG"),),
        profile="nlv",
        licence=Licence(LicenceCode.CC0),
    ),
    Member(
        "yenbai",
        "VN-YEN-BAI",
        "Thư viện tỉnh Yên Bái",
        System.SIMPLE,
        Style(
            tones="old",
            capitals=0.6,
            slips=0.25,
            isbn=0.3,
            places=_HANOI_SHORT,
            volume=VolumeIn.A,
            role_in_brackets=True,
            partner=False,
        ),
        stock.northern("Yên Bái"),
        (Branch("YB", "VN-YEN-BAI"),),
        day_granularity=True,
        latest="2025-06-30T23:59:59Z",
    ),
    Member(
        "laocai",
        "VN-LAO-CAI",
        "Thư viện tỉnh Lào Cai",
        System.SIMPLE,
        Style(tones="new", slips=0.08, isbn=0.85, publisher="Nxb. ", volume_word="Tập "),
        stock.northern("Lào Cai"),
        (Branch("LC", "VN-LAO-CAI"),),
    ),
    Member(
        "nghean",
        "VN-NGHE-AN",
        "Thư viện tỉnh Nghệ An và các thư viện huyện",
        System.SIMPLE,
        Style(i_for_y=True, publisher="NXB ", isbn_hyphens=True, places=_HANOI_SHORT, role_in_brackets=True),
        stock.nghe_an,
        (
            Branch("NA", "VN-NGHE-AN", 0.8),
            Branch("NA.DC", "VN-NGHE-AN-DC", 0.2),
            Branch("NA.QL", "VN-NGHE-AN-QL", 0.2),
            Branch("NA.ND", "VN-NGHE-AN-ND", 0.2),
            Branch("NA.DL", "VN-NGHE-AN-DL", 0.15),
            Branch("NA.CC", "VN-NGHE-AN-CC", 0.1),
        ),
        sets=True,
        licence=Licence(LicenceCode.CC_BY),
    ),
    Member(
        "bkhn",
        "VN-BKHN",
        "Thư viện Tạ Quang Bửu",
        System.KOHA,
        Style(comma=True, pages="p.", isbn_hyphens=True, partner=False),
        stock.technical,
        (Branch("BKHN", "VN-BKHN"),),
        format="marcxml",
        profile="koha",
        identifier="KOHA-BKHN:{number}",
    ),
    Member(
        "dhvinh",
        "VN-DHVINH",
        "Trung tâm Thông tin - Thư viện Nguyễn Thúc Hào",
        System.LIBOL,
        Style(tones="old", i_for_y=True, publisher="Nxb. ", isbn=0.8, volume=VolumeIn.B, places=_HANOI_SHORT),
        stock.general("Nghệ An"),
        (Branch("DHV", "VN-DHVINH"),),
        profile="libol",
    ),
    Member(
        "dhct",
        "VN-DHCT",
        "Trung tâm Học liệu Đại học Cần Thơ",
        System.KOHA,
        Style(comma=True, decomposed=0.5, pages="trang", publisher="Nhà xuất bản ", volume_word="Tập "),
        stock.general("Cần Thơ"),
        (Branch("TTHL", "VN-DHCT"),),
        format="marcxml",
        profile="koha",
        licence=Licence(LicenceCode.STATED, "Các thư viện được dùng lại khi ghi rõ nguồn biểu ghi."),
    ),
    Member(
        "vnu",
        "VN-DHQGHN",
        "Kho tài nguyên số Đại học Quốc gia Hà Nội",
        System.REPOSITORY,
        Style(comma=True, tones="new", pages="tr."),
        stock.repository,
        (Branch("", "VN-DHQGHN"),),
        format="oai_dc",
        identifier="oai:{code}.example:VNU_123/{number}",
        sets=True,
    ),
    Member(
        "hvannd",
        "VN-HVANND",
        "Thư viện Học viện An ninh nhân dân",
        System.LIBOL,
        Style(publisher="NXB ", isbn=0.6, places=_HANOI_SHORT),
        stock.academy("Học viện An ninh nhân dân"),
        (Branch("HVAN", "VN-HVANND"),),
        profile="libol",
        audience=1,
    ),
    Member(
        "hvcsnd",
        "VN-HVCSND",
        "Thư viện Học viện Cảnh sát nhân dân",
        System.CARD_INDEX,
        Style(tones="old", i_for_y=True, volume=VolumeIn.A),
        stock.academy("Học viện Cảnh sát nhân dân"),
        (Branch("", "VN-HVCSND"),),
        format="oai_dc",
        audience=1,
    ),
    Member(
        "tvqd",
        "VN-TVQD",
        "Thư viện Quân đội",
        System.SIMPLE,
        Style(decomposed=0.35, capitals=0.15, slips=0.1, isbn=0.5, places=_HANOI_SHORT),
        stock.army,
        (Branch("TVQD", "VN-TVQD"),),
        audience=2,
    ),
    Member(
        "dungchung",
        "VN-DUNG-CHUNG",
        "Hệ thống thư viện dùng chung",
        System.SIMPLE,
        Style(isbn=0.45, slips=0.2, publisher="NXB ", partner=False, volume=VolumeIn.A, pages="trang"),
        stock.small,
        (
            Branch("tvnuithanh", "VN-XA-NUI-THANH", 0.5),
            Branch("tvkimlien", "VN-XA-KIM-LIEN", 0.4),
            Branch("thptduongdong", "VN-THPT-DUONG-DONG", 0.35),
            Branch("thptkimlien", "VN-THPT-KIM-LIEN", 0.3),
        ),
        sets=True,
    ),
    Member(
        "khthhcm",
        "VN-KHTH-HCM",
        "Thư viện Khoa học Tổng hợp Thành phố Hồ Chí Minh",
        System.SIMPLE,
        Style(
            tones="new",
            isbn_hyphens=True,
            isbn_price=True,
            publisher="Nxb. ",
            renamed=True,
            places=(("Tp. Hồ Chí Minh", "TP.HCM"),),
            volume=VolumeIn.SERIES,
        ),
        stock.southern,
        (Branch("KHTH", "VN-KHTH-HCM"),),
    ),
)
"""The members that answer harvests."""
