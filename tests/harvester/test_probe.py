"""A first look suggests the switches that a server needs, and with them it is read whole."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.harvester import servers as s
from tests.harvester.repository import Item, Repository, day
from tests.harvester.servers import Asked, Reply
from tests.harvester.support import source, surroundings, take
from unioncat.domain.source import Source
from unioncat.domain.switches import Suggestion, applied
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers import open_reader

COUNT = 60


def looked(at: Source) -> tuple[Suggestion, ...]:
    with open_reader(at, surroundings()) as reader:
        return reader.probe().suggestions


def bent(repository: Repository, bend: Callable[[Asked, Reply], Reply | None]) -> s.Answering:
    """The repository with its answers bent."""

    def answering(asked: Asked) -> Reply | None:
        reply = repository.answer(asked)
        return (bend(asked, reply) or reply) if reply else None

    return answering


def shelf(**more: object) -> Repository:
    return Repository.of(COUNT, **more)


def verbatim(asked: Asked, reply: Reply) -> Reply | None:
    """Wants its tokens unencoded."""
    return Reply.of(s.error("badResumptionToken")) if "%7C" in asked.query else None


def with_prefix(asked: Asked, reply: Reply) -> Reply | None:
    """Wants metadataPrefix beside a token."""
    alone = "resumptionToken" in asked.arguments and "metadataPrefix" not in asked.arguments
    return Reply.of(s.error("badArgument", "metadataPrefix is missing")) if alone else None


def in_1258(asked: Asked, reply: Reply) -> Reply | None:
    """Says UTF-8 and sends windows-1258."""
    title = "Đâ\u0301t rư\u0300ng Phương Nam"
    return Reply(reply.body.decode().replace("Truyện Kiều", title).encode("windows-1258"))


def ahead(asked: Asked, reply: Reply) -> Reply | None:
    """Labels local time Z."""
    return replace(reply, headers={"Date": "Sat, 01 Jun 2024 05:00:00 GMT"})


def moved(asked: Asked, reply: Reply) -> Reply | None:
    """Has moved for good."""
    return Reply(status=301, headers={"Location": f"/new?{asked.query}"}) if asked.path == "/oai" else None


def dying(asked: Asked, reply: Reply) -> Reply | None:
    """Has tokens that live a minute."""
    body = reply.body.replace(
        b"<resumptionToken ", b'<resumptionToken expirationDate="2024-06-01T12:01:00Z" '
    )
    return replace(reply, body=body)


def lying(asked: Asked, reply: Reply) -> Reply | None:
    """Announces what is left, not what there is."""
    left = COUNT - 10 * sum("resumptionToken" in one for one in [asked.arguments])
    return replace(reply, body=reply.body.replace(b'Size="60"', f'Size="{left}"'.encode()))


CASES: dict[str, tuple[s.Answering, Suggestion]] = {
    "token": (bent(shelf(), verbatim), Suggestion("token", "verbatim", "refuses its own")),
    "token-prefix": (bent(shelf(), with_prefix), Suggestion("token-prefix", "yes", "refuses its own")),
    "granularity": (shelf(refuse_seconds=True).answer, Suggestion("granularity", "day", "takes days")),
    "selective": (shelf(refuse_dates=True).answer, Suggestion("selective", "no", "refuses `from`")),
    "selective-ignored": (shelf(ignore_dates=True).answer, Suggestion("selective", "no", "does not keep to")),
    "charset": (bent(shelf(), in_1258), Suggestion("charset", "windows-1258", "read well as")),
    "clock": (bent(shelf(), ahead), Suggestion("clock", "+07:00", "local time")),
    "address": (bent(shelf(), moved), Suggestion("address", "/new", "for good")),
    "windows-tokens": (bent(shelf(), dying), Suggestion("windows", "month", "live 60 seconds")),
    "list-size": (
        bent(shelf(), lying),
        Suggestion("assertions.trust_list_size", "false", "60 records, then 50"),
    ),
    "identifiers": (shelf(no_identifiers=True).answer, Suggestion("reconcile_days", "0", "cannot list")),
}


@pytest.mark.parametrize("name", CASES)
def test_a_switch_is_suggested_and_then_needed_no_more(name: str) -> None:
    answering, wanted = CASES[name]
    with s.serving(answering) as server:
        at = source(server.base)
        found = looked(at)
        assert len(found) == 1, found
        (one,) = found
        assert one.name == wanted.name
        assert one.value.endswith(wanted.value)
        assert wanted.reason in one.reason
        better = applied(at, one)
        if name != "list-size":  # what is announced stays as false as it was; only nobody believes it
            assert looked(better) == ()
        taken = take(better)
    assert taken.error is None
    assert len(taken.ids) == COUNT
    if name == "charset":
        assert "Đâ\u0301t rư\u0300ng Phương Nam" in taken.records[0].payload.decode()


def test_a_sound_server_needs_no_switch() -> None:
    with s.serving(shelf().answer) as server:
        assert looked(source(server.base)) == ()


def test_a_whole_list_on_one_page_is_to_be_read_year_by_year() -> None:
    repository = Repository({n: Item(n, day(n % 900)) for n in range(5100)}, size=10_000)
    with s.serving(repository.answer) as server:
        at = source(server.base)
        (one,) = looked(at)
        taken = take(applied(at, one))
    assert (one.name, one.value) == ("windows", "year")
    assert len(taken.ids) == 5100
    assert len(taken.checkpoints) > 3


PAGES = {
    "doctype": "<!DOCTYPE html><html><head><title>Thư viện</title></head><body>OPAC</body></html>",
    "bare": "<html><body><h1>Tra cứu</h1></body></html>",
    "broken": "<div class=x>Trang chủ<br>",
    "text": "Hello",
    "other": "<rss><channel/></rss>",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_web_page_is_named_at_the_first_try(name: str) -> None:
    page = Reply.of(PAGES[name], headers={"Content-Type": "text/html"})
    with (
        s.serving(lambda a: page) as server,
        open_reader(source(server.base), surroundings()) as reader,
        pytest.raises(SourceError) as caught,
    ):
        reader.probe()
    assert len(server.asked) == 1
    assert "OAI-PMH" in str(caught.value)
    assert "/cgi-bin/koha/oai.pl" in caught.value.remedy


def test_a_server_that_is_only_busy_is_asked_again() -> None:
    busy = Reply(b"<html>busy</html>", 503)
    with s.serving(lambda a: busy if a.time == 1 else None) as server:
        looked(source(server.base))
    assert sum(asked.verb == "Identify" for asked in server.asked) == 2
