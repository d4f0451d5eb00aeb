"""Agents, trap by trap."""

import pytest

from tests.unioncat.normalise.records import bib
from unioncat.domain.bib import Agent, AgentKind, Identifier


@pytest.mark.parametrize(
    ("field", "name", "roles"),
    [
        ("100 1# $a Nguyễn Đình Trí (ch.b.)", "Nguyễn Đình Trí", ("edt",)),
        ("100 1# $a Nguyễn Đình Trí, $e ch.b.", "Nguyễn Đình Trí", ("edt",)),
        ("100 1# $a Nguyễn Đình Trí chủ biên.", "Nguyễn Đình Trí", ("edt",)),
        ("100 1# $a Lê Văn Ba, b.s.", "Lê Văn Ba", ("com",)),
        ("100 1# $a Lê Văn Ba b.s.", "Lê Văn Ba", ("com",)),
        ("700 1# $a Trần Thị Tư dịch", "Trần Thị Tư", ("trl",)),
        ("700 1# $a Dịch: Trần Thị Tư", "Trần Thị Tư", ("trl",)),
        ("700 1# $a Trần Thị Tư (dịch và hiệu đính)", "Trần Thị Tư", ("trl", "crr")),
        ("700 1# $a Trần Thị Tư sưu tầm, tuyển chọn và giới thiệu", "Trần Thị Tư", ("col", "com", "aui")),
        ("700 1# $a edited by Jane Doe", "Jane Doe", ("edt",)),
        ("700 1# $a Doe, Jane, $d 1950- $e editor. $4 edt $4 trl", "Doe, Jane", ("edt", "trl")),
        ("700 1# $a Doe, Jane $4 http://id.loc.gov/vocabulary/relators/ill", "Doe, Jane", ("ill",)),
        ("700 1# $a Doe, Jane $e gaffer", "Doe, Jane", ("gaffer",)),
        ("100 1# $a Doe, John A.", "Doe, John A.", ()),
        ("100 1# $a Doe, John.", "Doe, John", ()),
        ("100 1# $a Doe, John, $c Jr.", "Doe, John", ()),
        ("100 0# $a Louis $b XIV, $c King", "Louis XIV", ()),
        ("100 1# $a Tô Hoài (Nguyễn Sen)", "Tô Hoài (Nguyễn Sen)", ()),
        ("100 1# $a Cong Ngo Van", "Cong Ngo Van", ()),
        ("100 1# $a García Márquez, Gabriel José", "García Márquez, Gabriel José", ()),
        ("100 1# $a Nguyễn, Đình Trí", "Nguyễn, Đình Trí", ()),
        ("100 1# $a Kinh Dịch", "Kinh Dịch", ()),
    ],
)
def test_name_and_roles(field: str, name: str, roles: tuple[str, ...]) -> None:
    (agent,) = bib(field).agents
    assert (agent.name, agent.roles, agent.kind) == (name, roles, AgentKind.PERSON)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (
            "Nguyễn Đình Trí; Tạ Văn Đĩnh; Nguyễn Hồ Quỳnh",
            ["Nguyễn Đình Trí", "Tạ Văn Đĩnh", "Nguyễn Hồ Quỳnh"],
        ),
        ("Nguyễn Đình Trí, Tạ Văn Đĩnh", ["Nguyễn Đình Trí", "Tạ Văn Đĩnh"]),
        ("Thái Hoàng chủ biên; Nguyễn Thu Hà.", ["Thái Hoàng", "Nguyễn Thu Hà"]),
        ("S. K. Srivastava, N. H. March", ["S. K. Srivastava", "N. H. March"]),
        ("Vũ Khánh, Đặng Văn Thái,... [và những người khác]", ["Vũ Khánh", "Đặng Văn Thái"]),
    ],
)
def test_several_persons_in_one_subfield(written: str, names: list[str]) -> None:
    record = bib(f"100 ## $a {written}")
    assert [agent.name for agent in record.agents] == names
    assert [agent.main for agent in record.agents] == [True] + [False] * (len(names) - 1)
    assert "agents-divided" in record.flags


def test_role_behind_a_list_belongs_to_all() -> None:
    agents = bib("700 ## $a Kiến Văn, Như Lan biên dịch; Lê Chu Cầu hiệu đính").agents
    assert [(agent.name, agent.roles) for agent in agents] == [
        ("Kiến Văn", ("trl",)),
        ("Như Lan", ("trl",)),
        ("Lê Chu Cầu", ("crr",)),
    ]


@pytest.mark.parametrize(
    ("written", "flag"),
    [
        ("1064723", "agent-is-a-number"),
        ("12-34", "agent-is-a-number"),
        ("TCVN 4707 - 89", "agent-is-a-number"),
        ("Nhiều tác giả", "agent-is-a-filler"),
        ("Không rõ", "agent-is-a-filler"),
        ("[Khuyết danh]", "agent-is-a-filler"),
    ],
)
def test_what_is_no_name_is_refused(written: str, flag: str) -> None:
    record = bib(f"100 1# $a {written}")
    assert record.agents == ()
    assert flag in record.flags


def test_number_of_a_standard_is_kept_as_a_number() -> None:
    record = bib("100 ## $a TCVN 6505-1:1999;  ISO 11866-1:1997 (E)")
    assert record.identifiers == (
        Identifier("standard", "TCVN 6505-1:1999"),
        Identifier("report", "ISO 11866-1:1997"),
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("TCVN 4259-86", [("standard", "TCVN 4259:1986")]),
        ("TCVN  4994 - 89\nISO 5223-83", [("standard", "TCVN 4994:1989"), ("report", "ISO 5223-83")]),
        ("TCVN 6614 - 1 - 4 : 2000", [("standard", "TCVN 6614-1-4:2000")]),
        ("TCVN 5699-2-41:2002", [("standard", "TCVN 5699-2-41:2002")]),
        ("TCVN ISO 9001:2015", [("standard", "TCVN ISO 9001:2015")]),
        ("QCVN 06:2021/BXD", [("standard", "QCVN 06:2021/BXD")]),
        ("TCVN 4707", [("report", "TCVN 4707")]),
        ("TCVN 2035-77 đến TCVN 2043-77", [("report", "TCVN 2035-77 đến TCVN 2043-77")]),
        ("TCVN 5383 : 1991 → 5385 : 1991", [("report", "TCVN 5383 : 1991 → 5385 : 1991")]),
        ("TCVN 2855-79; TCVN 2860-79", [("report", "TCVN 2855-79"), ("report", "TCVN 2860-79")]),
    ],
)
def test_number_of_a_standard_names_a_document_where_it_is_whole(
    written: str, expected: list[tuple[str, str]]
) -> None:
    record = bib(f"100 ## $a {written}")
    assert [(one.scheme, one.value) for one in record.identifiers] == expected


def test_bodies_and_meetings() -> None:
    record = bib(
        "110 2# $a Việt Nam. $b Bộ Giáo dục. $b Vụ Đại học, $e ban hành",
        "710 2# $a Nhà máy in",
        "711 2# $a Hội nghị Thư viện $n (2 : $d 2022 : $c Bình Định)",
    )
    assert record.agents == (
        Agent("Việt Nam. Bộ Giáo dục. Vụ Đại học", AgentKind.CORPORATE, ("isb",), None, True),
        Agent("Nhà máy in", AgentKind.CORPORATE),
        Agent("Hội nghị Thư viện", AgentKind.MEETING),
    )


def test_body_in_the_field_of_a_person() -> None:
    record = bib("100 ## $a Bộ Xây dựng")
    assert record.agents == (Agent("Bộ Xây dựng", AgentKind.CORPORATE, (), None, True),)
    assert "agent-kind-mended" in record.flags


def test_related_works_give_no_agents_but_contained_ones_do() -> None:
    record = bib("700 1# $a Shakespeare, William. $t Hamlet", "700 12 $a Marlowe, Christopher. $t Faust")
    assert [agent.name for agent in record.agents] == ["Marlowe, Christopher"]


def test_an_added_entry_that_repeats_the_main_one_is_left_out() -> None:
    record = bib("100 1# $a Doe, Jane", "700 1# $a Doe, Jane", "700 1# $a Doe, Jane $e editor")
    assert [(agent.main, agent.roles) for agent in record.agents] == [(True, ()), (False, ("edt",))]


def test_dates() -> None:
    assert bib("100 1# $a Nguyễn Du, $d 1766-1820.").agents[0].dates == "1766-1820"
