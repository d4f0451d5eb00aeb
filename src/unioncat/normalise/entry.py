"""The one door: raw record in, bibliographic record, holdings and problems out.

It never raises. Whatever cannot be read comes back as a problem that names the remedy.
"""

from collections.abc import Callable

from lxml import etree

from unioncat.domain.bib import BibRecord, Holding, Normalised, Problem
from unioncat.domain.source import Profile
from unioncat.normalise.dublincore import read_dublin_core
from unioncat.normalise.encoded import (
    encoding_of,
    marc_legible,
    marc_texts,
    repair_xml,
    repaired,
    with_legible,
    xml_legible,
    xml_texts,
)
from unioncat.normalise.iso2709 import decode_iso2709
from unioncat.normalise.local import local_of_iso2709, local_of_record, to_marc21
from unioncat.normalise.marc21 import read_marc21
from unioncat.normalise.marcjson import decode_marc_json
from unioncat.normalise.marcxml import bibliographic_and_holdings, local_name, parse_xml
from unioncat.normalise.mods import read_mods
from unioncat.normalise.mrk import decode_lines
from unioncat.normalise.opac import read_opac
from unioncat.normalise.plain import read_plain
from unioncat.normalise.record import MarcRecord, Unreadable
from unioncat.normalise.tables import read_labels, read_row
from unioncat.normalise.unimarc import is_unimarc, read_unimarc
from unioncat.normalise.wrapping import Wrapping, wrapping

NORMALISER_VERSION = 5
"""Goes up whenever the same raw record would give another result: then all are made anew."""

_DUBLIN_CORE_ROOTS = frozenset({"dc", "qualifieddc", "oai_dc", "simpledc", "dcterms", "qdc"})
_DUBLIN_CORE_NAMESPACE = "http://purl.org/dc/"
_MODS_ROOTS = frozenset({"mods", "modscollection"})

_Read = Callable[
    [MarcRecord, list[MarcRecord], Profile, tuple[str, ...]], tuple[BibRecord, tuple[Holding, ...]]
]


def normalise(payload: bytes, format: str, profile: Profile) -> Normalised:
    """Read one raw record. The payload tells what it is; `format` where bytes cannot tell."""
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
    encoding = encoding_of(format, profile)
    match wrapping(payload, format):
        case Wrapping.XML:
            plain = read_plain(payload)
            if plain is not None:
                return _from_marc(repaired(plain, encoding), [], profile, ())
            return _from_xml(payload, format, profile, encoding)
        case Wrapping.ISO2709 if profile.format == "local":
            fields, flags = local_of_iso2709(payload, encoding)
            return _from_marc(to_marc21(fields, profile, flags), [], profile, (), local=True)
        case Wrapping.ISO2709:
            return _from_marc(decode_iso2709(payload, encoding), [], profile, ())
        case Wrapping.MARC_JSON:
            return _from_marc(repaired(decode_marc_json(payload), encoding), [], profile, ())
        case Wrapping.LINES:
            return _from_marc(repaired(decode_lines(payload), encoding), [], profile, ())
        case Wrapping.TABLE:
            return Normalised(*read_row(payload, profile, encoding))
        case Wrapping.TEXT:
            return Normalised(*read_labels(payload, profile, encoding))
        case Wrapping.OPAC:
            return read_opac(payload, profile, _normalise)


def _from_xml(payload: bytes, format: str, profile: Profile, encoding: str | None) -> Normalised:
    root, flags = parse_xml(payload)
    repair_xml(root, encoding)
    name = local_name(str(root.tag)).lower()
    if name in _MODS_ROOTS:
        return Normalised(*_from_mods(root, profile, flags))
    if _is_dublin_core(root, name):
        return Normalised(_from_dublin_core(root, profile, flags))
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
            f"The element {local_name(str(root.tag))!r} (sent as {format!r}) is no MARC, no MODS and no "
            "Dublin Core. Choose another format for this source.",
        )
    return _from_marc(record, holdings, profile, flags)


def _is_dublin_core(root: etree._Element, name: str) -> bool:
    if name in ("record", "collection"):
        return False
    return name in _DUBLIN_CORE_ROOTS or any(
        str(child.tag).startswith("{" + _DUBLIN_CORE_NAMESPACE) for child in root
    )


def _from_marc(
    record: MarcRecord,
    holdings: list[MarcRecord],
    profile: Profile,
    flags: tuple[str, ...],
    *,
    local: bool = False,
) -> Normalised:
    if not record.fields:
        raise Unreadable(
            "record-empty",
            "The record has no data fields; Koha sends this where its own record cannot be read. "
            "Ask the library to mend it.",
        )
    if record.leader[6] == "z":
        raise Unreadable("format-authority", "This is an authority record. Choose a set with titles only.")
    if profile.format == "local" and not local:
        record = to_marc21(local_of_record(record), profile, record.flags)
    read: _Read = read_unimarc if is_unimarc(record, profile.format) else read_marc21
    bib, found = read(record, holdings, profile, flags)
    return Normalised(
        with_legible(
            bib,
            lambda: marc_texts(record),
            lambda encoding: read(marc_legible(record, encoding), [], profile, ())[0],
        ),
        found,
    )


def _from_dublin_core(root: etree._Element, profile: Profile, flags: tuple[str, ...]) -> BibRecord:
    def read(encoding: str) -> BibRecord:
        xml_legible(root, encoding)
        return read_dublin_core(root, (), profile.fixes)

    return with_legible(read_dublin_core(root, flags, profile.fixes), lambda: xml_texts(root), read)


def _from_mods(
    root: etree._Element, profile: Profile, flags: tuple[str, ...]
) -> tuple[BibRecord, tuple[Holding, ...]]:
    def read(encoding: str) -> BibRecord:
        xml_legible(root, encoding)
        return read_mods(root, profile)[0]

    bib, found = read_mods(root, profile, flags)
    return with_legible(bib, lambda: xml_texts(root), read), found
