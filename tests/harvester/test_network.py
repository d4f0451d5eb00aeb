"""Where the harvester connects to: hostile names, redirections and proxies, on a network of their own."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from tests.harvester import island
from tests.harvester import servers as s
from tests.harvester.servers import Asked, Reply
from tests.harvester.support import LOOPBACK, QUICK
from unioncat.domain.credentials import Credentials
from unioncat.domain.source import Politeness
from unioncat.domain.target import TargetRules
from unioncat_harvester.network import Guard, NotAllowed
from unioncat_harvester.transport import Refused, Transport, Unusable, inflate

on_an_island = pytest.mark.skipif(not island.possible(), reason="no network namespaces here (unshare -Urmn)")
SECRET = Credentials("thuvien", "mat-khau-rat-dai", (("X-Api-Key", "khoa-rieng-12345"),))


def get(
    url: str,
    *,
    guard: Guard = LOOPBACK,
    limits: Politeness = replace(QUICK, tries=1),  # noqa: B008 - a frozen value
    credentials: Credentials | None = None,
) -> bytes:
    transport = Transport(url, limits, "unioncat/test", guard=guard, credentials=credentials, backoff=0.01)
    try:
        return transport.fetch(url, lambda answer: answer.body.read())
    finally:
        transport.close()


@on_an_island
def test_a_name_is_judged_by_what_it_resolves_to() -> None:
    said: Any = island.run("names")
    ends = said["ends"]
    assert ends["public"] == ends["both"] == "public"
    assert ends["inside"] == "Refused: the address inside.test (10.1.2.3) is private"
    assert "metadata service" in ends["cloud"]
    for name in ("six", "mapped", "nat64"):
        assert ends[name].endswith("is this machine itself"), ends[name]
    assert "connection failed" in ends["missing"]
    assert said["touched"] == []


@on_an_island
def test_a_name_that_is_rebound_after_the_first_look_leads_nowhere() -> None:
    naive: Any = island.run("naive")
    assert naive["ends"] == {"first": "public", "second": "the inside"}  # so the rig does what it should
    assert naive["touched"] == ["127.0.0.1"]
    said: Any = island.run("rebinding")
    assert said["ends"]["first"] == "public"
    for way in ("second", "raw"):
        assert said["ends"][way].endswith("the address rebind.test (127.0.0.1) is this machine itself")
    # the name is resolved once for a connection: there is no moment between a look and the use
    assert said["ends"]["swing"] == "public"
    assert said["ends"]["resolved"] == "1"
    assert said["touched"] == []


GOALS = {
    "http://127.0.0.1:8080/": "this machine itself",
    "//127.0.0.1:8080/": "this machine itself",
    "http://localhost:8080/": "this machine itself",
    "http://2130706433:8080/": "this machine itself",
    "http://0x7f000001:8080/": "this machine itself",
    "http://0x7f.1:8080/": "this machine itself",
    "http://127.1:8080/": "this machine itself",
    "http://0177.0.0.1:8080/": "no address",
    "http://0:8080/": "unspecified",
    "http://[::]:8080/": "unspecified",
    "http://[::1]:8080/": "this machine itself",
    "http://[::ffff:127.0.0.1]:8080/": "this machine itself",
    "http://[::ffff:7f00:1]:8080/": "this machine itself",
    "http://[64:ff9b::7f00:1]:8080/": "this machine itself",
    "http://[2002:7f00:1::]:8080/": "6to4",
    "http://10.1.2.3/": "private",
    "http://inside.test:8080/": "private",
    "http://169.254.169.254/latest/meta-data/": "metadata service",
    "http://cloud.test/": "metadata service",
    "http://a:b@127.0.0.1:8080/": "this machine itself",
    "http://public.test:6379/": "port 6379 is not open",
    "http://public.test:22/": "port 22 is not open",
    "file:///etc/passwd": "not HTTP",
    "gopher://127.0.0.1:8080/_x": "not HTTP",
    "ftp://public.test/": "not HTTP",
    "jar:http://127.0.0.1:8080/!/x": "not HTTP",
    "data:text/xml,<a/>": "not HTTP",
    "http://[::1": "no address",
    "http://public.test:99999/": "port 99999 is not open",
}


@on_an_island
def test_redirections_into_the_inside_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = ["http://public.test:8080/again", "/again", "http://127.0.0.1:8080\\@public.test:8080/again"]
    monkeypatch.setenv("GOALS", json.dumps([*GOALS, *allowed]))
    said: Any = island.run("redirections")
    for goal, reason in GOALS.items():
        assert said["ends"][goal].startswith("Refused: "), (goal, said["ends"][goal])
        assert reason in said["ends"][goal], (goal, said["ends"][goal])
    for goal in allowed:
        assert said["ends"][goal] == "public", goal
    assert said["touched"] == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "::1", "0", "2130706433", "0x7f.1", "017700000001", "127.0.0.1."]
)
def test_raw_connections_go_through_the_same_door(host: str) -> None:
    with s.serving() as server, pytest.raises(NotAllowed) as refused:
        Guard().connect(host, int(server.base.split(":")[2].split("/")[0]), 1)
    assert "UNIONCAT_ALLOW_TARGETS=" in refused.value.remedy


def test_what_the_operator_allows_is_reached_at_that_port_only() -> None:
    with s.serving() as server:
        port = int(server.base.split(":")[2].split("/")[0])
        Guard(TargetRules.of(f"127.0.0.1:{port}")).connect("127.0.0.1", port, 1).close()
        with pytest.raises(NotAllowed):
            Guard(TargetRules.of(f"127.0.0.1:{port + 1}")).connect("127.0.0.1", port, 1)
        with pytest.raises(NotAllowed):
            Guard(TargetRules.of("10.0.0.0/8, 127.0.0.2")).connect("127.0.0.1", port, 1)


def test_behind_a_proxy_nothing_is_read_until_the_operator_vouches_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with s.serving(lambda asked: Reply(b"by the proxy")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.base.removesuffix("/oai"))
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(Refused, match="a proxy stands before") as refused:
            get("http://opac.example.test/oai")
        assert "UNIONCAT_PROXY_GUARDS" in refused.value.remedy
        assert proxy.asked == []
        vouched = Guard(proxy_guards=True)
        assert get("http://opac.example.test/oai", guard=vouched) == b"by the proxy"
        with pytest.raises(Refused, match="this machine itself"):  # what can be seen is still judged
            get("http://127.0.0.1:8080/oai", guard=vouched)
        assert len(proxy.asked) == 1


def seen(answering: Callable[[Asked], Reply | None], path: str = "") -> list[dict[str, str]]:
    """Fetch with credentials from a server that answers so; give the headers of every request it got."""
    with s.serving(answering) as server:
        get(server.base + path, credentials=SECRET)
        return [asked.headers for asked in server.asked]


def test_credentials_go_to_the_server_that_they_belong_to() -> None:
    def here(asked: Asked) -> Reply:
        if asked.path == "/oai":
            return Reply(status=302, headers={"Location": "/elsewhere"})
        return Reply(b"good")

    for headers in seen(here):
        assert headers["Authorization"].startswith("Basic ")
        assert headers["X-Api-Key"] == "khoa-rieng-12345"


@pytest.mark.parametrize("other", ["127.0.0.1:{port}", "localhost:{own}", "x@127.0.0.1:{port}"])
def test_credentials_never_follow_a_redirection_to_another_server(other: str) -> None:
    with s.serving(lambda asked: Reply(b"stranger")) as stranger:

        def away(asked: Asked) -> Reply:
            if asked.headers["Host"].startswith("localhost"):
                return Reply(b"stranger")
            place = other.format(port=stranger.base.split(":")[2].split("/")[0], own=own)
            return Reply(status=307, headers={"Location": f"http://{place}/oai"})

        with s.serving(away) as server:
            own = server.base.split(":")[2].split("/")[0]
            assert get(server.base, credentials=SECRET) == b"stranger"
        last = stranger.asked[-1] if stranger.asked else server.asked[-1]
        assert not {"Authorization", "X-Api-Key", "Cookie"} & set(last.headers)


def test_an_endpoint_that_moved_and_asks_for_credentials_is_told_apart() -> None:
    with s.serving(lambda asked: Reply(status=401)) as stranger:
        to = {"Location": stranger.base}
        with s.serving(lambda asked: Reply(status=301, headers=to)) as server, pytest.raises(Refused) as end:
            get(server.base, credentials=SECRET)
    assert "asks for credentials that belong to the address registered" in str(end.value)
    assert "set its credentials anew" in end.value.remedy


def test_a_user_name_inside_the_target_of_a_redirection_is_not_used() -> None:
    def here(asked: Asked) -> Reply:
        if asked.path == "/oai":
            host = asked.headers["Host"]
            return Reply(status=302, headers={"Location": f"http://evil:word@{host}/elsewhere"})
        return Reply(b"good")

    with s.serving(here) as server:
        assert get(server.base) == b"good"
        assert all("Authorization" not in asked.headers for asked in server.asked)


def test_an_answer_that_repeats_our_credentials_loses_them() -> None:
    def echo(asked: Asked) -> Reply:
        return Reply(f"<a>{asked.headers['Authorization']} {asked.headers['X-Api-Key']}</a>".encode())

    with s.serving(echo) as server:
        body = get(server.base, credentials=SECRET)
    assert body == b"<a>Basic " + b"*" * len(SECRET.carried[-1]) + b" " + b"*" * 16 + b"</a>"


def test_a_server_that_redirects_for_ever_is_left_after_five() -> None:
    with s.serving(lambda asked: Reply(status=302, headers={"Location": "/oai?x"})) as server:
        with pytest.raises(Refused, match="redirects more than 5 times"):
            get(server.base)
        assert len(server.asked) == 6


@pytest.mark.parametrize("status", [200, 302])
def test_endless_headers_are_given_up(status: int) -> None:
    many = {f"X-{number}": "x" * 1000 for number in range(200)}
    answer = Reply(b"", status, {"Location": "/oai", **many})
    with s.serving(lambda asked: answer) as server, pytest.raises(Unusable, match="connection failed"):
        get(server.base)


def test_headers_that_drip_are_given_up_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                for number in range(1000):
                    connection.sendall(b"X-%d: x\r\n" % number)
                    time.sleep(0.02)

        threading.Thread(target=drip, daemon=True).start()
        begin = time.monotonic()
        with pytest.raises(Unusable, match="in time"):
            get(
                f"http://127.0.0.1:{listener.getsockname()[1]}/", limits=replace(QUICK, timeout=0.05, tries=1)
            )
        assert time.monotonic() - begin < 2


def test_interim_answers_without_end_are_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def chatter() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                while True:
                    connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 100)
                    time.sleep(0.005)

        threading.Thread(target=chatter, daemon=True).start()
        begin = time.monotonic()
        with pytest.raises(Unusable, match="in time"):
            get(
                f"http://127.0.0.1:{listener.getsockname()[1]}/", limits=replace(QUICK, timeout=0.05, tries=1)
            )
        assert time.monotonic() - begin < 2


def test_what_unpacks_beyond_all_measure_is_refused_long_before_the_limit() -> None:
    bomb = gzip.compress(bytes(100_000_000), 9)
    assert len(bomb) < 100_000
    read: list[int] = []
    with s.serving(lambda asked: Reply(bomb)) as server, pytest.raises(Refused, match="more than 250 times"):
        get(server.base, limits=replace(QUICK, tries=1, max_page_bytes=2**40))
    with pytest.raises(Refused, match="more than 250 times"):
        read.extend(len(piece) for piece in inflate(iter([bomb])))
    assert sum(read) < 30_000_000


def test_a_bomb_in_a_bomb_is_opened_once() -> None:
    outer = gzip.compress(gzip.compress(bytes(100_000_000), 9), 9)
    with s.serving(lambda asked: Reply(outer)) as server:
        assert len(get(server.base)) < 200_000


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate, gzip, br", "x-made-up"])
def test_packings_that_were_not_asked_for_stay_packed(coding: str) -> None:
    # a brotli stream of 20 bytes may stand for gigabytes; its bytes are taken as they are
    bomb = bytes.fromhex("cfffff7ff82700e2b14020f7fe9fffffffff2f00")
    headers = {"Content-Encoding": coding}
    with s.serving(lambda asked: Reply(bomb, headers=headers)) as server:
        assert get(server.base) == bomb
        assert "br" not in server.asked[0].headers["Accept-Encoding"]


def test_cookies_without_number_are_forgotten() -> None:
    seen_cookies: list[int] = []

    def each(asked: Asked) -> Reply:
        seen_cookies.append(asked.headers.get("Cookie", "").count("="))
        return Reply(b"good", headers={"Set-Cookie": f"c{asked.time}=x"})

    with s.serving(each) as server:
        transport = Transport(server.base, QUICK, "x", guard=LOOPBACK)
        for _ in range(60):
            transport.fetch(server.base + "?verb=Identify", lambda answer: answer.body.read())
        transport.close()
    assert max(seen_cookies) <= 51
    assert seen_cookies[1] == 1
