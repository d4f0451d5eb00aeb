"""The transport: waits as told, within limits on time, size, redirections and patience."""

import gzip
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from tests.harvester import servers as s
from tests.harvester.servers import Asked, Reply
from tests.harvester.support import LOOPBACK, QUICK, source, surroundings, take
from unioncat.domain.credentials import Credentials
from unioncat.domain.source import Politeness
from unioncat_harvester.network import is_here
from unioncat_harvester.reader import Stopped
from unioncat_harvester.transport import Answer, Refused, Transport, Unusable, inflate, retry_after


def fetch(
    answering: s.Answering,
    limits: Politeness = QUICK,
    *,
    path: str = "?verb=Identify",
    stop: threading.Event | None = None,
    read: Callable[[Answer], bytes] = lambda answer: answer.body.read(),
) -> bytes:
    with s.serving(answering) as server:
        transport = Transport(server.base, limits, "unioncat/test", guard=LOOPBACK, backoff=0.01, stop=stop)
        try:
            return transport.fetch(server.base + path, read)
        finally:
            transport.close()


def test_requests_tell_who_asks() -> None:
    with s.serving() as server:
        take(source(server.base), around=replace(surroundings(), credentials=Credentials("x", "y")))
    headers = server.asked[0].headers
    assert headers["User-Agent"] == "unioncat/test (mailto:it@example.org)"
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Authorization"] == "Basic eDp5"


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:80/", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://10.0.0.1/", False),
        ("https://localhost.example.org/", False),
    ],
)
def test_packing_is_asked_for_from_other_machines_only(address: str, here: bool) -> None:
    assert is_here(address) is here


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        (
            {"retry-after": "Sat, 01 Jun 2024 12:00:30 GMT", "date": "Sat, 01 Jun 2024 12:00:00 GMT"},
            30.0,
        ),
        ({"retry-after": "Sat, 01 Jun 2024 12:00:30 GMT"}, 0.0),
        ({"retry-after": "Sat, 99 Jun 2024 12:00:30 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_date_without_the_servers_clock() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    wait = retry_after({"retry-after": soon})
    assert wait is not None
    assert 50 < wait <= 60


def test_the_wait_that_a_server_asks_for_is_capped() -> None:
    def answering(asked: Asked) -> Reply | None:
        return Reply(b"", 503, {"Retry-After": "86400"}) if asked.time == 1 else Reply(b"good")

    begin = time.monotonic()
    assert fetch(answering, replace(QUICK, max_wait=0.2)) == b"good"
    assert 0.2 <= time.monotonic() - begin < 2


def test_a_server_that_drips_is_given_up_at_the_deadline() -> None:
    limits = replace(QUICK, timeout=0.05, tries=1)
    begin = time.monotonic()
    with pytest.raises(Unusable, match="in time"):
        fetch(lambda a: Reply(b"x" * 1000, drip=0.02), limits)
    assert time.monotonic() - begin < 1.5  # ten time-outs and the server's own slowness


def test_a_silent_server_is_given_up_at_the_time_out() -> None:
    begin = time.monotonic()
    with pytest.raises(Unusable, match=r"in time.*\(2 tries\)"):
        fetch(lambda a: Reply(b"x" * 1000, stall=3), replace(QUICK, timeout=0.2, tries=2))
    assert time.monotonic() - begin < 1.5


def test_a_stop_is_heeded_while_a_server_is_silent() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    begin = time.monotonic()
    with pytest.raises(Stopped):
        fetch(lambda a: Reply(b"x" * 1000, stall=5), replace(QUICK, timeout=60), stop=stop)
    assert time.monotonic() - begin < 2


def test_a_stop_is_heeded_while_waiting() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    begin = time.monotonic()
    with pytest.raises(Stopped):
        fetch(lambda a: Reply(b"", 503, {"Retry-After": "60"}), replace(QUICK, max_wait=60), stop=stop)
    assert time.monotonic() - begin < 2


def test_an_answer_that_is_too_large_is_refused() -> None:
    with pytest.raises(Refused, match="larger than 1,000 bytes"):
        fetch(lambda a: Reply(b"x" * 1001), replace(QUICK, max_page_bytes=1000))


def test_a_bomb_of_zeros_is_refused_by_its_unpacked_size() -> None:
    bomb = gzip.compress(bytes(30_000_000))
    assert len(bomb) < 40_000
    with pytest.raises(Refused, match="larger than 1,000,000 bytes"):
        fetch(lambda a: Reply(bomb), replace(QUICK, max_page_bytes=1_000_000))


def test_pause_between_requests_is_kept() -> None:
    with s.serving() as server:
        begin = time.monotonic()
        taken = take(source(server.base, politeness=replace(QUICK, pause=0.1)))
        assert time.monotonic() - begin >= 0.4
    assert taken.finished


def test_waits_grow_between_tries() -> None:
    times: list[float] = []

    def answering(asked: Asked) -> Reply:
        times.append(time.monotonic())
        return Reply(b"", 500)

    with s.serving(answering) as server:
        transport = Transport(server.base, replace(QUICK, tries=4), "x", guard=LOOPBACK, backoff=0.2)

        def read(answer: Answer) -> None:
            raise Unusable("no OAI")

        with pytest.raises(Unusable, match="HTTP status 500 \\(4 tries\\)"):
            transport.fetch(server.base, read)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert 0.1 <= gaps[0] < 0.35
    assert 0.4 <= gaps[2] < 1.0


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(b"<a>" * 900),
        zlib.compress(b"<a>" * 900),
        gzip.compress(b"<a>" * 450) + gzip.compress(b"<a>" * 450),
        b"<a>" * 900,
    ],
    ids=["gzip", "zlib", "two-gzip", "plain"],
)
def test_compression_is_told_by_the_bytes(packed: bytes, step: int) -> None:
    chunks = (packed[place : place + step] for place in range(0, len(packed), step))
    assert b"".join(inflate(chunks)) == b"<a>" * 900


def test_damaged_compression_is_tried_again() -> None:
    good = s.zipped("<a/>" * 100)
    bad = good[:15] + b"\xff\xff\xff" + good[18:]
    assert fetch(lambda a: Reply(bad if a.time == 1 else good)) == b"<a/>" * 100


def test_empty_and_short_bodies() -> None:
    assert list(inflate(iter([]))) == [b""]
    assert b"".join(inflate(iter([b"\x1f"]))) == b"\x1f"
    with pytest.raises(Unusable, match="cut off"):
        list(inflate(iter([gzip.compress(b"x" * 100)[:-9]])))
