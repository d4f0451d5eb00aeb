"""How OAI-PMH puts records into an answer (§3.2), and whether an answer is to what was asked."""

import re
from dataclasses import replace
from typing import IO

from unioncat_harvester.markup.page import Reading
from unioncat_harvester.markup.page import read as read_page
from unioncat_harvester.markup.scan import Shape
from unioncat_harvester.transport import Unusable

OAI = "{http://www.openarchives.org/OAI/2.0/}"
VERBS = frozenset(
    {"Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord"}
)
RECORD_VERBS = frozenset({"ListRecords", "GetRecord"})
_HEAD = re.compile(
    rb"(?P<open>)<record>\s*<header>\s*<identifier>(?P<identifier>[^<>&\r]*)</identifier>"
    rb"\s*<datestamp>(?P<datestamp>[^<>&\r]*)</datestamp>\s*(?:<setSpec>[^<>&]*</setSpec>\s*)*</header>"
    rb"\s*(?P<body>)<metadata>\s*(?=<)"
)
SHAPE = Shape(
    protocol="OAI-PMH",
    roots=frozenset({"OAI-PMH"}),
    lists=RECORD_VERBS,
    body="metadata",
    texts={("header",): "status", ("header", "identifier"): None, ("header", "datestamp"): None},
    kept=VERBS - RECORD_VERBS | {"responseDate", "request", "error"},
    kept_in_lists=frozenset({"resumptionToken"}),
    namespace=OAI,
    head=_HEAD,
)
HEADERS = replace(
    SHAPE,
    lists=frozenset({"ListIdentifiers"}),
    record="header",
    texts={("identifier",): None, ("datestamp",): None},
    kept=VERBS - {"ListIdentifiers"} | {"responseDate", "request", "error"},
    head=None,
)
"""An answer to ListIdentifiers: its records are bare headers."""


def read(body: IO[bytes], verb: str, encoding: str | None = None) -> Reading:
    """Read an answer to `verb` (`markup.page.read`); one to another verb is `Unusable`."""
    reading = read_page(body, HEADERS if verb == "ListIdentifiers" else SHAPE, encoding)
    other = {str(one.tag).removeprefix(OAI) for one in reading.scanned.root} & VERBS - {verb}
    if other:
        reading.scanned.index.close()
        if reading.body is not body:
            reading.body.close()
        raise Unusable(f"the server answered {min(other)} to {verb}")
    return reading
