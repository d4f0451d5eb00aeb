"""Short ways to write a record in a test."""

from unioncat.domain.bib import BibRecord, Normalised
from unioncat.domain.source import Profile
from unioncat.normalise import PROFILES, MarcRecord, normalise, to_marcxml
from unioncat.normalise.gate.marc import build_iso2709

LEADER = "00000nam a2200000 a 4500"


def marc(*lines: str, leader: str = LEADER, f008: str | None = None, f001: str = "1") -> MarcRecord:
    """Make a record of lines such as `245 10 $a Title $c Author`; `#` is a blank indicator."""
    fields = []
    for line in lines:
        tag, indicators, rest = line[:3], line[4:6].replace("#", " "), line[7:]
        subfields = tuple((part[0], part[1:].strip(" ")) for part in rest.split("$")[1:])
        fields.append((tag, indicators[0], indicators[1], subfields))
    controls = [("001", f001)] + ([("008", f008)] if f008 else [])
    return MarcRecord(leader, tuple(controls), tuple(fields))


def read(*lines: str, profile: Profile = PROFILES["marc21"], **rest: str) -> Normalised:
    """Normalise a record of such lines; a title is added if none is given."""
    if not any(line.startswith("245") for line in lines):
        lines = ("245 00 $a Nhan đề", *lines)
    return normalise(to_marcxml(marc(*lines, **rest)), "marc21", profile)


def bib(*lines: str, **rest: str) -> BibRecord:
    """Normalise a record of such lines and return its bibliographic part."""
    found = read(*lines, **rest).bib
    assert found is not None
    return found


def to_iso2709(record: MarcRecord, encoding: str = "utf-8") -> bytes:
    """Write a record as ISO 2709."""
    pieces = [(tag, value.encode(encoding)) for tag, value in record.controls]
    for tag, first, second, subfields in record.fields:
        body = first + second + "".join(f"\x1f{code}{value}" for code, value in subfields)
        pieces.append((tag, body.encode(encoding)))
    return build_iso2709(record.leader.encode(), pieces)
