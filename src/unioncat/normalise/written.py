"""A payload as lines for people: what a record says, in whatever form it came.

For looking at only; nothing is read back from these lines.
"""

from unioncat.normalise.iso2709 import decode_iso2709
from unioncat.normalise.marcjson import decode_marc_json, load_object
from unioncat.normalise.marcxml import local_name, parse_xml, read_record
from unioncat.normalise.mrk import decode_lines
from unioncat.normalise.record import MarcRecord, Unreadable
from unioncat.normalise.wrapping import Wrapping, wrapping
from unioncat.text import clean


def written(payload: bytes, format: str) -> tuple[str, ...]:
    """Write the fields of a payload as lines; one that cannot be read is a line that says why."""
    try:
        return _written(payload, format)
    except Unreadable as fault:
        return (f"({fault.code}: {fault.detail})",)


def _written(payload: bytes, format: str) -> tuple[str, ...]:
    match wrapping(payload, format):
        case Wrapping.ISO2709:
            return marc_lines(decode_iso2709(payload))
        case Wrapping.MARC_JSON:
            return marc_lines(decode_marc_json(payload))
        case Wrapping.LINES:
            return marc_lines(decode_lines(payload))
        case Wrapping.TABLE:
            return tuple([f"{key}: {clean(str(value))}" for key, value in load_object(payload)])
        case Wrapping.TEXT:
            return tuple([clean(line) for line in payload.decode("utf-8", "replace").splitlines()])
        case _:
            return _xml_lines(payload)


def _xml_lines(payload: bytes) -> tuple[str, ...]:
    root, _ = parse_xml(payload)
    records = [element for element in root.iter() if local_name(str(element.tag)) == "record"]
    if records:
        return tuple([line for element in records for line in marc_lines(read_record(element))])
    leaves = [element for element in root.iter() if len(element) == 0 and clean(element.text or "")]
    return tuple([f"{local_name(str(element.tag))}: {clean(element.text or '')}" for element in leaves])


def marc_lines(record: MarcRecord) -> tuple[str, ...]:
    """Write a MARC record as lines, each with tag, indicators and subfields."""
    lines = [f"LDR    {record.leader}"] if record.leader.strip() else []
    lines += [f"{tag}    {value}" for tag, value in record.controls]
    for tag, first, second, subfields in record.fields:
        text = " ".join([f"${code} {clean(value)}" for code, value in subfields])
        lines.append(f"{tag} {first}{second} {text}".replace("\n", " "))
    return tuple(lines)
