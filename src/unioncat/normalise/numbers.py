"""Standard numbers in one normal form: ISBN-13 digits, ISSN with hyphen, DOI in lower case.

A wrong check digit makes a number invalid, not absent; text that only stands where a number belongs (a price,
a row number) is no number.
"""

import re
from functools import lru_cache
from operator import mul

from stdnum import ean, ismn, issn
from stdnum.exceptions import ValidationError

from unioncat.domain.bib import Identifier

_ISBN = re.compile(
    r"(?:ISBN(?:-1[03])?[:\s]*)?((?:97[89][\s\-–]*)?(?:\d[\s\-–]*){9}[\dXx])(?![\d\-])", re.IGNORECASE
)
_ISSN = re.compile(r"(?<!\d)(\d{4})[\-– ]?(\d{3}[\dXx])(?!\d)")
_QUALIFIER = re.compile(r"\(([^()]+)\)|\[([^\[\]]+)\]")
_DOI = re.compile(r"(?:^|doi:?\s*|doi\.org/)(10\.\d{4,9}/\S+)", re.IGNORECASE)
_HANDLE = re.compile(r"(?:^hdl:\s*|hdl\.handle\.net/)(\d+(?:\.\d+)*/\S+)", re.IGNORECASE)
_OCLC = re.compile(r"(?:\(OCoLC\)\s*|^)(?:oc[mn]|on)?0*(\d+)", re.IGNORECASE)
_STANDARD = re.compile(
    r"\b(TCVN(?: ISO(?:/IEC)?| IEC)?|TCXDVN|TCXD|QCXDVN|QCVN|TCCS|TCN|ISO(?:/IEC|/TR|/TS)?|IEC|ASTM|DIN|JIS"
    r"|GOST|EN|BS)[\s:]*([A-Z]?\s?\d+(?:\s*[-.]\s*\d+)*)\s*[-:]\s*((?:19|20)\d\d|[5-9]\d)(?!\d)(/[A-ZĐ]{2,8}\b)?"
)
_RANGE = re.compile(r"(?:^|\s)(?:đến|Đến|ĐẾN|to)(?:\s|$)|[→÷]")
_DSPACE_DEFAULT_PREFIX = "123456789/"  # every new DSpace has it, so it identifies nothing


def read_isbn(text: str, cancelled: bool = False, qualifier: str | None = None) -> Identifier | None:
    """Read an ISBN with its qualifier out of 020; None where the text holds no number of that length."""
    match = _ISBN.match(text.lstrip(" :;"))
    if match is None:
        return None
    digits = match[1].translate(_JOINED)
    if len(text) > len(match[0]):
        note = _QUALIFIER.search(text)
        if note:
            qualifier = (note[1] or note[2]).strip(" :;,") or qualifier
    thirteen = isbn13(digits)
    if thirteen is None:
        return Identifier("isbn", digits, qualifier, False)
    return Identifier("isbn", thirteen, qualifier, not cancelled)


_VALUES = {**{str(digit): digit for digit in range(10)}, "X": 10}
_TEN = range(10, 0, -1)
_THIRTEEN = (1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)


def isbn13(digits: str) -> str | None:
    """Give 10 or 13 digits (the last of 10 may be X) as 13; None where the check digit is wrong (ISO 2108).

    python-stdnum does the same; here it took a tenth of the time of a whole record.
    """
    try:
        values = [_VALUES[digit] for digit in digits]
    except KeyError:
        return None
    if len(digits) == 10:
        if sum(map(mul, _TEN, values)) % 11 or 10 in values[:9]:
            return None
        check = -(38 + sum(map(mul, _THIRTEEN[3:12], values))) % 10  # 38: what 978 counts
        return f"978{digits[:9]}{check}"
    if sum(map(mul, _THIRTEEN, values)) % 10 or 10 in values:
        return None
    return digits


_JOINED = str.maketrans({" ": None, "-": None, "–": None, "\u00a0": None, "x": "X"})


@lru_cache(maxsize=1 << 14)
def read_issn(text: str, cancelled: bool = False) -> Identifier | None:
    """Read an ISSN; None where there is no number of that form."""
    match = _ISSN.search(text)
    if match is None:
        return None
    digits = (match[1] + match[2]).upper()
    return Identifier("issn", f"{digits[:4]}-{digits[4:]}", None, issn.is_valid(digits) and not cancelled)


def read_ismn(text: str, cancelled: bool = False) -> Identifier | None:
    """Read an ISMN as 13 digits; None where there is no number of that form."""
    try:
        digits = ismn.compact(ismn.to_ismn13(ismn.validate(text.partition("(")[0].strip())))
    except ValidationError:
        return None
    return Identifier("ismn", digits, None, not cancelled)


def read_ean(text: str, cancelled: bool = False) -> Identifier | None:
    """Read an EAN or UPC; one of Bookland is an ISBN."""
    digits = text.partition("(")[0].translate(_JOINED)
    if not (digits.isascii() and digits.isdigit() and len(digits) in (12, 13)):
        return None
    digits = digits.zfill(13)
    if digits.startswith(("978", "979")) and not digits.startswith("9790"):
        return read_isbn(digits, cancelled)
    return Identifier("ean", digits, None, ean.is_valid(digits) and not cancelled)


def read_lccn(text: str, cancelled: bool = False) -> Identifier | None:
    """Read an LCCN in the normal form of the Library of Congress (no blanks, six digits after the year)."""
    number = text.replace(" ", "").partition("/")[0]
    if "-" in number:
        year, _, serial = number.partition("-")
        number = year + serial.zfill(6)
    if not any(map(str.isdigit, number)):
        return None
    return Identifier("lccn", number, None, not cancelled)


def read_system_number(text: str, cancelled: bool = False) -> Identifier | None:
    """Read 035: an OCLC number by its digits, any other number with its prefix as it is."""
    if "ocolc" in text.casefold():
        match = _OCLC.match(text)
        return Identifier("oclc", match[1], None, not cancelled) if match else None
    return Identifier("local", text, None, not cancelled)


def read_oclc(text: str) -> Identifier | None:
    """Read a control number given by OCLC ("ocm00012345 ")."""
    match = _OCLC.match(text.strip())
    return Identifier("oclc", match[1]) if match else None


def read_doi(text: str) -> Identifier | None:
    """Read a DOI, bare, with its prefix, or as an address."""
    match = _DOI.search(text)
    return Identifier("doi", match[1].rstrip(".,;)").casefold()) if match else None


def read_handle(text: str) -> Identifier | None:
    """Read a handle out of a text or address; the default prefix of DSpace identifies nothing."""
    match = _HANDLE.search(text)
    if match is None or match[1].startswith(_DSPACE_DEFAULT_PREFIX):
        return None
    return Identifier("handle", match[1])


def read_standards(numbers: tuple[str, ...]) -> list[Identifier]:
    """Read the numbers of standards that stood in one record: `standard` where they name this one document.

    It needs the year, which tells the editions apart; "TCVN 4259-86" is "TCVN 4259:1986". Of several in a row
    the first names the document and the others what it was made after ("TCVN 6524:1999, ISO 4997:1991"); a
    range, or several of one series, is a collection, whose numbers name no document.
    """
    found = [match for text in numbers for match in _STANDARD.finditer(text)]
    series = [match[1].partition(" ")[0] for match in found]
    if not found or series.count(series[0]) > 1 or any(_RANGE.search(text) for text in numbers):
        return [Identifier("report", text) for text in numbers]
    first = found[0]
    number, year = re.sub(r"\s", "", first[2]), first[3]
    value = f"{first[1]} {number}:{year if len(year) == 4 else '19' + year}{first[4] or ''}"
    others = [Identifier("report", re.sub(r"\s+", " ", match[0])) for match in found[1:]]
    return [Identifier("standard", value), *others]
