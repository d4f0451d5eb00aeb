"""An OPAC record (1.2.840.10003.5.102) as an XML envelope that stands alone.

Nothing is interpreted: the bibliographic record and MARC holdings stay bytes (base64), every text of the
holdings stands under its name in the standard. `unioncat.normalise.opac` reads what is written here.
"""

from base64 import b64encode
from xml.sax.saxutils import escape

from unioncat_harvester.readers.z3950 import ber
from unioncat_harvester.readers.z3950.ber import Element, Malformed
from unioncat_harvester.readers.z3950.responses import External, external_of

NAMESPACE = "http://unioncat/opac/1"
_HOLDING = (
    "typeOfRecord",
    "encodingLevel",
    "format",
    "receiptAcqStatus",
    "generalRetention",
    "completeness",
    "dateOfReport",
    "nucCode",
    "localLocation",
    "shelvingLocation",
    "callNumber",
    "shelvingData",
    "copyNumber",
    "publicNote",
    "reproductionNote",
    "termsUseRepro",
    "enumAndChron",
)
"""HoldingsAndCircData [1] to [17]."""
_VOLUME = ("enumeration", "chronology", "enumAndChron")
_CIRCULATION = (
    "availableNow",
    "availabilityDate",
    "availableThru",
    "restrictions",
    "itemId",
    "renewable",
    "onHold",
    "enumAndChron",
    "midspine",
    "temporaryLocation",
)
_TRUTHS = frozenset({"availableNow", "renewable", "onHold"})
_ILLEGAL = frozenset(range(0x20)) - {0x09, 0x0A, 0x0D}


class OpacRecord:
    """A decoded OPAC record: its bibliographic record, and its holdings still as BER."""

    def __init__(self, received: External) -> None:
        """Read it, sent as ASN.1 or as octets that hold its BER. Raises `Malformed`."""
        element = ber.decode(received.data) if received.element is None else received.element.afresh()
        if not element.is_(ber.SEQUENCE, ber.UNIVERSAL):
            raise Malformed("an OPAC record that is none")
        bibliographic = element.get(1)
        if bibliographic is None:
            raise Malformed("an OPAC record without a bibliographic record")
        self.bibliographic = external_of(bibliographic)
        listed = element.get(2)
        self._holdings = listed.inside() if listed is not None else []

    @property
    def holdings(self) -> int:
        """Number of holdings that came with it."""
        return len(self._holdings)

    def envelope(self) -> bytes:
        """Write it as XML."""
        record = self.bibliographic
        parts = [
            f'<opacRecord xmlns="{NAMESPACE}">',
            f'<bibliographicRecord syntax="{escape(record.oid)}" encoding="base64">',
            b64encode(record.data).decode("ascii"),
            "</bibliographicRecord>",
        ]
        if self._holdings:
            parts += ["<holdings>", *[_holding(one) for one in self._holdings], "</holdings>"]
        parts.append("</opacRecord>")
        return "".join(parts).encode()


def _holding(element: Element) -> str:
    if element.is_(1):
        marc = external_of(element)
        data = b64encode(marc.data).decode("ascii")
        return (
            f'<marcHoldingsRecord syntax="{escape(marc.oid)}" encoding="base64">{data}</marcHoldingsRecord>'
        )
    if not element.is_(2):
        raise Malformed(f"holdings of an unknown kind {element.name}")
    parts = ["<holding>"]
    for one in element:
        if one.kind != ber.CONTEXT:
            continue
        if 0 < one.number <= len(_HOLDING):
            parts.append(_text(_HOLDING[one.number - 1], one))
        elif one.number == 18:
            parts += [_group("volume", volume, _VOLUME) for volume in one]
        elif one.number == 19:
            parts += [_group("circulation", circulation, _CIRCULATION) for circulation in one]
    return "".join([*parts, "</holding>"])


def _group(name: str, element: Element, names: tuple[str, ...]) -> str:
    inside = [_text(names[one.number - 1], one) for one in element if 0 < one.number <= len(names)]
    return f"<{name}>{''.join(inside)}</{name}>"


def _text(name: str, element: Element) -> str:
    """Write one value; what is no text that XML can hold is written as base64."""
    if name in _TRUTHS:
        return f"<{name}>{'true' if element.boolean() else 'false'}</{name}>"
    octets = element.octets()
    try:
        text = octets.decode("utf-8")
        legal = not _ILLEGAL.intersection(octets) and "\ufffe" not in text and "\uffff" not in text
    except UnicodeDecodeError:
        legal = False
    if not legal:
        return f'<{name} encoding="base64">{b64encode(octets).decode("ascii")}</{name}>'
    return f"<{name}>{escape(text)}</{name}>" if text else ""
