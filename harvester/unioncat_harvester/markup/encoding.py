"""What encoding a page is in, and the same page in UTF-8.

The bytes decide: a byte order mark, then the XML declaration. The HTTP header is often wrong and not asked.
"""

import codecs
import re
from dataclasses import dataclass
from typing import IO

from unioncat_harvester.transport import CHUNK, spool

HEAD = 1024
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_WIDE = ("utf-16", "utf-32")
_KNOWN = ("iso8859-", "cp", "koi8", "mac-", "gb", "big5", "shift_jis", "euc_", "tis-620", "hz", "johab")


@dataclass(frozen=True, slots=True)
class Encoding:
    """The name of a codec, `utf-8` where nothing need be done; `doubt` says what is odd about it."""

    codec: str = "utf-8"
    doubt: str | None = None


def detect(head: bytes, forced: str | None = None) -> Encoding:
    """Tell the encoding from the first bytes of a page; `forced` is the source's option and wins."""
    if forced is not None:
        return Encoding(codec_name(forced) or "utf-8")
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec)
    return declared(head)


def declared(prolog: bytes) -> Encoding:
    """Tell the encoding that an XML declaration names; UTF-8 without one."""
    found = _DECLARED.search(prolog)
    if found is None:
        return Encoding()
    name = found[1].decode("ascii")
    codec = codec_name(name)
    if codec is None:
        return Encoding(doubt=f"the page says that it is in {name}, which is unknown; it was read as UTF-8")
    if codec.startswith(_WIDE):
        return Encoding(doubt=f"the page says that it is in {name}, but is not; it was read as UTF-8")
    return Encoding(codec)


def codec_name(name: str) -> str | None:
    """Give Python's name of a text encoding, `utf-8` for what is part of it; none for anything else."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    if found in ("ascii", "utf-8", "utf-8-sig"):
        return "utf-8"
    return found if found.startswith((*_WIDE, *_KNOWN)) else None


def transcode(body: IO[bytes], codec: str, errors: str = "strict") -> IO[bytes]:
    """Give a page in UTF-8, its XML declaration as it was; raises UnicodeError with `errors` = strict."""
    body.seek(0)
    decoder = codecs.getincrementaldecoder(codec)(errors)
    out = spool()
    try:
        while piece := body.read(CHUNK):
            out.write(decoder.decode(piece).encode("utf-8", "replace"))
        out.write(decoder.decode(b"", True).encode("utf-8", "replace"))
    except UnicodeError:
        out.close()
        raise
    out.seek(0)
    return out
