"""How a record is put into words on a page: titles, imprints, holdings by place, safe links.

Pure: everything comes in as arguments. It arranges what members said and never guesses what they did not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from unioncat.domain.bib import Agent, BibRecord, Identifier, Imprint, Link, Series, Title
from unioncat.domain.library import Library, Province
from unioncat.domain.licence import Licence
from unioncat.domain.union import Member, UnionRecord
from unioncat_api.directory import Directory, filed
from unioncat_api.schemas.record import HoldingOut, RecordOut, holder_codes

__all__ = ["holder_codes"]

STATUSES = ("available", "reference", "on-loan", "processing", "unknown", "lost")
"""From the most useful to a reader to the least."""


def title_text(title: Title) -> str:
    """Write a title in one line: main, remainder, parts."""
    text = title.main
    if title.remainder:
        text += f" : {title.remainder}"
    return text + "".join(f". {part}" for part in part_texts(title))


def part_texts(title: Title) -> list[str]:
    """Write the parts of a title: number and name."""
    return [
        ", ".join(filter(None, (part.number, part.name))) for part in title.parts if part.number or part.name
    ]


def imprint_text(imprint: Imprint) -> str:
    """Write an imprint after ISBD: place : publisher, date."""
    where = "; ".join(imprint.places)
    who = "; ".join(imprint.publishers)
    text = " : ".join(filter(None, (where, who)))
    return ", ".join(filter(None, (text, imprint.date)))


def agents_text(agents: Sequence[Agent], most: int = 3) -> str:
    """Name the first agents of a record."""
    names = [agent.name for agent in agents[:most]]
    return "; ".join(names) + (" …" if len(agents) > most else "")


def series_text(series: Series) -> str:
    """Write a series statement."""
    return "; ".join(filter(None, (series.title, series.number)))


def identifier_text(identifier: Identifier) -> str:
    """Write a number with its qualifier."""
    return f"{identifier.value} ({identifier.qualifier})" if identifier.qualifier else identifier.value


def is_safe(url: str) -> bool:
    """Tell whether an address out of a catalogue may become a link: web addresses with a host only."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)


def host_of(url: str) -> str:
    """Give the host of a safe address, to say where a link leads."""
    return (urlsplit(url.strip()).hostname or url).removeprefix("www.")


def sorted_links(links: Iterable[Link]) -> list[Link]:
    """Give the links with full texts first."""
    return sorted(links, key=lambda link: not link.full_text)


def asking(**params: str) -> str:
    """Give the address of a search."""
    return f"/search?{urlencode(params)}"


def phrase(text: str) -> str:
    """Write a text as a phrase of a search; quotation marks inside it would end it."""
    return '"' + text.replace('"', " ").strip() + '"'


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one library has of a record."""

    code: str
    name_vi: str
    name_en: str
    known: bool
    status: str
    copies: int
    holdings: tuple[HoldingOut, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A province with its libraries that have a record."""

    key: str
    name_vi: str
    name_en: str
    shelves: tuple[Shelf, ...]


def best_status(statuses: Iterable[str]) -> str:
    """Give the most useful of several statuses."""
    order = {status: rank for rank, status in enumerate(STATUSES)}
    return min(statuses, key=lambda status: order.get(status, len(order)), default="unknown")


def by_place(record: RecordOut, names: Directory) -> list[Place]:
    """Arrange the holdings of a record by province, then library; those without a place come last."""
    libraries: dict[str, list[HoldingOut]] = defaultdict(list)
    for holding in record.holdings:
        libraries[holding.library.code].append(holding)
    places: dict[str, list[Shelf]] = defaultdict(list)
    called: dict[str, tuple[str, str]] = {"": ("", "")}
    for code, holdings in libraries.items():
        holder = holdings[0].library
        if holder.province:
            called[holder.province.key] = (holder.province.name_vi, holder.province.name_en)
        places[holder.province.key if holder.province else ""].append(
            Shelf(
                code=code,
                name_vi=holder.name_vi,
                name_en=holder.name_en,
                known=names.library(code) is not None,
                status=best_status(holding.status for holding in holdings),
                copies=sum(holding.copies for holding in holdings),
                holdings=tuple(holdings),
            )
        )
    found = [
        Place(key, *called[key], tuple(sorted(shelves, key=lambda s: filed(s.name_vi))))
        for key, shelves in places.items()
    ]
    return sorted(found, key=lambda place: (place.key == "", -len(place.shelves), filed(place.name_vi)))


def licences(record: UnionRecord) -> list[tuple[Licence, list[str]]]:
    """Give the licences of the members' records, each with the codes of its libraries."""
    found: dict[Licence, list[str]] = {}
    for member in record.members:
        libraries = found.setdefault(member.licence, [])
        if member.library not in libraries:
            libraries.append(member.library)
    return list(found.items())


def member_names(record: UnionRecord) -> Mapping[str, Member]:
    """Give the members of a record by their number as text."""
    return {str(member.record_id): member for member in record.members}


def givers(
    numbers: Iterable[int], members: Mapping[str, Member], names: Directory, language: str
) -> list[str]:
    """Name the libraries whose records gave a field, each once."""
    codes = dict.fromkeys(members[str(n)].library for n in numbers if str(n) in members)
    return names_of(codes, names, language)


def names_of(codes: Iterable[str], names: Directory, language: str) -> list[str]:
    """Name libraries in one language."""
    found = []
    for code in codes:
        library: Library | None = names.library(code)
        found.append(called(library, language) if library else code)
    return found


def called(thing: Library | Province | Shelf | Place, language: str) -> str:
    """Give the name of a library or place in one language."""
    name: str = thing.name_en if language == "en" and thing.name_en else thing.name_vi
    return name


def full_text(bib: BibRecord) -> bool:
    """Tell whether the thing itself can be read online."""
    return any(link.full_text for link in bib.links)
