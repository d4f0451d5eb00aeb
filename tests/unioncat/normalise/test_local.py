"""Records with local tags: framings of CDS/ISIS, its subfields and keywords, the table of a profile."""

from dataclasses import replace

import pytest

from unioncat.domain.bib import Agent, AgentKind, Normalised
from unioncat.domain.source import DropRule, HoldingMap, Profile, RawRecord
from unioncat.normalise import PROFILES, normalise
from unioncat.normalise.gate import Gate
from unioncat.normalise.gate.marc import build_iso2709

WINISIS = PROFILES["winisis"]
FIELDS = [("024", "Truyện Kiều"), ("026", "^aH.^bVăn học^c1979"), ("070", "Nguyễn Du"), ("001", "12")]


def isis(fields: list[tuple[str, str]], encoding: str = "utf-8") -> bytes:
    return build_iso2709(b"00000" + b" " * 19, [(tag, text.encode(encoding)) for tag, text in fields])


def read(payload: bytes, profile: Profile = WINISIS, format: str = "iso2709") -> Normalised:
    return normalise(payload, format, profile)


def lines_of_80(record: bytes) -> bytes:
    return b"".join(record[at : at + 80] + b"\r\n" for at in range(0, len(record), 80))


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(isis(FIELDS), id="terminators"),
        pytest.param(isis(FIELDS).replace(b"\x1e", b"#").replace(b"\x1d", b"#"), id="number-signs"),
        pytest.param(lines_of_80(isis(FIELDS)), id="lines"),
        pytest.param(
            lines_of_80(isis(FIELDS).replace(b"\x1e", b"#").replace(b"\x1d", b"#")), id="lines-and-signs"
        ),
        pytest.param(isis(FIELDS).replace(b"^", b"\x1f"), id="delimiters"),
    ],
)
def test_framings(payload: bytes) -> None:
    found = read(payload).bib
    assert found is not None
    assert (found.title.main, found.year, found.control_number) == ("Truyện Kiều", 1979, "12")
    assert (found.imprints[0].places, found.imprints[0].publishers) == (("H.",), ("Văn học",))


def test_text_in_an_old_encoding() -> None:
    payload = isis([("024", "TruyÖn KiÒu"), ("070", "NguyÔn Du")], "latin-1")
    found = read(payload, replace(WINISIS, encoding="tcvn3")).bib
    assert found is not None
    assert (found.title.main, found.agents[0].name) == ("Truyện Kiều", "Nguyễn Du")


def test_several_local_fields_for_one() -> None:
    profile = Profile(
        format="local",
        local_fields=(
            ("200", "245$a"),
            ("201", "245$b"),
            ("210^c", "260$c"),
            ("211", "260$b"),
            ("5", "100$a"),
        ),
    )
    found = read(
        isis(
            [("201", "thơ"), ("200", "A"), ("211", "Văn học"), ("210", "^c1979"), ("005", "B"), ("005", "C")]
        ),
        profile,
    ).bib
    assert found is not None
    assert (found.title.main, found.title.remainder) == ("A", "thơ")
    assert (found.imprints[0].publishers, found.year) == (("Văn học",), 1979)
    assert [(agent.name, agent.main) for agent in found.agents] == [("B", True), ("C", False)]


def test_only_one_main_entry() -> None:
    found = read(isis([("024", "A"), ("071", "Viện Văn học"), ("070", "Nguyễn Du")])).bib
    assert found is not None
    assert found.agents == (
        Agent("Viện Văn học", AgentKind.CORPORATE, main=True),
        Agent("Nguyễn Du"),
    )


def test_keywords_and_copies() -> None:
    profile = replace(
        WINISIS,
        local_fields=(*WINISIS.local_fields, ("99^a", "852$a"), ("99^k", "852$p")),
        holdings=(HoldingMap("852", library="a", item="p"),),
        branches=(("CS1", "dh-1"),),
    )
    result = read(isis([("024", "A"), ("069", "<Thơ Nôm> <Kiều>"), ("099", "^aCS1^kVV1;VV2")]), profile)
    assert result.bib is not None
    assert [subject.text for subject in result.bib.subjects] == ["Thơ Nôm", "Kiều"]
    assert [(holding.library, holding.items) for holding in result.holdings] == [("dh-1", ("VV1", "VV2"))]


def test_the_same_table_for_other_wrappings() -> None:
    json = (
        b'{"fields":[{"024":"Truy\\u1ec7n Ki\\u1ec1u"},'
        b'{"026":{"ind1":"^","ind2":"a","subfields":[{"c":"1979"}]}}]}'
    )
    found = read(json, format="marc-json").bib
    assert found is not None
    assert (found.title.main, found.year) == ("Truyện Kiều", 1979)


def test_the_gate_knows_local_tags() -> None:
    payload = isis([("024", "A"), ("097", "Cán bộ nhập"), ("098", "mật")])
    raw = RawRecord("1", None, False, payload, "iso2709")
    admitted = Gate(replace(WINISIS, strip_tags=("97",))).admit(raw)
    assert isinstance(admitted, RawRecord)
    assert "Cán bộ".encode() not in admitted.payload
    for field in ("98", "098"):
        assert Gate(replace(WINISIS, drop=(DropRule(field, equals=("mật",)),))).admit(raw) is None


def test_fields_that_the_table_does_not_name() -> None:
    assert [problem.code for problem in read(isis([("300", "x")])).problems] == ["local-fields-unknown"]
    assert [problem.code for problem in read(b"00000#").problems] == ["iso2709-no-fields"]
