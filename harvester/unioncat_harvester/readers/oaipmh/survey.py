"""Reading Identify, formats and sets, and what a first look says to the person who registers a source."""

from collections.abc import Iterable, Sequence

from lxml import etree

from unioncat.domain.source import Source
from unioncat.domain.switches import Suggestion
from unioncat_harvester.markup.holdings import HOLDINGS
from unioncat_harvester.reader import Findings, Identity, Offer, Page
from unioncat_harvester.readers.oaipmh.client import PageResponse
from unioncat_harvester.readers.oaipmh.scan import OAI

_FACTS = (
    "repositoryName",
    "baseURL",
    "protocolVersion",
    "earliestDatestamp",
    "deletedRecord",
    "granularity",
    "compression",
    "adminEmail",
)


def number(element: etree._Element | None, name: str) -> int | None:
    """Read a whole number out of an attribute; none for anything else (both are optional, §3.5)."""
    value = (element.get(name) or "").strip() if element is not None else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def identity(root: etree._Element) -> Identity:
    """Read an Identify answer; compression and adminEmail may be repeated."""
    found = root.find(OAI + "Identify")
    facts = [
        (name, element.text)
        for name in _FACTS
        for element in (found.findall(OAI + name) if found is not None else ())
        if element.text
    ]
    name = next((value for key, value in facts if key == "repositoryName"), "")
    return Identity(name=name, facts=tuple(facts))


def offers(responses: Iterable[PageResponse]) -> tuple[Offer, ...]:
    """Read ListMetadataFormats."""
    found = []
    for response in responses:
        found += [
            Offer(
                name=element.findtext(OAI + "metadataPrefix") or "",
                namespace=element.findtext(OAI + "metadataNamespace") or "",
            )
            for element in response.xml.iter(OAI + "metadataFormat")
        ]
        response.close()
    return tuple(offer for offer in found if offer.name)


def sets(responses: Iterable[PageResponse]) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Read the first page of ListSets."""
    for response in responses:
        found = tuple(
            (element.findtext(OAI + "setSpec") or "", element.findtext(OAI + "setName") or "")
            for element in response.xml.iter(OAI + "set")
        )
        more = any(element.text for element in response.xml.iter(OAI + "resumptionToken"))
        response.close()
        return found, more
    return (), False


def findings(
    source: Source,
    identity_: Identity,
    offered: Sequence[Offer],
    sets_: tuple[tuple[tuple[str, str], ...], bool],
    format_: str,
    page: Page,
) -> Findings:
    """Put together what a probe found. Fields are only searched for in the bytes; nothing is interpreted."""
    live = deleted = aside = 0
    seen = dict.fromkeys(HOLDINGS, 0)
    for batch in page.batches():
        aside += len(batch.quarantined)
        for record in batch.records:
            if record.deleted:
                deleted += 1
                continue
            live += 1
            for tag in seen:
                seen[tag] += f'tag="{tag}"'.encode() in record.payload
    found = tuple((tag, count) for tag, count in seen.items() if count)
    size = page.checkpoint.list_size
    return Findings(
        address=source.address,
        identity=identity_,
        offers=tuple(offered),
        sets=sets_[0],
        more_sets=sets_[1],
        format=format_,
        records=live,
        deleted=deleted,
        quarantined=aside,
        list_size=size,
        has_more=not page.checkpoint.finished,
        page_bytes=page.size,
        repaired=page.repaired,
        holdings=found,
        notes=page.notes,
        advice=tuple(_advice(source, identity_, live, found, size)),
    )


def _advice(
    source: Source, said: Identity, live: int, holdings: Sequence[tuple[str, int]], size: int | None
) -> Iterable[str]:
    base = said.fact("baseURL") or ""
    if base and base.rstrip("/") != source.address.rstrip("/"):
        yield f"The server calls its own address {base}; register that one if it answers from here."
    if said.fact("deletedRecord") != "persistent":
        yield "The server does not keep deletions for ever: its identifiers are compared once a week."
    if "ss" not in (said.fact("granularity") or "").lower():
        yield "Dates are whole days: leave the overlap at one day or more."
    if live == 0:
        yield "The first page holds no live record: check set and format."
    elif holdings:
        tags = ", ".join(f"{tag} ({HOLDINGS[tag]}) in {count} of {live}" for tag, count in holdings)
        yield f"Holdings seem to lie in {tags}: choose the profile that reads them."
    else:
        yield (
            "No holdings are seen in the records, so each counts as one copy of the library. For Koha,"
            " ask for `include_items: 1` in the file that its preference OAI-PMH:ConfFile names."
        )
    if size is None:
        yield "The server does not tell the size of its list: set min_records, so that a short one is seen."


def moved(source: Source, page: Page) -> Iterable[Suggestion]:
    """Suggest the address at which a server that has moved for good answers now."""
    if page.moved and page.moved != source.address:
        yield Suggestion("address", page.moved, "The server says that it has moved there for good.")
