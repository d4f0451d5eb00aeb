"""What software libraries in Viet Nam use, and where each one usually answers harvesters; pure.

A person names the software and the address of the catalogue as readers know it; the rest is found by trying.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from unioncat.domain.source import Protocol

LONGEST_ADDRESS = 500
MOST_CANDIDATES = 12
_HOST = re.compile(r"[^\s/:@?#\[\]]+(?:\.[^\s/:@?#\[\]]+)+|localhost|\[[0-9a-fA-F:.]+\]")
_SCHEMES = ("http", "https", "z3950", "z3950s", "z39.50")
_Z3950_PORTS = frozenset({210, 2100, 2101, 2200, 7090, 9998})
_GENERIC = (
    "/oai",
    "/oai/request",
    "/server/oai/request",
    "/cgi-bin/koha/oai.pl",
    "/cgi/oai2",
    "/oai2",
    "/oai-pmh",
    "/oai.aspx",
    "/greenstone/cgi-bin/oaiserver.cgi",
)


class Way(StrEnum):
    """How the records of a software come here."""

    WEB = "web"
    """From an address that the harvester asks."""
    EITHER = "either"
    """From an address where the library has switched one on, else as files."""
    FILE = "file"
    """As files that the library brings."""


@dataclass(frozen=True, slots=True)
class Software:
    """One kind of system; `paths` are where it answers by OAI-PMH, the likeliest first."""

    code: str
    name: str
    way: Way
    profile: str = "marc21"
    paths: tuple[str, ...] = ()


ALL = (
    Software("koha", "Koha", Way.WEB, "koha", ("/cgi-bin/koha/oai.pl",)),
    Software("libol", "Libol", Way.EITHER, "libol", _GENERIC),
    Software(
        "dspace",
        "DSpace",
        Way.WEB,
        "dspace",
        ("/server/oai/request", "/oai/request", "/dspace-oai/request", "/xmlui/oai/request"),
    ),
    Software("eprints", "EPrints", Way.WEB, "eprints", ("/cgi/oai2",)),
    Software(
        "greenstone",
        "Greenstone",
        Way.WEB,
        "marc21",
        (
            "/greenstone3/oaiserver",
            "/greenstone/cgi-bin/oaiserver.cgi",
            "/cgi-bin/oaiserver.cgi",
            "/oaiserver",
        ),
    ),
    Software("vietbiblio", "VietBiblio / OpenBiblio", Way.FILE, "vietbiblio"),
    Software("winisis", "WinISIS / CDS-ISIS", Way.FILE, "winisis"),
    Software("ilib", "iLib", Way.EITHER, "marc21", _GENERIC),
    Software("vebrary", "VEBRARY", Way.EITHER, "marc21", _GENERIC),
    Software("kipos", "KIPOS", Way.EITHER, "marc21", _GENERIC),
    Software("excel", "Excel", Way.FILE, "marc21"),
    Software("other", "", Way.EITHER, "marc21", _GENERIC),
)
"""Every software that a person can choose, in the order in which pages offer them."""
BY_CODE = {one.code: one for one in ALL}


class AddressError(ValueError):
    """What was given as an address is none; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may answer."""

    protocol: Protocol
    address: str


def candidates(software: Software, address: str) -> tuple[Candidate, ...]:
    """Give the places to try for what a person calls the address of the catalogue. Raises `AddressError`.

    An address that says of itself that it is an endpoint comes first; then the known paths of the software,
    at the root of the site and below the folder that was given.
    """
    address = address.strip()
    if not address or len(address) > LONGEST_ADDRESS or any(one.isspace() for one in address):
        raise AddressError("malformed")
    scheme, mark, rest = address.partition("://")
    schemes: tuple[str, ...] = (scheme.lower(),) if mark else ()
    if mark and schemes[0] not in _SCHEMES:
        raise AddressError("scheme")
    try:
        parts = urlsplit(f"//{rest if mark else address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError("malformed") from None
    if "@" in parts.netloc:
        raise AddressError("credentials")
    if not _HOST.fullmatch(host) and ":" not in host:
        raise AddressError("malformed")
    if (schemes and schemes[0].startswith("z39")) or (not schemes and port in _Z3950_PORTS):
        database = parts.path.strip("/")
        root = f"{'z3950s' if schemes == ('z3950s',) else 'z3950'}://{parts.netloc}"
        return (Candidate(Protocol.Z3950, f"{root}/{database}" if database else root),)
    found: list[Candidate] = []
    for kind in schemes or ("https", "http"):
        root = f"{kind}://{parts.netloc.lower()}"
        folder = parts.path.rpartition("/")[0] if "." in parts.path.rpartition("/")[2] else parts.path
        folder = folder.rstrip("/")
        if "oai" in parts.path.lower():
            found.append(Candidate(Protocol.OAI_PMH, root + parts.path))
        elif "operation=" in parts.query or "sru" in parts.path.lower():
            found.append(Candidate(Protocol.SRU, root + parts.path))
        for path in software.paths or _GENERIC:
            if folder and not path.startswith("/cgi-bin/koha") and "oai" not in folder.lower():
                found.append(Candidate(Protocol.OAI_PMH, root + folder + path))
            found.append(Candidate(Protocol.OAI_PMH, root + path))
    return tuple(dict.fromkeys(found))[:MOST_CANDIDATES]
