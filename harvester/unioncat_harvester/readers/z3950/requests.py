"""What we send to a target: the requests of Z39.50-1995 (ISO 23950) as BER.

Only what `session` uses is here; tags follow the standard's module Z39-50-APDU-1995.
"""

from collections.abc import Sequence

from unioncat_harvester.readers.z3950 import ber, oids
from unioncat_harvester.readers.z3950.query import Query, Term, attributes_plus_term, type_1

SEARCH, PRESENT, DELETE_SET, SCAN, LEVEL_1_SEGMENTATION, NAMED_SETS, NEGOTIATION = 0, 1, 2, 7, 11, 14, 17
OPTIONS = {
    SEARCH: "search",
    PRESENT: "present",
    DELETE_SET: "delete result set",
    SCAN: "scan",
    8: "sort",
    10: "extended services",
    LEVEL_1_SEGMENTATION: "segmentation",
    13: "concurrent operations",
    NAMED_SETS: "named result sets",
    NEGOTIATION: "negotiation",
}
WANTED = frozenset({SEARCH, PRESENT, DELETE_SET, SCAN, LEVEL_1_SEGMENTATION, NAMED_SETS})
PREFERRED_BYTES = 1024 * 1024
IMPLEMENTATION = "unioncat"


def init(
    *,
    credentials: bytes,
    negotiate: bool,
    largest: int,
    version: str,
) -> bytes:
    """Ask to begin (Init). `credentials` as `open_`, `id_pass` or `anonymous` gave them, or empty."""
    options = WANTED | {NEGOTIATION} if negotiate else WANTED
    return ber.group(
        20,
        ber.bits(3, frozenset({0, 1, 2})),
        ber.bits(4, options),
        ber.integer(5, min(PREFERRED_BYTES, largest)),
        ber.integer(6, largest),
        ber.group(7, credentials) if credentials else b"",
        ber.string(110, IMPLEMENTATION.encode()),
        ber.string(111, IMPLEMENTATION.encode()),
        ber.string(112, version.encode()),
        _utf8_proposal() if negotiate else b"",
    )


def open_(text: str) -> bytes:
    """Write credentials as one string, which some targets want as user/password."""
    return ber.string(ber.Tag.universal(ber.VISIBLE_STRING), text.encode())


def id_pass(user: str | None, password: str | None, group: str | None = None) -> bytes:
    """Write user name and password."""
    given = ((0, group), (1, user), (2, password))
    return ber.sequence(*[ber.string(tag, one.encode()) for tag, one in given if one is not None])


def anonymous() -> bytes:
    """Say expressly that there are no credentials."""
    return ber.null(ber.Tag.universal(ber.NULL))


def _utf8_proposal() -> bytes:
    """Propose UTF-8 for names and messages (character set negotiation 3), inside otherInfo."""
    iso10646 = ber.group(2, ber.oid(2, oids.UTF8))
    proposal = ber.group(1, ber.group(1, iso10646), ber.boolean(3, False))
    external = ber.group(
        4, ber.oid(ber.Tag.universal(ber.OID), oids.CHARSET_NEGOTIATION), ber.group(0, proposal)
    )
    return ber.group(201, ber.sequence(external))


def search(query: Query, databases: Sequence[str], *, set_: str, encoding: str) -> bytes:
    """Ask for a result set without any of its records."""
    return ber.group(
        22,
        ber.integer(13, 0),
        ber.integer(14, 1),
        ber.integer(15, 0),
        ber.boolean(16, True),
        ber.string(17, set_.encode()),
        _databases(18, databases, encoding),
        type_1(query, encoding),
    )


def present(start: int, count: int, *, set_: str, syntax: str, elements: str | None) -> bytes:
    """Ask for records of a result set; the first is number 1."""
    return ber.group(
        24,
        ber.string(31, set_.encode()),
        ber.integer(30, start),
        ber.integer(29, count),
        ber.group(19, ber.string(0, elements.encode())) if elements else b"",
        ber.oid(104, syntax),
    )


def scan(term: Term, databases: Sequence[str], *, count: int, position: int, encoding: str) -> bytes:
    """Ask for terms of an index around a term, which is to stand at `position` (1 = first)."""
    return ber.group(
        35,
        _databases(3, databases, encoding),
        ber.oid(ber.Tag.universal(ber.OID), oids.BIB1),
        attributes_plus_term(term, encoding),
        ber.integer(6, count),
        ber.integer(7, position),
    )


def close(reason: int = 0) -> bytes:
    """Say good-bye."""
    return ber.group(48, ber.integer(211, reason))


def _databases(tag: int, names: Sequence[str], encoding: str) -> bytes:
    return ber.group(tag, *[ber.string(105, name.encode(encoding, "replace")) for name in names])
