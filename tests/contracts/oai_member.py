"""A member library on an independent OAI-PMH server: the server half of the package oaipmh, under wsgiref."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

from lxml import etree
from oaipmh import common, error, metadata, server

MARC = "http://www.loc.gov/MARC21/slim"
PREFIX = "marc21"
EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)


def bare(moment: datetime) -> datetime:
    """The same without a zone, as the package wants dates: in UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None)


class Shelf:
    """Records with dates and deletions, as the server's data layer asks for them."""

    def __init__(self, count: int) -> None:
        self.base = ""
        self.records: dict[str, tuple[datetime, bool, str]] = {}
        for number in range(count):
            self.put(number, EARLIEST + timedelta(minutes=number), deleted=number % 25 == 24)

    def put(self, number: int, stamp: datetime, *, deleted: bool = False, title: str = "Đất rừng") -> None:
        """Add or change a record; `stamp` with its zone."""
        xml = (
            f'<record xmlns="{MARC}"><leader>00000nam a2200000 a 4500</leader>'
            f'<controlfield tag="001">oai:shelf:{number}</controlfield>'
            f'<datafield tag="245" ind1="1" ind2="0">'
            f'<subfield code="a">{title} {number}</subfield></datafield></record>'
        )
        self.records[f"oai:shelf:{number}"] = (bare(stamp), deleted, xml)

    def identify(self) -> common.Identify:
        return common.Identify(
            "Kệ sách", self.base, "2.0", ["it@example.org"], bare(EARLIEST), "persistent",
            "YYYY-MM-DDThh:mm:ssZ", ["identity"],
        )  # fmt: skip

    def listMetadataFormats(self, identifier: str | None = None) -> list[tuple[str, str, str]]:
        return [(PREFIX, f"{MARC}.xsd", MARC)]

    def listSets(self, cursor: int = 0, batch_size: int = 10) -> list[tuple[str, str, str]]:
        return [("all", "Tất cả", "")][cursor : cursor + batch_size]

    def listRecords(
        self,
        metadataPrefix: str,
        set: str | None = None,
        from_: datetime | None = None,
        until: datetime | None = None,
        cursor: int = 0,
        batch_size: int = 10,
    ) -> list[tuple[Any, str, None]]:
        chosen = [
            (common.Header(None, identifier, stamp, ["all"], deleted), xml, None)
            for identifier, (stamp, deleted, xml) in sorted(self.records.items())
            if (from_ is None or stamp >= from_) and (until is None or stamp <= until)
        ]
        return chosen[cursor : cursor + batch_size]

    def listIdentifiers(self, **arguments: Any) -> list[Any]:
        return [header for header, _, _ in self.listRecords(**arguments)]

    def getRecord(self, metadataPrefix: str, identifier: str) -> tuple[Any, str, None]:
        if identifier not in self.records:
            raise error.IdDoesNotExistError(identifier)
        stamp, deleted, xml = self.records[identifier]
        return common.Header(None, identifier, stamp, ["all"], deleted), xml, None


METHODS = ("identify", "listMetadataFormats", "listSets", "listRecords", "listIdentifiers", "getRecord")


class _Layer(common.OAIPMH):  # type: ignore[misc]
    """The data layer as the package wants it."""

    def __init__(self, shelf: Shelf) -> None:
        for name in METHODS:
            setattr(self, name, getattr(shelf, name))


class Silent(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def shelf_server(shelf: Shelf, *, batch: int = 20) -> Iterator[str]:
    """Serve a shelf; gives its address."""
    registry = metadata.MetadataRegistry()
    registry.registerWriter(PREFIX, lambda element, xml: element.append(etree.fromstring(xml)))
    oai = server.BatchingServer(_Layer(shelf), metadata_registry=registry, resumption_batch_size=batch)

    def application(environment: dict[str, Any], start: Any) -> list[bytes]:
        query = {key: values[0] for key, values in parse_qs(environment["QUERY_STRING"]).items()}
        body = oai.handleRequest(query)
        start("200 OK", [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body)))])
        return [body]

    http = make_server("127.0.0.1", 0, application, handler_class=Silent)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    shelf.base = f"http://127.0.0.1:{http.server_port}/oai"
    try:
        yield shelf.base
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
