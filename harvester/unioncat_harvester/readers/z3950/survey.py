"""What a first look at a target says to the person who registers it.

Every piece of advice names the option to set, and rests on an experiment that was made.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from unioncat.domain.source import Source
from unioncat.domain.switches import Suggestion
from unioncat_harvester.reader import Findings, Identity, Offer, Page
from unioncat_harvester.readers.z3950 import looks, oids, requests
from unioncat_harvester.readers.z3950.client import Client
from unioncat_harvester.readers.z3950.looks import Works
from unioncat_harvester.readers.z3950.query import Query
from unioncat_harvester.readers.z3950.responses import Init
from unioncat_harvester.readers.z3950.session import Target
from unioncat_harvester.readers.z3950.settings import AUTO, Settings

PageAt = Callable[[Query, str], tuple[Page, bool]]
_FRONT_END = "/GFS"
"""What YAZ's front end puts behind the name of the server that uses it."""
HOLDINGS = ("952", "852", "866", "876", "949", "995", "930")


def identity(init: Init, target: Target) -> Identity:
    """Write down what the target said at Init."""
    id_, name, version = init.implementation
    options = ", ".join(requests.OPTIONS[bit] for bit in sorted(init.options) if bit in requests.OPTIONS)
    facts = (
        ("implementationName", name),
        ("implementationId", id_),
        ("implementationVersion", version),
        ("protocolVersion", str(init.version)),
        ("databases", ", ".join(target.databases)),
        ("options", options),
        ("preferredMessageSize", str(init.preferred)),
        ("exceptionalRecordSize", str(init.largest)),
        ("characterSet", init.charset or ""),
    )
    plain = name.split(_FRONT_END)[0] or name
    return Identity(plain, tuple((key, value) for key, value in facts if value))


@dataclass(frozen=True, slots=True)
class Seen:
    """What the experiments brought."""

    queries: Sequence[tuple[str, int]]
    base: Query
    hits: int
    works: Sequence[Works]
    syntax: str
    shown: int
    counts_capped: bool
    cuts: Sequence[tuple[str, bool]]
    changed: str | None
    terms: int | None


def probe(source: Source, client: Client, settings: Settings, page_at: PageAt) -> Findings:
    """Try what a harvest would need, and read one page."""
    said = identity(client.init(), settings.target)
    today = dt.datetime.now(dt.UTC).date()
    queries = [] if settings.query is not None else list(looks.everything(client))
    base = settings.query or looks.base_query(client, source.code)
    hits = client.search(base).hits
    client.tries = 1  # what follows are experiments: some targets hang up at what they do not know
    works = looks.syntaxes(client, base) if hits else []
    chosen = looks.choose(works) or "usmarc" if settings.syntax == AUTO else settings.syntax
    shown = looks.shown(client, base, hits, oids.SYNTAXES[chosen]) if hits else 0
    cuts = list(looks.cuts(client, base, hits, today)) if hits > 1 else []
    seen = Seen(
        queries,
        base,
        hits,
        works,
        chosen,
        shown,
        looks.says_subset(client, base) or any(together > hits for _, together, _ in cuts),
        [(text, divides) for text, _, divides in cuts],
        looks.changed(client, base, hits, today) if hits else None,
        looks.scans(client, "local-number"),
    )
    client.tries = max(1, source.politeness.tries)
    page, more = page_at(base, chosen)
    return _findings(source, said, seen, page, more, settings)


def _findings(
    source: Source, said: Identity, seen: Seen, page: Page, more: bool, settings: Settings
) -> Findings:
    live = deleted = aside = with_holdings = 0
    found = dict.fromkeys(HOLDINGS, 0)
    faults: dict[str, str] = {}
    for batch in page.batches():
        aside += len(batch.quarantined)
        faults |= {one.code: one.detail for one in batch.quarantined}
        for record in batch.records:
            deleted += record.deleted
            live += not record.deleted
            with_holdings += b"<holdings>" in record.payload[:4_000_000] and record.format == "opac"
            for tag in found:
                found[tag] += _has(record.payload, tag)
    holdings = tuple((tag, count) for tag, count in found.items() if count)
    if with_holdings:
        holdings = (("OPAC holdings", with_holdings), *holdings)
    page.close()
    return Findings(
        address=source.address,
        identity=said,
        offers=tuple(
            Offer(one.syntax, oids.SYNTAXES[one.syntax]) for one in seen.works if one.came == one.syntax
        ),
        sets=(),
        more_sets=False,
        format=seen.syntax,
        records=live,
        deleted=deleted,
        quarantined=aside,
        list_size=None if seen.counts_capped else seen.hits,
        has_more=more,
        page_bytes=page.size,
        holdings=holdings,
        notes=(*page.notes, *_notes(seen)),
        advice=tuple(_advice(source, settings, seen, live, faults, holdings)),
        suggestions=tuple(_suggestions(settings, seen)),
    )


def _has(payload: bytes, tag: str) -> bool:
    """Look for a field in the bytes: in MARCXML, or in a directory of ISO 2709."""
    if payload[:1] == b"<":
        return f'tag="{tag}"'.encode() in payload
    directory = payload[24 : payload.find(b"\x1e")]
    return any(directory[at : at + 3] == tag.encode() for at in range(0, len(directory), 12))


def _notes(seen: Seen) -> Iterable[str]:
    for text, hits in seen.queries:
        yield f"query {text}: {hits} records"
    for one in seen.works:
        if one.came is None:
            yield f"syntax {one.syntax} does not work: {one.said}"
        elif one.came != one.syntax:
            yield f"asked for {one.syntax} it sends {one.came}"
    for text, divides in seen.cuts:
        yield f"slices `{text}` add up" + ("" if divides else ", but the first cut divides nothing")
    if seen.terms is not None:
        yield "the index of record numbers can be scanned"


def _suggestions(settings: Settings, seen: Seen) -> Iterable[Suggestion]:
    if settings.syntax == AUTO and seen.works:
        yield Suggestion("format", seen.syntax, "It is what the target sends when it is asked for it.")
    if seen.counts_capped:
        yield Suggestion("cap", str(seen.hits), f"The target counts no further than {seen.hits}.")
        yield Suggestion("counts", "capped", f"The target counts no further than {seen.hits}.")
    if (seen.counts_capped or seen.shown < seen.hits) and seen.cuts:
        yield Suggestion(
            "slices", seen.cuts[0][0], f"The target shows only {seen.shown} records of a search."
        )
    if seen.changed is not None and not settings.changed:
        yield Suggestion(
            "changed", seen.changed, "This index of dates answers, so changes alone can be asked for."
        )


def _advice(
    source: Source,
    settings: Settings,
    seen: Seen,
    live: int,
    faults: dict[str, str],
    holdings: Sequence[tuple[str, int]],
) -> Iterable[str]:
    if not seen.hits:
        yield "The target counts no records: check the name of the database at the end of the address."
        return
    usable = [text for text, _ in seen.cuts]
    by = f"slices to `{usable[0]}`" if usable else None
    if seen.counts_capped:
        yield (
            f"The target counts no further than {seen.hits}: set the options cap to {seen.hits}, counts to"
            + (f" capped and {by}." if by else " capped, and slices to an index by which it can be cut.")
        )
    elif seen.shown < seen.hits:
        yield f"The target shows {seen.shown} of {seen.hits} records: set the option " + (
            f"{by}." if by else "slices to an index by which it can be cut; none of the usual ones works."
        )
    elif seen.hits % looks.ROUND == 0 and not usable:
        yield (
            f"The target counts {seen.hits} records, a round number that may be a limit: ask the library how"
            " many it has, and set min_records."
        )
    if not settings.query and len({hits for _, hits in seen.queries}) > 1:
        yield f"Queries for everything differ in what they find; {seen.base} finds most."
    if seen.changed is None:
        yield "No index of dates answers, so every harvest reads everything: once a week is often enough."
    elif not settings.changed:
        yield f"Increments work: set the option changed to {seen.changed}."
    yield "Z39.50 tells of no deletions: have the source harvested in full from time to time."
    if "identifier-missing" in faults:
        yield faults["identifier-missing"]
    if live == 0:
        yield "No record of the first page can be used: see what was put aside."
    elif not holdings:
        yield "No holdings are seen in the records, so each counts as one copy of the library."
