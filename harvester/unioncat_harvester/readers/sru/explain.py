"""What a server says of itself (explain, ZeeRex 2.0): name, indexes, schemas, limits. All may be missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from unioncat_harvester.reader import Identity, Offer
from unioncat_harvester.readers.sru.answer import Response, number

MAX_LISTED = 1000
"""Indexes or schemas; an honest server has fewer."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What is known of a server; empty where it does not explain itself."""

    title: str = ""
    version: str | None = None
    indexes: tuple[str, ...] = ()
    schemas: tuple[Offer, ...] = ()
    """Offers whose namespace is the schema's identifier."""
    most: int | None = None
    """Records that it gives for one request."""
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> Identity:
        """Give what the harvester keeps of it."""
        return Identity(self.title, self.facts)


def read(response: Response, versions: tuple[str, ...]) -> Explained:
    """Read an explain answer; the record may be packed as a string."""
    root = response.root
    packed = root.findtext("record/recordData") or ""
    if packed.lstrip().startswith("<"):
        unpacked = _unpacked(packed)
        root = root if unpacked is None else unpacked
    said = response.root.findtext("version") or ""
    title = _first(root, "databaseInfo/title", "title") or _first(root, "serverInfo/database", "database")
    most = next(
        (number(one.text) for one in root.iter("setting", "default") if one.get("type") == "maximumRecords"),
        None,
    )
    facts = [("repositoryName", title)] if title else []
    for name, path in (("host", "serverInfo/host"), ("database", "serverInfo/database"), ("description", "")):
        value = _first(root, path, name)
        if value:
            facts.append((name, value[:500]))
    if said in versions:
        facts.append(("version", said))
    facts += [("maximumRecords", str(most))] if most else []
    return Explained(
        title=title[:300],
        version=said if said in versions else None,
        indexes=tuple(dict.fromkeys(_indexes(root)))[:MAX_LISTED],
        schemas=tuple(dict.fromkeys(_schemas(root)))[:MAX_LISTED],
        most=most or None,
        facts=tuple(facts),
    )


def _first(root: etree._Element, path: str, name: str) -> str:
    """Give the text of the first element of a name with text; the one at the path wins."""
    for one in (*(root.iterfind(f".//{path}") if path else ()), *root.iter(name)):
        if one.text and one.text.strip():
            return " ".join(one.text.split())
    return ""


def _indexes(root: etree._Element) -> Iterator[str]:
    for one in root.iter("index"):
        if one.get("search", "true").lower() == "false":
            continue
        for name in one.iter("name"):
            text = (name.text or "").strip()
            if text:
                context = name.get("set", "")
                yield f"{context}.{text}" if context and "." not in text else text
                break


def _schemas(root: etree._Element) -> Iterator[Offer]:
    for one in root.iter("schema"):
        name, identifier = (one.get("name") or "").strip(), (one.get("identifier") or "").strip()
        if (name or identifier) and one.get("retrieve", "true").lower() != "false":
            yield Offer(name or identifier, identifier)


def _unpacked(text: str) -> "etree._Element | None":
    """Read an explain record packed as a string, its names without namespaces."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(text.strip().encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    for one in root.iter("*"):
        one.tag = etree.QName(one).localname
    return root
