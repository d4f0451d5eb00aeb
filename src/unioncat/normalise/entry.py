"""The one door: raw record in, bibliographic record, holdings and problems out.

It never raises. Whatever cannot be read comes back as a problem that names the remedy.
"""

from lxml import etree

from unioncat.domain.bib import Normalised, Problem
from unioncat.domain.source import Profile
from unioncat.normalise.dublincore import read_dublin_core
from unioncat.normalise.iso2709 import decode_iso2709
from unioncat.normalise.marc21 import read_marc21
from unioncat.normalise.marcxml import bibliographic_and_holdings, local_name, parse_xml
from unioncat.normalise.plain import read_plain
from unioncat.normalise.record import MarcRecord, Unreadable

NORMALISER_VERSION = 1
"""Goes up whenever the same raw record would give another result: then all are made anew."""

_DUBLIN_CORE_ROOTS = frozenset({"dc", "qualifieddc", "oai_dc", "simpledc", "dcterms", "qdc"})
_DUBLIN_CORE_NAMESPACE = "http://purl.org/dc/"


def normalise(payload: bytes, format: str, profile: Profile) -> Normalised:
    """Read one raw record. The payload tells what it is; `format`, the metadataPrefix, is for messages."""
    try:
        return _normalise(payload, format, profile)
    except Unreadable as fault:
        return Normalised(None, problems=(Problem(fault.code, fault.detail),))
    except Exception as fault:  # one bad record costs one problem, never the run (DESIGN invariant 4)
        return Normalised(
            None,
            problems=(
                Problem(
                    "normaliser-fault",
                    f"The normaliser failed on this record ({type(fault).__name__}: {fault}). "
                    "The raw record is kept: report it, and replay the source after the next release.",
                ),
            ),
        )


def _normalise(payload: bytes, format: str, profile: Profile) -> Normalised:
    if not payload.strip():
        raise Unreadable(
            "payload-empty", "The record is empty. Ask the library why it sends records without content."
        )
    if payload[:5].strip().isdigit() and b"\x1e" in payload:
        return _from_marc(decode_iso2709(payload), [], profile, ())
    plain = read_plain(payload)
    if plain is not None:
        return _from_marc(plain, [], profile, ())
    root, flags = parse_xml(payload)
    if _is_dublin_core(root):
        return Normalised(read_dublin_core(root, flags))
    record, holdings = bibliographic_and_holdings(root)
    if record is None:
        if holdings:
            raise Unreadable(
                "holdings-only",
                "There are holdings records but no bibliographic record. "
                "Ask the library to send both in one metadata element.",
            )
        raise Unreadable(
            "format-unknown",
            f"The element {local_name(str(root.tag))!r} (sent as {format!r}) is no MARC and no Dublin Core. "
            "Choose another metadataPrefix for this source.",
        )
    return _from_marc(record, holdings, profile, flags)


def _is_dublin_core(root: etree._Element) -> bool:
    name = local_name(str(root.tag)).lower()
    if name in ("record", "collection"):
        return False
    return name in _DUBLIN_CORE_ROOTS or any(
        str(child.tag).startswith("{" + _DUBLIN_CORE_NAMESPACE) for child in root
    )


def _from_marc(
    record: MarcRecord, holdings: list[MarcRecord], profile: Profile, flags: tuple[str, ...]
) -> Normalised:
    if not record.fields:
        raise Unreadable(
            "record-empty",
            "The record has no data fields; Koha sends this where its own record cannot be read. "
            "Ask the library to mend it.",
        )
    tags = {field[0] for field in record.fields}
    if record.leader[6] == "z":
        raise Unreadable("format-authority", "This is an authority record. Choose a set with titles only.")
    if "200" in tags and "245" not in tags:
        raise Unreadable(
            "format-unimarc",
            "This is a UNIMARC record (title in 200). Ask the library for MARC 21, or for oai_dc.",
        )
    bib, found = read_marc21(record, holdings, profile, flags)
    return Normalised(bib, found)
