"""What one client may ask of the web service: how much, how slowly; what answers say to browsers."""

import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.conftest import OPERATOR, TOKEN
from tests.api.double import Double
from unioncat_api import middleware, patience
from unioncat_api.__main__ import SERVED
from unioncat_api.app import create_app
from unioncat_api.catalogue import Catalogue
from unioncat_api.rates import ATTEMPT, READ, REMEMBERED, WRITE, Budget, Rates, address_of, budgets

AWAY = ("113.160.1.9", 5)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def application(rates: Rates | None = None, base_url: str = "http://union.example") -> FastAPI:
    catalogue = Double()

    @asynccontextmanager
    async def opening() -> AsyncIterator[Catalogue]:
        yield catalogue

    return create_app(opening, operator_token=TOKEN, base_url=base_url, rates=rates)


@contextlib.contextmanager
def asking(rates: Rates, client: tuple[str, int] = AWAY) -> Iterator[TestClient]:
    app = application(rates)
    with TestClient(app, client=client, follow_redirects=False, raise_server_exceptions=False) as asked:
        yield asked


def test_a_bucket_empties_and_fills_again_steadily() -> None:
    clock = Clock()
    rates = Rates({READ: Budget(10, 60)}, clock)
    told = [rates.ask(READ, "a") for _ in range(12)]
    assert [one.allowed for one in told if one] == [True] * 10 + [False] * 2
    assert [one.left for one in told if one] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]
    assert told[-1] is not None
    assert told[-1].wait == 6  # one request in six seconds
    clock.now += 5.9
    assert not rates.ask(READ, "a").allowed  # type: ignore[union-attr]
    clock.now += 0.2
    assert rates.ask(READ, "a").allowed  # type: ignore[union-attr]
    assert rates.ask(READ, "b").left == 9  # type: ignore[union-attr]
    clock.now += 3600
    assert rates.ask(READ, "a").left == 9  # type: ignore[union-attr]


def test_buckets_do_not_grow_without_end() -> None:
    rates = Rates({READ: Budget(10, 60)})
    for number in range(REMEMBERED + 50):
        rates.ask(READ, str(number))
    assert len(rates._buckets) == REMEMBERED


@pytest.mark.parametrize(
    ("client", "who"),
    [
        (("113.160.1.9", 5), "113.160.1.9"),
        (("::ffff:113.160.1.9", 5), "113.160.1.9"),
        (("2405:4800:1:2:3:4:5:6", 5), "2405:4800:1:2::/64"),
        (("127.0.0.1", 5), None),
        (("::1", 5), None),
        (("::ffff:127.0.0.1", 5), None),
        (("testclient", 5), None),
        (None, None),
    ],
)
def test_for_whom_a_request_is_counted(client: object, who: str | None) -> None:
    assert address_of(client) == who


def test_budgets_follow_from_one_setting() -> None:
    assert budgets(0) == {}
    assert budgets(1200)[WRITE] == Budget(300, 60)


def test_the_headers_are_honest() -> None:
    with asking(Rates({READ: Budget(3, 60)})) as client:
        for left in (2, 1, 0):
            answer = client.get("/api/v1/libraries")
            assert answer.status_code == 200
            assert answer.headers["ratelimit-policy"] == '"read";q=3;w=60'
            assert answer.headers["ratelimit"].startswith(f'"read";r={left};t=')
        refused = client.get("/api/v1/libraries")
    assert refused.status_code == 429
    assert 15 <= int(refused.headers["retry-after"]) <= 20
    assert refused.json()["remedy"] == f"Ask again in {refused.headers['retry-after']} seconds."
    assert "retry-after" in refused.headers["access-control-expose-headers"]


def test_pages_are_refused_as_pages_and_small_things_are_free() -> None:
    with asking(Rates({READ: Budget(1, 60)})) as client:
        for _ in range(5):
            assert client.get("/healthz").status_code == 200
            assert client.get("/static/site.css").status_code in (200, 404)
        assert client.get("/").status_code == 200
        page = client.get("/")
    assert page.status_code == 429
    assert "text/html" in page.headers["content-type"]
    assert page.headers["content-security-policy"] == middleware.CSP


def test_this_machine_is_not_counted() -> None:
    with asking(Rates({READ: Budget(1, 60)}), ("127.0.0.1", 5)) as client:
        for _ in range(5):
            answer = client.get("/api/v1/libraries")
            assert answer.status_code == 200
            assert "ratelimit" not in answer.headers


def test_guessing_the_token_is_slowed_down() -> None:
    clock = Clock()
    rates = Rates({READ: Budget(1000, 60), WRITE: Budget(1000, 60), ATTEMPT: Budget(5, 600)}, clock)
    with asking(rates) as client:
        for number in range(5):
            wrong = {"Authorization": f"Bearer guess-{number}"}
            assert client.get("/api/v1/sources/kin", headers=wrong).status_code == 401
        refused = client.get("/api/v1/sources/kin", headers={"Authorization": "Bearer guess-6"})
        assert refused.status_code == 429
        assert refused.headers["ratelimit-policy"] == '"sign-in";q=5;w=600'
        # a right one is not looked at either: an answer would tell which it is
        assert client.get("/api/v1/sources/kin", headers=OPERATOR).status_code == 429
        assert client.post("/api/v1/libraries", json={}).status_code == 429
        assert client.get("/api/v1/libraries").status_code == 200
        clock.now += 121
        assert client.get("/api/v1/sources/kin", headers=OPERATOR).status_code == 200


def test_the_right_token_is_never_slowed_down() -> None:
    with asking(Rates({ATTEMPT: Budget(5, 600)})) as client:
        for _ in range(20):
            assert client.get("/api/v1/sources/kin", headers=OPERATOR).status_code == 200


def test_changes_have_a_budget_of_their_own() -> None:
    with asking(Rates({READ: Budget(100, 60), WRITE: Budget(2, 60)})) as client:
        for _ in range(2):
            assert client.post("/api/v1/sources/tvqg/pause", headers=OPERATOR).status_code == 200
        assert client.post("/api/v1/sources/tvqg/pause", headers=OPERATOR).status_code == 429
        assert client.get("/api/v1/libraries").status_code == 200


ADDRESSES = (
    "/",
    "/search?q=x",
    "/nothing-here",
    "/static/none.css",
    "/api/v1/libraries",
    "/api/v1/nothing",
    "/healthz",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_tells_browsers_what_not_to_do(address: str) -> None:
    with TestClient(application(base_url="https://union.example")) as client:
        headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["permissions-policy"]
    if address.startswith("/api/"):
        assert "cross-origin-resource-policy" not in headers
    else:
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_an_address_without_tls_promises_none() -> None:
    with TestClient(application()) as client:
        assert "strict-transport-security" not in client.get("/").headers


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """The service behind real sockets, with little patience."""
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.4)
    listener = socket.create_server(("127.0.0.1", 0))
    options = SERVED | {"proxy_headers": True, "forwarded_allow_ips": "127.0.0.1"}
    config = uvicorn.Config(application(Rates({READ: Budget(2, 60)})), **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()
    server.should_exit = True
    thread.join()


def until_closed(connection: socket.socket) -> tuple[bytes, float]:
    """Read until the other side closes; give what came and the seconds that it took."""
    begin = time.monotonic()
    connection.settimeout(10)
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            said += piece
    return said, time.monotonic() - begin


def test_who_opens_a_connection_and_says_nothing_is_let_go(served: tuple[str, int]) -> None:
    with socket.create_connection(served) as connection:
        said, seconds = until_closed(connection)
    assert said == b""
    assert 0.2 < seconds < 3


def test_a_quiet_connection_outlives_a_clients_own_patience(served: tuple[str, int]) -> None:
    """Usual clients drop theirs after five seconds; who closes first must not be left to chance."""
    with socket.create_connection(served) as connection:
        for wait in (5.2, 0.0):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            said = b""
            while not said.endswith(b'{"ok":true}'):
                piece = connection.recv(65536)
                assert piece, "the connection was closed"
                said += piece
            assert said.startswith(b"HTTP/1.1 200")
            time.sleep(wait)


def test_a_head_that_drips_is_let_go(served: tuple[str, int]) -> None:
    with socket.create_connection(served) as connection:
        begin = time.monotonic()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with contextlib.suppress(OSError):
            for _ in range(100):
                connection.sendall(b"X-A: b\r\n")
                time.sleep(0.05)
        assert time.monotonic() - begin < 3


def test_a_second_request_on_a_connection_has_its_own_patience(served: tuple[str, int]) -> None:
    with socket.create_connection(served) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b""
        while not said.endswith(b'{"ok":true}'):
            said += connection.recv(65536)
        assert said.startswith(b"HTTP/1.1 200")
        time.sleep(0.6)  # between requests the time for idle connections counts
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert until_closed(connection)[0].startswith(b"HTTP/1.1 200")
    with socket.create_connection(served) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.recv(65536)
        connection.sendall(b"GET /heal")
        assert until_closed(connection)[1] < 3


def test_a_body_that_drips_is_refused(served: tuple[str, int]) -> None:
    head = (
        b"POST /api/v1/libraries HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
        b"Content-Type: application/json\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
    )
    with socket.create_connection(served) as connection:
        connection.sendall(head)

        def drip() -> None:
            with contextlib.suppress(OSError):
                for _ in range(100):
                    connection.sendall(b" ")
                    time.sleep(0.02)

        threading.Thread(target=drip, daemon=True).start()
        said, seconds = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 408"), said
    assert seconds < 3


def test_endless_headers_are_refused(served: tuple[str, int]) -> None:
    with socket.create_connection(served) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with contextlib.suppress(OSError):
            connection.sendall(b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(200)))
        said, _ = until_closed(connection)
    assert said == b"" or said.startswith(b"HTTP/1.1 400")


def test_behind_a_proxy_each_client_is_counted_for_itself(served: tuple[str, int]) -> None:
    def ask(forwarded: str) -> bytes:
        with socket.create_connection(served) as connection:
            connection.sendall(
                b"GET /api/v1/libraries HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                b"X-Forwarded-For: " + forwarded.encode() + b"\r\n\r\n"
            )
            return until_closed(connection)[0].split(b" ")[1]

    assert [ask("113.160.1.9") for _ in range(3)] == [b"200", b"200", b"429"]
    assert ask("113.160.1.10") == b"200"
    # what a client writes itself stands before what the proxy adds, and does not count
    assert ask("113.160.1.77, 113.160.1.9") == b"429"
