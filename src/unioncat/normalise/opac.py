"""Z39.50 OPAC records: the envelope that the harvester writes, opened into its record and its holdings.

The bibliographic record inside is read by whoever reads records of its kind; only holdings are read here. The
holdings of the envelope are the target's word on its copies: where there are any, those in fields of the
bibliographic record are not counted a second time.

    <opacRecord xmlns="http://unioncat/opac/1">
      <bibliographicRecord syntax="1.2.840.10003.5.10" encoding="base64">…</bibliographicRecord>
      <holdings>
        <holding> <nucCode>…</nucCode> <localLocation>…</localLocation> … <volume>…</volume>
          <circulation> <availableNow>true</availableNow> <itemId>…</itemId> … </circulation> </holding>
        <marcHoldingsRecord syntax="…" encoding="base64">…</marcHoldingsRecord>
      </holdings>
    </opacRecord>

Elements are named as in the standard (Z39.50-1995, RecordSyntax-opac); a text that XML cannot hold, or that
is not UTF-8, is base64 as well.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from unioncat.domain.bib import Holding, Normalised
from unioncat.domain.source import HoldingMap, Profile
from unioncat.normalise.iso2709 import decode_iso2709
from unioncat.normalise.marc21.fields import Fields
from unioncat.normalise.marc21.holdings import holdings as from_fields
from unioncat.normalise.marcxml import local_name, parse_xml
from unioncat.normalise.record import MarcRecord, Unreadable
from unioncat.text import clean, key_exact
from unioncat.text.encodings import LEGACY, decode, repair

MAX_HOLDINGS = 5000
"""Holdings read of one record."""
_UNIMARC = frozenset({"1.2.840.10003.5.1", "1.2.840.10003.5.18", "1.2.840.10003.5.28"})
_MFHD = HoldingMap(
    tag="852", library="a", location="bc", shelf_mark="hj", shelf_suffix="i", item="p", volume="3", note="z"
)
"""MARC 21 holdings records put their places into 852, whatever the bibliographic records do."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened envelope: the bibliographic record as it came, and the element that holds its holdings."""

    record: bytes
    format: str
    """What the record is kept as elsewhere: iso2709, unimarc, sutrs or xml."""
    holdings: "etree._Element | None"


def open_envelope(payload: bytes) -> Envelope:
    """Open an envelope. Raises `Unreadable` for anything that is none."""
    root, _ = parse_xml(payload)
    element = root.find("{*}bibliographicRecord")
    if local_name(str(root.tag)) != "opacRecord" or element is None:
        raise Unreadable("opac-none", "This is no OPAC record. Harvest the source again.")
    record = _octets(element)
    start = record[:64].lstrip()
    if start[:1] == b"<":
        format_ = "xml"
    elif b"\x1e" in record:
        format_ = "unimarc" if element.get("syntax") in _UNIMARC else "iso2709"
    else:
        format_ = "sutrs"
    return Envelope(record, format_, root.find("{*}holdings"))


def read_opac(
    payload: bytes, profile: Profile, read: Callable[[bytes, str, Profile], Normalised]
) -> Normalised:
    """Read an envelope; `read` reads the record inside. Raises `Unreadable`, and what `read` raises."""
    envelope = open_envelope(payload)
    inside = read(envelope.record, envelope.format, profile)
    found = holdings(envelope, profile)
    return replace(inside, holdings=found) if found else inside


def holdings(envelope: Envelope, profile: Profile) -> tuple[Holding, ...]:
    """Return the holdings of an envelope in its order; those that differ in nothing but items become one."""
    listed = envelope.holdings
    if listed is None:
        return ()
    found: dict[Holding, list[Holding]] = {}
    for one in _each(listed, profile):
        place = replace(one, items=(), copies=1)
        found.setdefault(place, []).append(one)
    return tuple(_together(place, each) for place, each in found.items())


def _together(place: Holding, each: list[Holding]) -> Holding:
    items = tuple(dict.fromkeys(item for one in each for item in one.items))
    return replace(place, items=items, copies=max(len(items), sum(one.copies for one in each)))


def _each(listed: "etree._Element", profile: Profile) -> Iterator[Holding]:
    marc: list[MarcRecord] = []
    for element in list(listed)[:MAX_HOLDINGS]:
        name = local_name(str(element.tag))
        if name == "marcHoldingsRecord":
            marc.append(decode_iso2709(_octets(element)))
        elif name == "holding":
            yield from _holding(element, profile)
    if marc:
        places = profile if any(one.tag == "852" for one in profile.holdings) else _with_852(profile)
        yield from from_fields([Fields(record, places) for record in marc], places)


def _with_852(profile: Profile) -> Profile:
    return replace(profile, holdings=(*profile.holdings, _MFHD))


def _holding(element: "etree._Element", profile: Profile) -> Iterator[Holding]:
    """Read HoldingsAndCircData: one holding for each status and volume of its circulating items."""
    branch = _text(element, "nucCode", profile)
    places = [_text(element, name, profile) for name in ("localLocation", "shelvingLocation")]
    mark = " ".join(filter(None, (_text(element, name, profile) for name in ("callNumber", "shelvingData"))))
    library, location = _owner(branch, places, profile)
    base = Holding(
        library=library,
        location=location,
        shelf_mark=mark or None,
        volume=_text(element, "enumAndChron", profile) or _volumes(element, profile),
        note=_text(element, "publicNote", profile) or None,
    )
    copy = _text(element, "copyNumber", profile)
    circulating = element.findall("{*}circulation")
    if not circulating:
        yield base
    for one in circulating:
        item = _text(one, "itemId", profile) or (copy if len(circulating) == 1 else "")
        yield replace(
            base,
            location=_text(one, "temporaryLocation", profile) or base.location,
            volume=_text(one, "enumAndChron", profile) or base.volume,
            items=(item,) if item else (),
            status=_status(one, profile),
        )


def _owner(branch: str, places: list[str], profile: Profile) -> tuple[str | None, str | None]:
    """Tell the owning library by the branch map, and the place; an unknown branch is part of the place."""
    known = {key_exact(value): code for value, code in profile.branches}
    for value in (branch, *places):
        if value and (library := known.get(key_exact(value))):
            return library, ", ".join(one for one in places if one and one != value) or None
    said = [one for one in places if one]
    if branch and (profile.branches or not said):
        said.insert(0, branch)
    return None, ", ".join(said) or None


def _volumes(element: "etree._Element", profile: Profile) -> str | None:
    said = []
    for volume in element.findall("{*}volume")[:50]:
        parts = [_text(volume, name, profile) for name in ("enumeration", "chronology", "enumAndChron")]
        said.append(" ".join(filter(None, parts)))
    return "; ".join(filter(None, said)) or None


def _status(circulation: "etree._Element", profile: Profile) -> str:
    """Tell the status; what is not available is on loan only where it is awaited: by date or by a reader."""
    if _text(circulation, "availableNow", profile) == "true":
        return "available"
    waits = _text(circulation, "availabilityDate", profile) or _text(circulation, "onHold", profile) == "true"
    return "on-loan" if waits else "unknown"


def _text(element: "etree._Element", name: str, profile: Profile) -> str:
    """Return a value as clean text, in the profile's encoding where that is an old one."""
    found = element.find("{*}" + name)
    if found is None:
        return ""
    legacy = profile.encoding if profile.encoding in LEGACY else None
    if found.get("encoding") == "base64":
        octets = _octets(found)
        text = decode(octets, legacy) if legacy else octets.decode("utf-8", "replace")
    else:
        text = repair(found.text or "", legacy) if legacy else found.text or ""
    return clean(text)


def _octets(element: "etree._Element") -> bytes:
    try:
        return b64decode((element.text or "").encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(
            "opac-damaged", "The bytes inside the OPAC record are damaged. Harvest the source again."
        ) from None
