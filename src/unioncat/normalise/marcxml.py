"""MARCXML in and out: elements known by their local names, whatever namespace or prefix a server writes.

The input is hostile until proven otherwise: no DTD, no entities, no network; only UTF-8 is read, so that a
declared encoding cannot hide a DOCTYPE from the check.
"""

import re
import threading
from functools import lru_cache

from lxml import etree

from unioncat.normalise.record import DataField, MarcRecord, Unreadable, tidy_leader

_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ILLEGAL_BYTES = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));"
)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
HOLDINGS = frozenset("uvxy")
"""Leader/06 of holdings records."""

MARC21_NAMESPACE = "http://www.loc.gov/MARC21/slim"


def parse_xml(payload: bytes) -> tuple[etree._Element, tuple[str, ...]]:
    """Parse UTF-8 XML; control characters that XML forbids are dropped if it cannot be read with them.

    Raises `Unreadable` for a document type declaration and for what is not well-formed.
    """
    if _DOCTYPE.search(payload):
        raise Unreadable(
            "xml-doctype",
            "The record declares a document type or entities, which are never read. "
            "Ask the library to send plain records.",
        )
    try:
        return etree.fromstring(payload, _parser()), ()
    except etree.XMLSyntaxError as fault:
        mended = _ILLEGAL_BYTES.sub(b"", payload)
        if mended != payload:
            try:
                return etree.fromstring(mended, _parser()), ("xml-repaired",)
            except etree.XMLSyntaxError:
                pass
        raise Unreadable(
            "xml-not-well-formed",
            f"The record is no well-formed UTF-8 XML ({fault.msg}). Harvest it again; "
            "if it stays so, the library must mend it.",
        ) from None


class _Parsers(threading.local):
    """A parser for each thread; a new one from time to time, because it keeps every name it ever met.

    Measured: a new parser for each record takes more time than the parsing.
    """

    left = 0
    parser: etree.XMLParser


_parsers = _Parsers()
_PARSER_LIFE = 5_000


def _parser() -> etree.XMLParser:
    if _parsers.left == 0:
        _parsers.parser = _new_parser()
        _parsers.left = _PARSER_LIFE
    _parsers.left -= 1
    return _parsers.parser


def _new_parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )


@lru_cache(maxsize=1024)
def local_name(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2]


def read_record(element: etree._Element) -> MarcRecord:
    """Turn a `record` element into plain tuples; elements of other names are passed over."""
    leader = ""
    controls: list[tuple[str, str]] = []
    fields: list[DataField] = []
    for child in element:
        name = local_name(child.tag)
        if name == "datafield":
            get = child.get
            fields.append(
                (
                    get("tag", ""),
                    get("ind1", " "),
                    get("ind2", " "),
                    tuple([(sub.get("code", ""), sub.text or "") for sub in child]),
                )
            )
        elif name == "controlfield":
            controls.append((child.get("tag", ""), child.text or ""))
        elif name == "leader":
            leader = child.text or ""
    leader, mended = tidy_leader(leader)
    return MarcRecord(leader, tuple(controls), tuple(fields), ("leader-repaired",) if mended else ())


def bibliographic_and_holdings(root: etree._Element) -> tuple[MarcRecord | None, list[MarcRecord]]:
    """Find the first bibliographic record under `root`, and the holdings records that came with it."""
    if local_name(root.tag) == "record":
        elements = [root]
    else:
        elements = [element for element in root.iter() if local_name(element.tag) == "record"]
    bibliographic: MarcRecord | None = None
    holdings: list[MarcRecord] = []
    for element in elements:
        record = read_record(element)
        if record.leader[6] in HOLDINGS or element.get("type") == "Holdings":
            holdings.append(record)
        elif bibliographic is None and (record.fields or record.controls or record.leader.strip()):
            bibliographic = record
    return bibliographic, holdings


def to_marcxml(record: MarcRecord) -> bytes:
    """Write a record as MARCXML: always well-formed, its leader in the form that the schema asks for."""
    parts = [f'<record xmlns="{MARC21_NAMESPACE}"><leader>{_escape(_schema_leader(record.leader))}</leader>']
    parts += [
        f'<controlfield tag="{_escape(tag)}">{_escape(value)}</controlfield>'
        for tag, value in record.controls
    ]
    for tag, first, second, subfields in record.fields:
        inside = "".join(
            [f'<subfield code="{_escape(code)}">{_escape(value)}</subfield>' for code, value in subfields]
        )
        first, second = _indicator(first), _indicator(second)
        parts.append(f'<datafield tag="{_escape(tag)}" ind1="{first}" ind2="{second}">{inside}</datafield>')
    parts.append("</record>")
    return "".join(parts).encode()


def _schema_leader(leader: str) -> str:
    """Normalise a leader after MARC21slim.xsd; lengths are those of no file, so they are zero."""
    kept = "".join(char if char.isascii() and char.isalnum() else " " for char in leader.ljust(24)[5:24])
    kind = kept[1] if kept[1] != " " else "a"
    return f"00000{kept[0]}{kind}{kept[2:4]}a2200000{kept[12:15]}4500"


def _indicator(value: str) -> str:
    return value if len(value) == 1 and value.isascii() and value.isalnum() else " "


def _escape(text: str) -> str:
    if not text.isprintable():
        text = _ILLEGAL.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
