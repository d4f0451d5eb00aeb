"""Lists under way: tokens, changes while a harvest runs, restarts."""

import itertools
from dataclasses import replace

import pytest

from tests.api.protocols.serving import OAI, Asker, Clock, application, item, repository
from unioncat_api.protocols.oaipmh import DUBLIN_CORE, Provider, StoredItem, tombstone

ALL = "verb=ListIdentifiers&metadataPrefix=oai_dc"


def names(found):
    return [name for name, _, _ in found]


@pytest.mark.parametrize("size", [1, 2, 7, 10, 24, 25, 26])
def test_every_page_size_gives_the_whole_list_once(size):
    asker = Asker(application(repository(25), page_size=size))
    found = names(asker.headers(ALL))
    assert sorted(found) == sorted(f"oai:test.example:{number}" for number in range(25))


@pytest.mark.parametrize("count", [10, 20])
def test_a_list_that_fills_its_last_page_ends_there(count):
    pages = list(Asker(application(repository(count))).pages(ALL))
    assert len(pages) == count // 10


def test_lists_are_in_key_order():
    found = Asker(application(repository(100))).headers(ALL)
    assert [(stamp, name) for name, stamp, _ in found] == sorted((stamp, name) for name, stamp, _ in found)


def test_selective_list_equals_filter_of_the_full_list():
    asker = Asker(application(repository(400)))
    everything = asker.headers(ALL)
    since, until = "2025-02-11T10:05:00Z", "2025-04-11T10:20:00Z"
    expected = [each for each in everything if since <= each[1] <= until]
    assert asker.headers(f"{ALL}&from={since}&until={until}") == expected
    assert 0 < len(expected) < len(everything)


def test_records_without_the_format_are_not_in_its_list():
    asker = Asker(application(repository(50)))
    with_marc = {f"oai:test.example:{n}" for n in range(50) if n % 5 != 4 or n % 7 == 3}
    assert set(names(asker.headers("verb=ListRecords&metadataPrefix=marc21"))) == with_marc


def test_harvest_while_records_change_loses_nothing():
    """Between pages items change, go, come: each is seen at last in the state that it has at the end."""
    held = repository(60)
    asker = Asker(application(held))
    seen: dict[str, tuple[str, bool]] = {}
    fresh = itertools.count(1000)
    for turn, page in enumerate(asker.pages(ALL)):
        for head in page.iter(OAI + "header"):
            name = head.findtext(OAI + "identifier")
            seen[name] = (head.findtext(OAI + "datestamp"), head.get("status") == "deleted")
        if turn < 4:
            later = f"2026-01-01T00:{turn:02}:00Z"
            held.put([replace(item(turn * 6), datestamp=later), replace(item(59 - turn), datestamp=later)])
            held.put([tombstone(item(30 + turn), later), item(next(fresh), later)])
    now = {name: (stamp, deleted) for name, stamp, deleted in Asker(application(held)).headers(ALL)}
    assert seen == now
    assert len(seen) > 60


def test_nothing_comes_twice_that_did_not_change():
    held = repository(60)
    found = []
    for turn, page in enumerate(Asker(application(held)).pages(ALL)):
        found += [head.findtext(OAI + "identifier") for head in page.iter(OAI + "header")]
        held.put([item(2000 + turn, "2024-12-31T00:00:00Z")])  # before everything handed out
    assert len(found) == len(set(found)) == 60


def test_token_survives_a_restart():
    before = Asker(application(repository(25)))
    first = before.tree(ALL)
    token = first.findtext(f".//{OAI}resumptionToken")
    after = Asker(application(repository(25)))
    rest = after.headers(f"verb=ListIdentifiers&resumptionToken={token}")
    handed_out = [head.findtext(OAI + "identifier") for head in first.iter(OAI + "header")]
    assert handed_out + names(rest) == names(before.headers(ALL))


def test_token_expires_with_bad_resumption_token():
    clock = Clock()
    asker = Asker(application(repository(25), clock))
    token = asker.tree(ALL).findtext(f".//{OAI}resumptionToken")
    clock.forward(hours=23, minutes=59)
    assert asker.code(f"verb=ListIdentifiers&resumptionToken={token}") is None
    clock.forward(minutes=1)
    assert asker.code(f"verb=ListIdentifiers&resumptionToken={token}") == "badResumptionToken"


def test_token_can_be_used_again():
    asker = Asker(application(repository(25)))
    token = asker.tree(ALL).findtext(f".//{OAI}resumptionToken")
    query = f"verb=ListIdentifiers&resumptionToken={token}"
    assert asker.headers(query) == asker.headers(query)


def test_token_belongs_to_its_verb():
    asker = Asker(application(repository(25)))
    token = asker.tree(ALL).findtext(f".//{OAI}resumptionToken")
    assert asker.code(f"verb=ListRecords&resumptionToken={token}") == "badResumptionToken"


@pytest.mark.parametrize("other", [{"audience": "cand"}, {"base_url": "http://elsewhere.example/oai"}])
def test_token_belongs_to_its_audience_and_address(other):
    token = Asker(application(repository(25))).tree(ALL).findtext(f".//{OAI}resumptionToken")
    stranger = Asker(application(repository(25, **other)))
    assert stranger.code(f"verb=ListIdentifiers&resumptionToken={token}") == "badResumptionToken"


def test_every_change_of_a_token_is_noticed():
    asker = Asker(application(repository(25)))
    token = asker.tree(ALL).findtext(f".//{OAI}resumptionToken")
    for place in range(0, len(token) - 2, 5):
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        assert asker.code(f"verb=ListIdentifiers&resumptionToken={changed}") == "badResumptionToken"


def test_tokens_are_safe_in_addresses():
    token = Asker(application(repository(25))).tree(ALL).findtext(f".//{OAI}resumptionToken")
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_list_that_shrank_ends_with_an_empty_page_and_token():
    held = repository(25)
    asker = Asker(application(held))
    token = asker.tree(f"{ALL}&until=2025-12-31").findtext(f".//{OAI}resumptionToken")
    held.put(replace(item(number), datestamp="2026-01-01T00:00:00Z") for number in range(25))
    last = asker.tree(f"verb=ListIdentifiers&resumptionToken={token}")
    assert last.find(OAI + "error") is None
    assert last.find(f".//{OAI}resumptionToken").text is None


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        Provider(b"short")


@pytest.mark.parametrize(
    "xml",
    [b"", b"text", b"<a>", b'<?xml version="1.0"?><a/>', b"<!DOCTYPE a><a/>", b"<a/><b/>", b"<a>\x0b</a>"],
)
def test_metadata_that_would_break_a_page_are_refused_at_the_door(xml):
    held = repository(0)
    with pytest.raises(ValueError, match="metadata are"):
        held.put(
            [StoredItem("oai:test.example:1", "2025-01-01T00:00:00Z", metadata=((DUBLIN_CORE.prefix, xml),))]
        )


@pytest.mark.parametrize("datestamp", ["2025-01-01", "2025-01-01T00:00:00", "2025-01-01T00:00:00+07:00", "x"])
def test_datestamps_that_would_not_sort_are_refused_at_the_door(datestamp):
    with pytest.raises(ValueError, match="datestamp"):
        repository(0).put([StoredItem("oai:test.example:1", datestamp)])
