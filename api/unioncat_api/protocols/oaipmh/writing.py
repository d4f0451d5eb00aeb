"""Writing of answers as bytes.

This is the one place where text becomes XML: characters that XML 1.0 forbids are dropped here, so an answer
is well-formed whatever the texts hold. Metadata are copied as they are; repositories vouch for them.
"""

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from unioncat_api.protocols.oaipmh.datestamps import shown
from unioncat_api.protocols.oaipmh.errors import OaiError
from unioncat_api.protocols.oaipmh.repository import Format, Granularity, Identity, Item, SetInfo

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that may not stand in XML 1.0."""

_SPECIAL = re.compile('[&<>"\r\n\t\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"'
    b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    b' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/'
    b' http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">\n<responseDate>'
)
_TAIL = b"</OAI-PMH>\n"
_ENTITIES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def text(value: str) -> str:
    """Escape a string for element content or a double-quoted attribute."""
    if not _SPECIAL.search(value):
        return value
    return escape(ILLEGAL.sub("", value), _ENTITIES)


def envelope(date: str, base_url: str, arguments: Mapping[str, str], *content: bytes) -> bytes:
    """Put content between the parts that every answer has; `arguments` are repeated in `request`."""
    attributes = "".join(f' {name}="{text(value)}"' for name, value in arguments.items())
    request = f"{date}</responseDate>\n<request{attributes}>{text(base_url)}</request>\n"
    return b"".join((_HEAD, request.encode(), *content, _TAIL))


def error(problem: OaiError) -> bytes:
    """Write an error condition."""
    return f'<error code="{problem.code}">{text(problem.message)}</error>\n'.encode()


def identify(identity: Identity, *, gzip: bool) -> bytes:
    """Write the answer to Identify; `gzip`: whether answers can be compressed."""
    emails = "".join(f"<adminEmail>{text(email)}</adminEmail>" for email in identity.admin_emails)
    compression = "<compression>gzip</compression>" if gzip else ""
    description = ""
    if identity.domain and identity.sample_identifier:
        description = (
            '<description><oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier"'
            ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai-identifier'
            ' http://www.openarchives.org/OAI/2.0/oai-identifier.xsd"><scheme>oai</scheme>'
            f"<repositoryIdentifier>{text(identity.domain)}</repositoryIdentifier><delimiter>:</delimiter>"
            f"<sampleIdentifier>{text(identity.sample_identifier)}</sampleIdentifier>"
            "</oai-identifier></description>"
        )
    return (
        f"<Identify><repositoryName>{text(identity.name)}</repositoryName>"
        f"<baseURL>{text(identity.base_url)}</baseURL><protocolVersion>2.0</protocolVersion>{emails}"
        f"<earliestDatestamp>{shown(identity.earliest, identity.granularity)}</earliestDatestamp>"
        f"<deletedRecord>{identity.deleted}</deletedRecord><granularity>{identity.granularity}</granularity>"
        f"{compression}{description}</Identify>\n"
    ).encode()


def formats(known: Iterable[Format]) -> bytes:
    """Write the answer to ListMetadataFormats."""
    parts = (
        f"<metadataFormat><metadataPrefix>{text(each.prefix)}</metadataPrefix><schema>{text(each.schema)}"
        f"</schema><metadataNamespace>{text(each.namespace)}</metadataNamespace></metadataFormat>"
        for each in known
    )
    return f"<ListMetadataFormats>{''.join(parts)}</ListMetadataFormats>\n".encode()


def sets(known: Iterable[SetInfo]) -> bytes:
    """Write the answer to ListSets."""
    parts = (
        f"<set><setSpec>{text(each.spec)}</setSpec><setName>{text(each.name)}</setName></set>"
        for each in known
    )
    return f"<ListSets>{''.join(parts)}</ListSets>\n".encode()


def header(item: Item, granularity: Granularity) -> bytes:
    """Write an item's header."""
    status = ' status="deleted"' if item.deleted else ""
    specs = "".join(f"<setSpec>{text(spec)}</setSpec>" for spec in item.sets)
    return (
        f"<header{status}><identifier>{text(item.identifier)}</identifier>"
        f"<datestamp>{shown(item.datestamp, granularity)}</datestamp>{specs}</header>"
    ).encode()


def record(item: Item, granularity: Granularity) -> bytes:
    """Write a record; a deleted one has a header only."""
    head = header(item, granularity)
    if item.deleted:
        return b"<record>%b</record>\n" % head
    return b"<record>%b<metadata>%b</metadata></record>\n" % (head, item.metadata)


def resumption(token: str, *, cursor: int, size: int, expires: str | None) -> bytes:
    """Write the token element; an empty token ends a list that had tokens (OAI-PMH 2.0 §3.5)."""
    until = f' expirationDate="{expires}"' if expires else ""
    attributes = f'{until} completeListSize="{size}" cursor="{cursor}"'
    return f"<resumptionToken{attributes}>{text(token)}</resumptionToken>\n".encode()
