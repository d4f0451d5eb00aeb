"""An OAI-PMH server that misbehaves on command: real HTTP on the loopback, one thread a request.

A test gives it an `Answering` function per fault; what is not touched behaves.
"""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

PAGES, SIZE = 5, 20
MARC = "http://www.loc.gov/MARC21/slim"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
ROOT = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/'
    ' http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
)


def marc(number: int, title: str = "Truyện Kiều") -> str:
    """A small MARCXML record."""
    return (
        f'<record xmlns="{MARC}"><leader>00000nam a2200000 a 4500</leader>'
        f'<controlfield tag="001">{number}</controlfield>'
        f'<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{title} {number}</subfield></datafield>'
        '<datafield tag="952" ind1=" " ind2=" "><subfield code="a">CN</subfield></datafield></record>'
    )


def record(number: int, *, deleted: bool = False, metadata: str | None = None, identifier: str = "") -> str:
    """An OAI record; every field of it can be bent."""
    status = ' status="deleted"' if deleted else ""
    body = "" if deleted and metadata is None else f"<metadata>{metadata or marc(number)}</metadata>"
    return (
        f"<record><header{status}><identifier>{identifier or f'oai:test:{number}'}</identifier>"
        f"<datestamp>2024-05-01T00:00:00Z</datestamp></header>{body}</record>\n"
    )


def token(page: int, value: str | None, size: int | None = PAGES * SIZE, batch: int = SIZE) -> str:
    """A resumptionToken element; `value` as it stands in the text."""
    stated = "" if size is None else f' completeListSize="{size}"'
    return f'<resumptionToken cursor="{(page - 1) * batch}"{stated}>{value or ""}</resumptionToken>'


def envelope(inner: str, *, head: str = HEAD, root: str = ROOT, close: str = "</OAI-PMH>") -> str:
    """An answer around its verb element."""
    return (
        f"{head}{root}<responseDate>2024-06-01T12:00:00Z</responseDate>"
        f'<request verb="ListRecords">http://test/oai</request>{inner}{close}\n'
    )


def error(code: str, text: str = "") -> str:
    """An error answer."""
    return envelope(f"<error code={quoteattr(code)}>{escape(text)}</error>")


def listing(records: str, end: str) -> str:
    """A ListRecords answer."""
    return envelope(f"<ListRecords>{records}{end}</ListRecords>")


def page_text(page: int, *, records: list[str] | None = None, end: str | None = None) -> str:
    """A sound page of the list: 20 of 100 records, every tenth deleted."""
    if records is None:
        first = (page - 1) * SIZE
        records = [record(number, deleted=number % 10 == 7) for number in range(first, first + SIZE)]
    if end is None:
        end = token(page, f"t{page + 1}" if page < PAGES else None)
    return listing("".join(records), end)


@dataclass
class Reply:
    """What goes over the wire. `cut`: announce the whole length, send that many bytes only."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    reset: bool = False
    drip: float = 0.0
    """Seconds between single bytes."""
    stall: float = 0.0
    """Seconds of silence in the middle of the body."""

    @classmethod
    def of(cls, text: str, **more: object) -> "Reply":
        return cls(body=text.encode(), **more)  # type: ignore[arg-type]


@dataclass
class Asked:
    """A request as it came."""

    verb: str
    arguments: dict[str, str]
    query: str
    page: int
    """Page of the list that is asked for; 0 for other verbs."""
    time: int
    """How often this page was asked for, counting from 1."""
    headers: dict[str, str]
    path: str = "/oai"


Answering = Callable[[Asked], Reply | None]
"""Gives the bent answer, or none for the sound one."""

IDENTIFY = (
    "<Identify><repositoryName>Thư viện thử</repositoryName><baseURL>{base}</baseURL>"
    "<protocolVersion>2.0</protocolVersion><adminEmail>it@example.org</adminEmail>"
    "<earliestDatestamp>2000-01-01T00:00:00Z</earliestDatestamp><deletedRecord>{deleted}</deletedRecord>"
    "<granularity>{granularity}</granularity><compression>gzip</compression></Identify>"
)
FORMATS = (
    "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>s</schema>"
    "<metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace></metadataFormat>"
    "<metadataFormat><metadataPrefix>biblio</metadataPrefix><schema>s</schema>"
    f"<metadataNamespace>{MARC}</metadataNamespace></metadataFormat></ListMetadataFormats>"
)
SETS = "<ListSets><set><setSpec>books</setSpec><setName>Sách</setName></set></ListSets>"


class Server:
    """The server's state: what it was asked, and how it answers."""

    def __init__(self, answering: Answering | None, granularity: str, deleted: str) -> None:
        self.answering = answering
        self.granularity = granularity
        self.deleted = deleted
        self.asked: list[Asked] = []
        self.base = ""
        self._lock = threading.Lock()

    @property
    def lists(self) -> list[Asked]:
        """The ListRecords requests."""
        return [asked for asked in self.asked if asked.verb == "ListRecords"]

    def answer(self, query: str, headers: dict[str, str], path: str) -> Reply:
        arguments = {key: values[0] for key, values in parse_qs(query, keep_blank_values=True).items()}
        verb = arguments.get("verb", "")
        page = 0
        if verb == "ListRecords":
            value = arguments.get("resumptionToken")
            page = 1 if value is None else int("".join(filter(str.isdigit, value)) or 0)
        with self._lock:
            before = sum(1 for old in self.asked if (old.verb, old.page) == (verb, page))
            asked = Asked(verb, arguments, query, page, before + 1, headers, path)
            self.asked.append(asked)
        bent = self.answering(asked) if self.answering else None
        return bent or self.sound(asked)

    def sound(self, asked: Asked) -> Reply:
        if asked.verb == "Identify":
            text = IDENTIFY.format(base=self.base, granularity=self.granularity, deleted=self.deleted)
            return Reply.of(envelope(text))
        if asked.verb == "ListMetadataFormats":
            return Reply.of(envelope(FORMATS))
        if asked.verb == "ListSets":
            return Reply.of(envelope(SETS))
        if asked.verb != "ListRecords":
            return Reply.of(error("badVerb"))
        if "resumptionToken" in asked.arguments and not 1 < asked.page <= PAGES:
            return Reply.of(error("badResumptionToken", "unknown"))
        return Reply.of(page_text(asked.page))


class Answers(Protocol):
    """The state of a server that the handler asks."""

    def answer(self, query: str, headers: dict[str, str], path: str) -> Reply:
        """Give the answer to a request."""


class Handler(BaseHTTPRequestHandler):
    """Sends what a server's state answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: Answers

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        reply = self.state.answer(parts.query, dict(self.headers), parts.path)
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.connection.close()
            self.close_connection = True
            return
        self.send_response_only(reply.status)
        headers = {"Content-Type": "text/xml; charset=utf-8", "Content-Length": str(len(reply.body))}
        for name, value in (headers | reply.headers).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._body(reply)
        except OSError:
            self.close_connection = True

    def _body(self, reply: Reply) -> None:
        if reply.drip:
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                time.sleep(reply.drip)
        elif reply.stall:
            middle = len(reply.body) // 2
            self.wfile.write(reply.body[:middle])
            self.wfile.flush()
            time.sleep(reply.stall)
            self.wfile.write(reply.body[middle:])
        elif reply.cut is not None:
            self.wfile.write(reply.body[: reply.cut])
            self.close_connection = True
        else:
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(
    answering: Answering | None = None,
    *,
    granularity: str = "YYYY-MM-DDThh:mm:ssZ",
    deleted: str = "persistent",
) -> Iterator[Server]:
    """Run a server for the length of a block."""
    state = Server(answering, granularity, deleted)
    handler = type("Handler", (Handler,), {"state": state})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    state.base = f"http://127.0.0.1:{http.server_address[1]}/oai"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def zipped(text: str) -> bytes:
    """The same, by gzip."""
    return gzip.compress(text.encode())
