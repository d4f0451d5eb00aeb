"""The sample as domain objects: complete, and every reference leads somewhere."""

from datetime import date

import pytest

from unioncat.domain.library import Level, LibraryType
from unioncat.normalise.profiles import PROFILES, profile_for
from unioncat.sample.federation import federation, sets
from unioncat.sample.generate import records
from unioncat.sample.members import MEMBERS

ALL = federation({member.code: f"http://127.0.0.1/{member.code}" for member in MEMBERS})
LIBRARIES = {library.code: library for library in ALL.libraries}
PROVINCES = {province.key: province for province in ALL.provinces}


def test_counts():
    assert len(ALL.provinces) == 34 + 63
    assert len(ALL.libraries) >= 46
    assert len(ALL.sources) == len(MEMBERS)
    assert len(LIBRARIES) == len(ALL.libraries)
    assert len(PROVINCES) == len(ALL.provinces)


def test_thirteen_northern_libraries_of_2018():
    named = [library for library in ALL.libraries if "northern-mountains" in library.groups]
    ended = {library.code for library in named if library.valid_to}
    assert ended == {"VN-YEN-BAI", "VN-HOA-BINH", "VN-BAC-GIANG", "VN-BAC-KAN", "VN-HA-GIANG"}
    successors = {"VN-PHU-THO", "VN-BAC-NINH"}
    assert len(named) - len(successors) == 13
    assert len([library for library in named if not library.valid_to]) == 10


def test_references_lead_somewhere():
    groups = {group.code for group in ALL.groups}
    for library in ALL.libraries:
        assert library.province in PROVINCES
        assert set(library.groups) <= groups
        assert library.successor is None or library.successor in LIBRARIES
        assert all(parent.code in LIBRARIES for parent in library.parents)
        assert library.name_en
        assert library.name_en.isascii()
    for province in ALL.provinces:
        assert province.successor is None or province.successor in PROVINCES
    for audience in ALL.audiences:
        assert audience.group in groups
    for source in ALL.sources:
        assert source.library in LIBRARIES
        assert all(code in LIBRARIES for key, code in source.options if key.startswith("branch:"))


def test_old_provinces_lead_to_a_new_one():
    old = [province for province in ALL.provinces if province.key.startswith("2008-")]
    assert len(old) == 63
    for province in old:
        successor = PROVINCES[province.successor]
        assert successor.valid_to is None
        assert successor.valid_from == province.valid_to


def test_ended_libraries_end_with_their_province():
    for library in ALL.libraries:
        province = PROVINCES[library.province]
        assert (library.valid_to is None) == (province.valid_to is None)
        assert library.valid_to == province.valid_to


def test_districts_lost_their_parent_in_2025():
    districts = [library for library in ALL.libraries if library.level is Level.DISTRICT]
    assert len(districts) >= 3
    for library in districts:
        assert [(parent.code, parent.valid_to) for parent in library.parents] == [
            ("VN-NGHE-AN", date(2025, 7, 1))
        ]


def test_kinds_of_libraries():
    kinds = {LIBRARIES[source.library].type for source in ALL.sources}
    assert kinds >= {
        LibraryType.NATIONAL,
        LibraryType.PUBLIC,
        LibraryType.UNIVERSITY,
        LibraryType.ARMED_FORCES,
    }
    assert LibraryType.SCHOOL in {library.type for library in ALL.libraries}


def test_restricted_sources_belong_to_members_of_the_group():
    audiences = {audience.id: audience for audience in ALL.audiences}
    restricted = [source for source in ALL.sources if source.audience]
    assert {audiences[source.audience].code for source in restricted} == {"cand", "army"}
    for source in restricted:
        assert audiences[source.audience].group in LIBRARIES[source.library].groups


def test_coordinates_lie_in_the_country():
    for place in (*ALL.libraries, *ALL.provinces):
        if place.lat is not None:
            assert 8 < place.lat < 24
            assert 102 < place.lon < 110


@pytest.mark.parametrize("source", ALL.sources, ids=[source.code for source in ALL.sources])
def test_profiles_exist_and_know_the_branches(source):
    profile = profile_for(source)
    assert source.profile in PROFILES
    named = {value for value, _ in profile.branches}
    member = next(member for member in MEMBERS if member.code == source.code)
    assert {branch.value for branch in member.branches if branch.value} <= named


def test_assertions_hold_for_the_records():
    for source in ALL.sources:
        live = sum(not record.deleted for record in records() if record.member == source.code)
        assert source.assertions.min_records <= live


def test_records_belong_to_sets_that_exist():
    known = {member.code: {spec for spec, _ in sets(member)} for member in MEMBERS}
    for record in records():
        assert set(record.sets) <= known[record.member]
    assert sum(bool(specs) for specs in known.values()) == 3


def test_only_served_members_become_sources():
    assert [source.code for source in federation({"tvqg": "http://127.0.0.1/oai"}).sources] == ["tvqg"]
