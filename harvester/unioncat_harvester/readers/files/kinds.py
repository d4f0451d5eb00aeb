"""What a file is, told by its first bytes and never by its name."""

import re
import zipfile
from enum import StrEnum
from typing import IO

from unioncat_harvester.readers.files.piece import NotUnderstood

HEAD = 64 * 1024
"""Bytes that are looked at."""
BRING = (
    "Bring an Excel file, a CSV file, or an export of your library system (MARC, MARCXML, MODS, Dublin Core)."
)


class Kind(StrEnum):
    """Kinds of file that can be read; each has a module."""

    EXCEL = "excel"
    CSV = "csv"
    HTML_TABLE = "html-table"
    ISO2709 = "iso2709"
    ISIS = "isis"
    """ISO 2709 as CDS/ISIS and WinISIS write it: lines of 80 characters, `#` at the ends."""
    XML = "xml"
    MARC_JSON = "marc-json"
    LINES = "mrk"
    ZIP = "zip"
    GZIP = "gzip"


_WORDS_OF = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"\x00\x01\x00\x00Standard", "an Access database"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LEADER = re.compile(rb"[\s\x00\x1a]*\d{5}[\x20-\x7e]{7}\d{5}[\x20-\x7e]{3}")
_ISIS_END = re.compile(rb"#\r?\n?(?:#|\r?\n|\d{5})")
_LINE = re.compile(rb"(?m)^=(?:LDR|00\d|\d{3})(?: {1,2}|\t)")
_HTML = re.compile(rb"<\s*(?:!doctype\s+html|html|table|meta|head|body)\b", re.IGNORECASE)
_MARC_KEYS = re.compile(rb'"(?:leader|fields|datafield|record)"\s*:')


def recognise(head: bytes, whole: IO[bytes]) -> Kind:
    """Tell what a file is. Raises `NotUnderstood`. Text must be in UTF-8 or some 8-bit encoding by now."""
    if not head.strip(b" \t\r\n\x00\x1a\xef\xbb\xbf"):
        raise NotUnderstood("the file is empty", BRING)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(whole)
    if head.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if head.startswith(_OLE):
        return Kind.EXCEL
    for start, words in _WORDS_OF:
        if head.startswith(start):
            raise NotUnderstood(f"the file is {words}", BRING)
    text = head.removeprefix(b"\xef\xbb\xbf")
    begins = text.lstrip(b" \t\r\n\x00\x1a")
    if begins.startswith(b"<"):
        return Kind.HTML_TABLE if _HTML.match(begins) else Kind.XML
    if _is_iso2709(text):
        return Kind.ISIS if b"\x1e" not in text else Kind.ISO2709
    if _LINE.match(begins) or len(_LINE.findall(text)) > 3:
        return Kind.LINES
    if begins[:1] in (b"{", b"[") and _MARC_KEYS.search(text):
        return Kind.MARC_JSON
    if begins[:1] in (b"{", b"[") and b'"' in begins[:200]:
        raise NotUnderstood("the file is JSON, but not MARC-in-JSON", BRING)
    if b"\x00" in text or _looks_binary(text):
        raise NotUnderstood("the file is of a kind that is not known here", BRING)
    return Kind.CSV


def _is_iso2709(text: bytes) -> bool:
    if _LEADER.match(text):
        return b"\x1e" in text or _ISIS_END.search(text) is not None
    return text.count(b"\x1e") > 3 and text.count(b"\x1f") > 3


def _looks_binary(text: bytes) -> bool:
    controls = sum(text.count(bytes([code])) for code in range(32) if code not in (9, 10, 11, 12, 13, 26))
    # VISCII and VPS put letters on some control codes, a few in a hundred.
    return controls > len(text) // 8


def _archive(whole: IO[bytes]) -> Kind:
    try:
        with zipfile.ZipFile(whole) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise NotUnderstood(
            f"the archive cannot be opened ({error})", "Save the file again; it may be cut off."
        ) from None
    if any(name.startswith("xl/") for name in names):
        return Kind.EXCEL
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise NotUnderstood("the file is a text document or slides, not a table", BRING)
    if "content.xml" in names and "mimetype" in names:
        return Kind.EXCEL
    return Kind.ZIP
