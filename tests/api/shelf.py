"""Libraries, records and runs for tests of the web: few, varied, some of them hostile."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from unioncat.domain.bib import (
    Agent,
    Alternate,
    BibRecord,
    Carrier,
    Classification,
    Extent,
    Holding,
    Identifier,
    Imprint,
    Link,
    Material,
    Note,
    NoteKind,
    Part,
    Series,
    Subject,
    Title,
    TitleKind,
)
from unioncat.domain.library import Contact, Group, Level, Library, LibraryType, Parent, Province
from unioncat.domain.source import (
    Checkpoint,
    Counters,
    Protocol,
    Run,
    RunMode,
    RunState,
    Source,
    SourceState,
)
from unioncat.domain.union import Member, Provenance, UnionRecord

NOW = datetime.now(UTC).replace(microsecond=0)
RESTRICTED = 1
"""Audience that the public is no part of."""

PROVINCES = (
    Province("2025-01", "01", "Thành phố Hà Nội", "Hanoi", date(2025, 7, 1), lat=21.03, lon=105.85),
    Province("2025-08", "08", "Tỉnh Tuyên Quang", "Tuyen Quang", date(2025, 7, 1)),
    Province("2025-79", "79", "Thành phố Hồ Chí Minh", "Ho Chi Minh City", date(2025, 7, 1)),
    Province("2008-02", "02", "Tỉnh Hà Giang", "Ha Giang", None, date(2025, 6, 30), "2025-08"),
)
GROUPS = (
    Group(
        "mien-nui", "Liên hiệp Thư viện các tỉnh Miền núi phía Bắc", "Union of northern-mountain libraries"
    ),
)
LIBRARIES = (
    Library(
        "tvqg",
        "Thư viện Quốc gia Việt Nam",
        "National Library of Vietnam",
        LibraryType.NATIONAL,
        Level.CENTRAL,
        "2025-01",
        contact=Contact(address="31 Tràng Thi, Hà Nội", website="https://nlv.gov.vn"),
        isil="VN-NLV",
    ),
    Library(
        "hcm",
        "Thư viện Khoa học Tổng hợp",
        "General Sciences Library",
        LibraryType.PUBLIC,
        Level.PROVINCE,
        "2025-79",
    ),
    Library(
        "ha-giang",
        "Thư viện tỉnh Hà Giang",
        "Ha Giang Library",
        LibraryType.PUBLIC,
        Level.PROVINCE,
        "2008-02",
        groups=("mien-nui",),
    ),
    Library(
        "quan-ba",
        "Thư viện huyện Quản Bạ",
        "Quan Ba Library",
        LibraryType.PUBLIC,
        Level.DISTRICT,
        "2008-02",
        parents=(Parent("ha-giang"),),
    ),
    Library(
        "dhqg",
        "Trung tâm Thư viện và Tri thức số",
        "Library and Digital Knowledge Centre",
        LibraryType.UNIVERSITY,
        Level.UNIT,
        "2025-01",
    ),
    Library(
        "quan-doi", "Thư viện Quân đội", "Army Library", LibraryType.ARMED_FORCES, Level.CENTRAL, "2025-01"
    ),
    Library("kin", "Thư viện nội bộ", "Restricted library", LibraryType.ARMED_FORCES, audience=RESTRICTED),
)

HOSTILE = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>' {{7*7}} ${7*7}"


def member(
    number: int, library: str, bib: BibRecord, holdings: tuple[Holding, ...] = (), rank: int = 0
) -> Member:
    """Make a member's record."""
    return Member(
        record_id=(number << 40) + 7,
        source=library,
        library=library,
        local_id=f"{library}-{number}",
        bib=bib,
        holdings=holdings,
        updated=NOW - timedelta(days=number % 90),
        rank=rank,
    )


def union(public_id: str, *members: Member) -> UnionRecord:
    """Put members together the plain way: the first one's description, all of them as givers."""
    first = members[0]
    return UnionRecord(
        bib=first.bib,
        provenance=(
            Provenance("title", (first.record_id,), "preferred-library" if len(members) > 1 else "only-one"),
            Provenance("subjects", tuple(one.record_id for one in members), "united"),
        ),
        members=members,
        id=public_id,
        updated=NOW - timedelta(days=1),
    )


DE_MEN = BibRecord(
    title=Title("Dế Mèn phiêu lưu ký", "Truyện đồng thoại"),
    other_titles=(Title("Diary of a cricket", kind=TitleKind.PARALLEL),),
    responsibility="Tô Hoài ; Minh họa: Ngô Mạnh Lân",
    agents=(Agent("Tô Hoài", main=True, dates="1920-2014"), Agent("Ngô Mạnh Lân", roles=("minh họa",))),
    edition="Tái bản lần thứ 93",
    imprints=(Imprint(("Hà Nội",), ("Kim Đồng",), "2020"),),
    year=2020,
    extent=Extent("120 tr. : tranh vẽ ; 21 cm", pages=120, size="21 cm"),
    identifiers=(
        Identifier("isbn", "9786042189606", "bìa mềm"),
        Identifier("isbn", "9786042189600", valid=False),
    ),
    series=(Series("Tủ sách Vàng", "T.1"),),
    subjects=(Subject("Văn học thiếu nhi"), Subject("Văn học hiện đại -- Việt Nam -- Truyện")),
    classifications=(Classification("ddc", "895.922334", "23"),),
    notes=(
        Note(
            "Kể về cuộc phiêu lưu của chú Dế Mèn qua thế giới loài vật và những bài học tuổi trẻ.",
            NoteKind.SUMMARY,
        ),
        Note("Dành cho bạn đọc từ 8 tuổi", NoteKind.AUDIENCE),
    ),
    languages=("vie",),
    links=(
        Link("https://example.vn/de-men.pdf", "Bản số hóa", True, "Đọc tại chỗ trong mạng thư viện"),
        Link("javascript:alert(1)", "bẫy"),
    ),
)
KIEU = BibRecord(
    title=Title("Truyện Kiều", "Đoạn trường tân thanh", (Part("T.1", "Bản Nôm"),)),
    agents=(Agent("Nguyễn Du", main=True),),
    imprints=(Imprint(("Hà Nội",), ("Văn học",), "1979"),),
    year=1979,
    extent=Extent("480 tr. ; 19 cm", pages=480),
    subjects=(Subject("Thơ Nôm"), Subject("Văn học cổ điển -- Việt Nam")),
    languages=("vie",),
    alternates=(Alternate("245", 1, "傳翹", "Hani"),),
)
EVIL = BibRecord(
    title=Title(HOSTILE, HOSTILE, (Part(HOSTILE, HOSTILE),)),
    other_titles=(Title(HOSTILE, kind=TitleKind.VARIANT),),
    responsibility=HOSTILE,
    agents=(Agent(HOSTILE, roles=(HOSTILE,), dates=HOSTILE),),
    edition=HOSTILE,
    imprints=(Imprint((HOSTILE,), (HOSTILE,), HOSTILE),),
    year=2001,
    extent=Extent(HOSTILE),
    identifiers=(Identifier("isbn", HOSTILE, HOSTILE),),
    series=(Series(HOSTILE, HOSTILE),),
    subjects=(Subject(HOSTILE),),
    classifications=(Classification(HOSTILE, HOSTILE, HOSTILE),),
    notes=(Note(HOSTILE), Note("K" * 900)),
    languages=("xx<", "vie"),
    links=(
        Link('http://evil.example/"onmouseover="alert(1)', HOSTILE, True, HOSTILE),
        Link("http://[bad", HOSTILE),
    ),
    alternates=(Alternate("245", 1, HOSTILE),),
    rights=HOSTILE,
)

_WORKS = (
    ("Mắt biếc", "Nguyễn Nhật Ánh", "Nxb. Trẻ", 2018, "Văn học hiện đại", Material.BOOK),
    ("Số đỏ", "Vũ Trọng Phụng", "Văn học", 2015, "Văn học hiện đại", Material.BOOK),
    ("Tắt đèn", "Ngô Tất Tố", "Văn học", 2014, "Văn học hiện đại", Material.BOOK),
    ("Đất rừng phương Nam", "Đoàn Giỏi", "Kim Đồng", 2019, "Văn học thiếu nhi", Material.BOOK),
    ("Việt Nam sử lược", "Trần Trọng Kim", "Văn học", 2017, "Lịch sử", Material.BOOK),
    ("Tạp chí Nghiên cứu lịch sử", "Viện Sử học", "Viện Sử học", 1998, "Lịch sử", Material.SERIAL),
    (
        "Kỹ thuật trồng cây ăn quả vùng núi phía Bắc",
        "Trần Thế Tục",
        "Nông nghiệp",
        2004,
        "Nông nghiệp",
        Material.BOOK,
    ),
    (
        "Xử lý ngôn ngữ tự nhiên tiếng Việt",
        "Nguyễn Văn Hòa",
        "Đại học Quốc gia Hà Nội",
        2021,
        "Tin học",
        Material.THESIS,
    ),
    ("Bản đồ hành chính tỉnh Hà Giang", "Cục Đo đạc và Bản đồ", "Bản đồ", 2009, "Địa lý", Material.MAP),
)


def _plain(number: int) -> UnionRecord:
    title, author, publisher, year, subject, material = _WORKS[number % len(_WORKS)]
    turn = number // len(_WORKS)
    bib = BibRecord(
        title=Title(title, parts=(Part(f"T.{turn}"),) if turn else ()),
        agents=(Agent(author, main=True),),
        imprints=(Imprint(("Hà Nội",), (publisher,), str(year + turn)),),
        year=year + turn,
        extent=Extent(f"{150 + number} tr. ; 21 cm", pages=150 + number),
        subjects=(Subject(subject),),
        languages=("vie",) if number % 7 else ("eng",),
        material=material,
        carrier=Carrier.ONLINE if material is Material.THESIS else Carrier.PRINT,
    )
    codes = ("tvqg", "hcm", "ha-giang", "dhqg", "quan-doi", "quan-ba")
    holders = [codes[(number + step) % len(codes)] for step in range(1 + number % 4)]
    return union(
        f"p{number:03d}",
        *(
            member(
                number * 10 + place,
                code,
                bib,
                (Holding(shelf_mark=f"8(V) {number}", status="available" if place % 2 == 0 else "on-loan"),),
                rank=place,
            )
            for place, code in enumerate(holders)
        ),
    )


RECORDS = (
    union(
        "demen",
        member(
            1,
            "tvqg",
            DE_MEN,
            (
                Holding(
                    location="Kho đọc",
                    shelf_mark="VN20.01234",
                    items=("VN20.01234", "VN20.01235"),
                    copies=2,
                    status="reference",
                ),
                Holding(location="Kho mượn", shelf_mark="VV20.00981", status="available"),
            ),
        ),
        member(
            2,
            "ha-giang",
            replace(DE_MEN, edition=None),
            (
                Holding(library="quan-ba", shelf_mark="TN 1204", status="on-loan", note="Hẹn trả"),
                Holding(shelf_mark="TN 88", status="available"),
            ),
            1,
        ),
        member(3, "hcm", DE_MEN, (), 2),
        member(4, "thu-vien-la", DE_MEN, (Holding(status="unknown"),), 3),
    ),
    union("kieu", member(5, "tvqg", KIEU, (Holding(shelf_mark="VN79.00012", status="available"),))),
    union(
        "evil",
        member(
            6,
            "dhqg",
            EVIL,
            (
                Holding(
                    shelf_mark=HOSTILE,
                    location=HOSTILE,
                    items=(HOSTILE,),
                    note=HOSTILE,
                    volume=HOSTILE,
                    status="available",
                    url="javascript:alert(1)",
                ),
            ),
        ),
    ),
    *(_plain(number) for number in range(46)),
)


def _source(code: str, state: SourceState = SourceState.ACTIVE, **more: object) -> Source:
    return Source(
        code,
        code,
        Protocol.OAI_PMH,
        f"https://harvest:s3cret@{code}.example.vn/oai",
        options=(("branch:QB", "quan-ba"),),
        state=state,
        **more,  # type: ignore[arg-type]
    )


SOURCES = (
    _source("tvqg"),
    _source("hcm", SourceState.HELD),
    _source("ha-giang"),
    _source("dhqg", SourceState.PAUSED),
    _source("kin", audience=RESTRICTED),
)


def _run(number: int, code: str, state: RunState, minutes: int, **more: object) -> Run:
    started = NOW - timedelta(minutes=minutes)
    return Run(
        number,
        1,
        code,
        RunMode.FULL if number < 3 else RunMode.INCREMENTAL,
        state,
        started,
        finished=None if state is RunState.RUNNING else started + timedelta(minutes=3),
        **more,  # type: ignore[arg-type]
    )


RUNS = (
    _run(5, "kin", RunState.PUBLISHED, 1),
    _run(
        4,
        "ha-giang",
        RunState.RUNNING,
        2,
        checkpoint=Checkpoint(list_size=1200, cursor=400),
        counters=Counters(4, 412, 400, 9, 0, 3),
    ),
    _run(
        3,
        "hcm",
        RunState.HELD,
        50,
        counters=Counters(9, 812, 0, 3, 100, 709),
        error="709 of 12 034 records would be deleted; the source allows 5 %",
        remedy="Look at the server's list; then accept or reject the run.",
    ),
    _run(
        2,
        "tvqg",
        RunState.PUBLISHED,
        600,
        checkpoint=Checkpoint(list_size=25000, finished=True),
        counters=Counters(250, 25000, 25000, 0, 0, 0, 2),
    ),
    _run(
        1,
        "dhqg",
        RunState.FAILED,
        2000,
        error="The answer ended in the middle of a record.",
        remedy="Nothing to do: the next run goes on.",
    ),
)
