"""From a union record to the document that engines hold."""

import time

from unioncat.domain.bib import (
    Agent,
    Alternate,
    BibRecord,
    Classification,
    Holding,
    Identifier,
    Imprint,
    Material,
    Note,
    Part,
    Series,
    Subject,
    Title,
    TitleKind,
)
from unioncat.domain.library import LibraryType
from unioncat.domain.search import FACETS
from unioncat.domain.union import Member, UnionRecord
from unioncat.index.document import LONGEST_OTHER, LibraryFacts, build_document
from unioncat.text import sort_key

LIBRARIES = {
    "nlv": LibraryFacts("nlv", LibraryType.NATIONAL, "2025-01", ("all",)),
    "hcm": LibraryFacts("hcm", LibraryType.PUBLIC, "2025-79", ("all", "south")),
}

BIB = BibRecord(
    title=Title("Truyện Kiều", remainder="Đoạn trường tân thanh", parts=(Part("T.1", "Gặp gỡ"),)),
    other_titles=(Title("Kim Vân Kiều", kind=TitleKind.VARIANT),),
    responsibility="Nguyễn Du ; Đào Duy Anh chú giải",
    agents=(Agent("Nguyễn Du", main=True), Agent("Đào Duy Anh", roles=("edt",))),
    edition="In lần thứ 3",
    imprints=(Imprint(("Hà Nội",), ("Văn học",), "1979"),),
    year=1979,
    identifiers=(
        Identifier("isbn", "9786041234563"),
        Identifier("isbn", "604123", valid=False),
        Identifier("doi", "10.1/x"),
        Identifier("issn", "1859-1531"),
    ),
    series=(Series("Văn học cổ điển", "T.2", "0866-7349"),),
    subjects=(Subject("Thơ Nôm."), Subject("Văn học Việt Nam")),
    classifications=(Classification("ddc", "895.9221"),),
    notes=(Note("Phụ lục chữ Nôm"),),
    languages=("vie",),
    alternates=(Alternate("245", 1, "傳翹"), Alternate("100", 2, "阮攸"), Alternate("500", 3, "註")),
    control_number="VN01",
)


def member(library: str, local_id: str, *holdings: Holding) -> Member:
    return Member(1, library, library, local_id, BIB, holdings)


RECORD = UnionRecord(
    BIB,
    (),
    (
        member(
            "nlv", "oai:nlv:1", Holding(shelf_mark="895 T1"), Holding(library="branch", shelf_mark="895 T2")
        ),
        member("hcm", "oai:hcm:2"),
    ),
)


def test_every_field() -> None:
    document = build_document(RECORD, LIBRARIES, 3, "u1")
    assert (document.id, document.audience, document.year, document.holdings) == ("u1", 3, 1979, 3)
    assert document.title == ("Truyện Kiều T.1 Gặp gỡ Đoạn trường tân thanh", "Kim Vân Kiều", "傳翹")
    assert document.author == ("Nguyễn Du", "Đào Duy Anh", "阮攸")
    assert document.subject == ("Thơ Nôm.", "Văn học Việt Nam")
    assert document.publisher == ("Văn học",)
    assert document.series == ("Văn học cổ điển T.2",)
    assert set(document.other) == {
        "註", "Nguyễn Du ; Đào Duy Anh chú giải", "In lần thứ 3", "Hà Nội", "895.9221", "Phụ lục chữ Nôm",
    }  # fmt: skip
    assert document.isbn == ("9786041234563", "604123")
    assert document.issn == ("0866-7349", "1859-1531")
    assert document.identifier == ("VN01", "10.1/x", "oai:nlv:1", "oai:hcm:2")
    assert document.shelf_mark == ("895 T1", "895 T2")
    assert document.sort_title == sort_key("Truyện Kiều T.1 Gặp gỡ Đoạn trường tân thanh")


def test_facets_know_libraries_where_they_can() -> None:
    facets = dict(build_document(RECORD, LIBRARIES, 0, "u1").facets)
    assert facets == {
        "library": ("nlv", "branch", "hcm"),
        "province": ("2025-01", "2025-79"),
        "group": ("all", "south"),
        "type": ("national", "public"),
        "format": ("book",),
        "language": ("vie",),
        "year": ("1970",),
        "subject": ("Thơ Nôm", "Văn học Việt Nam"),
    }
    assert set(facets) <= set(FACETS)


def test_a_bare_record() -> None:
    bare = UnionRecord(BibRecord(Title("X"), material=Material.MAP), (), ())
    document = build_document(bare, {}, 0, "u2")
    assert document.facets == (("format", ("map",)),)
    assert document.title == ("X",)
    assert document.holdings == 0


def test_nonfiling_characters_are_passed_over_when_sorting() -> None:
    record = UnionRecord(BibRecord(Title("The story", nonfiling=4)), (), ())
    assert build_document(record, {}, 0, "u").sort_title == sort_key("story")


def test_one_table_of_contents_is_no_index() -> None:
    notes = tuple(Note("x" * 5_000) for _ in range(50))
    record = UnionRecord(BibRecord(Title("X"), notes=notes), (), ())
    assert sum(map(len, build_document(record, {}, 0, "u").other)) <= LONGEST_OTHER


def test_it_is_quick() -> None:
    """60 µs are allowed; ten times as much is let pass on a busy machine."""
    record = UnionRecord(BIB, (), (member("nlv", "1", Holding(shelf_mark="895 T1")),))
    quickest = 1.0
    for _ in range(20):
        begun = time.perf_counter()
        for _ in range(50):
            build_document(record, LIBRARIES, 0, "u1")
        quickest = min(quickest, (time.perf_counter() - begun) / 50)
    assert quickest < 600e-6


def test_remains_of_an_old_encoding_are_found_as_they_are_meant() -> None:
    meant = BibRecord(Title("Tắt đèn"), agents=(Agent("Ngô Tất Tố"),))
    bib = BibRecord(Title("T¾t ®Ìn"), agents=(Agent("Ng« TÊt Tè"),), legible=meant)
    one = Member(1, "s", "tv", "S1", bib)
    document = build_document(UnionRecord(bib, (), (one,)), {}, 1, "u1")
    assert document.title == ("T¾t ®Ìn", "Tắt đèn")
    assert document.author == ("Ng« TÊt Tè", "Ngô Tất Tố")
