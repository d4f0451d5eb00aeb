"""Hostile XML for everything here that reads XML of others: `python -m tests.contracts.hostile_xml`.

Run in a process of its own with little memory; prints one JSON object a case: who read it, what it came to.
"""

import io
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.harvester import servers as oai
from tests.harvester.servers import Reply
from tests.harvester.support import source, take
from unioncat.domain.source import Profile, Protocol, RawRecord
from unioncat.lending.iso18626 import read as iso18626
from unioncat.normalise.gate import Gate
from unioncat.normalise.marcxml import parse_xml
from unioncat_api.protocols.oaipmh.memory import check_element
from unioncat_harvester import availability
from unioncat_harvester.readers.files.xml import pieces
from unioncat_harvester.readers.z3950 import records as z3950

MEMORY = 1024**3
BAIT = "ten-cua-nguoi-doc"
MARC = oai.marc(1, "{text}")


def entities(levels: int = 9, width: int = 10) -> str:
    """Entities that grow tenfold at each level."""
    rows = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * width}">' for n in range(1, levels + 1))
    return f'<!ENTITY a0 "{"lol" * 10}">{rows}'


def cases(secret: Path, touch: str) -> dict[str, tuple[str, str]]:
    """Give (prologue, text of a field) by name."""
    return {
        "billion laughs": (f"<!DOCTYPE r [{entities()}]>", "&a9;"),
        "laughs in an attribute": (f"<!DOCTYPE r [{entities()}]>", '<b x="&a9;"/>'),
        "quadratic": (f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]>', "&a;" * 20_000),
        "small entity": ('<!DOCTYPE r [<!ENTITY a "smuggled-in">]>', "&a;"),
        "file": (f'<!DOCTYPE r [<!ENTITY a SYSTEM "{secret.as_uri()}">]>', "&a;"),
        "address": (f'<!DOCTYPE r [<!ENTITY a SYSTEM "{touch}entity">]>', "&a;"),
        "external DTD": (f'<!DOCTYPE r SYSTEM "{touch}dtd">', "&a;"),
        "parameter entity": (f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{touch}parameter"> %p;]>', "x"),
        "xinclude": (
            "",
            f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>',
        ),
        "stylesheet": (f'<?xml-stylesheet type="text/xsl" href="{touch}style"?>', "x"),
        "schema": (
            "",
            f'<b xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="u {touch}s"/>',
        ),
        "deep": ("", "<b>" * 100_000 + "</b>" * 100_000),
        "never closed": ("", "<b>" * 3_000),
    }


def readers() -> dict[str, Callable[[str, str], str]]:
    """Everything that reads foreign XML: gives what was made of it as text, or raises."""

    def document(prologue: str, text: str) -> str:
        return prologue + MARC.replace("{text}", text)

    def by_oai(prologue: str, text: str) -> str:
        page = oai.page_text(1, records=[oai.record(1, metadata=MARC.replace("{text}", text))], end="")
        page = page.replace("?>\n", f"?>\n{prologue}", 1)

        def answering(asked: oai.Asked) -> Reply | None:
            return Reply.of(page) if asked.verb == "ListRecords" else None

        with oai.serving(answering) as server:
            taken = take(source(server.base))
        return said(taken.records, taken.error)

    def by_sru(prologue: str, text: str) -> str:
        for packing, data in (
            ("xml", MARC.replace("{text}", text)),
            ("string", document(prologue, text).replace("&", "&amp;").replace("<", "&lt;")),
        ):
            answer = (
                f'<?xml version="1.0"?>{prologue if packing == "xml" else ""}'
                '<zs:searchRetrieveResponse xmlns:zs="http://www.loc.gov/zing/srw/"><zs:version>1.1</zs:version>'
                "<zs:numberOfRecords>1</zs:numberOfRecords><zs:records><zs:record>"
                f"<zs:recordSchema>marcxml</zs:recordSchema><zs:recordPacking>{packing}</zs:recordPacking>"
                f"<zs:recordData>{data}</zs:recordData><zs:recordIdentifier>1</zs:recordIdentifier>"
                "</zs:record></zs:records></zs:searchRetrieveResponse>"
            )
            with oai.serving(lambda asked, body=answer: Reply.of(body)) as server:  # type: ignore[misc]
                taken = take(source(server.base, protocol=Protocol.SRU, format="marcxml"))
            found = said(taken.records, taken.error)
        return found

    def by_file(prologue: str, text: str) -> str:
        content = ('<?xml version="1.0" encoding="utf-8"?>' + document(prologue, text)).encode()
        return "\n".join(piece.payload.decode("utf-8", "replace") for piece in pieces(io.BytesIO(content)))

    def by_z3950(prologue: str, text: str) -> str:
        return z3950._xml_kind(document(prologue, text).encode())[1].decode()

    def by_gate(prologue: str, text: str) -> str:
        record = RawRecord("1", None, False, document(prologue, text).encode(), "marc21")
        admitted = Gate(Profile(strip_tags=("911",))).admit(record)
        return said([admitted] if isinstance(admitted, RawRecord) else [], None)

    def by_normaliser(prologue: str, text: str) -> str:
        root, _ = parse_xml(document(prologue, text).encode())
        return "".join(str(text) for text in root.itertext())

    def by_provider(prologue: str, text: str) -> str:
        check_element(document(prologue, text).encode())
        return ""

    def by_lending(prologue: str, text: str) -> str:
        body = f'{prologue}<ISO18626Message xmlns="http://illtransactions.org/2013/iso18626">{text}</ISO18626Message>'
        return "".join(str(text) for text in iso18626.document(body.encode()).itertext())

    def by_availability(prologue: str, text: str) -> str:
        asked = "<r xmlns='urn:x'><availabilitystatus>"
        found = availability.said(f"{prologue}{asked}{text}</availabilitystatus></r>".encode())
        if found is None:
            raise ValueError("it says nothing")
        return str(found)

    return {
        "lending": by_lending,
        "availability": by_availability,
        "OAI-PMH": by_oai,
        "SRU": by_sru,
        "files": by_file,
        "Z39.50": by_z3950,
        "gate": by_gate,
        "normaliser": by_normaliser,
        "provider": by_provider,
    }


def said(records: list[RawRecord], error: Exception | None) -> str:
    """Put what came into text; an error is raised."""
    if error is not None:
        raise error
    return "\n".join(record.payload.decode("utf-8", "replace") for record in records)


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """An HTTP server that notes who comes."""
    touched: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            touched.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!ENTITY a 'fetched'>")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", touched
    server.shutdown()


def main() -> None:
    """Let every reader read every case."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as folder, listening() as (touch, touched):
        secret = Path(folder) / "secret.txt"
        secret.write_text(BAIT, "utf-8")
        for name, (prologue, text) in cases(secret, touch).items():
            for reader, read in readers().items():
                begin = time.monotonic()
                try:
                    found = read(prologue, text)
                    end = "read"
                except Exception as error:
                    found, end = "", type(error).__name__
                row = {
                    "case": name,
                    "reader": reader,
                    "end": end,
                    "seconds": round(time.monotonic() - begin, 2),
                    "size": len(found),
                    "leaked": BAIT in found or "smuggled-in" in found.replace(prologue, ""),
                    "touched": list(touched),
                }
                touched.clear()
                sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
