"""A member library on another independent OAI-PMH server: the package oai-repo, under wsgiref.

It knows no deletions (`deletedRecord` is no): what is deleted on the shelf is simply not there. Its tokens
die when a list grows shorter.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

import oai_repo
from lxml import etree

from tests.contracts.oai_member import EARLIEST, MARC, PREFIX, Shelf, Silent


class _Data(oai_repo.DataInterface):  # type: ignore[misc]
    """The shelf as the package wants it."""

    def __init__(self, shelf: Shelf, batch: int) -> None:
        self.shelf = shelf
        self.limit = batch

    def _live(self) -> dict[str, tuple[datetime, str]]:
        return {
            identifier: (stamp.replace(tzinfo=UTC), xml)
            for identifier, (stamp, deleted, xml) in sorted(self.shelf.records.items())
            if not deleted
        }

    def get_identify(self) -> Any:
        said = oai_repo.Identify()
        said.repository_name = "Kệ sách"
        said.base_url = self.shelf.base
        said.admin_email = ["it@example.org"]
        said.earliest_datestamp = EARLIEST.strftime("%Y-%m-%dT%H:%M:%SZ")
        said.deleted_record = "no"
        said.granularity = "YYYY-MM-DDThh:mm:ssZ"
        return said

    def is_valid_identifier(self, identifier: str) -> bool:
        return identifier in self._live()

    def get_metadata_formats(self, identifier: str | None = None) -> list[Any]:
        return [oai_repo.MetadataFormat(PREFIX, f"{MARC}.xsd", MARC)]

    def get_record_header(self, identifier: str) -> Any:
        return oai_repo.RecordHeader(identifier, self._live()[identifier][0], ["all"])

    def get_record_metadata(self, identifier: str, metadataprefix: str) -> Any:
        return etree.fromstring(self._live()[identifier][1])

    def get_record_abouts(self, identifier: str) -> list[Any]:
        return []

    def list_set_specs(self, identifier: str | None = None, cursor: int = 0) -> tuple[Any, ...]:
        return ["all"], 1, None

    def get_set(self, setspec: str) -> Any:
        return oai_repo.Set("all", "Tất cả", [])

    def list_identifiers(
        self,
        metadataprefix: str,
        filter_from: datetime | None = None,
        filter_until: datetime | None = None,
        filter_set: str | None = None,
        cursor: int = 0,
    ) -> tuple[Any, ...]:
        chosen = [
            identifier
            for identifier, (stamp, _) in self._live().items()
            if (filter_from is None or stamp >= filter_from)
            and (filter_until is None or stamp <= filter_until)
        ]
        return chosen[cursor : cursor + self.limit], len(chosen), None


@contextmanager
def oai_repo_server(shelf: Shelf, *, batch: int = 20) -> Iterator[str]:
    """Serve a shelf; gives its address."""
    repository = oai_repo.OAIRepository(_Data(shelf, batch))

    def application(environment: dict[str, Any], start: Any) -> list[bytes]:
        query = {key: values[0] for key, values in parse_qs(environment["QUERY_STRING"]).items()}
        body = bytes(repository.process(query))
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
