"""Where a catalogue may answer, from what a person knows of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.software import ALL, BY_CODE, MOST_CANDIDATES, AddressError, Way, candidates
from unioncat.domain.source import Protocol


def tried(software: str, address: str) -> list[str]:
    return [one.address for one in candidates(BY_CODE[software], address)]


def test_the_address_that_readers_open_leads_to_the_endpoint() -> None:
    assert "https://opac.truong.edu.vn/cgi-bin/koha/oai.pl" in tried(
        "koha", "https://opac.truong.edu.vn/cgi-bin/koha/opac-main.pl?logout.x=1"
    )
    assert tried("koha", "opac.truong.edu.vn")[0] == "https://opac.truong.edu.vn/cgi-bin/koha/oai.pl"
    assert "http://opac.truong.edu.vn/cgi-bin/koha/oai.pl" in tried("koha", "opac.truong.edu.vn")
    assert "https://kho.vn/dspace/oai/request" in tried("dspace", "https://kho.vn/dspace/")
    assert "https://kho.vn/oai/request" in tried("dspace", "https://kho.vn/dspace/")


def test_an_endpoint_is_tried_as_it_is_first() -> None:
    assert tried("other", "https://kho.vn/x/oai2?verb=Identify")[0] == "https://kho.vn/x/oai2"
    (one,) = candidates(BY_CODE["libol"], "z3950://tv.example.vn:210/libol")
    assert (one.protocol, one.address) == (Protocol.Z3950, "z3950://tv.example.vn:210/libol")
    (bare,) = candidates(BY_CODE["ilib"], "tv.example.vn:210/db")
    assert bare.protocol is Protocol.Z3950
    sru = candidates(BY_CODE["other"], "http://tv.example.vn:9999/biblios?operation=explain")[0]
    assert (sru.protocol, sru.address) == (Protocol.SRU, "http://tv.example.vn:9999/biblios")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "malformed"),
        ("thư viện của tôi", "malformed"),
        ("javascript:alert(1)", "malformed"),
        ("ftp://tv.vn", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("https://a:b@tv.vn", "credentials"),
        ("https://", "malformed"),
        ("https://tv", "malformed"),
        ("https://tv.vn:99999", "malformed"),
        ("x" * 501 + ".vn", "malformed"),
    ],
)
def test_what_is_no_address_is_said_to_be_none(address: str, code: str) -> None:
    with pytest.raises(AddressError) as caught:
        candidates(BY_CODE["koha"], address)
    assert caught.value.code == code


@given(st.sampled_from(ALL), st.text(max_size=80) | st.from_regex(r"(https?://)?[a-z.]{1,20}(:\d+)?/?.*"))
def test_whatever_is_typed_gives_few_places_or_a_refusal(software: object, address: str) -> None:
    try:
        found = candidates(software, address)  # type: ignore[arg-type]
    except AddressError:
        return
    assert 0 < len(found) <= MOST_CANDIDATES
    for one in found:
        assert one.address.startswith(("http://", "https://", "z3950://"))
        assert "@" not in one.address.partition("://")[2].partition("/")[0]


def test_every_software_names_how_its_records_come() -> None:
    assert {one.way for one in ALL} == set(Way)
    assert all(one.paths for one in ALL if one.way is not Way.FILE)
