"""What a payload is wrapped in: told by its first bytes, and by its format where bytes cannot tell.

The gate and the normaliser ask the same function, so that none of them sees what the other does not.
"""

from enum import StrEnum

_SPACE = b" \t\r\n\x00\xef\xbb\xbf"


class Wrapping(StrEnum):
    """Forms of payload; one decoder each."""

    XML = "xml"
    ISO2709 = "iso2709"
    MARC_JSON = "marc-json"
    LINES = "mrk"
    TABLE = "table"
    OPAC = "opac"
    TEXT = "sutrs"


_BY_FORMAT = {one.value: one for one in (Wrapping.TABLE, Wrapping.OPAC, Wrapping.TEXT)}


def wrapping(payload: bytes, format: str) -> Wrapping:
    """Tell what a payload is wrapped in; what is none of the others is taken for XML.

    What stands behind a semicolon in the format (`table;encoding=vni`) says nothing about the wrapping.
    """
    format = format.partition(";")[0]
    format = format.partition(";")[0]  # parameters follow: `mrk;encoding=vni`
    if format in _BY_FORMAT:
        return _BY_FORMAT[format]
    start = payload[:64].lstrip(_SPACE)
    if start[:1] == b"{":
        return Wrapping.MARC_JSON
    if start[:1] == b"=" and start[1:4].isalnum():
        return Wrapping.LINES
    if start[:5].strip().isdigit() and b"\x1e" in payload:
        return Wrapping.ISO2709
    return Wrapping.ISO2709 if format in ("iso2709", "unimarc") and start[:1] != b"<" else Wrapping.XML
