"""A small repository, its provider, and ways to ask it: in process, or through a real socket."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import uvicorn
from lxml import etree
from starlette.applications import Starlette
from starlette.testclient import TestClient

from unioncat_api.protocols.oaipmh import (
    DUBLIN_CORE,
    MARCXML,
    Granularity,
    Identity,
    MemoryRepository,
    Provider,
    SetInfo,
    StoredItem,
    oai_routes,
)

SECRET = b"a secret for tests only"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
SETS = (SetInfo("books", "Sách"), SetInfo("books:old", "Sách cổ"), SetInfo("theses", "Luận văn & luận án"))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def marc(number: int, title: str = "Đất rừng phương Nam") -> bytes:
    return (
        '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>'
        f'<controlfield tag="001">{number}</controlfield><datafield tag="245" ind1="1" ind2="0">'
        f'<subfield code="a">{title}</subfield></datafield></record>'
    ).encode()


def dublin_core(number: int) -> bytes:
    return (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Số {number}</dc:title></oai_dc:dc>'
    ).encode()


def item(number: int, datestamp: str | None = None, *, deleted: bool = False) -> StoredItem:
    """Item `number`: three share each minute, every seventh is deleted, every fifth has no MARC."""
    datestamp = datestamp or f"2025-{number // 90 % 12 + 1:02}-11T10:{number // 3 % 30:02}:00Z"
    deleted = deleted or number % 7 == 3
    own = () if number % 5 == 4 else (("marc21", marc(number)),)
    metadata = () if deleted else (*own, ("oai_dc", dublin_core(number)))
    specs = ("books:old",) if number % 4 == 0 else ("theses",) if number % 4 == 1 else ()
    return StoredItem(f"oai:test.example:{number}", datestamp, deleted, specs, metadata)


def repository(
    count: int = 25, base_url: str = "http://testserver/oai", **identity: object
) -> MemoryRepository:
    facts = {
        "name": "Thử nghiệm <&>",
        "base_url": base_url,
        "admin_emails": ("admin@example.org",),
        "earliest": "2025-01-01T00:00:00Z",
        "granularity": Granularity.SECOND,
        "domain": "test.example",
        "sample_identifier": "oai:test.example:0",
        **identity,
    }
    made = MemoryRepository(Identity(**facts), (MARCXML, DUBLIN_CORE), SETS)
    made.put(item(number) for number in range(count))
    return made


class Clock:
    """A clock that tests turn."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


def application(held: object, clock: Clock | None = None, **provider: object) -> Starlette:
    async def choose(_request: object) -> object:
        return held

    made = Provider(SECRET, **{"page_size": 10, **provider})
    return Starlette(routes=oai_routes(made, choose, clock=clock or Clock()))


class Asker:
    """Asks an application and reads its answers."""

    def __init__(self, app: Starlette, path: str = "/oai") -> None:
        self.http = TestClient(app, raise_server_exceptions=True)
        self.path = path

    def tree(self, query: str) -> etree._Element:
        answer = self.http.get(f"{self.path}?{query}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        return etree.fromstring(answer.content)

    def code(self, query: str) -> str | None:
        """The error code of an answer, none when it has content."""
        tree = self.tree(query)
        error = tree.find(OAI + "error")
        return None if error is None else error.get("code")

    def pages(self, query: str) -> Iterator[etree._Element]:
        verb = query.partition("&")[0]
        while True:
            tree = self.tree(query)
            yield tree
            token = tree.findtext(f".//{OAI}resumptionToken")
            if not token:
                return
            query = f"{verb}&resumptionToken={token}"

    def headers(self, query: str) -> list[tuple[str, str, bool]]:
        """(identifier, datestamp, deleted) of a whole list, as sent."""
        return [
            (
                head.findtext(OAI + "identifier"),
                head.findtext(OAI + "datestamp"),
                head.get("status") == "deleted",
            )
            for tree in self.pages(query)
            for head in tree.iter(OAI + "header")
        ]


@contextlib.contextmanager
def served(app: Starlette, port: int = 0) -> Iterator[str]:
    """Serve an application on a real socket; gives its address."""
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/oai"
    finally:
        server.should_exit = True
        thread.join(5)
