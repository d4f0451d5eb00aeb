"""What the sample's libraries ask each other for, so that desks, figures and links can be tried.

Only who asks for what, and who does which step when, stands here; each is done as people do it. Nothing here
names a person: readers are known by cards.
"""

from dataclasses import dataclass
from decimal import Decimal

from unioncat.domain.consignment import Item, Kind, Stop
from unioncat.domain.consignment import Step as Move
from unioncat.domain.lending import Facts, Money, Service, Side, Step, Wanted
from unioncat.domain.lending_member import LendingMember, Way
from unioncat.sample.editions import Edition

HOME = "VN-BKHN"
"""The library of the sample's people: it borrows and lends."""
DESKS = (HOME, "VN-NGHE-AN", "VN-LAO-CAI", "VN-DHVINH", "VN-KHTH-HCM")
"""Libraries at whose desks the sample's lending staff work, so that one person can try both sides."""
COMMUNE, SCHOOL = "VN-XA-KIM-LIEN", "VN-THPT-KIM-LIEN"
BY_LETTER = (
    LendingMember(COMMUNE, Way.LETTER, "vn-xa-kim-lien@demo.invalid"),
    LendingMember(SCHOOL, Way.LETTER, "vn-thpt-kim-lien@demo.invalid"),
)
"""Libraries that get letters with links; nobody reads them (RFC 2606)."""


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Act:
    """One step of one of the two sides, so many days ago."""

    ago: float
    side: Side
    step: Step
    facts: Facts = NO_FACTS
    due: float | None = None
    """In how many days from now the thing is due."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One request: asked so many days ago, by the sample's reader or by staff for the holder of a card.

    `member` and `edition` name a record of the sample that says what is wanted.
    """

    home: str
    member: str
    edition: str
    ago: float
    acts: tuple[Act, ...] = ()
    card: str = ""
    service: Service = Service.LOAN
    note: str = ""
    pages: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One consignment: what is packed, where it goes, and its steps, so many days ago."""

    kind: Kind
    owner: str
    title: str
    items: tuple[Item, ...]
    stops: tuple[Stop, ...]
    ago: float
    moves: tuple[tuple[float, Move], ...]


def _ours(ago: float, step: Step, **facts: object) -> Act:
    return Act(ago, Side.REQUESTER, step, Facts(**facts))  # type: ignore[arg-type]


def _theirs(ago: float, step: Step, due: float | None = None, **facts: object) -> Act:
    return Act(ago, Side.SUPPLIER, step, Facts(**facts), due)  # type: ignore[arg-type]


def _dong(amount: int) -> Money:
    return Money(Decimal(amount))


S = Step
SCENES = (
    # the whole way, ended well
    Scene(
        HOME,
        "nghean",
        "B24.1.2005",
        45,
        (
            _theirs(43.5, S.ANSWER_WILL_SUPPLY),
            _theirs(43, S.LOANED, items=("NA.048213",), due=-22, cost=_dong(10_000), sent_via="Mail"),
            _ours(39, S.RECEIVED),
            _ours(25, S.GIVE_BACK),
            _ours(24.5, S.SHIP_BACK),
            _theirs(20, S.CHECKED_IN),
        ),
        card="BK-20190417",
    ),
    # nobody could supply it
    Scene(
        HOME,
        "nghean",
        "B71/8.0.1995",
        28,
        (
            _theirs(26, S.UNFILLED, reason="NotOnShelf"),
            _ours(25.9, S.EXHAUST),
        ),
        card="BK-20210290",
    ),
    # a copy of some pages
    Scene(
        HOME,
        "dhvinh",
        "B20.1.1997",
        15,
        (_theirs(13, S.COPY_SENT, cost=_dong(20_000), sent_via="Email"),),
        card="BK-20230555",
        service=Service.COPY,
        pages="12-31",
        part="Quyển nhất",
    ),
    # lent, and late
    Scene(
        "VN-LAO-CAI",
        "bkhn",
        "A41",
        31,
        (
            _theirs(30, S.ANSWER_WILL_SUPPLY),
            _theirs(29, S.LOANED, items=("BK.107731",), due=-4),
            _ours(25, S.RECEIVED),
            _ours(24.5, S.LEND_OUT),
        ),
        card="LC-000316",
    ),
    # with the sample's reader, due soon
    Scene(
        HOME,
        "dhvinh",
        "B2.1.2016",
        14,
        (
            _ours(13.9, S.APPROVE),
            _theirs(13, S.ANSWER_WILL_SUPPLY),
            _theirs(12, S.LOANED, items=("DHV.20931",), due=6),
            _ours(8, S.RECEIVED),
            _ours(7, S.LEND_OUT),
        ),
    ),
    # on its way to a school that is written to
    Scene(
        SCHOOL,
        "bkhn",
        "A6",
        6,
        (
            _theirs(5, S.ANSWER_WILL_SUPPLY),
            _theirs(2, S.LOANED, items=("BK.120087",), due=20),
        ),
        card="KL-11A2-07",
    ),
    # on its way to us
    Scene(
        HOME,
        "laocai",
        "A126.2024",
        5,
        (
            _theirs(4, S.ANSWER_WILL_SUPPLY),
            _theirs(1.5, S.LOANED, items=("LC.0086512",), due=27, sent_via="Mail", tracking="VN-0001-2026"),
        ),
        card="BK-20220108",
    ),
    # to be fetched from our shelves
    Scene(
        "VN-LAO-CAI",
        "bkhn",
        "G9.1/0.2015",
        2.2,
        (_theirs(1.4, S.ANSWER_WILL_SUPPLY),),
        card="LC-000511",
    ),
    # a lender names a price
    Scene(
        HOME,
        "khthhcm",
        "B30.0.2002",
        2,
        (
            _theirs(
                1,
                S.CONDITIONS,
                conditions=("LibraryUseOnly",),
                cost=_dong(25_000),
                note="Bản duy nhất của kho, xin đọc tại phòng đọc.",
            ),
        ),
        card="BK-20200733",
    ),
    # a library without a system is asked: its letter has a link
    Scene(
        HOME,
        "dungchung",
        "A43.2009",
        1.1,
        card="BK-20240961",
    ),
    # another desk is asked, and has written
    Scene(
        HOME,
        "nghean",
        "A91",
        0.9,
        (_theirs(0.3, S.NOTIFY, note="Sách đang ở kho huyện, chúng tôi sẽ trả lời trong ngày mai."),),
        card="BK-20220540",
    ),
    # we are asked
    Scene("VN-NGHE-AN", "bkhn", "B45.0.2002", 0.6, card="NA-002240"),
    # the sample's reader has asked, and waits for our staff
    Scene(HOME, "khthhcm", "A3", 0.2, note="Cần cho bài thuyết trình tuần tới."),
)
"""The requests; all their steps together are done in the order of time."""

PARCELS = (
    Parcel(
        Kind.ROTATION,
        "VN-NGHE-AN",
        "Sách thiếu nhi về huyện",
        (
            Item("Dế Mèn phiêu lưu ký", 10, "Tô Hoài", value=45_000),
            Item("Góc sân và khoảng trời", 8, "Trần Đăng Khoa", value=38_000),
            Item("Kính vạn hoa", 12, "Nguyễn Nhật Ánh", value=52_000),
        ),
        (Stop("Phòng đọc xã Kim Liên"), Stop("Trạm sách chợ Vinh")),
        40,
        ((39, Move.SEND), (37, Move.RECEIVE), (12, Move.SEND_ON)),
    ),
    Parcel(
        Kind.GIFT,
        HOME,
        "Tặng sách tin học",
        (Item("Lập trình Python", 15, value=90_000), Item("Giáo trình Cơ sở dữ liệu", 10, value=75_000)),
        (Stop("", "VN-NGHE-AN"),),
        21,
        ((20, Move.SEND), (16, Move.RECEIVE)),
    ),
)


def wanted(edition: Edition, union_id: str, scene: Scene) -> Wanted:
    """Say what is wanted as the form says it that is filled from a union record."""
    return Wanted(
        title=" : ".join(filter(None, (edition.title, edition.remainder))),
        author="; ".join(one.name for one in edition.people) or None,
        volume=", ".join(filter(None, (one.number for one in edition.parts))) or None,
        year=edition.year,
        publisher=edition.publisher,
        isbn=edition.isbns[0] if edition.isbns else None,
        pages=scene.pages or None,
        component_title=scene.part or None,
        union_id=union_id,
    )
