"""Mend a page that is whole but not well-formed, the way its server meant it.

Only a page with its closing root tag may come here: one without it is cut off and never mended. What is done:
anything around the root is cut away, characters that XML forbids and references to them are dropped, bare
ampersands and unknown entities are escaped, HTML's named entities are written out, bytes that are no UTF-8
become U+FFFD, prefixes that nothing declares are declared.
"""

import codecs
import re
from collections.abc import Iterator
from html.entities import html5
from typing import IO

from unioncat_harvester.markup.encoding import declared
from unioncat_harvester.markup.scan import Shape
from unioncat_harvester.transport import CHUNK, Unusable, spool

EDGE = 1024 * 1024
"""Bytes before the root and after its end tag that are looked through."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_AMPERSAND = re.compile(r"&(?:#(\d{1,7});|#[xX]([0-9A-Fa-f]{1,6});|([A-Za-z][A-Za-z0-9]{0,31});)?")
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
_LITERAL = re.compile(r"<!\[CDATA\[|<!--|]]>|-->")
_REACHES = (("&", 40), ("<", 9), ("]", 3), ("-", 3))
"""Beginnings of constructs, and how many characters these have at most."""
_TAG = re.compile(rb"<[^<>]*>?")
_PREFIX = re.compile(rb"(?:<|\s)([A-Za-z_][\w.-]*):[A-Za-z_]")
_USUAL = {
    b"xsi": b"http://www.w3.org/2001/XMLSchema-instance",
    b"xlink": b"http://www.w3.org/1999/xlink",
    b"marc": b"http://www.loc.gov/MARC21/slim",
    b"dc": b"http://purl.org/dc/elements/1.1/",
    b"dcterms": b"http://purl.org/dc/terms/",
    b"oai_dc": b"http://www.openarchives.org/OAI/2.0/oai_dc/",
}


def _roots(shape: Shape) -> bytes:
    names = b"|".join(re.escape(one.encode()) for one in sorted(shape.roots))
    return rb"(?:[A-Za-z_][\w.-]*:)?(?:%s)" % names


def _begins(head: bytes, shape: Shape) -> re.Match[bytes] | None:
    return re.search(rb"<%s(?=[\s/>])" % _roots(shape), head)


def has_root(body: IO[bytes], shape: Shape) -> bool:
    """Tell whether a root element of the protocol is somewhere near the beginning."""
    body.seek(0)
    return _begins(body.read(EDGE), shape) is not None


def mend(body: IO[bytes], size: int, shape: Shape, forced: str | None = None) -> IO[bytes]:
    """Give a mended copy in UTF-8. Raises `Unusable` for a page that is cut off or none of the protocol's."""
    body.seek(0)
    head = body.read(EDGE)
    root = _begins(head, shape)
    if root is None:
        raise Unusable(f"the answer is no {shape.protocol}: it begins with {_shown(head)}")
    if b"<!doctype" in head[: root.start()].lower():
        raise Unusable(f"the answer has a DOCTYPE before its root element; it is no plain {shape.protocol}")
    tail = max(root.start(), size - EDGE)
    body.seek(tail)
    ends = list(re.finditer(rb"</%s\s*>" % _roots(shape), body.read(EDGE)))
    if not ends:
        raise Unusable(f"the answer is cut off after {size:,} bytes: its end tag is missing")
    codec = forced or declared(head[: root.start()]).codec
    out = spool()
    for piece in _mended(_text(body, root.start(), tail + ends[-1].end(), codec)):
        out.write(piece.encode("utf-8"))
    out.seek(0)
    return out


def declare_prefixes(body: IO[bytes], place: int, shape: Shape) -> IO[bytes] | None:
    """Declare on the root the prefixes used in the tag at byte `place`; none if there are none to declare."""
    body.seek(place)
    tag = _TAG.match(body.read(EDGE))
    body.seek(0)
    head = body.read(EDGE)
    root = _begins(head, shape)
    if tag is None or root is None:
        return None
    own = _TAG.match(head, root.start())
    known = {b"xml", b"xmlns", *re.findall(rb"xmlns:([\w.-]+)", own[0] if own else b"")}
    missing = sorted(set(_PREFIX.findall(tag[0])) - known)
    if not missing:
        return None
    out = spool()
    out.write(head[: root.end()])
    for prefix in missing:
        out.write(b' xmlns:%s="%s"' % (prefix, _USUAL.get(prefix, b"urn:x-undeclared:" + prefix)))
    body.seek(root.end())
    while piece := body.read(CHUNK):
        out.write(piece)
    out.seek(0)
    return out


def _shown(head: bytes) -> str:
    return repr(head[:80].decode("utf-8", "replace").strip())


def _text(body: IO[bytes], start: int, end: int, codec: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    body.seek(start)
    left = end - start
    while left > 0 and (piece := body.read(min(CHUNK, left))):
        left -= len(piece)
        yield decoder.decode(piece)
    yield decoder.decode(b"", True)


def _mended(pieces: Iterator[str]) -> Iterator[str]:
    """Mend a stream of text; inside CDATA sections and comments ampersands are what they are."""
    inside = ""
    kept = ""
    for piece in pieces:
        text = kept + piece
        # a construct may be cut by the edge of the piece: hold its beginning back
        edges = (text.find(mark, max(0, len(text) - reach)) for mark, reach in _REACHES)
        edge = min((found for found in edges if found >= 0), default=len(text))
        kept = text[edge:]
        done, inside = _stretch(text[:edge], inside)
        yield done
    done, inside = _stretch(kept, inside)
    yield done


def _stretch(text: str, inside: str) -> tuple[str, str]:
    """Mend a piece of text; `inside` is the end mark of the section in which it begins, or empty."""
    parts: list[str] = []
    place = 0
    for mark in _LITERAL.finditer(text):
        if inside and mark[0] != inside:
            continue
        if not inside and mark[0] not in ("<![CDATA[", "<!--"):
            continue
        parts.append(_legal(text[place : mark.start()], plain=not inside))
        parts.append(mark[0])
        place = mark.end()
        inside = "" if inside else ("]]>" if mark[0] == "<![CDATA[" else "-->")
    parts.append(_legal(text[place:], plain=not inside))
    return "".join(parts), inside


def _legal(text: str, *, plain: bool) -> str:
    text = _ILLEGAL.sub("", text)
    return _AMPERSAND.sub(_reference, text) if plain and "&" in text else text


def _reference(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if decimal or hexadecimal:
        number = int(decimal) if decimal else int(hexadecimal, 16)
        return found[0].replace("X", "x") if _allowed(number) else ""
    if name is None:
        return "&amp;"
    if name in _PREDEFINED:
        return found[0]
    known = html5.get(name + ";")
    return known if known is not None and not set(known) & set("<&>") else f"&amp;{name};"


def _allowed(number: int) -> bool:
    """XML 1.0 §2.2."""
    return number in (9, 10, 13) or (
        0x20 <= number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF and number not in (0xFFFE, 0xFFFF)
    )
