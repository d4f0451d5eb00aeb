"""Object identifiers of Z39.50 and the names under which a source may ask for a record syntax.

A target's word on the syntax of a record is a claim: what the bytes are is looked at in `records`.
"""

from collections.abc import Mapping

PREFIX = "1.2.840.10003"
BIB1 = f"{PREFIX}.3.1"
BIB1_DIAGNOSTICS = f"{PREFIX}.4.1"
CHARSET_NEGOTIATION = f"{PREFIX}.15.3"
UTF8 = "1.0.10646.1.0.8"
UTF16 = "1.0.10646.1.0.5"

UNIMARC = f"{PREFIX}.5.1"
USMARC = f"{PREFIX}.5.10"
SUTRS = f"{PREFIX}.5.101"
OPAC = f"{PREFIX}.5.102"
XML = f"{PREFIX}.5.109.10"

SYNTAXES: Mapping[str, str] = {
    "opac": OPAC,
    "usmarc": USMARC,
    "unimarc": UNIMARC,
    "xml": XML,
    "sutrs": SUTRS,
}
"""What a source may ask for, best first: with holdings, MARC, then what says less."""

OTHER_NAMES: Mapping[str, str] = {"marc21": "usmarc", "marc": "usmarc", "iso2709": "usmarc", "marcxml": "xml"}

MARC_LIKE_UNIMARC = frozenset({UNIMARC, f"{PREFIX}.5.18", f"{PREFIX}.5.28"})
"""UNIMARC, SBN MARC and RUSMARC: ISO 2709 with UNIMARC's fields."""
MARC_FIRST, MARC_LAST = 1, 34
"""The arcs under 5 that the registry gave to national MARC formats, all in ISO 2709 (CCF is number 3)."""

NAMES: Mapping[str, str] = {
    **{value: name for name, value in SYNTAXES.items()},
    f"{PREFIX}.5.100": "explain",
    f"{PREFIX}.5.103": "summary",
    f"{PREFIX}.5.105": "grs-1",
    f"{PREFIX}.5.109.3": "html",
    f"{PREFIX}.5.109.1": "pdf",
}


def name_of(oid: str) -> str:
    """Name a record syntax for people."""
    if oid in NAMES:
        return NAMES[oid]
    return f"MARC format {oid.rpartition('.')[2]}" if is_marc(oid) else oid or "unnamed"


def is_marc(oid: str) -> bool:
    """Tell whether a record syntax is one of the MARC formats."""
    head, _, arc = oid.rpartition(".")
    return head == f"{PREFIX}.5" and arc.isdigit() and MARC_FIRST <= int(arc) <= MARC_LAST
