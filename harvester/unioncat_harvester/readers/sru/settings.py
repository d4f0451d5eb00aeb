"""How one SRU source is read: its options, checked.

A source without any option must work with a server that follows the standard; an option that means nothing is
an error at once, not a silent default.
"""

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from unioncat.domain.source import Source
from unioncat_harvester.cuts import strategies
from unioncat_harvester.markup.encoding import codec_name
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers.sru import query
from unioncat_harvester.slices import SliceError, Strategy

AUTO = "auto"
VERSIONS = ("1.2", "1.1", "2.0")
"""In the order in which they are tried."""
PACKINGS = ("xml", "string", "any")
RECORDS = 100
"""Asked for at a time, where neither the source nor the server says how many."""
NO_CAP = 2**40
_ID = re.compile(r"auto|record|[A-Za-z0-9]{3}(\$[a-z0-9])?|[A-Za-z_][\w.-]*")


@dataclass(frozen=True, slots=True)
class Settings:
    """A source as this reader uses it."""

    query: str | None
    """The query for everything, with the source's part; none where the source does not say."""
    part: str | None
    version: str | None
    schema: str
    """Name of the schema to ask for, or `auto`."""
    packing: str
    records: int | None
    """Records to ask for at a time."""
    id: str
    cap: int
    counts_capped: bool
    strategies: tuple[Strategy, ...]
    changed: str | None
    changed_form: str
    charset: str | None
    """What the answers are really in."""


def read(source: Source, today: dt.date) -> Settings:
    """Read the options of a source. Raises `SourceError` naming the one that is wrong."""
    options = {name: value.strip() for name, value in source.options if not name.startswith("branch:")}

    def fault(message: str, remedy: str) -> SourceError:
        return SourceError(message, remedy, source=source.code)

    def choice(name: str, *values: str) -> str | None:
        value = options.get(name)
        if value is not None and value not in values:
            raise fault(f"option {name} is {value!r}", f"Set it to {' or '.join(values)}, or leave it out.")
        return value

    def number(name: str, low: int, high: int) -> int | None:
        value = options.get(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 12 and low <= int(value) <= high):
            raise fault(f"option {name} is {value!r}", f"Write a number from {low} to {high}.")
        return int(value)

    if urlsplit(source.address).scheme not in ("http", "https"):
        raise fault("the address is not one of SRU", "Write it as http://host/path or https://host/path.")
    try:
        cuts = strategies(options.get("slices", ""), today)
    except SliceError as error:
        raise fault(f"option slices: {error}", error.remedy) from error
    changed = options.get("changed")
    for name in (*(cut.index for cut in cuts), *([changed] if changed else [])):
        if not query.is_index(name):
            raise fault(f"{name!r} is no name of an index", "Write it as in rec.identifier or dc.date.")
    for name in ("query", "changed-form"):
        if name in options and not options[name]:
            raise fault(f"option {name} is empty", "Write something, or leave it out.")
    if re.search(r"\bsortby\b", options.get("query", ""), re.IGNORECASE):
        raise fault("option query sorts the records", "Leave out sortby: it slows the server for nothing.")
    if not _ID.fullmatch(options.get("id", AUTO)):
        raise fault(
            f"option id is {options['id']!r}",
            "Write auto, record, a MARC field as in 001 or 035$a, or the name of an element.",
        )
    charset = options.get("charset")
    if charset is not None and codec_name(charset) is None:
        raise fault(
            f"option charset names no character set that is known: {charset!r}",
            "Write it as in windows-1258, iso-8859-1 or utf-8.",
        )
    return Settings(
        query=options.get("query"),
        part=source.set,
        version=choice("version", *sorted(VERSIONS)),
        schema=source.format or AUTO,
        packing=choice("packing", *PACKINGS) or "xml",
        records=number("records", 1, 10_000),
        id=options.get("id", AUTO),
        cap=number("cap", 1, 10**9) or NO_CAP,
        counts_capped=choice("counts", "all", "capped") == "capped",
        strategies=cuts,
        changed=changed,
        changed_form=options.get("changed-form", "%Y%m%d"),
        charset=charset,
    )
