"""A first look at a source, shown to the person who registers it: nothing is saved."""

from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from unioncat.domain.source import Protocol, Source
from unioncat_harvester.reader import Findings
from unioncat_harvester.readers import open_reader
from unioncat_harvester.surroundings import Surroundings

SHOWN_SETS = 20


def stranger(address: str, protocol: Protocol | None = None) -> Source:
    """Make a source of an address that is not registered; without a protocol the address tells it."""
    parts = urlsplit(address)
    if protocol is None:
        protocol = Protocol.Z3950 if parts.scheme.startswith("z39") else Protocol.OAI_PMH
    return Source(
        code=parts.hostname or address, library="", protocol=protocol, address=address, format="auto"
    )


def probe(source: Source, around: Surroundings) -> Findings:
    """Look at a source. Raises `SourceError`."""
    with open_reader(source, around) as reader:
        return reader.probe()


def show(found: Findings, console: Console) -> None:
    """Print what was found."""

    def say(text: str, style: str | None = None) -> None:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    say(found.identity.name or found.address, "bold")
    facts = Table.grid(padding=(0, 2))
    for name, value in found.identity.facts:
        facts.add_row(name, value)
    console.print(facts, markup=False)
    say("\nFormats", "bold")
    for offer in found.offers:
        say(f"  {'*' if offer.name == found.format else ' '} {offer.name}  {offer.namespace}")
    if found.sets:
        more = " (first page)" if found.more_sets else ""
        say(f"\nSets{more}", "bold")
        for spec, name in found.sets[:SHOWN_SETS]:
            say(f"    {spec}  {name}")
        if len(found.sets) > SHOWN_SETS:
            say(f"    … and {len(found.sets) - SHOWN_SETS} more")
    say(f"\nFirst page, format {found.format}", "bold")
    size = "not told" if found.list_size is None else f"{found.list_size:,}"
    say(
        f"  {found.records} records, {found.deleted} deleted, {found.quarantined} unusable;"
        f" {found.page_bytes:,} bytes; list size {size}; {'more follow' if found.has_more else 'no more'}"
    )
    for tag, count in found.holdings:
        say(f"  field {tag} in {count} of {found.records}")
    for note in found.notes:
        say(f"  note: {note}", "yellow")
    if found.suggestions:
        say("\nSwitches that would help", "bold")
        for one in found.suggestions:
            say(f"  {one.name} = {one.value}  {one.reason}")
    say("\nAdvice", "bold")
    for line in found.advice or ("Nothing: register it as it is.",):
        say(f"  - {line}")
