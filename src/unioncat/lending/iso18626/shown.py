"""A message as people read it: its elements line by line, and its XML with each element on its own line.

Whatever the bytes are, something is shown; nothing in them is resolved.
"""

from dataclasses import dataclass

from lxml import etree

from unioncat.lending.iso18626.read import NotReadable, document

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """An element: how deep it stands, its name, and its value where it has one."""

    depth: int
    name: str
    value: str = ""
    scheme: str = ""


def lines(body: bytes) -> tuple[Line, ...]:
    """Give the elements below the envelope; nothing where it is no XML that may be read."""
    try:
        root = document(body)
    except NotReadable:
        return ()
    found: list[Line] = []

    def walk(element: etree._Element, depth: int) -> None:
        if len(found) >= MOST:
            return
        scheme = next((str(v) for k, v in element.attrib.items() if str(k).endswith("scheme")), "")
        text = (element.text or "").strip()
        found.append(Line(depth, etree.QName(element).localname, text, scheme))
        for child in element:
            walk(child, depth + 1)

    for child in root:
        walk(child, 0)
    return tuple(found)


def source(body: bytes) -> str:
    """Give the XML indented; bytes that are none as far as they are text."""
    try:
        root = document(body)
    except NotReadable:
        return body.decode("utf-8", "replace")
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")
