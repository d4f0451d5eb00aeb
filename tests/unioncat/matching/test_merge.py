"""The union record: what it takes from whom, and that it says so."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from tests.unioncat.matching.records import book
from unioncat.domain.bib import (
    Agent,
    BibRecord,
    Classification,
    Extent,
    Identifier,
    Imprint,
    Link,
    Note,
    Series,
    Subject,
    SubjectKind,
    Title,
    TitleKind,
)
from unioncat.domain.union import Member
from unioncat.matching import merge
from unioncat.matching.merge import REASONS


def member(number: int, bib: BibRecord, rank: int = 0, **others: object) -> Member:
    return Member(
        number, f"source-{number}", f"library-{number}", f"local-{number}", bib, rank=rank, **others
    )  # type: ignore[arg-type]


def why(record, field: str) -> tuple[tuple[int, ...], str]:  # type: ignore[no-untyped-def]
    return next((entry.members, entry.why) for entry in record.provenance if entry.field == field)


FULL = book(
    "Truyện Kiều",
    "Nguyễn Du",
    2000,
    "Văn học",
    250,
    place="H.",
    isbn="9786045370193",
    subjects=(Subject("Văn học Việt Nam"),),
)
BARE = book("TRUYEN KIEU", "Nguyen, Du", 2000)


def test_one_member_is_the_union_record() -> None:
    only = member(5, FULL, updated=datetime(2026, 1, 1, tzinfo=UTC))
    union = merge([only])
    assert union.bib is FULL
    assert union.members == (only,)
    assert union.updated == only.updated
    assert {entry.field for entry in union.provenance} >= {
        "title",
        "agents",
        "imprints",
        "year",
        "extent",
        "subjects",
    }
    assert {entry.why for entry in union.provenance} == {"only-one"}


def test_no_member_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one member"):
        merge([])


def test_the_fuller_record_gives_and_missing_fields_come_from_the_next() -> None:
    union = merge(
        [
            member(1, BARE),
            member(2, replace(FULL, edition=None)),
            member(3, replace(BARE, edition="In lần 2")),
        ]
    )
    assert union.members[0].record_id == 2
    assert union.bib.title.main == "Truyện Kiều"
    assert why(union, "title") == ((2,), "most-complete")
    assert (union.bib.edition, why(union, "edition")) == ("In lần 2", ((3,), "only-one"))


def test_a_preferred_library_gives_its_fields() -> None:
    preferred = replace(FULL, responsibility="Nguyễn Du ; Đào Duy Anh hiệu đính", edition="In lần thứ 2")
    other = replace(FULL, responsibility="Nguyễn Du", notes=(Note("x"), Note("y")), edition="Tái bản")
    union = merge([member(1, other, rank=5), member(2, preferred, rank=1)])
    assert union.bib.responsibility == preferred.responsibility
    assert why(union, "responsibility") == ((2,), "preferred-library")


def test_an_accented_title_replaces_the_preferred_librarys_bare_one() -> None:
    union = merge([member(1, BARE, rank=0), member(2, FULL, rank=9)])
    assert union.members[0].record_id == 1
    assert union.bib.title.main == "Truyện Kiều"
    assert why(union, "title") == ((2,), "accented")


def test_another_title_never_replaces_the_preferred_one() -> None:
    union = merge([member(1, book("KIM VAN KIEU"), rank=0), member(2, FULL, rank=9)])
    assert union.bib.title.main == "KIM VAN KIEU"


def test_agents_are_united_by_their_names() -> None:
    ours = replace(FULL, agents=(Agent("Nguyen, Du", main=True), Agent("Đào Duy Anh", roles=("hiệu đính",))))
    theirs = replace(
        FULL, agents=(Agent("Nguyễn Du", dates="1765-1820", main=True), Agent("Đào, Duy Anh", roles=("edt",)))
    )
    agents = merge([member(1, ours), member(2, theirs)]).bib.agents
    assert [(agent.name, agent.dates, agent.main) for agent in agents] == [
        ("Nguyễn Du", "1765-1820", True),
        ("Đào Duy Anh", None, False),
    ]
    assert agents[1].roles == ("hiệu đính", "edt")


def test_agents_who_differ_in_tones_stay_two() -> None:
    ours, theirs = (replace(FULL, agents=(Agent(name, main=True),)) for name in ("Nguyễn Du", "Nguyễn Dữ"))
    agents = merge([member(1, ours), member(2, theirs)]).bib.agents
    assert {agent.name for agent in agents} == {"Nguyễn Du", "Nguyễn Dữ"}
    assert [agent.main for agent in agents] == [True, False]


def test_identifiers_are_united_and_valid_ones_stay_valid() -> None:
    ours = replace(FULL, identifiers=(Identifier("isbn", "1", None, False), Identifier("oclc", "9")))
    theirs = replace(FULL, identifiers=(Identifier("isbn", "1", "bìa mềm"), Identifier("isbn", "2")))
    union = merge([member(1, ours), member(2, theirs)])
    assert union.bib.identifiers == (
        Identifier("isbn", "1", "bìa mềm"),
        Identifier("oclc", "9"),
        Identifier("isbn", "2"),
    )
    assert why(union, "identifiers") == ((1, 2), "united")


def test_subjects_are_united_in_their_accented_form() -> None:
    ours = replace(
        FULL, subjects=(Subject("Van hoc Viet Nam", SubjectKind.KEYWORD), Subject("Má"), Subject("Mạ"))
    )
    theirs = replace(FULL, subjects=(Subject("Văn học Việt Nam"), Subject("Ma")))
    subjects = merge([member(1, ours), member(2, theirs)]).bib.subjects
    assert [subject.text for subject in subjects] == ["Văn học Việt Nam", "Má", "Mạ"]
    assert subjects[0].kind is SubjectKind.TOPIC


def test_the_fuller_imprint_and_extent_are_taken() -> None:
    ours = replace(
        FULL, imprints=(Imprint(date="2000"),), extent=Extent("250 tr."), notes=tuple(map(Note, "abc"))
    )
    theirs = replace(FULL, subjects=())
    union = merge([member(1, ours), member(2, theirs)])
    assert union.members[0].record_id == 1
    assert union.bib.imprints == theirs.imprints
    assert why(union, "imprints") == ((2,), "most-complete")
    assert union.bib.extent == theirs.extent


def test_lists_are_united_without_repetition() -> None:
    ours = replace(
        FULL,
        languages=("und",),
        series=(Series("Tủ sách vàng"),),
        links=(Link("http://a"),),
        classifications=(Classification("ddc", "895.922"),),
        notes=(Note("Thư mục: tr. 240"),),
        other_titles=(Title("Đoạn trường tân thanh", kind=TitleKind.VARIANT), Title("Truyện Kiều")),
    )
    theirs = replace(
        FULL,
        languages=("vie",),
        series=(Series("Tủ sách Vàng", "12"),),
        links=(Link("http://a", full_text=True), Link("http://b")),
        classifications=(Classification("ddc", "895.922"), Classification("bbk", "V5")),
        notes=(Note("Thư mục: tr.240"),),
        other_titles=(Title("Doan truong tan thanh", kind=TitleKind.VARIANT),),
    )
    bib = merge([member(1, ours), member(2, theirs)]).bib
    assert bib.languages == ("vie",)
    assert [(series.number) for series in bib.series] == ["12"]
    assert bib.links == (Link("http://a", full_text=True), Link("http://b"))
    assert [entry.scheme for entry in bib.classifications] == ["ddc", "bbk"]
    assert len(bib.notes) == 1
    assert [title.main for title in bib.other_titles] == ["Đoạn trường tân thanh"]


def test_year_and_its_end_come_from_one_record() -> None:
    union = merge(
        [member(1, replace(FULL, year_end=None)), member(2, replace(BARE, year=1990, year_end=1995))]
    )
    assert (union.bib.year, union.bib.year_end) == (2000, None)


def test_every_given_field_has_its_provenance() -> None:
    rich = replace(FULL, edition="Tái bản", rights="CC0", notes=(Note("a"),), control_number="x")
    union = merge([member(1, rich), member(2, BARE)])
    empty = BibRecord(Title(""))
    given = {
        field.name
        for field in fields(BibRecord)
        if getattr(union.bib, field.name) != getattr(empty, field.name)
    }
    assert given <= {entry.field for entry in union.provenance}
    assert {entry.why for entry in union.provenance} <= set(REASONS)
    assert all(entry.members for entry in union.provenance)


def test_the_latest_change_is_the_union_records() -> None:
    early, late = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    union = merge([member(1, FULL, updated=late), member(2, BARE, updated=early), member(3, BARE)])
    assert union.updated == late
