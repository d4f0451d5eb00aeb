"""Records whose text is in an old encoding: read as their profile says, or told by the record itself.

What a profile or a file's decision names is repaired for good; what a single record only seems to be is never
shown, it goes into `BibRecord.legible`, by which records are compared.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from lxml import etree

from unioncat.domain.bib import BibRecord
from unioncat.domain.source import Profile
from unioncat.normalise.record import MarcRecord
from unioncat.text.encodings import LEGACY, beyond, legible, repair, residue

_PARAMETER: Final = ";encoding="


def encoding_of(format: str, profile: Profile) -> str | None:
    """Name the old encoding of a record: decided for its file (`mrk;encoding=vni`), else that of its profile.

    None where the record is believed.
    """
    name = format.partition(_PARAMETER)[2] or profile.encoding
    return name if name in LEGACY else None


def repaired(record: MarcRecord, encoding: str | None) -> MarcRecord:
    """Repair the text of a record that was taken for Western text."""
    return record if encoding is None else _each(record, lambda text: repair(text, encoding))


def repair_xml(root: etree._Element, encoding: str | None) -> None:
    """The same for all text of an XML record, in place."""
    if encoding is not None:
        for element in root.iter():
            if element.text:
                element.text = repair(element.text, encoding)


def with_legible(
    bib: BibRecord, texts: Callable[[], Iterable[str]], read: Callable[[str], BibRecord]
) -> BibRecord:
    """Add what a record says if its texts are nearly certainly remains of an old encoding.

    `texts` gives them as they came, `read` reads the record in an encoding; neither is asked where the title
    and the names are good text already.
    """
    if not _doubtful(bib):
        return bib
    encoding = residue(texts())
    if encoding is None:
        return bib
    return replace(bib, legible=read(encoding), flags=(*bib.flags, f"encoding-residue-{encoding}"))


def marc_texts(record: MarcRecord) -> list[str]:
    """Give all text of a record."""
    return [text for field in record.fields for _, text in field[3]]


def marc_legible(record: MarcRecord, encoding: str) -> MarcRecord:
    """Read those texts of a record in an old encoding that gain by it."""
    return _each(record, lambda text: legible(text, encoding))


def xml_texts(root: etree._Element) -> list[str]:
    """Give all text of an XML record."""
    return [element.text for element in root.iter() if element.text]


def xml_legible(root: etree._Element, encoding: str) -> None:
    """Read those texts of an XML record in an old encoding that gain by it, in place."""
    for element in root.iter():
        if element.text:
            element.text = legible(element.text, encoding)


def _each(record: MarcRecord, change: Callable[[str], str]) -> MarcRecord:
    fields = tuple(
        [
            (tag, first, second, tuple([(code, change(text)) for code, text in subfields]))
            for tag, first, second, subfields in record.fields
        ]
    )
    return record._replace(fields=fields)


def _doubtful(bib: BibRecord) -> bool:
    """Tell whether title or names hold letters beyond ASCII, none of which only Unicode has."""
    title = bib.title
    return (
        _western(title.main)
        or (title.remainder is not None and _western(title.remainder))
        or (bib.responsibility is not None and _western(bib.responsibility))
        or (bool(bib.agents) and _western(bib.agents[0].name))
    )


def _western(text: str) -> bool:
    return not text.isascii() and not beyond(text)
