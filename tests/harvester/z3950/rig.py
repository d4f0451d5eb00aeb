"""A Z39.50 target of our own that behaves; `misbehaving` bends it."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.z3950 import marc
from unioncat_harvester.readers.z3950 import ber, oids
from unioncat_harvester.readers.z3950.ber import Element

COUNT = 120
UNIVERSAL = ber.Tag.universal
MARC = [marc(n, f"Sách {n}") for n in range(1, COUNT + 1)]


def record(data: bytes, syntax: str = oids.USMARC) -> bytes:
    """NamePlusRecord with octets."""
    external = ber.group(UNIVERSAL(ber.EXTERNAL), ber.oid(UNIVERSAL(ber.OID), syntax), ber.string(1, data))
    return ber.sequence(ber.string(0, b"ke"), ber.group(1, ber.group(1, external)))


def sutrs(data: bytes) -> bytes:
    """NamePlusRecord with a text as single ASN.1 type."""
    text = ber.group(0, ber.string(UNIVERSAL(ber.GENERAL_STRING), data))
    external = ber.group(UNIVERSAL(ber.EXTERNAL), ber.oid(UNIVERSAL(ber.OID), oids.SUTRS), text)
    return ber.sequence(ber.group(1, ber.group(1, external)))


def diagnostic(code: int, added: str = "") -> bytes:
    """What DefaultDiagFormat holds."""
    return (
        ber.oid(UNIVERSAL(ber.OID), oids.BIB1_DIAGNOSTICS)
        + ber.integer(UNIVERSAL(ber.INTEGER), code)
        + ber.string(UNIVERSAL(ber.VISIBLE_STRING), added.encode())
    )


def refused(code: int) -> bytes:
    """NamePlusRecord with a surrogate diagnostic."""
    return ber.sequence(ber.group(1, ber.group(2, ber.sequence(diagnostic(code)))))


class HangUp(Exception):
    """The target ends the connection."""


class Target:
    """An honest target with `COUNT` records, of which the numbers can be searched (use attribute 12)."""

    shows = COUNT
    counts = 10**9
    searchable = True

    def __init__(self) -> None:
        self.sessions = 0
        self.presents = 0
        self.searches = 0
        self.begun: float | None = None

    def numbers(self) -> list[int]:
        return list(range(1, COUNT + 1))

    def init(self, request: Element) -> bytes:
        self.sessions += 1
        return ber.group(
            21,
            ber.bits(3, frozenset({0, 1, 2})),
            ber.bits(4, frozenset({0, 1, 7, 14})),
            ber.integer(5, 1 << 20),
            ber.integer(6, 1 << 24),
            ber.boolean(12, True),
            ber.string(111, b"Rig"),
        )

    def find(self, node: Element) -> set[int]:
        """Evaluate RPN."""
        if node.is_(1):
            left, right, operator = node.inside()
            found, other = self.find(left), self.find(right)
            number = operator.only().number
            return found & other if number == 0 else found | other if number == 1 else found - other
        attributes, term = node.only().inside()
        given = {one.inside()[0].integer(): one.inside()[1] for one in attributes}
        relation = given[2].integer() if 2 in given else 3
        if relation == 103:
            return set(self.numbers())
        if not self.searchable or 1 not in given or given[1].number != 121 or given[1].integer() != 12:
            raise ValueError(114)
        text = term.octets().decode()
        if 5 in given:
            return {one for one in self.numbers() if str(one).startswith(text)}
        bound = int(text)
        return {one for one in self.numbers() if (one <= bound if relation == 2 else one >= bound)}

    def search(self, request: Element) -> tuple[bytes, list[int]]:
        self.searches += 1
        query = request.need(21).only()
        try:
            found = sorted(self.find(query.inside()[1]))
        except ValueError as fault:
            return self.answer_search(0, fault=int(str(fault))), []
        return self.answer_search(min(len(found), self.counts)), found

    def answer_search(self, hits: int, fault: int = 0) -> bytes:
        more = ber.group(130, diagnostic(fault, "rig")) if fault else b""
        numbers = (ber.integer(23, hits), ber.integer(24, 0), ber.integer(25, 1))
        return ber.group(23, *numbers, ber.boolean(22, not fault), more)

    def present(self, found: list[int], start: int, count: int) -> bytes:
        self.presents += 1
        if start + count - 1 > self.shows:
            return self.answer_present((), fault=13)
        return self.answer_present(self.records(found[start - 1 : start - 1 + count]))

    def records(self, numbers: list[int]) -> tuple[bytes, ...]:
        return tuple(self.one(number) for number in numbers)

    def one(self, number: int) -> bytes:
        return record(MARC[number - 1])

    def answer_present(self, records: tuple[bytes, ...], fault: int = 0) -> bytes:
        content = ber.group(130, diagnostic(fault)) if fault else ber.group(28, *records)
        return ber.group(25, ber.integer(24, len(records)), ber.integer(25, 0), ber.integer(27, 0), content)

    def scan(self, request: Element) -> bytes:
        listed = ber.group(7, ber.group(2, ber.sequence(diagnostic(114))))
        return ber.group(36, ber.integer(4, 6), ber.integer(5, 0), listed)

    def send(self, line: socket.socket, message: bytes) -> None:
        line.sendall(message)

    def serve(self, line: socket.socket) -> None:
        """Answer until the client goes."""
        framer = ber.Framer(1 << 20)
        found: list[int] = []
        while True:
            while (message := framer.take()) is None:
                data = line.recv(65536)
                if not data:
                    return
                framer.feed(data)
            request = ber.decode(message)
            if request.is_(48):
                return
            if request.is_(20):
                answer = self.init(request)
            elif request.is_(22):
                answer, found = self.search(request)
            elif request.is_(24):
                start, count = request.need(30).integer(), request.need(29).integer()
                answer = self.present(found, start, count)
            else:
                answer = self.scan(request)
            self.send(line, answer)


@contextmanager
def serving(target: Target) -> Iterator[int]:
    """Serve a target; gives its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(HangUp, OSError):
                target.serve(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
