"""Holdings of each profile, and the branch map."""

from dataclasses import replace

import pytest

from tests.unioncat.normalise.records import read
from unioncat.domain.bib import Holding
from unioncat.domain.source import Profile, Protocol, Source
from unioncat.normalise import PROFILES, profile_for


def holdings(name: str, *lines: str, branches: tuple[tuple[str, str], ...] = ()) -> tuple[Holding, ...]:
    return read(*lines, profile=replace(PROFILES[name], branches=branches)).holdings


def test_marc21() -> None:
    assert holdings("marc21", "852 01 $a TV $b Kho $h 512 $i T406 $p 1", branches=(("TV", "lib"),)) == (
        Holding("lib", "Kho", "512 T406", ("1",)),
    )
    assert holdings("marc21", "852 ## $a TV $j VV1") == (Holding(None, "TV", "VV1"),)


@pytest.mark.parametrize(
    ("subfields", "status"),
    [
        ("", "available"),
        ("$0 0 $1 0 $7 0", "available"),
        ("$1 1", "lost"),
        ("$0 1", "lost"),
        ("$q 2024-02-01", "on-loan"),
        ("$7 1", "reference"),
        ("$7 -1", "processing"),
    ],
)
def test_status_of_koha(subfields: str, status: str) -> None:
    (holding,) = holdings("koha", f"952 ## $a CS1 $p 1 {subfields}")
    assert holding.status == status


def test_items_of_one_place_are_one_holding() -> None:
    found = holdings(
        "koha",
        "952 ## $a CS1 $c Kho $o 512 $p 1",
        "952 ## $a CS2 $c Kho $o 512 $p 2",
        "952 ## $a cs1 $c Kho $o 512 $p 3",
        "952 ## $a CS1 $c Kho $o 512 $h T.2 $p 4",
        branches=(("CS1", "a"), ("CS2", "b")),
    )
    assert found == (
        Holding("a", "Kho", "512", ("1", "3"), 2, status="available"),
        Holding("b", "Kho", "512", ("2",), status="available"),
        Holding("a", "Kho", "512", ("4",), volume="T.2", status="available"),
    )


def test_branch_that_the_map_does_not_know_is_not_lost() -> None:
    (holding,) = holdings("koha", "952 ## $a CS9 $c Kho $p 1", branches=(("CS1", "a"),))
    assert (holding.library, holding.location) == (None, "CS9, Kho")


def test_items_without_numbers_are_counted() -> None:
    (holding,) = holdings("koha", "952 ## $a A", "952 ## $a A", "952 ## $a A")
    assert (holding.items, holding.copies) == ((), 3)


def test_libol() -> None:
    assert holdings("libol", "090 ## $a 364.07 $b GIA", "852 ## $a TV $b K $p GT/CNTT000002") == (
        Holding(None, "K", "364.07 GIA", ("GT/CNTT000002",)),
    )
    assert holdings("libol", "090 ## $a 1", "852 ## $a TV $j 364.07 $p 2")[0].shelf_mark == "364.07"


def test_nlv() -> None:
    assert holdings("nlv", "082 04 $a 512.140711 $b T406H", "852 ## $a TVQG $b Kho đọc $j VV19.01234") == (
        Holding(None, "Kho đọc", "512.140711 / T406H", ("VV19.01234",)),
    )


def test_record_without_items_has_no_holding() -> None:
    assert holdings("marc21", "500 ## $a x") == ()


def test_status_in_words() -> None:
    place = replace(PROFILES["marc21"].holdings[0], status="y", copies="t")
    profile = Profile("own", (place,))
    found = read(
        "852 ## $a A $y Đang mượn $t 2",
        "852 ## $a A $y có sẵn",
        "852 ## $a A $y ?",
        "852 ## $a A",
        profile=profile,
    ).holdings
    assert [(holding.status, holding.copies) for holding in found] == [
        ("on-loan", 2),
        ("available", 1),
        ("unknown", 2),
    ]


def test_profile_of_a_source_has_its_branches() -> None:
    source = Source(
        "s",
        "lib",
        Protocol.OAI_PMH,
        "http://a.example",
        profile="koha",
        options=(("branch:CS1", "a"), ("quirk", "x")),
    )
    assert profile_for(source) == replace(PROFILES["koha"], branches=(("CS1", "a"),))
    assert profile_for(replace(source, options=())) is PROFILES["koha"]


def test_unknown_profile_names_the_source_and_the_choice() -> None:
    with pytest.raises(ValueError, match=r"Source s: there is no profile 'x'.*marc21"):
        profile_for(Source("s", "lib", Protocol.OAI_PMH, "http://a.example", profile="x"))


def test_staff_fields_of_libol_are_dropped() -> None:
    profile = replace(PROFILES["marc21"], drop_tags=("500",))
    result = read("500 ## $a cán bộ", profile=profile)
    assert result.bib is not None
    assert result.bib.notes == ()
