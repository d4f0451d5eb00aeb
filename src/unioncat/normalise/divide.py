"""A small file of records divided into payloads, for looking at what a profile makes of them.

Whole files of libraries are the harvester's work; this holds everything in memory.
"""

import csv
import io
import json
from collections.abc import Iterator

from lxml import etree

from unioncat.normalise.iso2709 import split_iso2709
from unioncat.normalise.marcjson import load_object
from unioncat.normalise.marcxml import local_name, parse_xml
from unioncat.normalise.record import Unreadable
from unioncat.normalise.wrapping import Wrapping, wrapping

Piece = tuple[bytes, str]
"""A payload and its format."""

_RECORDS = frozenset({"record", "mods", "dc"})


def divide(data: bytes, table: bool = False) -> Iterator[Piece]:
    """Give the records of a file; `table` says that it is CSV. Raises `Unreadable`."""
    if table:
        yield from _rows(data)
        return
    found = wrapping(data, "")
    if found is Wrapping.ISO2709:
        yield from [(record, "iso2709") for record in split_iso2709(data)]
    elif found is Wrapping.LINES:
        blocks = data.replace(b"\r\n", b"\n").split(b"\n\n")
        yield from [(block.strip(b"\n"), "mrk") for block in blocks if block.strip()]
    elif found is Wrapping.MARC_JSON or data.lstrip()[:1] == b"[":
        yield from [(record, "marc-json") for record in _objects(data)]
    else:
        yield from _elements(data)


def _rows(data: bytes) -> Iterator[Piece]:
    text = data.decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=mark):
        cells = {key: value for key, value in row.items() if key and isinstance(value, str) and value.strip()}
        if cells:
            yield json.dumps(cells, ensure_ascii=False).encode(), "table"


def _objects(data: bytes) -> Iterator[bytes]:
    text = data.decode("utf-8-sig", "replace").strip()
    if text.startswith("["):
        try:
            records = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            raise Unreadable(
                "json-not-readable", "The file is no JSON. Ask the library for it again."
            ) from None
        yield from [json.dumps(record, ensure_ascii=False).encode() for record in records]
        return
    try:
        load_object(text.encode())
        yield text.encode()
    except Unreadable:  # one object a line
        yield from [line.encode() for line in text.splitlines() if line.strip()]


def _elements(data: bytes) -> Iterator[Piece]:
    root, _ = parse_xml(data)
    if local_name(str(root.tag)) in _RECORDS and root.find(".//{*}metadata") is None:
        yield data, "xml"
        return
    answers = root.findall(".//{*}metadata") or root.findall(".//{*}recordData")
    elements = [answer[0] for answer in answers if len(answer)] or [
        element for element in root.iter() if local_name(str(element.tag)) in _RECORDS
    ]
    if not elements:
        raise Unreadable("format-unknown", "No record was found in the XML.")
    yield from [(etree.tostring(element, encoding="utf-8", with_tail=False), "xml") for element in elements]
