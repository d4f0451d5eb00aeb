"""The shared test data as batches for decisions on encodings: one sample is all text of one record or row.

Bytes stay bytes where a file is no XML and no JSON: what they are is the question.
"""

import csv
import gzip
import io
import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from tests.support.data import DATA
from unioncat.normalise.iso2709 import split_iso2709

LEGACY_TITLES = DATA / "enc" / "bachkhoa-500-titles-legacy.tsv.gz"
_SUBFIELD = re.compile(rb"\x1f.|\x1e")
_BAD_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def unpacked(path: Path) -> bytes:
    """Read a file, unpacked."""
    opened = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    with opened(path, "rb") as file:  # type: ignore[operator]
        return bytes(file.read())


def iso2709(path: Path) -> list[bytes]:
    """One sample a record: its fields without leader, directory and subfield codes."""
    return [_SUBFIELD.sub(b"\n", record.partition(b"\x1e")[2]) for record in split_iso2709(unpacked(path))]


def xml(path: Path) -> list[str]:
    """One sample a record of MARCXML or Dublin Core, in whatever envelope; repairs what is no XML."""
    root = etree.fromstring(_BAD_XML.sub(b"", unpacked(path)), etree.XMLParser(recover=True, huge_tree=True))
    found = [
        element
        for element in root.iter()
        if isinstance(element.tag, str)
        and etree.QName(element).localname in ("record", "dc", "qualifieddc")
        and not any(etree.QName(child).localname in ("metadata", "recordData") for child in element)
    ]
    return ["\n".join(text for text in element.itertext() if text.strip()) for element in found]


def jsonl(path: Path) -> list[str]:
    """One sample a line of MARC-in-JSON."""
    samples = []
    for line in unpacked(path).splitlines():
        values = [
            text
            for field in json.loads(line)["fields"]
            for value in field.values()
            if isinstance(value, dict)
            for subfield in value["subfields"]
            for text in subfield.values()
        ]
        samples.append("\n".join(values))
    return samples


def table(path: Path) -> list[str]:
    """One sample a row of a CSV file."""
    rows = csv.reader(io.StringIO(unpacked(path).decode(), newline=""))
    return ["\n".join(row) for row in rows]


def lines(path: Path) -> list[str]:
    """One sample a line."""
    return unpacked(path).decode().splitlines()


def titles() -> dict[str, list[str]]:
    """Columns of the 500 titles in six encodings; three of them hold bytes as hexadecimal."""
    rows = list(csv.DictReader(io.StringIO(unpacked(LEGACY_TITLES).decode(), newline=""), delimiter="\t"))
    return {name: [row[name] for row in rows] for name in rows[0]}


def sound(large: bool = True) -> Iterator[tuple[str, str, list[str] | list[bytes]]]:
    """Give every set whose text is what it says: name, the decisions that are right for it, samples."""
    for name in (
        "loc-vietnam-135.utf8.mrc",
        "vn-bachkhoa-koha-2018.mrc.gz",
        "vn-bachkhoa-koha-2018-24field-part5.mrc.gz",
        "harvard-random-1000.mrc.gz",
        "gpo-nist-sp.utf8.mrc.gz",
        "korean-880-815.mrc.gz",
    ):
        yield f"marc/{name}", "utf-8 nfd", iso2709(DATA / "marc" / name)
    yield "unimarc/bnf-1000.utf8.mrc.gz", "utf-8 nfd", iso2709(DATA / "unimarc" / "bnf-1000.utf8.mrc.gz")
    yield "unimarc/short.firenze.1977.mrc", "utf-8 nfd", iso2709(DATA / "unimarc" / "short.firenze.1977.mrc")
    for name in (
        "lc-books-pre1900-2000.mrc.gz",
        "uva-2000.mrc.gz",
        "evergreen-laurentian-fre-500.mrc.gz",
    ):
        yield f"marc/{name}", "marc-8", iso2709(DATA / "marc" / name)
    # Thirteen words beyond ASCII in six of 752 records, most of them with damaged escape sequences.
    yield "marc/gpo-nist-sp.marc8.mrc.gz", "marc-8 none", iso2709(DATA / "marc" / "gpo-nist-sp.marc8.mrc.gz")
    yield "marc/chinese-big5-639.mrc.gz", "none", iso2709(DATA / "marc" / "chinese-big5-639.mrc.gz")
    yield "unimarc/bnf-1000.iso5426.mrc.gz", "none", iso2709(DATA / "unimarc" / "bnf-1000.iso5426.mrc.gz")
    for name in ("serial.bnr.1993.mrc", "short.bnr.1993.mrc"):
        yield f"unimarc/{name}", "utf-8-twice", iso2709(DATA / "unimarc" / name)
    for folder in ("marc", "dc"):
        for path in sorted((DATA / folder).glob("*xml*")):
            yield f"{folder}/{path.name}", "utf-8 nfd", xml(path)
    for path in sorted((DATA / "vie").glob("*.csv.gz")):
        yield f"vie/{path.name}", "utf-8 nfd", table(path)
    for name in ("Viet22K.txt.gz", "telex-pairs.txt.gz", "vietnamese-stopwords.txt", "vi-syllables.tsv.gz"):
        yield f"enc/{name}", "utf-8 nfd", lines(DATA / "enc" / name)
    validation = DATA / "dedup" / "goldfinch-val" / "val.marc.jsonl.gz"
    yield "dedup/goldfinch-val", "utf-8 nfd", jsonl(validation)
    if large:
        name = "loc-booksall-2016-part01.utf8.mrc.xz"
        yield f"marc/{name}", "utf-8 nfd", iso2709(DATA / "marc" / name)
