"""MARCXML and Dublin Core as bytes: one element that stands alone, in UTF-8."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

Subfields = tuple[tuple[str, str], ...]
"""(code, value) pairs."""
Field = tuple[str, str, Subfields]
"""Tag, both indicators, subfields."""

_DC_HEAD = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/'
    ' http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
)


def marcxml(leader: str, control: Iterable[tuple[str, str]], fields: Iterable[Field]) -> str:
    """Write a record in MARCXML; fields are put in the order of their tags."""
    parts = [f'<record xmlns="http://www.loc.gov/MARC21/slim"><leader>{leader}</leader>']
    parts += [f'<controlfield tag="{tag}">{escape(value)}</controlfield>' for tag, value in control]
    for tag, indicators, subfields in sorted(fields, key=_tag):
        parts.append(f'<datafield tag="{tag}" ind1="{indicators[0]}" ind2="{indicators[1]}">')
        parts += [f'<subfield code="{code}">{escape(value)}</subfield>' for code, value in subfields]
        parts.append("</datafield>")
    parts.append("</record>")
    return "".join(parts)


def dublin_core(elements: Iterable[tuple[str, str]]) -> str:
    """Write (element, value) pairs as oai_dc."""
    parts = [f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in elements]
    return f"{_DC_HEAD}{''.join(parts)}</oai_dc:dc>"


def _tag(field: Field) -> str:
    return field[0]
