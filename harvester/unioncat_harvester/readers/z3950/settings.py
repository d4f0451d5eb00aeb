"""How one Z39.50 source is read: its address, its options, its credentials.

A source without any option must work with a target that follows the standard; an option that means nothing is
an error at once, not a silent default.
"""

import codecs
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from unioncat.domain.credentials import Credentials
from unioncat.domain.source import Source
from unioncat_harvester.cuts import strategies
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers.z3950 import oids, query, requests
from unioncat_harvester.readers.z3950.query import Attribute, Query
from unioncat_harvester.readers.z3950.session import Target
from unioncat_harvester.slices import SliceError

AUTO = "auto"
PORT = 210
SCHEMES = {"z3950": False, "z39.50": False, "z3950s": True}
"""Schemes of addresses, and whether they mean TLS."""
MAX_MESSAGE = 16 * 1024 * 1024
Fault = Callable[[str, str], SourceError]
ADDRESS = "Write the address as z3950://host:port/database (z3950s:// with TLS; several databases as a+b)."


@dataclass(frozen=True, slots=True)
class Settings:
    """A source as this reader uses it."""

    target: Target
    syntax: str
    """Name of the record syntax to ask for, or `auto`."""
    query: Query | None
    present: int
    id: str
    leader_deletes: bool
    cap: int
    """0 where it is not known."""
    counts_capped: bool
    slices: str
    """How to cut, in words; empty where it is to be found out."""
    changed: tuple[Attribute, ...]
    changed_form: str


def read(source: Source, credentials: Credentials, today: dt.date) -> Settings:
    """Read a source. Raises `SourceError` naming the option that is wrong."""
    options = {name: value.strip() for name, value in source.options if not name.startswith("branch:")}

    def fault(message: str, remedy: str) -> SourceError:
        return SourceError(message, remedy, source=source.code)

    def choice(name: str, allowed: tuple[str, ...], otherwise: str) -> str:
        value = options.get(name, otherwise).lower()
        if value not in allowed:
            raise fault(f"option {name} is {value!r}", f"Use one of: {', '.join(allowed)}.")
        return value

    def number(name: str, low: int, high: int, otherwise: int) -> int:
        value = options.get(name, str(otherwise))
        if not (value.isascii() and value.isdigit() and len(value) < 12 and low <= int(value) <= high):
            raise fault(f"option {name} is {value!r}", f"Write a number from {low} to {high}.")
        return int(value)

    try:
        base = query.parse(options["query"]) if options.get("query", AUTO) != AUTO else None
        changed = query.attributes(options["changed"]) if options.get("changed") else ()
        for cut in strategies(options.get("slices", ""), today):
            query.attributes(cut.index)
    except query.QueryError as error:
        raise fault(f"an option is no query: {error}", "Correct it: see docs/z3950.md.") from error
    except SliceError as error:
        raise fault(str(error), error.remedy) from error
    syntax = oids.OTHER_NAMES.get(source.format.lower(), source.format.lower())
    if syntax != AUTO and syntax not in oids.SYNTAXES:
        raise fault(
            f"format {source.format!r} is no record syntax that can be read",
            f"Use auto or one of: {', '.join(oids.SYNTAXES)}.",
        )
    way = choice("authentication", ("id-pass", "open", "anonymous", "none"), "id-pass")
    return Settings(
        target=replace(
            _target(source, options, fault),
            credentials=_credentials(way, credentials, options.get("group")),
            negotiate=choice("negotiate", ("yes", "no"), "yes") == "yes",
        ),
        syntax=syntax,
        query=base,
        present=number("present", 1, 1000, 50),
        id=options.get("id", "001"),
        leader_deletes=choice("deleted", ("leader", "no"), "no") == "leader",
        cap=number("cap", 0, 10**9, 0),
        counts_capped=choice("counts", ("capped", "all"), "all") == "capped",
        slices=options.get("slices", ""),
        changed=changed,
        changed_form=options.get("changed-form", "%Y%m%d"),
    )


def _target(source: Source, options: Mapping[str, str], fault: Fault) -> Target:
    try:
        address = source.address
        parts = urlsplit(address if "://" in address else f"z3950://{address}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise fault(f"the address cannot be used: {error}", ADDRESS) from error
    if parts.scheme not in SCHEMES or not host:
        raise fault(f"the address {parts.scheme}://{host or ''}… is not one of Z39.50", ADDRESS)
    if parts.username is not None:
        raise fault("the address holds a user name", "Save it as the source's credentials instead.")
    names = tuple(unquote(name) for name in parts.path.strip("/").split("+") if name)
    charset = options.get("charset", "utf-8")
    try:
        codecs.lookup(charset)
    except LookupError:
        remedy = "Write it as in utf-8, iso-8859-1 or windows-1258."
        raise fault(f"option charset names no character set: {charset!r}", remedy) from None
    elements = options.get("elements", "F")
    return Target(
        host=host,
        port=PORT if port is None else port,
        databases=names or ("Default",),
        tls=SCHEMES[parts.scheme],
        encoding=charset,
        elements=None if elements.lower() == "none" else elements,
        timeout=source.politeness.timeout,
        max_bytes=min(MAX_MESSAGE, source.politeness.max_page_bytes),
    )


def _credentials(way: str, given: Credentials, group: str | None) -> bytes:
    if way == "anonymous":
        return requests.anonymous()
    if way == "none" or given.user is None:
        return b""
    if way == "open":
        return requests.open_(f"{given.user}/{given.password or ''}")
    return requests.id_pass(given.user, given.password, group)
