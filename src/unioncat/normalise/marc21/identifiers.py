"""Identifiers: standard numbers, control numbers of great catalogues, report and publisher numbers.

Prices and print runs (020 $c $d) never reach the number; a cancelled number stays, marked invalid.
"""

from collections.abc import Callable

from unioncat.domain.bib import Identifier
from unioncat.normalise.marc21.fields import Field, Fields
from unioncat.normalise.numbers import (
    read_doi,
    read_ean,
    read_handle,
    read_isbn,
    read_ismn,
    read_issn,
    read_lccn,
    read_oclc,
    read_standards,
    read_system_number,
)

_SCHEMES_024 = {"urn": "urn", "nbn": "urn", "urn:nbn": "urn"}
_READERS_024: dict[str, Callable[[str, bool], Identifier | None]] = {
    "isbn": read_isbn,
    "issn": read_issn,
    "ismn": read_ismn,
}


def identifiers(fields: Fields, reports: tuple[str, ...]) -> tuple[Identifier, ...]:
    """Return all identifiers in the order of their tags; `reports` are numbers found elsewhere."""
    found: list[Identifier | None] = []
    for field in fields.get("010"):
        found += _valid_and_cancelled(field, read_lccn, "a", "z")
    for field in fields.get("015"):
        found += [Identifier("nbn", value) for value in field.all("a")]
        found += [Identifier("nbn", value, None, False) for value in field.all("z")]
    for field in fields.get("020"):
        found += isbns(field, fields, "q")
    for field in fields.get("022"):
        found += _valid_and_cancelled(field, read_issn, "al", "yz")
    for field in fields.get("024"):
        found += _valid_and_cancelled(field, _reader_024(field), "a", "z")
    for _, field in fields.each("027", "088"):
        found += [Identifier("report", value) for value in field.all("a")]
    for field in fields.get("028"):
        found += [Identifier("publisher", value, field.first("b")) for value in field.all("a")]
    for field in fields.get("035"):
        found += _valid_and_cancelled(field, read_system_number, "a", "z")
    for field in fields.get("856"):
        found += [read_doi(url) or read_handle(url) for url in field.all("u")]
    found += read_standards(reports)
    if fields.control("003").strip() == "OCoLC" or fields.control("001").startswith(("ocm", "ocn")):
        found.append(read_oclc(fields.control("001")))
    kept = [identifier for identifier in found if identifier is not None]
    return tuple(dict.fromkeys(kept)) if len(kept) > 1 else tuple(kept)


def _valid_and_cancelled(
    field: Field, read: Callable[[str, bool], Identifier | None], valid: str, cancelled: str
) -> list[Identifier | None]:
    return [
        read(value, code in cancelled)
        for code, value in field.subfields
        if code in valid or code in cancelled
    ]


def isbns(field: Field, fields: Fields, qualifier_code: str) -> list[Identifier | None]:
    """Read $a and $z of a field of ISBNs, in either dialect of MARC; the qualifier stands in a subfield."""
    found: list[Identifier | None] = []
    qualifier = (field.first(qualifier_code) or "").strip(" ():;") or None
    for code, value in field.subfields:
        if code in "az":
            isbn = read_isbn(value, code == "z", qualifier)
            if isbn is None:
                if any(map(str.isdigit, value)):
                    fields.flag("isbn-malformed")
            elif not isbn.valid and code == "a":
                fields.flag("isbn-invalid")
            found.append(isbn)
    return found


def _reader_024(field: Field) -> Callable[[str, bool], Identifier | None]:
    if field.ind1 == "2":
        return read_ismn
    if field.ind1 in "13":
        return read_ean
    scheme = (field.first("2") or "").casefold() if field.ind1 == "7" else ""
    if scheme in ("doi", "hdl") or field.ind1 == "8":
        return lambda value, cancelled: read_doi(value) or read_handle(f"hdl:{value}")
    if scheme in _READERS_024:
        return _READERS_024[scheme]
    known = _SCHEMES_024.get(scheme)
    return lambda value, cancelled: Identifier(known or "local", value, None, not cancelled)
